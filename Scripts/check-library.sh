#!/usr/bin/env bash
# Tries the C library as its users do: the examples compile without a warning and run, the header is C++ as
# well, and nothing but the documented functions can be seen in the library.
#
#     Scripts/check-library.sh FILE
set -euo pipefail
cd "$(dirname "$0")/.."

file=${1:?the library}
include=Sources/CRNN/include
compiler=$(dirname "$(readlink -f "$(command -v swift)")")/clang
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$file" "$folder/librnncore.so.1"
ln -s librnncore.so.1 "$folder/librnncore.so"

for example in Examples/C/*.c; do
  name=$(basename "$example" .c)
  "$compiler" -std=c11 -O2 -Wall -Wextra -Werror -pedantic -I"$include" "$example" \
    -L"$folder" -lrnncore -Wl,-rpath,"$folder" -o "$folder/$name"
  echo "check-library: $name"
  "$folder/$name"
done
echo '#include "rnncore.h"' |
  "$compiler" -x c++ -Wall -Wextra -Werror -pedantic -fsyntax-only -I"$include" -

# Functions that are declared, and those that can be seen.
declared=$(grep -o 'rnncore_[a-z_]*(' "$include/rnncore.h" | tr -d '(' | sort -u)
seen=$(nm -D --defined-only "$file" | awk '{ print $3 }' | sort -u)
[ "$declared" = "$seen" ] || {
  echo "check-library: functions that are declared (<) and those that can be seen (>) differ:" >&2
  diff <(echo "$declared") <(echo "$seen") >&2
  exit 1
}
echo "check-library: $(echo "$seen" | wc -l) functions, as the header says"
