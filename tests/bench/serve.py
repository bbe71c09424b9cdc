#!/usr/bin/env python3
"""Many clients at once: p50, p99, failures and memory of `wuwei serve`.

    tests/bench/serve.py PROGRAM DATA [--clients 50] [--seconds 60] [--running 4] [--bad 1] [--most-mb 4096]

With --bad, all is measured twice: alone, and while so many others ask one after the other what no process withstands. Each client has a
connection and asks one question after the other (a closed loop): point lookups, counts by department, a page of rows as CSV, people by name.
A 429 is counted apart and obeyed. Memory is that of the server and of the processes that answer for it, looked at twice a second: what each holds
for itself and its share of what they hold together. It fails where that is more than --most-mb, where anything but 200 and 429 is answered, or where
bad questions make the p99 of others more than twice what it is without them."""

import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import threading
import time
import urllib.parse

QUESTIONS = [
    (50, "SELECT * FROM record.person WHERE record_id = {record}", "application/json"),
    (15, "SELECT department, count(*) AS n FROM record.person GROUP BY department ORDER BY n DESC", "application/json"),
    (10, "SELECT entity_id, name, id_no FROM entity.person ORDER BY entity_id LIMIT 1000", "text/csv"),
    (10, "SELECT relation, count(*) AS n FROM graph.edge GROUP BY relation", "application/vnd.apache.arrow.stream"),
    (15, None, "application/json"),
]
# Those of the tests, by which an engineer sees everything: what is measured is the entrance.
POLICIES = pathlib.Path(__file__).resolve().parents[1] / "serve" / "policies"
# What passes the guard and is too much: never yields, freezes the planner, makes gigabytes without asking the pool, fills the pool.
EIGHT = " || ".join(["s"] * 8)
BAD = [
    "SELECT count(*) AS n FROM record.person a JOIN record.person b ON sin(a.record_id * b.record_id) > 2",
    "WITH c0 AS (SELECT record_id AS x FROM record.person)"
    + "".join(f", c{at} AS (SELECT x + x * x AS x FROM c{at - 1})" for at in range(1, 25)) + " SELECT max(x) AS n FROM c24",
    "WITH t0 AS (SELECT string_agg(name, ',') AS s FROM record.person)"
    + "".join(f", t{at} AS (SELECT {EIGHT} AS s FROM t{at - 1})" for at in range(1, 6)) + " SELECT length(s) AS n FROM t5",
    "SELECT length(" + "replace(" * 6 + f"'{'x' * 1000}'" + f", 'x', '{'x' * 60}')" * 6 + ") AS n",
    "SELECT max(length(s)) AS n FROM (SELECT string_agg(name, ',') OVER (ORDER BY record_id) AS s FROM record.person) AS t",
    "SELECT count(DISTINCT a.name || b.name) AS n FROM record.person a CROSS JOIN record.person b",
    "SELECT array_length(array_agg(a.name || b.name)) AS n FROM record.person a CROSS JOIN record.person b",
]
NAMES = ["王", "wangwei", "李", "zhang", "lf"]


def run(program, data, *arguments):
    return subprocess.run([program, "--data", data, *arguments], check=True, capture_output=True, text=True).stdout


def client(address, token, ends, records, seed, into):
    chance, kinds = random.Random(seed), [question for weight, *question in QUESTIONS for _ in range(weight)]
    headers = {"Authorization": f"Bearer {token}", "Wuwei-Purpose": "test", "Content-Type": "text/plain"}
    connection = http.client.HTTPConnection(address, timeout=150)
    while time.monotonic() < ends:
        sql, accept = chance.choice(kinds)
        begun = time.monotonic()
        try:
            if sql is None:
                connection.request("GET", f"/api/v1/people?q={urllib.parse.quote(chance.choice(NAMES))}", headers=headers)
            else:
                connection.request("POST", "/api/v1/sql", sql.format(record=chance.randrange(records)), {**headers, "Accept": accept})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as broken:
            into.append((type(broken).__name__, 0.0))
            connection = http.client.HTTPConnection(address, timeout=150)
            continue
        into.append((answer.status, time.monotonic() - begun))
        if answer.status == 429:
            time.sleep(int(answer.headers["Retry-After"]))


