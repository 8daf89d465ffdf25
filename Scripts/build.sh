#!/usr/bin/env bash
# Builds in stages that each finish: a build that is cut loses its record of the C files, so the two large
# C libraries (TLS and hashing) come first and on their own.
#   build.sh product [flags of swift build]   the weir binary
#   build.sh tests   [flags of swift build]   everything, tests included
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
SWIFT="${SWIFT:-swift}"
what=$1
shift

# The dependencies' own warnings are not ours to fix; what swift build prints goes to the terminal as it is.
stage() { "$SWIFT" build "$@"; }

configuration=debug
case " $* " in *" release "*) configuration=release ;; esac
marker=".build/$configuration/.dependencies-built"
if [ ! -f "$marker" ] || [ Package.swift -nt "$marker" ]; then
    "$SWIFT" package resolve
    for library in CNIOBoringSSL CCryptoBoringSSL; do stage "$@" --target "$library"; done
    mkdir -p "$(dirname "$marker")"
    touch "$marker"
fi
case $what in
    product) stage "$@" --product weir ;;
    tests) stage "$@" --build-tests ;;
    *) echo "build.sh: unknown '$what'; write product or tests" >&2; exit 2 ;;
esac
