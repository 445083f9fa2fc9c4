#!/usr/bin/env bash
# The optimisers beside binGroup2's seconds, the province round and the plan: rows for bench/collect.mjs into the folder $1.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo bench --quiet -p greenfort-pooling --bench vs_r -- --json "$1/pooling.json"
