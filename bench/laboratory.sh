#!/usr/bin/env bash
# The laboratory: a plate of 380 ten-fold pools released in one act (15,200 people), and a lot recalled, on a PostgreSQL with the
# product's own settings. bench/laboratory.sh FOLDER leaves a JSON list of rows in FOLDER/laboratory.json.
set -euo pipefail
mkdir -p "${1:?a folder for the rows}"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
cargo bench --package greenfort-store --bench release -- "$out"
