#!/usr/bin/env python3
"""The pages that people read, as many people at once: p50 and p95 of each page of the console, session, policies, audit and HTML included.

    tests/bench/pages.py PROGRAM DATA [--users 20] [--rounds 5] [--think 5] [--running 4]

It makes an account for each user (pages come to whoever signed in, not to a token), serves DATA itself and signs all of them in: of ten users
four are case workers (search, files of people), four engineers (overview, tables, one table, one department, deliveries) and two reviewers
(what awaits a judgement). Each reads one page after the other, for some seconds each (--think is the mean; 0 asks without a pause, which shows what
the machine can bear and not what a reader waits for); the first round warms and is not counted. Prints one JSON line.
"""
import argparse
import collections
import concurrent.futures
import http.client
import json
import os
import random
import subprocess
import threading
import time
import urllib.parse

OWN = "four words of mine"
PURPOSES = {"case_worker": "低保核对", "engineer": "数据治理", "reviewer": "归并复核"}
MIX = ["case_worker", "engineer", "reviewer", "engineer", "case_worker", "engineer", "case_worker", "engineer", "reviewer", "case_worker"]
NAMES = ["王", "wangwei", "李", "zhang", "陈"]


def run(program, data, *arguments):
    return subprocess.run([program, "--data", data, *arguments], check=True, capture_output=True, text=True).stdout


def password_of(program, data, name, role):
    department = ["--department", "mz"] if role == "case_worker" else []
    added = subprocess.run([program, "--data", data, "user", "add", name, "--role", role, *department], capture_output=True, text=True)
    return (added.stdout if added.returncode == 0 else run(program, data, "user", "reset", name)).strip()


class User:
    """Somebody signed in, on one connection."""

    def __init__(self, address, name, role, password):
        self.address, self.role, self.cookie = address, role, ""
        self.connection = http.client.HTTPConnection(address, timeout=120)
        self.post("/sign-in", name=name, password=password, next="/")
        self.post("/password", chosen=OWN, again=OWN, next="/")
        self.post("/purpose", purpose=PURPOSES[role], next="/")

    def send(self, method, path, body, headers):
        self.connection.request(method, path, body, {"Accept-Language": "zh-CN", "Cookie": self.cookie, **headers})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.headers.get("Set-Cookie"):
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        return answer.status, text

    def post(self, path, **fields):
        headers = {"Origin": f"http://{self.address}", "Content-Type": "application/x-www-form-urlencoded"}
        status, text = self.send("POST", path, urllib.parse.urlencode(fields), headers)
        if status != 303:
            raise SystemExit(f"{path}: {status} {text.decode()[:2000]}")

    def reads(self, pages, rounds, think, seed, warm):
        chance, took = random.Random(seed), []
        for turn in range(rounds + 1):
            if turn == 1:
                warm.wait()
            for name, paths in pages[self.role]:
                time.sleep(chance.uniform(0, 2 * think))
                # The server does not keep a connection open for who reads.
                self.connection.close()
                begun = time.perf_counter()
                status, _ = self.send("GET", chance.choice(paths), None, {})
                if turn > 0:
                    took.append((name, status, time.perf_counter() - begun))
        return took


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("program")
    options.add_argument("data")
    options.add_argument("--users", type=int, default=20)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--think", type=float, default=5)
    options.add_argument("--running", default="4")
    options = options.parse_args()
    program = os.path.abspath(options.program)
    sql = "SELECT entity_id FROM entity.person WHERE records BETWEEN 2 AND 50 ORDER BY entity_id LIMIT 200"
    people = [row["entity_id"] for row in json.loads(run(program, options.data, "sql", sql, "--format", "json"))]
    pages = {
        "case_worker": [
            ("search", [f"/search?q={urllib.parse.quote(name)}" for name in NAMES]),
            ("person", [f"/person/{number}" for number in people]),
        ],
        "engineer": [
            ("figures", ["/figures"]), ("overview", ["/"]), ("tables", ["/tables"]), ("table", ["/tables/record.person"]),
            ("department", ["/departments/mz", "/departments/ga"]), ("jobs", ["/jobs"]),
        ],
        "reviewer": [("review", ["/review", "/review?at=1", "/review?at=2"])],
    }
    roles = [(f"bench-page-{number}", MIX[number % len(MIX)]) for number in range(options.users)]
    passwords = [password_of(program, options.data, name, role) for name, role in roles]
    listening = ["serve", "--http", "127.0.0.1:0", "--running", options.running, "--second-factor", "none"]
    server = subprocess.Popen([program, "--data", options.data, *listening], stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().strip().rsplit("/", 1)[1]
        users = [User(address, name, role, password) for (name, role), password in zip(roles, passwords)]
        # Whoever breaks in the first round must not leave the others waiting.
        warm = threading.Barrier(options.users, timeout=600)
        with concurrent.futures.ThreadPoolExecutor(options.users) as pool:
            reading = [pool.submit(user.reads, pages, options.rounds, options.think, seed, warm) for seed, user in enumerate(users)]
            found = [one for user in reading for one in user.result()]
    finally:
        server.terminate()
        server.wait()
    others = collections.Counter(f"{name} {status}" for name, status, _ in found if status != 200)
    told = {"bench": "pages", "users": options.users, "rounds": options.rounds, "think_s": options.think, "other_statuses": others}
    for name in dict.fromkeys(name for role in pages.values() for name, _ in role):
        times = sorted(seconds for of, status, seconds in found if of == name and status == 200)
        at = lambda share: round(1000 * times[min(len(times) - 1, int(share * len(times)))], 1) if times else None
        told[name] = {"p50_ms": at(0.5), "p95_ms": at(0.95), "looks": len(times)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
