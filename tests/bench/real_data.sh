#!/usr/bin/env bash
# The program on data that none of us wrote: the division codes of China as a thirteenth department. DIR holds china_division/ (npm
# china-division 2.7.0, MIT). Labelled sets for resolution are those of resolve_against.py. Usage: tests/bench/real_data.sh DIR [PROGRAM]
set -euo pipefail
data="$(cd "${1:?usage: real_data.sh DIR [PROGRAM]}" && pwd)"
here="$(cd "$(dirname "$0")/.." && pwd)"
program="${2:-wuwei}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

echo "# divisions: five levels as a thirteenth department"
mkdir "$work/divisions"
cp "$data"/china_division/*.csv "$work/divisions/"
python3 -m zipfile -e "$data/china_division/villages.zip" "$work/divisions/"
chmod -R u+w "$work/divisions"
divisions=("$program" --data "$work/hub" --departments "$here/elsewhere/divisions")
time "${divisions[@]}" ingest "$work/divisions"
time "${divisions[@]}" resolve
time "${divisions[@]}" link
"${divisions[@]}" sql "SELECT length(code) AS digits, count(*) AS places, count(DISTINCT code) AS codes, count(name) AS named FROM entity.division GROUP BY 1 ORDER BY 1"
"${divisions[@]}" sql "SELECT relation, count(*) AS edges FROM graph.edge GROUP BY 1"
