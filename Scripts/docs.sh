#!/usr/bin/env bash
# Builds the documentation of RNNCore and RNNTasks into one folder that any file server shows.
#
#   docs.sh [BUILD]    where BUILD is the folder of a finished build, such as .build/release;
#                      without it, the modules are built first
#
# A public symbol without documentation, a link that leads nowhere and any warning of DocC is an error.
# Nothing is fetched from the network but the packages that the build itself needs.
set -euo pipefail
cd "$(dirname "$0")/.."

modules=(RNNCore RNNTasks)
output=.build/docs
site=$output/site

if [ $# -gt 0 ]; then
  build=$1
else
  swift build --target RNNTasks
  build=$(swift build --show-bin-path)
fi

rm -rf "$output"
mkdir -p "$output"
toolchain=$(dirname "$(readlink -f "$(command -v swift)")")
docc=$(command -v docc || echo "$toolchain/docc")
target=$(swiftc -print-target-info | sed -n 's/.*"triple": "\(.*\)",/\1/p' | head -n 1)
headers=()
for flag in $(pkg-config --cflags openblas zlib); do headers+=(-Xcc "$flag"); done

# Graphs of symbols come from compiled modules, so that nothing has to be built for them.
for module in "${modules[@]}"; do
  mkdir -p "$output/graphs/$module"
  swift symbolgraph-extract -module-name "$module" -target "$target" -I "$build/Modules" \
    -Xcc "-fmodule-map-file=$PWD/Sources/CBLAS/module.modulemap" \
    -Xcc "-fmodule-map-file=$PWD/Sources/CZlib/module.modulemap" \
    -Xcc "-fmodule-map-file=$build/CKernels.build/module.modulemap" \
    "${headers[@]}" -output-dir "$output/graphs/$module"
done
Scripts/undocumented.py "$output"/graphs/*/*.symbols.json

archives=()
for module in "${modules[@]}"; do
  # A module may link to those before it.
  dependencies=()
  for archive in "${archives[@]}"; do dependencies+=(--dependency "$archive"); done
  archives+=("$output/$module.doccarchive")
  "$docc" convert "Sources/$module/$module.docc" \
    --additional-symbol-graph-dir "$output/graphs/$module" \
    --fallback-display-name "$module" --fallback-bundle-identifier "$module" \
    --fallback-default-module-kind Module \
    --enable-experimental-external-link-support "${dependencies[@]}" \
    --output-path "${archives[-1]}" --warnings-as-errors
done
"$docc" merge "${archives[@]}" --output-path "$site" \
  --synthesized-landing-page-name RNNCore --synthesized-landing-page-topics-style detailedGrid
rm -rf "${archives[@]}"

# DocC has no page at the root.
cat >"$site/index.html" <<'HTML'
<!DOCTYPE html>
<html lang="en">
<title>RNNCore</title>
<meta http-equiv="refresh" content="0; url=documentation/">
<p><a href="documentation/">Documentation</a></p>
</html>
HTML
echo "$site: show it with  python3 -m http.server -d $site  at http://localhost:8000"
