#!/bin/sh
# Installs what building needs and is not there yet; quiet when nothing is missing.
set -eu

if ! command -v swift >/dev/null 2>&1; then
  echo "setup: swift is missing: install Swift 6.2 or newer from swift.org" >&2
  exit 1
fi

# A program that includes and links what the package does.
has_libraries() {
  command -v pkg-config >/dev/null 2>&1 && pkg-config --exists openblas || return 1
  probe=$(mktemp -d)
  trap 'rm -rf "$probe"' EXIT
  printf '#include <cblas.h>\n#include <lapacke.h>\nint main(void) { return LAPACKE_get_nancheck() < -1; }\n' \
    >"$probe/probe.c"
  # shellcheck disable=SC2046
  clang $(pkg-config --cflags openblas) "$probe/probe.c" -o "$probe/probe" \
    $(pkg-config --libs openblas) -llapacke >/dev/null 2>&1
}

if has_libraries; then exit 0; fi

if ! command -v apt-get >/dev/null 2>&1; then
  echo "setup: OpenBLAS and LAPACKE with headers and pkg-config files are missing: install them" >&2
  exit 1
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "setup: run as root: apt-get install libopenblas-dev liblapacke-dev pkg-config" >&2
    exit 1
  fi
  sudo="sudo"
fi
echo "setup: installing libopenblas-dev, liblapacke-dev and pkg-config" >&2
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  libopenblas-dev liblapacke-dev pkg-config
if ! has_libraries; then
  echo "setup: installed, but a program with cblas.h and lapacke.h still does not link" >&2
  exit 1
fi
