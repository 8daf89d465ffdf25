#!/usr/bin/env bash
# Runs the tests and fails when any part fails or when a part ran no test.
#   test.sh all | swift [flags of swift test] | e2e [flags of pytest]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
SWIFT="${SWIFT:-swift}"
part=$1
shift
logs=.build/test-logs
LONG='SentenceEncoderTests|QuestionQualityTests'
mkdir -p "$logs"

# Writes the number of tests in Swift Testing's closing lines of a log, added up.
swift_count() { sed -nE 's/.*Test run with ([0-9]+) test.*/\1/p' "$1" | awk '{n += $1} END {print n + 0}'; }

swift_tests() {
    Scripts/build.sh tests
    local status=0 count
    if [ $# -gt 0 ]; then
        "$SWIFT" test --skip-build --disable-xctest "$@" 2>&1 | tee "$logs/swift.log" || status=$?
    else
        # Those that reckon for minutes go last and alone: the others wait for sockets meanwhile.
        "$SWIFT" test --skip-build --disable-xctest --skip "$LONG" 2>&1 | tee "$logs/swift.log" || status=$?
        "$SWIFT" test --skip-build --disable-xctest --filter "$LONG" 2>&1 | tee -a "$logs/swift.log" || status=$?
    fi
    count=$(swift_count "$logs/swift.log")
    if [ "$count" -eq 0 ]; then
        echo "test.sh: the Swift tests ran no test" >&2
        return 1
    fi
    return "$status"
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
        # Both parts run, also when the first fails, so that one run shows everything.
        first=0 second=0
        swift_tests || first=$?
        end_to_end_tests || second=$?
        echo
        grep -E 'Test run with [0-9]+ test' "$logs/swift.log" || true
        tail -n 1 "$logs/end-to-end.log" || true
        [ "$first" -eq 0 ] && [ "$second" -eq 0 ]
        ;;
    *) echo "test.sh: unknown part '$part'; write all, swift or e2e" >&2; exit 2 ;;
esac
