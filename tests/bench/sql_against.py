#!/usr/bin/env python3
"""The indicators and twenty questions of an engineer, to `wuwei serve` and to DuckDB on the same Parquet files, side by side.

    tests/bench/sql_against.py PROGRAM DATA [--runs 5] [--threads 2] [--memory-mb 2048] [--only NAME,…]

PROGRAM answers over HTTP as anybody is answered: an account with a token, policies, the audit written first, an Arrow stream back. It does so
twice: by the policies of the tests, by which an engineer sees everything, so that answers can be compared cell by cell with DuckDB's; and by
those that the program carries, behind which values are masked and people kept back before anything of a question is computed, which is what an
engineer's question really costs. DuckDB reads the data files that the hub's log names, in this process; what is a view in the hub is one there.
All are asked each question once to warm up, then in turn, `--runs` times; medians count. Needs `duckdb`, `pyarrow` and `deltalake`. One JSON
line a question, and at the end the geometric means of the ratios (ours to theirs; below 1 we are faster), in the clear and masked."""

import argparse
import decimal
import http.client
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import time
import tomllib

import deltalake
import duckdb
import pyarrow

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Ranges of records that stand no more.
RETIRED = "record.retired"
NOW_MS = int(time.time() * 1000)


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-mb", type=int, default=2048)
    parser.add_argument("--only", default="")
    return parser.parse_args()


