"""Resolves one set of records with Splink 5 on DuckDB, in a process of its own, and prints a JSON line of what it cost; the clusters go to a
file. How each labelled set is compared and blocked follows Splink's own demonstrations of these sets (its documentation, "Examples"); a set
for speed is compared by its columns' kinds and blocked by the same keys as ours, given as SQL.

Usage: resolve_splink.py JOB.json, with `set`, `records` (Parquet or CSV), `clusters` (CSV to write: threshold, record, cluster) and, for
speed, `columns` {name: kind} and `rules` [[SQL, …], …].
"""

import json
import logging
import pathlib
import resource
import sys
import time

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

# Where two records are one: what Splink's demonstrations take, and those between which the best is looked for with the labels, which no user
# has.
THRESHOLD = 0.95
THRESHOLDS = [0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999]

FAKE = {
    "comparisons": lambda: [
        cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        cl.EmailComparison("email"),
    ],
    "rules": [["first_name", "city"], ["surname"], ["dob"], ["email"]],
    "certain": ["l.first_name = r.first_name AND levenshtein(r.dob, l.dob) <= 1",
                "l.surname = r.surname AND levenshtein(r.dob, l.dob) <= 1",
                "l.first_name = r.first_name AND levenshtein(r.surname, l.surname) <= 2",
                "l.email = r.email"],
    "recall": 0.7,
    "train": [["first_name", "surname"], ["dob"], ["email"]],
}
FEBRL = {
    "comparisons": lambda: [
        cl.NameComparison("given_name"),
        cl.NameComparison("surname"),
        cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
    ],
    "rules": [["soc_sec_id"], ["given_name"], ["surname"], ["date_of_birth"], ["postcode", "street_number"], ["address_1"]],
    "certain": ["l.soc_sec_id = r.soc_sec_id", "l.given_name = r.given_name AND l.surname = r.surname AND l.date_of_birth = r.date_of_birth"],
    "recall": 0.9,
    "train": [["date_of_birth"], ["postcode"]],
}
HISTORICAL = {
    "comparisons": lambda: [
        cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="first_and_surname"),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.PostcodeComparison("postcode_fake"),
        cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
        cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
    ],
    "rules": [["first_name", "surname"], ["surname", "dob"], ["first_name", "dob"], ["postcode_fake", "first_name"], ["postcode_fake", "surname"],
              ["dob", "birth_place"], ["substr(postcode_fake,1,3)", "dob"], ["substr(postcode_fake,1,3)", "first_name"],
              ["substr(postcode_fake,1,3)", "surname"], ["substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"],
              ["substr(first_name,1,3)", "substr(surname,1,4)"]],
    "certain": ["l.first_name = r.first_name AND l.surname = r.surname AND l.dob = r.dob",
                "substr(l.first_name,1,2) = substr(r.first_name,1,2) AND l.surname = r.surname AND substr(l.postcode_fake,1,2) = substr(r.postcode_fake,1,2)",
                "l.dob = r.dob AND l.postcode_fake = r.postcode_fake"],
    "recall": 0.6,
    "train": [["first_name", "surname"], ["dob"]],
}
KNOWN = {"fake_1000": FAKE, "historical_50k": HISTORICAL} | {f"febrl{number}": FEBRL for number in range(1, 5)}

KINDS = {
    "name": lambda name: cl.NameComparison(name).configure(term_frequency_adjustments=True),
    "date": lambda name: cl.DateOfBirthComparison(name, input_is_string=True),
    "address": lambda name: cl.JaroWinklerAtThresholds(name, [0.95, 0.8]),
    "phone": lambda name: cl.LevenshteinAtThresholds(name, 1),
    "text": lambda name: cl.ExactMatch(name).configure(term_frequency_adjustments=True),
}


def by_kind(job):
    """How a set for speed is compared: by the kinds of its columns, blocked by our own keys."""
    rules = job["rules"]
    return {
        "comparisons": lambda: [KINDS[kind](name) for name, kind in job["columns"].items()],
        "rules": rules,
        "certain": [" AND ".join(f"l.{name} = r.{name}" for name in job["certain"])],
        "recall": 0.7,
        "train": rules[:2],
    }


def read(job):
    """The records in DuckDB's memory, as Splink takes them."""
    api = DuckDBAPI(connection=duckdb.connect())
    # It would be printed where the answer is.
    api.duckdb_con.execute("SET enable_progress_bar = false")
    reader = "read_parquet('{}')" if job["records"].endswith(".parquet") else "read_csv('{}', all_varchar = true)"
    api.duckdb_con.execute(f"CREATE TABLE records AS SELECT * FROM {reader.format(job['records'])}")
    return api.register("records")


def trained(records, known, seed):
    """A linker with estimated weights. A seed makes it repeat and costs time, so that for speed there is none."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=known["comparisons"](),
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in known["rules"]],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
    linker = Linker(records, settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(known["certain"], recall=known["recall"])
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=seed)
    for rule in known["train"]:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule), estimate_without_term_frequencies=True)
    return linker


def clusters(linker, predicted, threshold):
    return linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=threshold)


def main():
    job = json.loads(pathlib.Path(sys.argv[1]).read_text())
    known = KNOWN.get(job["set"])
    thresholds = THRESHOLDS if known else [THRESHOLD]
    wall, cpu = time.perf_counter(), time.process_time()
    linker = trained(read(job), known or by_kind(job), seed=1 if known else None)
    predicting = time.perf_counter()
    predicted = linker.inference.predict(threshold_match_probability=min(thresholds))
    predicting = time.perf_counter() - predicting
    found = {THRESHOLD: clusters(linker, predicted, THRESHOLD)}
    cost = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu, "predict_seconds": predicting}
    cost["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # What comes behind costs nothing that is told: it is for the judge.
    found |= {threshold: clusters(linker, predicted, threshold) for threshold in thresholds if threshold != THRESHOLD}
    with open(job["clusters"], "w", encoding="utf-8") as file:
        for threshold, clustered in found.items():
            for record, cluster in clustered.as_duckdbpyrelation().project("unique_id, cluster_id").fetchall():
                file.write(f"{threshold},{record},{cluster}\n")
    cost["pairs"] = linker.inference.compute_blocked_pairs_for_predict().as_duckdbpyrelation().aggregate("count(*)").fetchall()[0][0]
    print(json.dumps(cost))


if __name__ == "__main__":
    main()
