#!/usr/bin/env bash
# Installs what is missing, and only that; a second run does nothing and takes well under a second.
#   setup.sh build   what it takes to build and run Weir
#   setup.sh test    promtool and a Python environment in .venv
#   setup.sh bench   nginx (unpacked here, not installed as a service), wrk, Valgrind, a C compiler
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
SWIFT="${SWIFT:-swift}"
TOOLS=.venv/tools            # Debian tools that are unpacked instead of installed

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else fail "must be root, or have sudo, to run: $*"
    fi
}

has_apt() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }
installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

lists_are_fresh=no
refresh_lists() {
    [ "$lists_are_fresh" = yes ] && return
    say "refreshing the package lists (apt-get update)"
    as_root apt-get update -qq
    lists_are_fresh=yes
}

# Installs those of the named Debian packages that are not there.
need_packages() {
    if ! has_apt; then
        say "no apt-get here; please see to it that these are installed: $*"
        return
    fi
    local missing=() name
    for name in "$@"; do installed "$name" || missing+=("$name"); done
    [ ${#missing[@]} -eq 0 ] && return
    refresh_lists
    say "installing ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" >/dev/null
}

# Unpacks one program of a Debian package into .venv/tools: no service is started, no root is needed.
need_program() {
    local package=$1 path=$2 target="$TOOLS/$(basename "$2")" work
    if command -v "$(basename "$path")" >/dev/null || [ -x "/$path" ] || [ -x "$target" ]; then return; fi
    has_apt || fail "no $(basename "$path") here, and no apt-get to fetch it with; please install it"
    say "unpacking $(basename "$path") from Debian's $package into $TOOLS"
    work=$(mktemp -d)
    chmod 755 "$work"
    (cd "$work" && apt-get download -qq "$package" >/dev/null 2>&1) || {
        refresh_lists
        (cd "$work" && apt-get download -qq "$package" >/dev/null)
    }
    dpkg-deb -x "$work"/*.deb "$work/tree"
    mkdir -p "$TOOLS"
    install -m 0755 "$work/tree/$path" "$target"
    rm -rf "$work"
}

swift_help() {
    cat >&2 <<'HELP'
setup: Weir is written in Swift and needs a toolchain of version 6.2 or newer (6.3 is best); none was found.
setup: Get one from https://www.swift.org/install/linux/ : either with swiftly
setup:     curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz
setup:     tar zxf swiftly-$(uname -m).tar.gz && ./swiftly init && swiftly install 6.3
setup: or by unpacking the archive for this distribution and putting its usr/bin first on PATH.
HELP
    exit 1
}

check_swift() {
    local version major minor
    command -v "$SWIFT" >/dev/null || swift_help
    version=$("$SWIFT" --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | cut -d' ' -f3) \
        || version=
    major=${version%%.*} minor=${version##*.}
    if [ -z "$version" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
        say "found Swift ${version:-of an unknown version} ($(command -v "$SWIFT"))" >&2
        swift_help
    fi
}

setup_build() {
    local packages=(git ca-certificates tzdata curl make pkg-config
        binutils g++ libc6-dev libsqlite3-dev libzstd-dev zlib1g-dev)
    if [ "$(uname)" = Linux ] && has_apt; then
        # The package manager of the toolchain loads these two at run time.
        ldconfig -p | grep -q 'libcurl\.so\.4' || packages+=(libcurl4-openssl-dev)
        ldconfig -p | grep -q 'libxml2\.so' || packages+=(libxml2-dev)
        need_packages "${packages[@]}"
    fi
    check_swift
}

setup_test() {
    local wanted=Tests/EndToEnd/requirements.txt stamp=.venv/requirements.installed
    if [ "$(uname)" = Linux ]; then
        command -v openssl >/dev/null || need_packages openssl
        need_program prometheus usr/bin/promtool
    fi
    [ -f "$stamp" ] && cmp -s "$wanted" "$stamp" && [ -x .venv/bin/python ] && return
    command -v python3 >/dev/null || need_packages python3
    python3 -c 'import ensurepip, venv' 2>/dev/null || need_packages python3-venv
    say "making the Python environment .venv with the packages of $wanted"
    [ -x .venv/bin/python ] || python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$stamp"
}

setup_bench() {
    [ "$(uname)" = Linux ] || fail "the benchmark reads /proc and pins cores with taskset: Linux only"
    need_packages gcc libc6-dev util-linux wrk valgrind
    need_program nginx usr/sbin/nginx
}

for part in "$@"; do
    case $part in
        build) setup_build ;;
        test) setup_test ;;
        bench) setup_bench ;;
        *) fail "unknown part '$part'; write build, test or bench" ;;
    esac
done
