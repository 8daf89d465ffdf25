#!/usr/bin/env python3
"""Checks the house rules that a compiler does not know; prints file:line: what was found.

Rules: file length (none over 500 lines, median at most 120), line length (120 columns), constructs that can
end the process on some input, vendor libraries outside their room, words that must not be in the project.
Exit status 1 with --strict when anything was found, else always 0.
"""

import re
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES, MAX_MEDIAN, MAX_COLUMNS = 500, 120, 120

# Library prefix -> folders (under Sources) that may import it.
ROOMS = {
    r"NIO\w*": (
        "WeirServer/Front",
        "WeirServer/Upstream",
        "WeirServer/Journey",
        "WeirServer/Admin",
        "WeirServer/Doctor",
        "WeirServer/Embedding",
        "WeirServer/Weir.swift",
        "WeirSimulator",
        "weir",
    ),
    r"GRDB": ("WeirServer/Stores",),
    r"Yams": ("WeirCore/Config",),
    r"ArgumentParser": ("weir",),
    r"Crypto": ("WeirServer",),
    r"Logging": ("WeirServer", "weir"),
    r"(ServiceLifecycle|UnixSignals)": ("WeirServer", "weir"),
}
IMPORT = re.compile(
    r"^\s*(?:@\w+\s+)?(?:package |public |internal |private )?import (?:struct |class |enum |func )?(\w+)"
)
FORBIDDEN = {
    "fatalError": re.compile(r"\bfatalError\("),
    "try!": re.compile(r"\btry!"),
    "as!": re.compile(r"\bas!"),
    "force-unwrap": re.compile(r"[\w\)\]]!(?![=\w])(?=[\s\.\,\)\]\[\(\?]|$)"),
}
UNSAFE = re.compile(r"@unchecked Sendable|nonisolated\(unsafe\)")


def code_of(line: str) -> str:
    """The line without string contents and comments, near enough for these rules."""
    line = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)
    return line.split("//", 1)[0]


def check(path: Path) -> list[str]:
    name = path.relative_to(ROOT).as_posix()
    lines = path.read_text(encoding="utf-8").splitlines()
    problems = []
    if len(lines) > MAX_LINES:
        problems.append(f"{name}:1: {len(lines)} lines; at most {MAX_LINES}")
    in_literal = False
    for number, line in enumerate(lines, 1):
        if line.count('"""') % 2:
            in_literal = not in_literal
        if len(line) > MAX_COLUMNS and not in_literal and '"' not in line:
            problems.append(f"{name}:{number}: {len(line)} columns; at most {MAX_COLUMNS}")
        if in_literal or not name.startswith("Sources/"):
            continue
        code = code_of(line)
        for what, pattern in FORBIDDEN.items():
            if pattern.search(code):
                problems.append(f"{name}:{number}: {what}")
        if UNSAFE.search(code) and not (number > 1 and lines[number - 2].lstrip().startswith("//")):
            problems.append(f"{name}:{number}: unchecked concurrency without a proof on the line above")
        if found := IMPORT.match(line):
            problems += room_problems(name, number, found.group(1))
    return problems


def room_problems(name: str, number: int, library: str) -> list[str]:
    for pattern, rooms in ROOMS.items():
        if re.fullmatch(pattern, library):
            inside = any(name.startswith(f"Sources/{room}") for room in rooms)
            return [] if inside else [f"{name}:{number}: imports {library}, whose room is {', '.join(rooms)}"]
    return []


def main() -> int:
    files = sorted(p for folder in ("Sources", "Tests") for p in (ROOT / folder).rglob("*.swift"))
    problems = [problem for path in files for problem in check(path)]
    lengths = [len(p.read_text(encoding="utf-8").splitlines()) for p in files]
    median = statistics.median(lengths) if lengths else 0
    if median > MAX_MEDIAN:
        problems.append(f"median file length {median}; at most {MAX_MEDIAN}")
    print("\n".join(problems) if problems else "no rule broken")
    print(
        f"{len(files)} files, median {median:g} lines, longest {max(lengths, default=0)}; "
        f"{len(problems)} problems",
        file=sys.stderr,
    )
    return 1 if problems and "--strict" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
