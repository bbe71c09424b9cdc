#!/usr/bin/env bash
# Journeys through the console in a browser: tests/browser/run.sh PROGRAM [ARGUMENTS OF PLAYWRIGHT]; with --oldest before PROGRAM only the one in
# Chromium 90, with --screenshots the pictures of deploy/console/screenshots (SHOTS is another folder). It makes a hub of its own, with accounts,
# serves it on a free port beside an OpenID provider of others' making, and ends both. Where there is no Chromium, Node or network for its packages,
# it says so and is no failure; where the provider does not start, the journeys through it are skipped.
set -euo pipefail
only=""
case "${1:-}" in --screenshots | --oldest) only="$1"; shift ;; esac
program="$(realpath "${1:?usage: tests/browser/run.sh [--screenshots | --oldest] PROGRAM}")"
shift
cd "$(dirname "$0")"
cannot() { echo "the browser journeys were not run: $1"; exit 0; }

command -v npm > /dev/null || cannot "there is no Node here (Debian: apt-get install npm)"
CHROMIUM="${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}"
if [ "$only" != --oldest ]; then
    [ -n "$CHROMIUM" ] || cannot "there is no Chromium here (Debian: apt-get install chromium fonts-noto-cjk)"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent > /dev/null 2>&1 || cannot "the packages of package-lock.json cannot be had"
fi

hub="$(mktemp -d)"
server=""
provider=""
end() { [ -z "$server" ] || kill "$server"; [ -z "$provider" ] || kill "$provider" 2> /dev/null || true; rm -rf "$hub"; }
trap end EXIT
export WUWEI_DATA="$hub/data"
"$program" demo --people 1000 --seed 7 --no-serve > /dev/null
for account in zhao:engineer: li:case_worker:mz qian:liaison:wg sun:liaison:mz boss:admin: wu:auditor: zheng:auditor: chen:reviewer:; do
    IFS=: read -r name role department <<< "$account"
    password="$("$program" user add "$name" --role "$role" ${department:+--department "$department"})"
    export "PASSWORD_$name=$password"
done
port="$(node -e 'const server = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(server.address().port); server.close(); })')"
options=()
if [ "$only" = "" ]; then
    echo "secret of the journeys" > "$hub/secret"
    chmod 600 "$hub/secret"
    BACK="http://127.0.0.1:$port/sign-in/oidc/back" SECRET="secret of the journeys" node provider.mjs > "$hub/provider" 2> /dev/null &
    provider=$!
    for _ in $(seq 100); do grep -q 'http://' "$hub/provider" && break; sleep 0.1; done
    PROVIDER="$(grep -o 'http://.*' "$hub/provider" || true)"
    export PROVIDER
    if [ -n "$PROVIDER" ]; then
        printf 'issuer = "%s"\nclient_id = "wuwei"\nclient_secret_file = "secret"\nlabel = { zh = "县统一认证登录", en = "County sign-in" }\n' \
            "$PROVIDER" > "$hub/oidc.toml"
        options=(--oidc "$hub/oidc.toml")
        "$program" user add zhou --role case_worker --department mz --sign-in oidc
    else
        echo "the journeys through a provider were not run: it does not start on this Node"
    fi
fi
printf '[[schedule]]\nname = "night"\ncron = "30 2 * * *"\nrun = "refresh"\n' > "$hub/schedules.toml"
options+=(--schedules "$hub/schedules.toml")
"$program" serve --http "127.0.0.1:$port" "${options[@]}" > "$hub/says" &
server=$!
for _ in $(seq 100); do grep -q 'http://' "$hub/says" && break; sleep 0.1; done
BASE="$(grep -o 'http://[0-9.:]*' "$hub/says")"
export BASE CHROMIUM
case "$only" in
    --screenshots) node screenshots.mjs ;;
    --oldest) node oldest.mjs ;;
    *)
        npx playwright test "$@"
        # With arguments some journeys were chosen; all end with the oldest browser.
        [ $# -gt 0 ] || node oldest.mjs
        ;;
esac
