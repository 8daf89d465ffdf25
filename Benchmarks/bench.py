#!/usr/bin/env python3
"""Measures Weir (auth, price and ledger on) against the mock direct and against nginx; prints one table.

The gateway runs on core 0 alone, the load generator and the mock on core 1. Every figure of the table is from
this run. Without --weir only nginx is measured, which tests the harness itself.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import answers, figures, machine, reliability, table


def stripped_mb(binary: str) -> float:
    with tempfile.NamedTemporaryFile() as copy:
        subprocess.run(["strip", "-o", copy.name, binary], check=True)
        return os.path.getsize(copy.name) / 1e6


def measure(plan, load, process: machine.Process, upstream: machine.Process) -> dict:
    out: dict = {}
    if process.name == "weir":
        first = load(
            "cold",
            process.port,
            "1 KB",
            command=machine.pinned(process.core, process.command),
            environment=process.environment,
        )
        out["first start"] = first["milliseconds"]
    process.start()
    out |= figures.plain(plan, load, process.port, process.pid)
    process.stop()
    process.start()
    out |= figures.streams(plan, load, process.port, process.pid)
    process.stop()
    many = out.get("stream 1000")
    if many and many["rss_open_kb"]:
        out["kb per stream"] = (many["rss_open_kb"] - many["rss_before_kb"]) / many["streams"]
    out |= figures.cold(plan, load, process)
    out["binary"] = stripped_mb(process.command[0])
    return out


def ledger_line(process: machine.Process, replies: int) -> str:
    """What the ledger holds after the run, against what the generator saw end."""
    path = Path(process.environment["WEIR_DATA_DIR"]) / "ledger.sqlite"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(requests)")]
        cost = next((c for c in columns if c.startswith("cost")), None)
        rows, settled, priced = database.execute(
            f"SELECT count(*), sum(state = 'settled'), {f'count({cost})' if cost else 'NULL'} FROM requests"
        ).fetchone()
    verdict = "as it must be" if settled is not None and settled >= replies else "**rows are missing**"
    return (
        f"Ledger after the run: {rows:,} rows, {settled or 0:,} settled, {priced or 0:,} with a cost; the "
        f"generator saw {replies:,} replies end: {verdict}."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weir", help="release binary of weir")
    parser.add_argument("--tools", default=".build/bench", help="folder of the built mock and load")
    parser.add_argument(
        "--quick",
        action="store_true",
        default=bool(os.environ.get("QUICK")),
        help="one minute, less exact (or QUICK=1)",
    )
    parser.add_argument(
        "--only", choices=["direct", "nginx", "weir"], action="append", help="measure only these"
    )
    options = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("bench: needs two cores, one for the gateway and one for the load")
    tools = Path(options.tools).resolve()
    plan = figures.Plan.quick(tools) if options.quick else figures.Plan(tools)
    wanted = options.only or ["direct", "nginx", "weir"]
    header, began = machine.description(), time.monotonic()
    load, upstream, results, notes = figures.Load(tools), machine.mock(tools).start(), {}, []
    started = [upstream]
    try:
        if "direct" in wanted:
            print("measuring direct", file=sys.stderr, flush=True)
            results["direct"] = figures.plain(plan, load, upstream.port, 0) | figures.streams(
                plan, load, upstream.port, 0
            )
        if "nginx" in wanted:
            print("measuring nginx", file=sys.stderr, flush=True)
            started.append(nginx := machine.nginx(upstream.port))
            results["nginx"] = measure(plan, load, nginx, upstream)
        if "weir" in wanted and options.weir:
            print("measuring Weir", file=sys.stderr, flush=True)
            started.append(weir := machine.weir(options.weir, upstream.port))
            load.replies = 0
            results["weir"] = measure(plan, load, weir, upstream)
            notes.append(ledger_line(weir, load.replies))
            started.append(off := machine.weir(options.weir, upstream.port, WEIR_PROMPT_CACHE="off"))
            results["weir"] |= figures.prompt_caches(plan, load, weir, off)
            weir.stop()
            results["weir"] |= reliability.measure(plan.reliability, load, options.weir, upstream.port)
            for way, figs in answers.measure(plan.answers, load, options.weir, upstream.port).items():
                results[way] = results.get(way, {}) | figs
            results["weir"] |= (encoder := figures.embedding(plan))
            notes.append(f"Sentence encoder: {encoder.get('path', 'no image, run make setup')}.")
    finally:
        for process in reversed(started):
            process.remove()
        load.remove()
    text = "\n".join(
        [
            table.render(results),
            "",
            *notes,
            f"{header}. Gateway alone on core 0 (one event loop, one nginx worker), load and mock on core 1; "
            f"{plan.seconds:g} s each after 1 s of warm-up, the less disturbed of {plan.repeats}; "
            f"{time.monotonic() - began:.0f} s in all.",
        ]
    )
    print(text)
    folder = Path(__file__).resolve().parent / "results"
    folder.mkdir(exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    (folder / f"{stamp}.md").write_text(text + "\n")
    (folder / f"{stamp}.json").write_text(json.dumps(results, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
