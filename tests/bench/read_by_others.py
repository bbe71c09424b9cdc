#!/usr/bin/env python3
"""Opens a hub's tables with readers that we did not write and compares their row counts and columns with `wuwei sql`.

Usage: read_by_others.py DATA [PROGRAM]. DATA is the hub's folder (its `tables` are Delta Lake), PROGRAM is `wuwei` if it is not given.
Readers: delta-rs (Python packages `deltalake` and `pyarrow`) and DuckDB (`duckdb`), which is handed the data files that the log names,
because its own Delta extension has to be downloaded. One that is not installed is said to be so. Ends with 0 when every reader that is
there agrees on every table, 1 when one does not, 2 when there is none.
"""

import importlib
import json
import pathlib
import subprocess
import sys


def installed(*names):
    """The packages of those names, or none of them."""
    try:
        return [importlib.import_module(name) for name in names]
    except ImportError as missing:
        print(f"not installed: {missing.name} (python -m pip install {' '.join(names)})")
        return None


def asked(program, data, question):
    """The rows of the program's answer."""
    command = [program, "--data", str(data), "--json", "sql", question]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode != 0:
        sys.exit(f"{question}: {answer.stderr.strip()}")
    return json.loads(answer.stdout)


def files_of(table):
    """The data files that count at that version, by their paths."""
    return [uri.removeprefix("file://") for uri in table.file_uris()]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    data = pathlib.Path(sys.argv[1])
    program = sys.argv[2] if len(sys.argv) == 3 else "wuwei"
    delta, duck = installed("deltalake", "pyarrow"), installed("duckdb")
    if delta is None:
        print("nothing was compared: without deltalake nobody reads the log")
        return 2
    manifest = json.loads((data / "epoch.json").read_text(encoding="utf-8"))
    disagreements = 0
    for name, version in sorted(manifest["tables"].items()):
        table = delta[0].DeltaTable(data / "tables" / pathlib.Path(*name.split(".")), version=version)
        ours = asked(program, data, f"SELECT count(*) AS n FROM {name}")[0]["n"]
        row = asked(program, data, f"SELECT * FROM {name} LIMIT 1")
        counts = {"wuwei": ours, "delta-rs": table.to_pyarrow_dataset().count_rows()}
        if duck is not None:
            files = files_of(table)
            counts["duckdb"] = duck[0].sql(f"SELECT count(*) FROM read_parquet({files!r})").fetchall()[0][0] if files else 0
        columns = [field.name for field in table.schema().fields]
        agree = len(set(counts.values())) == 1 and all(list(shown) == columns for shown in row)
        disagreements += not agree
        print(f"{'same' if agree else 'DIFFERENT'}  {name}  version {version}  {counts}  {len(columns)} columns")
    print(f"{len(manifest['tables'])} tables, {disagreements} different")
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
