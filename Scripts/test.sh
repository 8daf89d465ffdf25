#!/usr/bin/env bash
# Runs the tests and fails when any part fails or when a part ran no test.
#   test.sh all | swift [flags of swift test] | e2e [flags of pytest]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
SWIFT="${SWIFT:-swift}"
part=$1
shift
logs=.build/test-logs
LONG='SentenceEncoderTests|QuestionQualityTests|EncodeTests|PrefixProof'
# Tests that run at a time. Without it all of them begin at once and share the threads of two cores: a test that has
# just opened a connection was not looked at for two minutes then, until the gateway closed it as unused.
WIDTH=4
mkdir -p "$logs"

# Writes the number of tests in Swift Testing's closing lines of a log, added up.
swift_count() { sed -nE 's/.*Test run with ([0-9]+) test.*/\1/p' "$1" | awk '{n += $1} END {print n + 0}'; }

# swift_run LOG [flags of swift test]
swift_run() {
    local log=$logs/$1.log status=0
    shift
    SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$WIDTH \
        "$SWIFT" test --skip-build --disable-xctest "$@" 2>&1 | tee "$log" || status=$?
    if [ "$(swift_count "$log")" -eq 0 ]; then
        echo "test.sh: the Swift tests ran no test" >&2
        return 1
    fi
    return "$status"
}

# Those that reckon for minutes are a run of their own: the others wait for sockets meanwhile.
short_tests() { swift_run swift --skip "$LONG"; }
long_tests() { swift_run swift-long --filter "$LONG"; }

swift_tests() {
    Scripts/build.sh tests
    if [ $# -gt 0 ]; then
        swift_run swift "$@"
    else
        local first=0 second=0
        short_tests || first=$?
        long_tests || second=$?
        [ "$first" -eq 0 ] && [ "$second" -eq 0 ]
    fi
}

end_to_end_tests() {
    local binary=${WEIR_BIN:-$PWD/.build/debug/weir} status=0
    [ -n "${WEIR_BIN:-}" ] || Scripts/build.sh product
    [ -x "$binary" ] || { echo "test.sh: no weir binary at $binary" >&2; return 1; }
    PATH="$PWD/.venv/tools:$PATH" WEIR_BIN="$binary" .venv/bin/python -m pytest Tests/EndToEnd \
        -o cache_dir=.build/pytest "$@" 2>&1 | tee "$logs/end-to-end.log" || status=$?
    if ! grep -qE '[1-9][0-9]* (passed|failed)' "$logs/end-to-end.log"; then
        echo "test.sh: the end-to-end tests ran no test" >&2
        return 1
    fi
    return "$status"
}

case $part in
    swift) swift_tests "$@" ;;
    e2e) end_to_end_tests "$@" ;;
    all)
        # All parts run, also when one fails, so that one run shows everything. What reckons for minutes takes what
        # the end-to-end tests leave of the machine, and is shown when it is over.
        first=0 second=0 third=0
        Scripts/build.sh tests
        Scripts/build.sh product
        short_tests || first=$?
        (renice -n 19 "$BASHPID" && long_tests) > "$logs/swift-long.out" 2>&1 &
        long=$!
        # Nothing is built any more: SwiftPM lets one command at a time at its folder.
        WEIR_BIN="${WEIR_BIN:-$PWD/.build/debug/weir}" end_to_end_tests || second=$?
        wait "$long" || third=$?
        cat "$logs/swift-long.out"
        echo
        grep -hE 'Test run with [0-9]+ test' "$logs/swift.log" "$logs/swift-long.log" || true
        tail -n 1 "$logs/end-to-end.log" || true
        [ "$first" -eq 0 ] && [ "$second" -eq 0 ] && [ "$third" -eq 0 ]
        ;;
    *) echo "test.sh: unknown part '$part'; write all, swift or e2e" >&2; exit 2 ;;
esac
