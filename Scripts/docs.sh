#!/usr/bin/env bash
# Builds the documentation archive of RNNCore, with warnings as errors and without a plugin.
set -euo pipefail
cd "$(dirname "$0")/.."

output=.build/docs
graphs=$output/symbol-graphs
docc=$(command -v docc || echo "$(dirname "$(readlink -f "$(command -v swift)")")/docc")

# A build of its own: the extra flags would make the next ordinary build start from nothing. Graphs are
# written when the module is compiled, so that without them everything is compiled again.
[ -e "$graphs/RNNCore.symbols.json" ] || rm -rf "$output/build"
mkdir -p "$graphs"
swift build --scratch-path "$output/build" --target RNNCore \
  -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$PWD/$graphs"
# The module of the C library would bring all of its functions along.
find "$graphs" -name '*.json' ! -name 'RNNCore*' -delete

"$docc" convert Sources/RNNCore/RNNCore.docc \
  --additional-symbol-graph-dir "$graphs" \
  --fallback-display-name RNNCore --fallback-bundle-identifier RNNCore \
  --output-path "$output/RNNCore.doccarchive" --warnings-as-errors
echo "$output/RNNCore.doccarchive"
