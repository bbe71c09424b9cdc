"""People of nobody with Latin names, several records each, with the slips of people who write: what benches resolve. The same number of rows
is the same bytes each time. Names are syllables, some far more frequent than others."""

import csv
import datetime
import random

COLUMNS = ["first_name", "surname", "dob", "city", "email", "cluster"]
ONSETS = ["b", "br", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "st", "t", "th", "v", "w"]
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ie", "oo"]
CODAS = ["", "", "l", "m", "n", "r", "s", "th", "ck", "nd", "rt"]
BORN = datetime.date(1930, 1, 1)
DAYS = 30_000


def latin(path, rows):
    """Writes so many rows as CSV, one to four of each person."""
    chance = random.Random(20_260_101)
    firsts, surnames, cities = (names(chance, many, syllables) for many, syllables in ((3_000, 2), (20_000, 2), (400, 3)))
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        written = person = 0
        while written < rows:
            true = one(chance, firsts, surnames, cities, person)
            for _ in range(min(chance.choice((1, 1, 2, 3, 4)), rows - written)):
                writer.writerow([*spoiled(chance, true, firsts), person])
                written += 1
            person += 1


def names(chance, many, syllables):
    """Names, and weights such that the n-th is n times as rare as the first (Zipf)."""
    made = {}
    while len(made) < many:
        parts = chance.randint(1, syllables)
        made["".join(chance.choice(ONSETS) + chance.choice(VOWELS) + chance.choice(CODAS) for _ in range(parts)).capitalize()] = None
    total, cumulated = 0.0, []
    for rank in range(many):
        total += 1 / (rank + 10)
        cumulated.append(total)
    return list(made), cumulated


def one(chance, firsts, surnames, cities, person):
    first, surname, city = (chance.choices(names, cum_weights=weights)[0] for names, weights in (firsts, surnames, cities))
    born = BORN + datetime.timedelta(days=chance.randrange(DAYS))
    return [first, surname, born, city, f"{first}.{surname}{person}@example.org".lower()]


def spoiled(chance, true, firsts):
    """What a clerk writes of somebody: about every third cell is missing, slipped or, rarely, another's."""
    first, surname, born, city, email = true
    if chance.random() < 0.1:
        first = slip(chance, first)
    elif chance.random() < 0.03:
        first = chance.choices(firsts[0], cum_weights=firsts[1])[0]
    if chance.random() < 0.1:
        surname = slip(chance, surname)
    if chance.random() < 0.03:
        first, surname = surname, first
    if chance.random() < 0.06:
        born = born.replace(day=1 + chance.randrange(28))
    if chance.random() < 0.1:
        email = slip(chance, email)
    cells = [first, surname, born.isoformat(), city, email]
    return [cell if chance.random() > missing else "" for cell, missing in zip(cells, (0.02, 0.02, 0.03, 0.15, 0.2))]


def slip(chance, text):
    """One letter doubled, left out, exchanged with the next, or another."""
    at = chance.randrange(len(text))
    kind = chance.randrange(4)
    if kind == 0:
        return text[:at] + text[at] + text[at:]
    if kind == 1 and len(text) > 1:
        return text[:at] + text[at + 1:]
    if kind == 2 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2:]
    return text[:at] + chance.choice("aeinorst") + text[at + 1:]
