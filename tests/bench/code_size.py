#!/usr/bin/env python3
"""How much code there is: lines of Rust a crate, and the median and longest file and function.

Usage: code_size.py [ROOT] [--json]. Lines are counted as they stand, comments and tests included; those of tests are counted apart as
well. A function is measured as `tests/tidy.rs` does: from the line that opens it to the brace below it.
"""

import json
import pathlib
import re
import statistics
import sys

ROOMS = ["schema", "ingest/synth", "ingest", "graph", "search", "query/lake", "query", "deploy", "tests"]
OPENS = re.compile(r"^(pub(\([a-z]+\))? )?(const )?(async )?fn (\w+)")


def functions(lines):
    """Names and lengths."""
    for at, line in enumerate(lines):
        text = line.lstrip()
        opened = OPENS.match(text)
        if opened is None or line.endswith(";"):
            continue
        close = line[: len(line) - len(text)] + "}"
        end = at if line.endswith("}") else next((end for end in range(at, len(lines)) if lines[end] == close), at)
        yield opened.group(5), end - at + 1


def tests_in(name, lines):
    """How many of the lines are tests: those of a file of tests, or those from `mod tests {` on."""
    if name.startswith("tests/") or "/tests/" in name or name.endswith("/tests.rs"):
        return len(lines)
    return len(lines) - lines.index("mod tests {") if "mod tests {" in lines else 0


def room_of(path):
    """The crate a file belongs to; the deeper one first."""
    return next((room for room in ROOMS if path.as_posix().startswith(room + "/")), "other")


def measure(root):
    """A line a room, and one for all."""
    files = {room: [] for room in [*ROOMS, "other"]}
    for path in sorted(root.rglob("*.rs")):
        relative = path.relative_to(root)
        if relative.parts[0] not in ("target", ".git"):
            files[room_of(relative)].append((relative.as_posix(), path.read_text(encoding="utf-8").splitlines()))
    rooms = {room: summary(texts) for room, texts in files.items() if texts}
    rooms["all"] = summary([text for texts in files.values() for text in texts])
    return rooms


def summary(texts):
    """What is said of a room."""
    lengths = [(len(lines), name) for name, lines in texts]
    measured = [(length, f"{name}: {function}") for name, lines in texts for function, length in functions(lines)]
    return {
        "files": len(texts),
        "lines": sum(length for length, _ in lengths),
        "of_which_tests": sum(tests_in(name, lines) for name, lines in texts),
        "file_median": statistics.median(length for length, _ in lengths),
        "file_longest": max(lengths),
        "functions": len(measured),
        "function_median": statistics.median([length for length, _ in measured] or [0]),
        "function_longest": max(measured, default=(0, "")),
    }


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--json"]
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parents[2]
    rooms = measure(root)
    if "--json" in sys.argv:
        print(json.dumps(rooms, ensure_ascii=False))
        return
    for room, said in rooms.items():
        print(f"{room:12} " + "  ".join(f"{key} {value}" for key, value in said.items() if not isinstance(value, tuple)))
        print(f"{'':12} longest: {said['file_longest'][1]} ({said['file_longest'][0]}), {said['function_longest'][1]} ({said['function_longest'][0]})")


if __name__ == "__main__":
    main()
