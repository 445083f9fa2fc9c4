#!/usr/bin/env bash
# The benchmarks of the pass, on one core: bench/pass.sh FOLDER leaves a JSON list of rows for each program in FOLDER.
# DATA=… points at the EU test data that the peers are compared on (default: the nearest ../shared/data/dcc/cases).
set -euo pipefail
mkdir -p "${1:?a folder for the rows}"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
[ -x web/node_modules/.bin/node ] && PATH="$PWD/web/node_modules/.bin:$PATH"
one=()
if command -v taskset >/dev/null; then one=(taskset -c "$(($(nproc) - 1))"); fi
seconds=${SECONDS_EACH:-6}
data=${DATA:-}
for above in .. ../..; do [ -n "$data" ] || [ ! -d "$above/shared/data/dcc/cases" ] || data=$(cd "$above/shared/data/dcc/cases" && pwd); done

# Built on every core, measured on one.
cargo bench --workspace --bench vs_limits --no-run
"${one[@]}" cargo bench --workspace --bench vs_limits -- --seconds "$seconds" --json "$out/pass.json"

peer=crates/pass/bench-peer/Cargo.toml
cargo build --quiet --release --manifest-path $peer
"${one[@]}" cargo run --quiet --release --manifest-path $peer -- --seconds "$seconds" --data "$data" --json "$out/pass-dgc.json"

if ! command -v node >/dev/null; then echo "skipped: no Node for the JavaScript benchmarks"; exit 0; fi
bundle=$(mktemp --suffix .mjs)
trap 'rm -f "$bundle"' EXIT
if [ -d web/node_modules ] && [ -d e2e/node_modules ]; then
  (cd web && npm run --silent generate) # the TypeScript configuration that bundling reads
  (cd web && "${one[@]}" node scripts/bench-pass.mjs --seconds "$seconds" --bundle "$bundle" --json "$out/pass-chromium.json")
  "${one[@]}" crates/pass/peers/run.sh bench.mjs --seconds "$seconds" --verifier "$bundle" --data "$data" --json "$out/pass-javascript.json"
else
  echo "skipped: packages of web/ or e2e/ are absent (scripts/setup test), so there is no Chromium to measure in"
fi
