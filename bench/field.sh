#!/usr/bin/env bash
# The field: 400 phones that upload sealed, signed specimens at once, one district's lists, and the seconds a donor costs in a
# scripted shift without a network. The real optimised binary on loopback, its own database, durable writes. Rows in FOLDER.
# bench/field.sh FOLDER [SECONDS]     – fewer seconds of load to try it out
set -euo pipefail
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
bin=${GREENFORT_BIN:-target/release/greenfort}
[ -x "$bin" ] || cargo build --release --package greenfort-server
bin=$(realpath "$bin")
node bench/field.mjs "$bin" "$out" ${2:+"$2"}
# The pages must be built into the binary, and Chromium be there.
if [ -d e2e/node_modules ]; then
  cd e2e
  E2E_BIN="$bin" E2E_PORT=${BENCH_PORT:-8330} BENCH_ROWS="$out/field-shift.json" \
    npx playwright test journeys/field-offline.spec.ts -g 'two hundred donors'
else
  echo "skipped: seconds a donor need the packages of e2e/ (scripts/setup)"
fi