def bad_client(address, token, ends, seed, into):
    headers = {"Authorization": f"Bearer {token}", "Wuwei-Purpose": "test", "Content-Type": "text/plain"}
    at = seed
    while time.monotonic() < ends:
        connection = http.client.HTTPConnection(address, timeout=150)
        connection.request("POST", "/api/v1/sql", BAD[at % len(BAD)], headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        into.append(f"{answer.status} {body.get('code', 'answered')}")
        at += 1


def family(process):
    """A process and those that it started, and they."""
    found = [process]
    for task in pathlib.Path(f"/proc/{process}/task").glob("*/children"):
        found += [one for child in task.read_text().split() for one in family(int(child))]
    return found


def held_mb(process):
    """Of processes that end meanwhile nothing is counted."""
    held = 0
    for one in family(process):
        try:
            held += int(re.search(r"^Pss: +(\d+)", pathlib.Path(f"/proc/{one}/smaps_rollup").read_text(), re.MULTILINE).group(1))
        except (OSError, AttributeError):
            continue
    return held // 1024


def watch(process, ends, into):
    while time.monotonic() < ends:
        into.append(held_mb(process))
        time.sleep(0.5)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("data")
    options.add_argument("--clients", type=int, default=50)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--running", default="4")
    options.add_argument("--bad", type=int, default=0)
    options.add_argument("--most-mb", type=int, default=4096)
    options = options.parse_args()
    program = os.path.abspath(options.program)
    records = json.loads(run(program, options.data, "sql", "SELECT max(record_id) AS n FROM record.person", "--format", "json"))[0]["n"]
    tokens = []
    for number in range(options.clients):
        name = f"bench-{number}"
        subprocess.run([program, "--data", options.data, "user", "add", name, "--role", "engineer"], capture_output=True, check=False)
        tokens.append(run(program, options.data, "user", "token", name, "--days", "1").strip())
    listening = ["serve", "--http", "127.0.0.1:0", "--running", options.running, "--policies", POLICIES]
    listening += ["--seconds", "10"] if options.bad else []
    server = subprocess.Popen([program, "--data", options.data, *listening], stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().strip().rsplit("/", 1)[1]
        told = [measured(options, address, tokens, records, bad, server) for bad in ([0, options.bad] if options.bad else [0])]
    finally:
        server.terminate()
        server.wait()
    wrong = [f"{one['statuses']}" for one in told if set(one["statuses"]) - {"200", "429"}]
    wrong += [f"{one['peak_mb']} MiB" for one in told if one["peak_mb"] > options.most_mb]
    wrong += [f"p99 {one['p99_ms']} ms" for one in told[1:] if one["p99_ms"] > 2 * told[0]["p99_ms"]]
    sys.exit("; ".join(wrong) or None)


def measured(options, address, tokens, records, bad, server):
    found, ended, held, ends = [], [], [], time.monotonic() + options.seconds
    clients = [threading.Thread(target=client, args=(address, token, ends, records, seed, found)) for seed, token in enumerate(tokens)]
    clients += [threading.Thread(target=bad_client, args=(address, tokens[seed], ends, seed, ended)) for seed in range(bad)]
    clients.append(threading.Thread(target=watch, args=(server.pid, ends, held)))
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    times = sorted(seconds for status, seconds in found if status == 200)
    at = lambda part: round(1000 * times[min(len(times) - 1, int(len(times) * part))]) if times else None
    statuses = collections.Counter(str(status) for status, _ in found)
    told = {
        "clients": options.clients, "bad": bad, "seconds": options.seconds, "answers": len(times),
        "answers_per_second": round(len(times) / options.seconds, 1), "p50_ms": at(0.5), "p99_ms": at(0.99), "statuses": statuses,
        "ended": collections.Counter(ended), "peak_mb": max(held),
    }
    print(json.dumps(told), flush=True)
    return told


if __name__ == "__main__":
    main()
