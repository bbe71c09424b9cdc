"""Pairwise and B-cubed scores of a resolution, from (true entity, cluster) of each record, whoever resolved it."""

import collections


def scores(labelled):
    """Precision, recall and F1 of pairs after clustering, and B-cubed F1, of an iterable of (true entity, cluster)."""
    cells = collections.Counter(labelled)
    true, found = collections.Counter(), collections.Counter()
    for (entity, cluster), count in cells.items():
        true[entity] += count
        found[cluster] += count
    both, said, real = (sum(count * (count - 1) // 2 for count in counts.values()) for counts in (cells, found, true))
    precision, recall = (both / of if of else 1.0 for of in (said, real))
    pure = sum(count * count / found[cluster] for (_, cluster), count in cells.items())
    complete = sum(count * count / true[entity] for (entity, _), count in cells.items())
    records = sum(cells.values())
    rounded = {"precision": precision, "recall": recall, "f1": mean(precision, recall), "bcubed_f1": mean(pure / records, complete / records)}
    return {"records": records} | {name: round(value, 5) for name, value in rounded.items()}


def mean(one, other):
    """The harmonic mean."""
    return 2 * one * other / (one + other) if one + other else 0.0
