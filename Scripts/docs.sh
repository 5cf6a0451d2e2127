#!/bin/sh
# Builds the DocC documentation of RNNCore into .build/docs; any warning is an error.
set -eu
graphs=.build/symbol-graphs
rm -rf "$graphs" .build/docs
mkdir -p "$graphs"
swift build --target RNNCore --scratch-path .build/docs-build \
  -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$PWD/$graphs"
find "$graphs" -name '*.json' ! -name 'RNNCore*' -delete
docc convert Sources/RNNCore/RNNCore.docc --additional-symbol-graph-dir "$graphs" \
  --fallback-display-name RNNCore --fallback-bundle-identifier org.rnncore.RNNCore \
  --output-path .build/docs --warnings-as-errors
echo "Documentation: .build/docs"
