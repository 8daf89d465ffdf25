#!/usr/bin/env python3
"""Puts standard input between "<!-- NAME -->" and "<!-- end of NAME -->" of a file: write-between.py FILE NAME."""

import sys
from pathlib import Path

path, name = Path(sys.argv[1]), sys.argv[2]
begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
before, rest = path.read_text().split(begin, 1)
after = rest.split(end, 1)[1]
text = sys.stdin.read().strip("\n")
path.write_text(f"{before}{begin}\n{text}\n\n{end}{after}")
