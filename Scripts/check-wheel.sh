#!/usr/bin/env bash
# Tries the wheel as its users do: in an environment with NumPy and nothing else, away from the sources.
#
#     Scripts/check-wheel.sh FOLDER     where the wheel is
set -euo pipefail
cd "$(dirname "$0")/.."

wheel=$(echo "${1:?the folder of the wheel}"/rnncore-*.whl)
tests=$PWD/Python/tests
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/bare"
"$folder/bare/bin/pip" install --quiet --disable-pip-version-check "$wheel" pytest
cd "$folder"
python=$folder/bare/bin/python
"$python" -c 'import rnncore; print("check-wheel:", rnncore.describe())'
"$python" -m rnncore --version
"$python" -m rnncore compare --cells gru --updates 3 --seeds 1 --report report.html >/dev/null
[ -s report.html ]
# Without torch its tests say why they are skipped.
"$python" -m pytest -q -p no:cacheprovider "$tests"
