#!/usr/bin/env python3
"""Finds people by parts of their names in ours, in SQLite FTS5 and in DuckDB, and prints a JSON line for each engine and way of typing.

Usage: search_against.py BENCH [--names N] [--asked N] [--venv DIR] [--work DIR]
BENCH is the program of `cargo bench -p wuwei-search --bench search --no-run` (cargo prints where it is).

All get the same invented names and the same questions, one after the other, on the same machine, in one run. The others also get the pinyin
and the initials of each name as columns, of ours, since they have none; what is typed in Latin letters is looked for there. The shortest names
come first, as LIKE has no order.

- `sqlite fts5`: an FTS5 table with the trigram tokenizer, asked by LIKE, which is how it finds parts; below three characters all rows are read.
- `duckdb like`: a table of columns, asked by LIKE.
- `duckdb fts`: its full-text index, without stemmer and stop words, asked by BM25: names by single characters, letters by words.

Recall at 20: of the names that what was typed means (that are it; that contain it, for parts of names; whose pinyin or initials are it; that are
it in simplified characters, or without the dot) the share that stands among the first twenty, where there are more than twenty of twenty.
Milliseconds are medians and 99th percentiles of single questions; seconds are those of building what is asked.
"""

import argparse
import csv
import json
import os
import pathlib
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

PACKAGES = ["duckdb==1.5.5", "duckdb-extension-fts==1.5.5"]
FIRST = 20
HERE = pathlib.Path(__file__).resolve().parent
VARIANTS = HERE.parent.parent / "search" / "names" / "variants.csv"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench", type=pathlib.Path)
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--asked", type=int, default=200)
    parser.add_argument("--venv", type=pathlib.Path, default=pathlib.Path("target/search-venv"))
    parser.add_argument("--work", type=pathlib.Path)
    given = parser.parse_args()
    within(given.venv)
    with tempfile.TemporaryDirectory(dir=given.work) as folder:
        folder = pathlib.Path(folder)
        run([given.bench.resolve(), "names", folder, given.names])
        names = list(csv.DictReader((folder / "names.csv").open(encoding="utf-8")))
        queries = questions(names, given.asked)
        meant = relevant(names, queries)
        for engine, build_and_ask in engines(given, folder, names, queries):
            seconds, answers = build_and_ask()
            report(engine, seconds, queries, answers, meant)


def within(venv):
    """Goes on in an environment that has DuckDB with its full-text search."""
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    if pathlib.Path(sys.prefix).resolve() != venv.resolve():
        os.execv(python, [str(python), *sys.argv])


