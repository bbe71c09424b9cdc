#!/usr/bin/env python3
"""Loads files with our program and with what others read the same bytes with, in turns, and prints a JSON line for each: median wall
seconds, processor seconds and rows a second, and the most memory that one of its processes held.

Usage: ingest_against.py PROGRAM [--rows N] [--runs N] [--cases gb18030,utf-8,json,xml,xlsx,dbf] [--only NAME,…] [--keep DIR]
PROGRAM is an optimised `wuwei`. The rivals are Python packages (duckdb polars pyarrow openpyxl python-calamine lxml orjson pandas dbfread);
one that is not installed is said to be so. What is checked and written is told in `ingest_rivals.py`; ours writes besides it every row as it
stood, and reads the file once before to say what it is. On a busy machine only processor seconds can be compared, and only side by side.
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import ingest_rows

HERE = pathlib.Path(__file__).resolve().parent
CASES = {
    "gb18030": ("rows.csv", lambda path, rows: ingest_rows.csv(path, rows, "gb18030"), ["iconv+duckdb", "iconv+polars", "pyarrow"]),
    "utf-8": ("rows.utf8.csv", lambda path, rows: ingest_rows.csv(path, rows, "utf-8"), ["polars", "duckdb"]),
    "json": ("rows.ndjson", ingest_rows.ndjson, ["json", "orjson", "pandas"]),
    "xml": ("rows.xml", ingest_rows.xml, ["lxml", "ElementTree"]),
    "xlsx": ("rows.xlsx", ingest_rows.xlsx, ["openpyxl", "calamine"]),
    "dbf": ("rows.dbf", ingest_rows.dbf, ["dbfread"]),
}
PACKAGES = ["duckdb", "polars", "pyarrow", "openpyxl", "python-calamine", "lxml", "orjson", "pandas", "dbfread"]

# Processor seconds a row of the sum of the best kernels that were measured (decode, cut, validate, narrow, hash, Parquet zstd 1), one thread
# of a Zen 4 at 2.6 GHz: the limit that the machine sets.
LIMIT = 182 / 120e6


def ours(program, file, folder):
    data = folder / "data"
    command = [program, "ingest", file, "--departments", HERE / "ten", "--data", data, "--json"]
    said, cost = run([*map(str, command)])
    counts = json.loads(said)["ingest"]
    return {key: counts[key] for key in ["read", "accepted", "rejected"]}, cost


def rival(name, file, folder):
    environment = os.environ | {"POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "2"}
    said, cost = run([sys.executable, str(HERE / "ingest_rivals.py"), name, str(file), str(folder)], environment)
    return json.loads(said), cost


def run(command, environment=None):
    """What a command prints, and wall seconds, processor seconds of it and its children, and the most MB that one of them held."""
    begun = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command[:3]} ended with {child.returncode}")
    return said, (seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def compared(case, program, arguments, folder):
    name, make, rivals = CASES[case]
    file = pathlib.Path(arguments.keep or folder) / name
    make(file, arguments.rows)
    takers = ["wuwei", *(other for other in rivals if not arguments.only or other in arguments.only)]
    costs, counts = {taker: [] for taker in takers}, {}
    for _ in range(arguments.runs):
        for taker in takers:
            place = pathlib.Path(tempfile.mkdtemp(dir=folder))
            try:
                counts[taker], cost = ours(program, file, place) if taker == "wuwei" else rival(taker, file, place)
                costs[taker].append(cost)
            finally:
                shutil.rmtree(place)
    cpu_of_ours = statistics.median(cost[1] for cost in costs["wuwei"])
    for taker in takers:
        seconds, cpu, memory = (statistics.median(column) for column in zip(*costs[taker]))
        line = {"case": case, "with": taker, **counts[taker], "seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2)}
        line |= {"rows_per_second": round(arguments.rows / seconds), "cpu_us_per_row": round(cpu / arguments.rows * 1e6, 2)}
        line |= {"peak_rss_mb": round(memory), "cpu_of_it_to_ours": round(cpu / cpu_of_ours, 2)}
        if taker == "wuwei":
            line["cpu_to_limit"] = round(cpu / arguments.rows / LIMIT, 1)
        print(json.dumps(line, ensure_ascii=False), flush=True)


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cases", type=lambda text: text.split(","), default=list(CASES))
    parser.add_argument("--only", type=lambda text: text.split(","))
    parser.add_argument("--keep", help="a folder for the files that are made")
    arguments = parser.parse_args()
    print(json.dumps({package: version(package) for package in PACKAGES}))
    with tempfile.TemporaryDirectory() as folder:
        for case in arguments.cases:
            compared(case, pathlib.Path(arguments.program).resolve(), arguments, pathlib.Path(folder))


if __name__ == "__main__":
    main()
