#!/usr/bin/env bash
# The register at full size: export of everybody, import of as many with 1 % repeated and 1 % faulty rows, search by fifty
# users. The real optimised binary with the demonstration's province, on loopback. Rows as JSON in FOLDER/registry.json.
# bench/registry.sh FOLDER [DISTRICT]     – one district instead of the province, to try it out
set -euo pipefail
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
bin=${GREENFORT_BIN:-target/release/greenfort}
[ -x "$bin" ] || cargo build --release --package greenfort-server
exec node bench/registry.mjs "$(realpath "$bin")" "$out" ${2:+"$2"}