def run(command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def simplified_of():
    """Each traditional character with its simplified one."""
    pairs = {}
    for line in VARIANTS.read_text(encoding="utf-8").splitlines()[2:]:
        to, others = line.split(",")
        pairs.update({other: to for other in others})
    return pairs


def questions(names, asked):
    """(way, typed): so many of each way, of names drawn at random that have it."""
    drawn = random.Random(1)
    traditional = {}
    for other, to in sorted(simplified_of().items()):
        traditional.setdefault(to, other)

    def in_traditional(name):
        other = "".join(traditional.get(character, character) for character in name["name"])
        return other if other != name["name"] else None

    def part(first, last, least):
        return lambda name: name["name"][first:last] if len(name["name"]) >= least and "·" not in name["name"] else None

    ways = {
        "full": lambda name: name["name"],
        "prefix": part(0, 2, 3),
        "suffix": part(-2, None, 3),
        "infix": part(1, 3, 4),
        "pinyin": lambda name: name["pinyin"],
        "initials": lambda name: name["initials"],
        "traditional": in_traditional,
        "dotted": lambda name: name["name"].replace("·", "") if "·" in name["name"] else None,
    }
    chosen = []
    for way, typed in ways.items():
        having = [name for name in names if typed(name)]
        chosen += [(way, typed(name)) for name in drawn.sample(having, min(asked, len(having)))]
    return chosen


def relevant(names, queries):
    """Of each question the numbers of the names that are meant."""
    simplified = simplified_of()
    by = {"name": {}, "pinyin": {}, "initials": {}, "undotted": {}}
    for number, name in enumerate(names):
        for column in ("name", "pinyin", "initials"):
            by[column].setdefault(name[column], set()).add(number)
        by["undotted"].setdefault(name["name"].replace("·", ""), set()).add(number)
    parts = {}
    for way, typed in queries:
        if way in ("prefix", "suffix", "infix"):
            parts.setdefault(typed, set())
    for number, name in enumerate(names):
        for at in range(len(name["name"]) - 1):
            if (found := parts.get(name["name"][at : at + 2])) is not None:
                found.add(number)

    def of(way, typed):
        if way in ("prefix", "suffix", "infix"):
            return parts[typed]
        if way == "traditional":
            return by["name"][typed] if typed in by["name"] else by["name"]["".join(simplified.get(one, one) for one in typed)]
        return by[{"full": "name", "dotted": "undotted"}.get(way, way)][typed]

    return [of(way, typed) for way, typed in queries]


def engines(given, folder, names, queries):
    yield "wuwei", lambda: ours(given.bench.resolve(), folder, queries)
    yield "sqlite fts5", lambda: sqlite(names, queries)
    yield "duckdb like", lambda: duckdb_like(names, queries)
    yield "duckdb fts", lambda: duckdb_fts(names, queries)


def ours(bench, folder, queries):
    with (folder / "queries.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("way", "typed"), *queries])
    said = json.loads(run([bench, "answer", folder]).splitlines()[0])
    answers = []
    for line in (folder / "ours.csv").read_text(encoding="utf-8").splitlines():
        took, hits = line.split(",")
        answers.append((int(took) / 1000, [int(hit) for hit in hits.split()]))
    return said["seconds"], answers


def column(typed):
    return ("pinyin", "initials") if typed.isascii() else ("name",)


def asked(queries, ask):
    answers = []
    for _, typed in queries:
        began = time.perf_counter()
        hits = [row[0] for row in ask(typed)]
        answers.append(((time.perf_counter() - began) * 1000, hits))
    return answers


def rows(names):
    return [(int(name["entity_id"]), name["name"], name["pinyin"], name["initials"]) for name in names]


def like(typed):
    where = " OR ".join(f"{name} LIKE ?" for name in column(typed))
    return f"SELECT id FROM person WHERE {where} ORDER BY length(name) LIMIT {FIRST}", [f"%{typed}%"] * len(column(typed))


def like_by_trigrams(typed):
    """Each column by itself, so that the index is used; below three characters a plus keeps it from being, since it finds nothing then."""
    plain = "+" if len(typed) < 3 else ""
    found = " UNION ".join(f"SELECT rowid FROM person WHERE {plain}{name} LIKE ?" for name in column(typed))
    return f"SELECT id FROM person WHERE rowid IN ({found}) ORDER BY length(name) LIMIT {FIRST}", [f"%{typed}%"] * len(column(typed))


def sqlite(names, queries):
    began = time.perf_counter()
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE person USING fts5(id UNINDEXED, name, pinyin, initials, tokenize='trigram')")
    base.executemany("INSERT INTO person VALUES (?, ?, ?, ?)", rows(names))
    base.execute("INSERT INTO person(person) VALUES ('optimize')")
    seconds = time.perf_counter() - began
    return seconds, asked(queries, lambda typed: base.execute(*like_by_trigrams(typed)))


def duckdb_table(names, folder):
    import duckdb

    base = duckdb.connect()
    file = pathlib.Path(folder) / "table.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([("id", "name", "pinyin", "initials"), *rows(names)])
    base.execute(f"CREATE TABLE person AS SELECT * FROM read_csv('{file}', header = true)")
    return base


def duckdb_like(names, queries):
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        base = duckdb_table(names, folder)
    seconds = time.perf_counter() - began
    return seconds, asked(queries, lambda typed: base.execute(*like(typed)).fetchall())


def duckdb_fts(names, queries):
    import duckdb_extension_fts

    extension = next(pathlib.Path(duckdb_extension_fts.__file__).parent.rglob("*.duckdb_extension"))
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        base = duckdb_table(names, folder)
    base.execute(f"LOAD '{extension}'")
    base.execute("CREATE TABLE letters AS SELECT id, name, pinyin, initials FROM person")
    plain = "stemmer = 'none', stopwords = 'none', strip_accents = 0"
    base.execute(f"PRAGMA create_fts_index('person', 'id', 'name', {plain}, ignore = '', lower = 0)")
    base.execute(f"PRAGMA create_fts_index('letters', 'id', 'pinyin', 'initials', {plain})")
    seconds = time.perf_counter() - began

    def ask(typed):
        table = "letters" if typed.isascii() else "person"
        question = (
            f"SELECT id FROM (SELECT id, name, fts_main_{table}.match_bm25(id, ?) AS score FROM {table})"
            f" WHERE score IS NOT NULL ORDER BY score DESC, length(name) LIMIT {FIRST}"
        )
        return base.execute(question, [typed]).fetchall()

    return seconds, asked(queries, ask)


def report(engine, seconds, queries, answers, meant):
    for way in dict.fromkeys(way for way, _ in queries):
        of_way = [at for at, (other, _) in enumerate(queries) if other == way]
        shares = [len(meant[at].intersection(answers[at][1])) / min(FIRST, len(meant[at])) for at in of_way]
        took = sorted(answers[at][0] for at in of_way)
        line = {
            "engine": engine,
            "way": way,
            "asked": len(of_way),
            "recall_at_20": round(statistics.mean(shares), 4),
            "p50_ms": round(statistics.median(took), 3),
            "p99_ms": round(took[min(len(took) - 1, len(took) * 99 // 100)], 3),
            "build_seconds": round(seconds, 2),
        }
        print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
