#!/usr/bin/env bash
# Fails when a command would build a dependency with other features than the rest: the whole with and without tests, and each room by itself.
# The cure is a line in deploy/features/Cargo.toml. Parquet is excused: the half of it that speaks to object stores is query's, and naming that for
# every room would cost each of them the cloud clients; testing ingest by itself builds Parquet a second time instead.
set -euo pipefail
cd "$(dirname "$0")/.."
features() { cargo tree --locked --prefix none -f '{p} [{f}]' "$@" | sed 's/ (\*)$//' | { grep -vE '[(]/|^parquet ' || true; } | sort -u; }
known="$(features -e normal,build,dev --workspace)"
status=0
for command in "--workspace" "-p wuwei" "-p wuwei-schema" "-p wuwei-ingest" "-p wuwei-synth" "-p wuwei-graph" "-p wuwei-search" "-p wuwei-query" "-p wuwei-lake"; do
    for kinds in normal,build normal,build,dev; do
        # shellcheck disable=SC2086
        other="$(features -e "$kinds" $command | comm -23 - <(echo "$known"))"
        [ -z "$other" ] || { echo "cargo … $command ($kinds) would build with other features:"; echo "$other"; status=1; }
    done
done
# gRPC comes with the feature `flight` alone: what is built by default has nothing of it.
if grep -E '^(arrow-flight|tonic|prost) ' <<<"$known"; then echo "this is built by default, though it belongs to the feature flight"; status=1; fi
exit $status
