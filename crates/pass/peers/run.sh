#!/bin/sh
# Runs a script of this folder with its packages installed as the lock file names them: run.sh SCRIPT ARGUMENTS...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
web="$here/../../../web/node_modules/.bin"
[ -x "$web/node" ] && PATH="$web:$PATH"
[ "$here/node_modules/.package-lock.json" -nt "$here/package-lock.json" ] || (cd "$here" && npm ci --silent --ignore-scripts --no-audit --no-fund)
script=$1
shift
exec node "$here/$script" "$@"
