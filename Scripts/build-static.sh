#!/usr/bin/env bash
# Builds librnncore.so with Swift's runtime inside, so that what uses it needs no toolchain.
#
#     Scripts/build-static.sh FILE              OpenBLAS is the system's
#     Scripts/build-static.sh --wheel FOLDER    with OpenBLAS, LAPACKE and all of rnnbench inside, and
#                                               bin/rnnbench, which starts that
set -euo pipefail
cd "$(dirname "$0")/.."

wheel=false
if [ "${1-}" = --wheel ]; then
  wheel=true
  shift
fi
target=${1:?where it goes}
scratch=.build/library
products=(rnncore)
if $wheel; then products+=(rnnbench); fi

mkdir -p "$scratch"
objects=$scratch/objects
: > "$objects.all"
for product in "${products[@]}"; do
  swift build -c release --product "$product" -Xswiftc -static-stdlib --scratch-path "$scratch"
  built=$(swift build -c release --scratch-path "$scratch" --show-bin-path)
  cat "$built/$product.product/Objects.LinkFileList" >> "$objects.all"
done
sort -u "$objects.all" > "$objects"
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")
runtime=$toolchain/lib/swift_static/linux

# What is static must not show: a program may have an OpenBLAS or a Swift of its own.
exports=$scratch/exports.map
if $wheel; then
  # The serial variant: the library has threads of its own.
  openblas=$(find /usr/lib -path '*openblas-serial/libopenblas.a' | head -1)
  gfortran=$(find /usr/lib/gcc -name libgfortran.a | head -1)
  [ -n "$openblas" ] && [ -n "$gfortran" ] || {
    echo "build-static: static OpenBLAS is missing; run Scripts/setup.sh --static" >&2
    exit 1
  }
  libraries=("$(find /usr/lib -name liblapacke.a | head -1)" "$openblas" "$gfortran"
    "$(dirname "$gfortran")/libquadmath.a" "$(find /usr/lib -name libz.a | head -1)"
    -lFoundationEssentials -l_FoundationCollections -l_FoundationCShims)
  # Swift calls a program's entry by the name of its module.
  sed 's/rnncore_\*;/&\n    rnnbench_main;/' Sources/CRNN/exports.map > "$exports"
  file=$target/librnncore.so name=librnncore.so
else
  libraries=(-lopenblas -llapacke)
  cp Sources/CRNN/exports.map "$exports"
  file=$target name=librnncore.so.1
fi

# Linked by hand: Swift's driver links the system's OpenBLAS whatever else it is given. A library whose
# threads sleep between calls is never unloaded.
mkdir -p "$(dirname "$file")"
"$toolchain/bin/clang" -shared -fuse-ld=lld -o "$file" "$runtime/$(uname -m)/swiftrt.o" "@$objects" \
  -L"$runtime" "${libraries[@]}" -lswift_StringProcessing -lswift_RegexParser -lswiftSynchronization \
  -lswift_Concurrency -lswiftGlibc -lswift_Builtin_float -lswiftDispatch -lswiftCore -ldispatch \
  -lBlocksRuntime -lstdc++ -lm -ldl -lpthread -Wl,-soname="$name" -Wl,--version-script="$exports" \
  -Wl,-z,nodelete -Wl,-z,defs -Wl,--gc-sections -Wl,--as-needed -Wl,-s

if $wheel; then
  mkdir -p "$target/bin"
  echo 'int rnnbench_main(int, char **); int main(int n, char **texts) { return rnnbench_main(n, texts); }' |
    "$toolchain/bin/clang" -x c - -O2 -L"$target" -lrnncore -Wl,-rpath,'$ORIGIN/..' -Wl,-s \
      -o "$target/bin/rnnbench"
fi
