"""Resolves one set of records with Splink 5 on DuckDB, in a process of its own, and prints a JSON line of what it cost; the clusters go to a
file. How each labelled set is compared, blocked and trained is what Splink's own demonstrations of these sets say (docs/demos/examples/duckdb of its
repository, held against them one by one in November 2026), but for u, which has 10 million pairs for all; a set for speed is compared by its columns' kinds and blocked by the same keys as ours, given as SQL.

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

# Where two records are one: what the demonstration of historical_50k takes (that of FEBRL 4 takes 0.99, the others say nothing), and those
# between which the best is looked for with the labels, which no user has.
THRESHOLD = 0.95
THRESHOLDS = [0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999]

FAKE = {
    "comparisons": lambda: [
        cl.ForenameSurnameComparison("first_name", "surname"),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        cl.EmailComparison("email"),
    ],
    "rules": [["first_name"], ["surname"], ["dob"], ["email"]],
    "certain": ["l.first_name = r.first_name AND levenshtein(r.dob, l.dob) <= 1",
                "l.surname = r.surname AND levenshtein(r.dob, l.dob) <= 1",
                "l.first_name = r.first_name AND levenshtein(r.surname, l.surname) <= 2",
                "l.email = r.email"],
    "recall": 0.7,
    "train": [["dob"], ["email"], ["first_name", "surname"]],
}
FEBRL_CERTAIN = ["l.soc_sec_id = r.soc_sec_id", "l.given_name = r.given_name AND l.surname = r.surname AND l.date_of_birth = r.date_of_birth"]
FEBRL_SWAPPED = "l.given_name = r.surname AND l.surname = r.given_name"
# The demonstration of FEBRL 3, also for 1 and 2, which have none.
FEBRL = {
    "comparisons": lambda: [
        cl.NameComparison("given_name"),
        cl.NameComparison("surname"),
        cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
    ],
    "rules": [["soc_sec_id"], ["given_name"], ["surname"], ["date_of_birth"], ["postcode"]],
    "certain": [*FEBRL_CERTAIN, f"{FEBRL_SWAPPED} AND l.date_of_birth = r.date_of_birth"],
    "recall": 0.9,
    "train": [["date_of_birth"], ["postcode"]],
    "with_frequencies": True,
}
# Its detailed model. It links two files of which it knows that nobody is twice in one; here both systems get one file and do not know it.
FEBRL4 = {
    "comparisons": lambda: [
        cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
    ],
    "rules": [["given_name", "surname"], FEBRL_SWAPPED, ["date_of_birth"], ["soc_sec_id"], ["state", "address_1"],
              ["street_number", "address_1"], ["postcode"]],
    "certain": FEBRL_CERTAIN,
    "recall": 0.8,
    "train": [["date_of_birth"], ["postcode"]],
}
HISTORICAL = {
    "comparisons": lambda: [
        cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="first_name_surname_concat"),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.PostcodeComparison("postcode_fake"),
        cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
        cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
    ],
    "derived": ", first_name || ' ' || surname AS first_name_surname_concat",
    "rules": [["substr(first_name,1,3)", "substr(surname,1,4)"], ["surname", "dob"], ["first_name", "dob"], ["postcode_fake", "first_name"],
              ["postcode_fake", "surname"], ["dob", "birth_place"], ["substr(postcode_fake,1,3)", "dob"],
              ["substr(postcode_fake,1,3)", "first_name"], ["substr(postcode_fake,1,3)", "surname"],
              ["substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"]],
    "certain": ["l.first_name = r.first_name AND l.surname = r.surname AND l.dob = r.dob",
                "substr(l.first_name,1,2) = substr(r.first_name,1,2) AND l.surname = r.surname "
                "AND substr(l.postcode_fake,1,2) = substr(r.postcode_fake,1,2)",
                "l.dob = r.dob AND l.postcode_fake = r.postcode_fake"],
    "recall": 0.6,
    "train": [["first_name", "surname"], ["dob"]],
}
KNOWN = {"fake_1000": FAKE, "historical_50k": HISTORICAL, "febrl1": FEBRL, "febrl2": FEBRL, "febrl3": FEBRL, "febrl4": FEBRL4}

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


def rule(key):
    """A blocking rule: columns that are equal, or a condition."""
    return key if isinstance(key, str) else block_on(*key)


def read(job, derived):
    """The records in DuckDB's memory, as Splink takes them."""
    api = DuckDBAPI(connection=duckdb.connect())
    # It would be printed where the answer is.
    api.duckdb_con.execute("SET enable_progress_bar = false")
    reader = "read_parquet('{}')" if job["records"].endswith(".parquet") else "read_csv('{}', all_varchar = true)"
    api.duckdb_con.execute(f"CREATE TABLE records AS SELECT *{derived} FROM {reader.format(job['records'])}")
    return api.register("records")


def trained(records, known, seed):
    """A linker with estimated weights. A seed makes it repeat and costs time, so that for speed there is none."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=known["comparisons"](),
        blocking_rules_to_generate_predictions=[rule(key) for key in known["rules"]],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
    linker = Linker(records, settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(known["certain"], recall=known["recall"])
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=seed)
    plain = not known.get("with_frequencies")
    for key in known["train"]:
        linker.training.estimate_parameters_using_expectation_maximisation(rule(key), estimate_without_term_frequencies=plain)
    return linker


def clusters(linker, predicted, threshold):
    return linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=threshold)


def main():
    job = json.loads(pathlib.Path(sys.argv[1]).read_text())
    labelled = job["set"] in KNOWN
    known, thresholds = (KNOWN[job["set"]], THRESHOLDS) if labelled else (by_kind(job), [THRESHOLD])
    wall, cpu = time.perf_counter(), time.process_time()
    linker = trained(read(job, known.get("derived", "")), known, seed=1 if labelled else None)
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
