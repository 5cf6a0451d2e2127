#!/usr/bin/env bash
# Builds the side of bench-peers that is oneDNN by itself: build-onednn-side.sh PROGRAM. Where Debian's libdnnl-dev
# (oneDNN 2 or 3 on OpenMP) or a compiler is missing it says so, and there is no program.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1
source=Benchmarks/peers/onednn_side.cpp

absent() {
  rm -f "$program"
  echo "bench-peers: $*; oneDNN's columns are left out"
  exit 0
}

compiler=$(command -v c++ || command -v g++ || command -v clang++) || absent "no C++ compiler"
printf '#include <oneapi/dnnl/dnnl.hpp>\n' | "$compiler" -E -x c++ - >/dev/null 2>&1 ||
  absent "no oneDNN (apt-get install libdnnl-dev)"
printf '%s\n' '#include <oneapi/dnnl/dnnl.hpp>' \
  '#if DNNL_VERSION_MAJOR < 2 || DNNL_VERSION_MAJOR > 3 || DNNL_CPU_THREADING_RUNTIME != DNNL_RUNTIME_OMP' \
  '#error' '#endif' |
  "$compiler" -E -x c++ - >/dev/null 2>&1 || absent "this oneDNN is not version 2 or 3 on OpenMP"
mkdir -p "$(dirname "$program")"
"$compiler" -std=c++17 -O2 -Wall -Wextra "$source" -o "$program" -ldnnl -lgomp
