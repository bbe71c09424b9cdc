#!/usr/bin/env python3
"""The file of a person, end to end: how long GET /api/v1/people/{id} takes over the wire, authorization, policies, audit and JSON included.

    tests/bench/files.py ADDRESS TOKEN PURPOSE ID... [--rounds N]

ADDRESS is that of `wuwei serve`, TOKEN of an account, ID the numbers of people as `wuwei sql` finds them, e.g. with
"SELECT entity_id FROM entity.person WHERE records <= 50 ORDER BY entity_id LIMIT 200" (pass `-` to read them from standard input, one a line).
One client, one question after the other, on one connection each; the first round warms and is not counted. Prints one JSON line.
"""
import argparse
import json
import sys
import time
import urllib.parse
import urllib.request


def asked(address, token, purpose, number):
    headers = {"Authorization": f"Bearer {token}", "Wuwei-Purpose": urllib.parse.quote(purpose)}
    request = urllib.request.Request(f"http://{address}/api/v1/people/{number}", headers=headers)
    begun = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
    return time.perf_counter() - begun, body


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("token")
    parser.add_argument("purpose")
    parser.add_argument("ids", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    ids = [line.strip() for line in sys.stdin if line.strip()] if given.ids == ["-"] else given.ids
    seconds, records, size = [], [], 0
    for turn in range(given.rounds + 1):
        for number in ids:
            took, body = asked(given.address, given.token, given.purpose, number)
            if turn == 0:
                records.append(len(json.loads(body)["merged"]["records"]))
                size += len(body)
            else:
                seconds.append(took)
    seconds.sort()
    at = lambda share: round(1000 * seconds[min(len(seconds) - 1, int(share * len(seconds)))], 1)
    print(json.dumps({
        "bench": "files", "people": len(ids), "rounds": given.rounds, "records_max": max(records), "bytes_mean": size // len(ids),
        "p50_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99),
    }))


main()
