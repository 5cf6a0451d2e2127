#!/usr/bin/env bash
# Makes a Python environment with packages in it, as pip names them: setup-python.sh DIRECTORY PACKAGE…
set -euo pipefail
cd "$(dirname "$0")/.."
environment=$1
shift

if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
  command -v apt-get >/dev/null || { echo "setup-python: install Python 3 with venv" >&2; exit 1; }
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends python3 python3-venv >/dev/null
fi
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check "$@"
