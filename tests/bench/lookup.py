#!/usr/bin/env python3
"""One person's records by number, end to end: how long `SELECT * FROM record.person WHERE id_no = …` takes over HTTP, authorization, policies,
audit and JSON included.

    tests/bench/lookup.py PROGRAM DATA [--people 500] [--seed 1] [--most-p50 30] [--most-p99 100]

The numbers are those of people taken at random from all of them. Each is asked for once in a first round, as somebody who was never asked for
before, and once more in a second; one client, one question after the other, by the policies of the tests, since by those that the program carries
an engineer finds nobody by a whole number. Prints one JSON line a round, and fails where the second is slower than the bounds (milliseconds)."""

import argparse
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import time

POLICIES = pathlib.Path(__file__).resolve().parents[1] / "serve" / "policies"


def run(program, data, *arguments):
    return subprocess.run([program, "--data", data, *arguments], check=True, capture_output=True, text=True).stdout


def numbers(program, data, people, seed):
    """Numbers of that many people, none twice."""
    most = json.loads(run(program, data, "sql", "SELECT max(record_id) AS n FROM record.person", "--format", "json"))[0]["n"]
    chance, found = random.Random(seed), set()
    while len(found) < people:
        among = ", ".join(str(chance.randrange(most)) for _ in range(2000))
        rows = run(program, data, "sql", f"SELECT id_no FROM record.person WHERE record_id IN ({among}) AND id_no IS NOT NULL", "--format", "json")
        found |= {row["id_no"] for row in json.loads(rows)}
    return sorted(found)[:people]


def asked(connection, headers, number):
    begun = time.perf_counter()
    connection.request("POST", "/api/v1/sql", f"SELECT * FROM record.person WHERE id_no = '{number}'", headers)
    answer = connection.getresponse()
    rows = json.loads(answer.read())["rows"]
    if answer.status != 200 or not rows:
        sys.exit(f"{answer.status}, {len(rows)} rows")
    return 1000 * (time.perf_counter() - begun), len(rows)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("data")
    options.add_argument("--people", type=int, default=500)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--most-p50", type=float, default=30)
    options.add_argument("--most-p99", type=float, default=100)
    options = options.parse_args()
    program = os.path.abspath(options.program)
    ids = numbers(program, options.data, options.people, options.seed)
    for verb in ("add", "assign"):
        subprocess.run([program, "--data", options.data, "user", verb, "bench-sql", "--role", "engineer"], capture_output=True, check=False)
    token = run(program, options.data, "user", "token", "bench-sql", "--days", "1").strip()
    listening = ["serve", "--http", "127.0.0.1:0", "--policies", str(POLICIES)]
    server = subprocess.Popen([program, "--data", options.data, *listening], stdout=subprocess.PIPE, text=True)
    try:
        connection = http.client.HTTPConnection(server.stdout.readline().strip().rsplit("/", 1)[1], timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Wuwei-Purpose": "test", "Content-Type": "text/plain"}
        for turn in ("first", "again"):
            random.Random(options.seed).shuffle(ids)
            answers = [asked(connection, headers, number) for number in ids]
            times, rows = sorted(took for took, _ in answers), sum(count for _, count in answers)
            at = lambda share: round(times[min(len(times) - 1, int(share * len(times)))], 1)
            told = {"bench": "lookup", "round": turn, "people": len(ids), "rows_mean": round(rows / len(ids), 1), "p50_ms": at(0.5), "p99_ms": at(0.99)}
            print(json.dumps(told), flush=True)
    finally:
        server.terminate()
        server.wait()
    sys.exit(0 if told["p50_ms"] <= options.most_p50 and told["p99_ms"] <= options.most_p99 else "slower than the bounds")


if __name__ == "__main__":
    main()
