#!/bin/sh
# Lets independent software read what we issue, and makes what we then read. One argument: the folder to
# work in, where ours.json and *.png lie and theirs.json is written. The environment is kept beside this
# script between runs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv="$here/.venv"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
exec "$venv/bin/python" "$here/peer.py" "$1"
