#!/usr/bin/env bash
# Compares what the encoder's code for each processor makes of the same texts, bit for bit: what this machine can take,
# and in an emulator what the other one of x86-64 and ARM can.
#   check-paths.sh IMAGE
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
SWIFT="${SWIFT:-swift}"
image=$1
out=.build/paths
mkdir -p "$out"
# The compiler that Weir itself is built with.
clang="$(dirname "$(readlink -f "$(command -v "$SWIFT")")")/clang"
[ -x "$clang" ] || { echo "check-paths.sh: no clang beside $SWIFT" >&2; exit 2; }

# build NAME [flags of clang]
build() {
    local name=$1
    shift
    "$clang" -O2 "$@" -ISources/CWeirEmbed/include -o "$out/$name" Tests/Paths/encoder-paths.c Sources/CWeirEmbed/*.c -lm
}

case $(uname -m) in
    x86_64) other=aarch64 ;;
    aarch64) other=x86_64 ;;
    *) echo "check-paths.sh: neither x86-64 nor ARM" >&2; exit 2 ;;
esac
build here
build there --target=$other-linux-gnu -fuse-ld="/usr/bin/$other-linux-gnu-ld" -static
# The emulated processor has no AVX-512; max is all that it has.
{ "$out/here" "$image"; qemu-$other -cpu max "$out/there" "$image"; } | tee "$out/hashes"

if [ "$(awk '{print $2, $3}' "$out/hashes" | sort -u | wc -l)" -ne 1 ]; then
    echo "check-paths.sh: the paths differ" >&2
    exit 1
fi
echo "all $(wc -l < "$out/hashes") paths agree to the bit"
