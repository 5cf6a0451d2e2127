#!/usr/bin/env bash
# Puts rnnbench, its completions for bash, zsh and fish, its manual, and the C library with its header and
# pkg-config file under a prefix; --remove takes them away. What is installed knows of DESTDIR's folders nothing:
# the prefix that files name is the second one, where two are given.
#
#     Scripts/install.sh FOLDER [PREFIX]
#     Scripts/install.sh --remove FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."

remove=false
if [ "${1-}" = --remove ]; then
  remove=true
  shift
fi
prefix=${1:?a prefix, such as /usr/local}
# A shell leaves the tilde of PREFIX=~/.local as it is.
prefix=${prefix/#\~/$HOME}
named_prefix=${2:-$prefix}
named_prefix=${named_prefix/#\~/$HOME}
program=$prefix/bin/rnnbench
bash=$prefix/share/bash-completion/completions/rnnbench
zsh=$prefix/share/zsh/site-functions/_rnnbench
fish=$prefix/share/fish/vendor_completions.d/rnnbench.fish
manual=$prefix/share/man/man1
library=$prefix/lib/librnncore.so
header=$prefix/include/rnncore.h
package=$prefix/lib/pkgconfig/rnncore.pc

if $remove; then
  rm -f "$program" "$bash" "$zsh" "$fish" "$manual"/rnnbench.1 "$manual"/rnnbench.*.1 \
    "$library" "$library".1 "$header" "$package"
  exit
fi

# Swift's own libraries go into the program, which then needs no toolchain where it runs.
swift build -c release --product rnnbench --static-swift-stdlib
built=$(swift build -c release --static-swift-stdlib --show-bin-path)/rnnbench
install -D -m 755 "$built" "$program"
for shell in bash zsh fish; do
  install -d "$(dirname "${!shell}")"
  "$built" --generate-completion-script $shell > "${!shell}"
done

# The tool behind the parser's plug-in: the plug-in itself would build all tests first.
swift build -c release --product generate-manual --static-swift-stdlib
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
"$(dirname "$built")/generate-manual" "$built" --multi-page --output-directory "$pages"
install -d "$manual"
find "$pages" -name 'rnnbench*.1' -exec install -m 644 {} "$manual" \;
Scripts/build-static.sh .build/library/librnncore.so
install -D -m 755 .build/library/librnncore.so "$library.1"
ln -sf librnncore.so.1 "$library"
install -D -m 644 Sources/CRNN/include/rnncore.h "$header"
version=$(sed -n 's/.*current = "\(.*\)".*/\1/p' Sources/RNNCore/Version.swift)
install -d "$(dirname "$package")"
cat > "$package" <<END
prefix=${named_prefix}
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: rnncore
Description: Recurrent layers with backpropagation through time, on CPUs
Version: $version
Libs: -L\${libdir} -lrnncore
Cflags: -I\${includedir}
END
echo "Installed $library, its header and pkg-config file."
echo "Installed $program, completions for bash, zsh and fish, $(ls "$manual"/rnnbench*.1 | wc -l) pages of manual."
