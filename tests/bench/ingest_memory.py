#!/usr/bin/env python3
"""How much memory loading one large file takes: makes a file of so many bytes, of invented rows each with an id of its own, loads it, and
prints the most that the program and the process that reads the file held, in MB, and the processor time a row; ours alone.

Usage: ingest_memory.py PROGRAM [--gigabytes 4] [--format csv|ndjson] [--folder DIR]. The file and what is loaded vanish afterwards; both need
room in DIR (the system's folder for temporary files). Linux only: memory is read from /proc.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import tempfile
import threading
import time

import ingest_rows

HERE = pathlib.Path(__file__).resolve().parent


def make(path, size, form):
    """Rows until the file has that size; how many."""
    count = 0
    with open(path, "w", encoding="gb18030" if form == "csv" else "utf-8", newline="", buffering=1 << 20) as out:
        if form == "csv":
            out.write(",".join(ingest_rows.COLUMNS) + "\r\n")
        while out.buffer.tell() < size:
            rows = (ingest_rows.row(number) for number in range(count, count + 10_000))
            if form == "csv":
                out.writelines(",".join(row) + "\r\n" for row in rows)
            else:
                out.writelines(json.dumps(dict(zip(ingest_rows.COLUMNS, row)), ensure_ascii=False) + "\n" for row in rows)
            count += 10_000
    return count


def peak(process):
    """The line `VmHWM: 12345 kB`, in MB; nothing of a process that has ended."""
    try:
        lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), default=0)


def children(process):
    try:
        return [
            child
            for task in os.listdir(f"/proc/{process}/task")
            for child in pathlib.Path(f"/proc/{process}/task/{task}/children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return []


def watch(process, peaks, has_ended):
    while not has_ended.wait(0.05):
        peaks["program"] = max(peaks["program"], peak(process))
        peaks["reader"] = max([peaks["reader"], *(peak(child) for child in children(process))])


def load(program, file, data):
    command = [program, "ingest", str(file), "--departments", str(HERE / "ten"), "--data", str(data), "--json"]
    peaks, has_ended, begun = {"program": 0, "reader": 0}, threading.Event(), time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    watcher = threading.Thread(target=watch, args=(process.pid, peaks, has_ended))
    watcher.start()
    said = process.stdout.read()
    code = process.wait()
    has_ended.set()
    watcher.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    counts = json.loads(said)["ingest"] if said else {}
    return {"exit": code, "seconds": round(time.monotonic() - begun, 1), "cpu_seconds": round(used.ru_utime + used.ru_stime, 1), **counts}, peaks


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--gigabytes", type=float, default=4)
    parser.add_argument("--format", choices=["csv", "ndjson"], default="csv")
    parser.add_argument("--folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        file = pathlib.Path(folder) / f"rows.{arguments.format}"
        rows = make(file, arguments.gigabytes * 1e9, arguments.format)
        counts, peaks = load(arguments.program, file, pathlib.Path(folder) / "data")
        line = {"format": arguments.format, "bytes": file.stat().st_size, "rows": rows, **counts}
        line |= {"cpu_us_per_row": round(counts["cpu_seconds"] / rows * 1e6, 2)}
        print(json.dumps(line | {f"peak_rss_mb_of_{name}": round(value) for name, value in peaks.items()}))


if __name__ == "__main__":
    main()
