#!/usr/bin/env bash
# Installs what the build lacks on Debian and Ubuntu, and nothing else. Silent when all is there. With
# --static also the archives that go into the Python wheel, with --mpi an MPI and its launcher.
set -euo pipefail

fail() {
  echo "setup: $*" >&2
  exit 1
}

command -v swift >/dev/null ||
  fail "swift is not on PATH; install Swift 6.2 or later from https://www.swift.org/install"

# Swift brings a clang of its own, which need not be on PATH.
compiler=""
for candidate in "$(dirname "$(readlink -f "$(command -v swift)")")/clang" clang cc; do
  if command -v "$candidate" >/dev/null; then
    compiler=$candidate
    break
  fi
done

# has HEADER LIBRARY FUNCTION: whether a program that uses them compiles and links. This asks for what
# the build needs, wherever it was installed from.
has() {
  local flags=() package
  if command -v pkg-config >/dev/null; then
    # One by one: of several, pkg-config says nothing if one is missing.
    for package in openblas zlib mpi; do
      flags+=($(pkg-config --cflags --libs "$package" 2>/dev/null || true))
    done
  fi
  [ -n "$compiler" ] || return 1
  printf '#include <%s>\nint main(void) { return (int)(long)&%s; }\n' "$1" "$3" |
    "$compiler" -w -x c - -o /dev/null "${flags[@]}" "-l$2" 2>/dev/null
}

missing=()
command -v pkg-config >/dev/null || missing+=(pkg-config)
command -v make >/dev/null || missing+=(make)
# What fetches the package that the command line is built with, and trusts where it comes from.
command -v git >/dev/null || missing+=(git)
[ -s /etc/ssl/certs/ca-certificates.crt ] || [ -s /etc/pki/tls/certs/ca-bundle.crt ] ||
  [ -s /etc/ssl/cert.pem ] || missing+=(ca-certificates)
# What draws figures and checks the documentation.
command -v python3 >/dev/null || missing+=(python3)
has cblas.h openblas cblas_sgemm || missing+=(libopenblas-dev)
has lapacke.h lapacke LAPACKE_sgesdd || missing+=(liblapacke-dev)
has zlib.h z inflate || missing+=(zlib1g-dev)
if [ "${1-}" = --static ]; then
  find /usr/lib -path '*openblas-serial/libopenblas.a' | grep -q . || missing+=(libopenblas-serial-dev)
  find /usr/lib/gcc -name libgfortran.a | grep -q . || missing+=(gfortran)
  find /usr/lib -name libz.a | grep -q . || missing+=(zlib1g-dev)
fi
if [ "${1-}" = --mpi ]; then
  # Whichever MPI is there; Open MPI where there is none.
  has mpi.h mpi MPI_Init || has mpi.h mpich MPI_Init || missing+=(libopenmpi-dev)
  command -v mpirun >/dev/null || missing+=(openmpi-bin)
fi
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null ||
  fail "this system has no apt-get; install OpenBLAS, LAPACKE, zlib (with headers), pkg-config, git and the rest yourself" \
    "(Debian calls what is missing: ${missing[*]})"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || fail "not root and no sudo; as root, run: apt-get install ${missing[*]}"
  as_root=(sudo)
fi

echo "setup: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
