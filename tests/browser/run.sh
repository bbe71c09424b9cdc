#!/usr/bin/env bash
# Journeys through the console in a browser: tests/browser/run.sh PROGRAM [ARGUMENTS OF PLAYWRIGHT]; or, with --screenshots before PROGRAM, the
# pictures of deploy/console/screenshots (SHOTS is another folder). It makes a hub of its own, with accounts, serves
# it on a free port and ends it. Where there is no Chromium, Node or network for its packages, it says so and is no failure.
set -euo pipefail
pictures=""
if [ "${1:-}" = --screenshots ]; then pictures=1; shift; fi
program="$(realpath "${1:?usage: tests/browser/run.sh [--screenshots] PROGRAM}")"
shift
cd "$(dirname "$0")"
cannot() { echo "the browser journeys were not run: $1"; exit 0; }

CHROMIUM="${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}"
[ -n "$CHROMIUM" ] || cannot "there is no Chromium here (Debian: apt-get install chromium fonts-noto-cjk)"
command -v npm > /dev/null || cannot "there is no Node here (Debian: apt-get install npm)"
PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent > /dev/null 2>&1 || cannot "the packages of package-lock.json cannot be had"

hub="$(mktemp -d)"
server=""
end() { [ -z "$server" ] || kill "$server"; rm -rf "$hub"; }
trap end EXIT
export WUWEI_DATA="$hub/data"
"$program" demo --people 1000 --seed 7 --no-serve > /dev/null
for account in zhao:engineer: li:case_worker:mz qian:liaison:wg sun:liaison:mz boss:admin: wu:auditor: zheng:auditor: chen:reviewer:; do
    IFS=: read -r name role department <<< "$account"
    password="$("$program" user add "$name" --role "$role" ${department:+--department "$department"})"
    export "PASSWORD_$name=$password"
done
"$program" serve --http 127.0.0.1:0 > "$hub/says" &
server=$!
for _ in $(seq 100); do grep -q 'http://' "$hub/says" && break; sleep 0.1; done
BASE="$(grep -o 'http://[0-9.:]*' "$hub/says")"
export BASE CHROMIUM
if [ -n "$pictures" ]; then node screenshots.mjs; else npx playwright test "$@"; fi
