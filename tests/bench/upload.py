#!/usr/bin/env python3
"""A large file handed in to `wuwei serve`: seconds, and the server's greatest resident set.

    tests/bench/upload.py PROGRAM DATA [--mb 1024] [--check]

It sends a CSV of invented marriages (`mz_hydj`) in pieces of 8 MiB as the console does, each by a request of its own, breaks one
off in the middle and goes on there. With --check the file is then looked at as a whole, which a process of its own does. DATA is a folder
for a hub; it is made if it is not there."""

import argparse
import http.client
import json
import os
import pathlib
import subprocess
import time
import urllib.parse

PIECE = 8 << 20
PURPOSE = urllib.parse.quote("数据治理")


def run(program, data, *arguments):
    return subprocess.run([program, "--data", data, *arguments], check=True, capture_output=True, text=True).stdout


def memory_mb(process, key):
    with open(f"/proc/{process}/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith(key))


class Hub:
    def __init__(self, address, token):
        self.address = address
        self.headers = {"Authorization": f"Bearer {token}", "Wuwei-Purpose": PURPOSE, "Content-Type": "application/json"}

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.address, timeout=600)
        connection.request(method, f"/api/v1/uploads{path}", body, self.headers)
        answer = connection.getresponse()
        told = json.loads(answer.read() or b"null")
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {told}")
        return told

    def break_off(self, path, body):
        """Says that all of it comes, and goes away after half of it."""
        connection = http.client.HTTPConnection(self.address, timeout=600)
        connection.putrequest("PATCH", f"/api/v1/uploads{path}")
        for name, value in {**self.headers, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(body[: len(body) // 2])
        connection.close()


def rows(county, size):
    """The lines of a county's extract again and again, each with a number of its own, up to that size."""
    lines = county.read_bytes().splitlines(keepends=True)
    yield lines[0]
    sent, turn = len(lines[0]), 0
    while True:
        for line in lines[1:]:
            first, rest = line.split(b",", 1)
            row = b'"%s-%d",%s' % (first.strip(b'"'), turn, rest) if first.startswith(b'"') else b"%s-%d,%s" % (first, turn, rest)
            if sent + len(row) > size:
                return
            sent += len(row)
            yield row
        turn += 1


def written(county, size, path):
    with open(path, "wb") as out:
        for row in rows(county, size):
            out.write(row)
    return path.stat().st_size


def sent(hub, path, bytes_all):
    """Sends the file, breaks off once, and goes on; its number."""
    made = hub.ask("POST", "", json.dumps({"name": path.name, "bytes": bytes_all}))
    at, is_broken = 0, False
    with open(path, "rb") as file:
        while at < bytes_all:
            file.seek(at)
            piece = file.read(PIECE)
            where = f"/{made['upload']}?offset={at}"
            if not is_broken and at > bytes_all // 2:
                is_broken = True
                hub.break_off(where, piece)
                time.sleep(1)
                at = hub.ask("GET", f"/{made['upload']}")["received"]
                continue
            at = hub.ask("PATCH", where, piece)["received"]
    return made["upload"]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("data")
    options.add_argument("--mb", type=int, default=1024)
    options.add_argument("--check", action="store_true")
    options = options.parse_args()
    program, data = os.path.abspath(options.program), os.path.abspath(options.data)
    if not pathlib.Path(data, "county.json").exists():
        run(program, data, "demo", "--people", "1000", "--seed", "7", "--no-serve")
    subprocess.run([program, "--data", data, "user", "add", "bench", "--role", "engineer"], capture_output=True, check=False)
    token = run(program, data, "user", "token", "bench", "--days", "1").strip()
    county = sorted(pathlib.Path(data, "county", "sources").glob("*/mz/mz_hydj.csv"))[-1]
    path = pathlib.Path(data, "large.csv")
    bytes_all = written(county, options.mb << 20, path)
    server = subprocess.Popen([program, "--data", data, "serve", "--http", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        hub = Hub(server.stdout.readline().strip().rsplit("/", 1)[1], token)
        before, begun = memory_mb(server.pid, "VmRSS"), time.monotonic()
        upload = sent(hub, path, bytes_all)
        told = {"mb": bytes_all >> 20, "seconds": round(time.monotonic() - begun, 1)}
        told |= {"rss_before_mb": before, "rss_peak_mb": memory_mb(server.pid, "VmHWM")}
        if options.check:
            begun = time.monotonic()
            hub.ask("POST", f"/{upload}/check", json.dumps({"department": "mz"}))
            while (work := hub.ask("GET", f"/{upload}")["work"])["state"] in ("waiting", "running"):
                time.sleep(1)
            told |= {"check": work["state"], "check_seconds": round(time.monotonic() - begun, 1)}
            told |= {"rss_peak_after_check_mb": memory_mb(server.pid, "VmHWM")}
        print(json.dumps(told))
        hub.ask("DELETE", f"/{upload}")
    finally:
        server.terminate()
        server.wait()
        path.unlink()


if __name__ == "__main__":
    main()