class Hub:
    """The program, serving, by policies that mask or by those of the tests."""

    def __init__(self, asked, masked):
        program = os.path.abspath(asked.program)
        self.command = [program, "--data", str(asked.data)]
        name, purpose = ("bench-masked", "%E6%95%B0%E6%8D%AE%E6%B2%BB%E7%90%86") if masked else ("bench-sql", "test")
        # To be given a role again ends the tokens of runs before, of which an account has a few only.
        for verb in ("add", "assign"):
            subprocess.run([*self.command, "user", verb, name, "--role", "engineer"], capture_output=True, check=False)
        made = subprocess.run([*self.command, "user", "token", name, "--days", "1"], capture_output=True, text=True, check=True)
        serve = [*self.command, "serve", "--http", "127.0.0.1:0", "--running", "1", "--memory-mb", str(asked.memory_mb)]
        if not masked:
            serve += ["--policies", str(ROOT / "tests/serve/policies")]
        self.process = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
        self.connection = http.client.HTTPConnection(self.process.stdout.readline().strip().rsplit("/", 1)[1], timeout=600)
        self.headers = {
            "Authorization": f"Bearer {made.stdout.strip()}", "Wuwei-Purpose": purpose, "Content-Type": "text/plain",
            "Accept": "application/vnd.apache.arrow.stream",
        }

    def ask(self, sql):
        self.connection.request("POST", "/api/v1/sql", sql.encode(), self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(body.decode())
        return pyarrow.ipc.open_stream(body).read_all()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def rival(asked, hub):
    """DuckDB with the hub's tables under the hub's names; what is no table of the log is handed over once, as rows."""
    con = duckdb.connect()
    # Whole numbers are divided as in the hub, else days are fractions.
    con.execute(f"SET threads = {asked.threads}; SET memory_limit = '{asked.memory_mb}MB'; SET TimeZone = 'UTC'; SET integer_division = true")
    before = tomllib.loads((ROOT / "query/indicators/levels.toml").read_text(encoding="utf-8")).get("before", {})
    con.execute(f"""CREATE TABLE p AS SELECT epoch_ms({NOW_MS}) AS asof, 365::BIGINT AS win_days, 68.75 AS duplicate_yuan,
        strftime(epoch_ms({NOW_MS} + 28800000), '%Y-%m-%d') AS today, strftime(epoch_ms({NOW_MS} + 28800000 - 31536000000), '%Y-%m-%d') AS year_ago,
        {before.get("from", "")!r} AS before_from, {before.get("until", "")!r} AS before_until""")
    manifest = json.loads((asked.data / "epoch.json").read_text(encoding="utf-8"))
    for namespace in ("raw", "record", "entity", "graph", "contract", "indicator"):
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {namespace}")
    for name, version in sorted(manifest["tables"].items(), key=lambda table: table[0] != RETIRED):
        table = deltalake.DeltaTable(asked.data / "tables" / pathlib.Path(*name.split(".")), version=version)
        files = [uri.removeprefix("file://") for uri in table.file_uris()]
        if not files:
            continue
        rows = f"SELECT * FROM read_parquet({files!r}, hive_partitioning = false)"
        if name == RETIRED:
            con.execute(f"CREATE TABLE {name} AS SELECT DISTINCT unnest(range(first_record, last_record + 1)) AS record_id FROM ({rows})")
            continue
        # Rows that a later delivery retired stay in the files, and are in no answer.
        stands = {"record.relation": "source"}.get(name, "record_id" if name.startswith("record.") else None)
        if stands and RETIRED in manifest["tables"]:
            rows += f" WHERE {stands} NOT IN (SELECT record_id FROM {RETIRED})"
        con.execute(f"CREATE VIEW {name} AS {rows}")
    for name in ("contract.use_log", "contract.restricted"):
        rows = hub.ask(f"SELECT * FROM {name}")
        # DuckDB 2.0.1 does not take milliseconds out of a time of milliseconds.
        micros = lambda field: field.with_type(pyarrow.timestamp("us")) if pyarrow.types.is_timestamp(field.type) else field
        rows = rows.cast(pyarrow.schema([micros(field) for field in rows.schema]))
        con.register("handed", rows)
        con.execute(f"CREATE TABLE {name} AS SELECT * FROM handed")
    for view in ("area", "handled_incident", "resource_state"):
        con.execute(f"CREATE VIEW contract.{view} AS {of_rival(ROOT / f'query/views/{view}.sql')}")
    return con


def of_rival(file):
    """A file's SQL for DuckDB, which does not cast times to numbers."""
    sql = file.read_text(encoding="utf-8").rstrip().rstrip(";")
    sql = sql.replace("CAST(CAST(w.day AS INT) AS BIGINT)", "date_diff('day', DATE '1970-01-01', w.day)")
    sql = re.sub(r"CAST\((CAST\([^()]+ AS DATE\)|try_cast\([^()]+ AS DATE\)) AS INT\)", r"date_diff('day', DATE '1970-01-01', \1)", sql, flags=re.IGNORECASE)
    return re.sub(r"CAST\(((?:[a-z]+\.)?(?:asof|ts|[a-z]+_ts)|least\(.*?, p\.asof\)) AS BIGINT\)", r"epoch_ms(\1)", sql)


def questions(hub):
    """Name and SQL of all that is asked: `questions.sql`, and every indicator."""
    one = hub.ask("SELECT entity_id, id_no FROM entity.person WHERE id_no IS NOT NULL AND records > 5 ORDER BY entity_id LIMIT 1").to_pylist()[0]
    text = (ROOT / "tests/bench/questions.sql").read_text(encoding="utf-8")
    for found in re.finditer(r"^-- (\w+): .*\n((?:(?!^--).*\n?)+)", text, re.MULTILINE):
        sql = found.group(2).strip().rstrip(";").replace("{id_no}", one["id_no"]).replace("{entity_id}", str(one["entity_id"]))
        yield f"question {found.group(1)}", sql, sql
    for file in sorted((ROOT / "query/indicators").glob("*.sql")):
        if not re.search(r"^(SELECT|WITH)\b", file.read_text(encoding="utf-8"), re.MULTILINE):
            continue  # handed in, not computed
        yield f"indicator {file.stem}", f"SELECT * FROM indicator.{file.stem}", of_rival(file)


def cell(value):
    """A cell as both tell it: whole numbers are equal whatever holds them, others to nine digits."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, (int, float, decimal.Decimal)):
        return f"{float(value):.9g}"
    return str(value)


def same(ours, theirs):
    rows = lambda table: sorted([cell(value) for value in row.values()] for row in table.to_pylist())
    return rows(ours) == rows(theirs)


def timed(ask):
    begun = time.perf_counter()
    answer = ask()
    return 1000 * (time.perf_counter() - begun), answer


def mean(ratios):
    return round(math.exp(sum(map(math.log, ratios)) / len(ratios)), 3) if ratios else None


def main():
    asked = options()
    hub, masked, ratios, wrong = Hub(asked, False), Hub(asked, True), [], 0
    try:
        con = rival(asked, hub)
        for name, to_hub, to_rival in questions(hub):
            if asked.only and not any(part in name for part in asked.only.split(",")):
                continue
            takers = [lambda: hub.ask(to_hub), lambda: masked.ask(to_hub), lambda: con.sql(to_rival).to_arrow_table()]
            try:
                clear, _, theirs = (ask() for ask in takers)
            except (RuntimeError, duckdb.Error) as failed:
                print(json.dumps({"question": name, "failed": str(failed)[:300]}, ensure_ascii=False), flush=True)
                wrong += 1
                continue
            line = {"question": name, "rows": clear.num_rows, "same": same(clear, theirs)}
            wrong += not line["same"]
            times = [[timed(ask)[0] for ask in takers] for _ in range(asked.runs)]
            ours, behind, theirs = (statistics.median(column) for column in zip(*times))
            ratios.append((ours / theirs, behind / theirs))
            line |= {"wuwei_ms": round(ours, 1), "masked_ms": round(behind, 1), "duckdb_ms": round(theirs, 1)}
            print(json.dumps(line | {"ratio": round(ours / theirs, 2), "masked_ratio": round(behind / theirs, 2)}), flush=True)
    finally:
        hub.stop()
        masked.stop()
    clear, behind = ([pair[at] for pair in ratios] for at in (0, 1))
    print(json.dumps({"questions": len(ratios), "failed_or_different": wrong, "geometric_mean": mean(clear), "masked_geometric_mean": mean(behind),
                      "runs": asked.runs, "threads": asked.threads, "duckdb": duckdb.__version__}))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
