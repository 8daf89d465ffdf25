"""What answers from memory cost: a hit, and what being looked up and kept adds to a request that is none."""

import json
import statistics
from dataclasses import dataclass
from pathlib import Path

from . import callgrind, machine

@dataclass(frozen=True)
class Size:
    """How much is measured; seconds."""

    pairs: int
    window: float
    instructions: float


def weir(binary: str, upstream: int, mode: str) -> machine.Process:
    process = machine.weir(binary, upstream)
    path = Path(process.folder) / "weir.yaml"
    path.write_text(json.dumps({"cache": {"mode": mode, "semantic": "off"}}))
    process.environment["WEIR_CONFIG"] = str(path)
    return process


def measure(size: Size, load, binary: str, upstream: int) -> dict[str, dict]:
    """CPU µs of an exact hit and its p99, and CPU µs that a miss adds, for requests of 1 and 30 KB.

    By way: the upstream itself is asked at the rate of the p99 too, in turn, for what the machine allows.
    """
    processes = {mode: weir(binary, upstream, mode) for mode in ("off", "exact")}
    figures: dict = {}
    bare: dict[str, float] = {}
    try:
        for process in processes.values():
            process.start()
            load("rate", process.port, "1 KB numbered", 4, 0.5, 0, 50)
        exact = processes["exact"]
        # Each request differs from all others in its last message, as those of one agent do: looked for in vain,
        # asked for, kept.
        for body in ("1 KB", "30 KB"):
            runs: dict[str, list[float]] = {mode: [] for mode in processes}
            for turn in range(size.pairs):
                for mode in list(processes)[:: 1 if turn % 2 == 0 else -1]:
                    process = processes[mode]
                    run = load("closed", process.port, f"{body} numbered", 32, size.window, process.pid)
                    runs[mode].append(run["cpu_us_per_request"])
            figures[f"miss {body}"] = statistics.median(
                exact - off for exact, off in zip(runs["exact"], runs["off"])
            )
            bare[body] = statistics.median(runs["off"])
        own, kernel = machine.cpu_ticks(processes["off"].pid)
        # The first one is the last miss.
        for body in ("1 KB", "30 KB"):
            load("rate", exact.port, body, 4, 0.5, 0, 50)
            runs = [load("closed", exact.port, body, 32, size.window, exact.pid) for _ in range(size.pairs)]
            figures[f"hit {body}"] = statistics.median(run["cpu_us_per_request"] for run in runs)
        rates = {"weir": [], "direct": []}
        for _ in range(2 * size.pairs):
            for way, port, pid in (("weir", exact.port, exact.pid), ("direct", upstream, 0)):
                rates[way].append(load("rate", port, "30 KB", 64, size.window, pid, 1000))
    finally:
        for process in processes.values():
            process.remove()
    for body, cpu in bare.items() if callgrind.is_there() else ():
        counts = [
            callgrind.count(weir(binary, upstream, mode), load, f"{body} numbered", size.instructions)
            for mode in ("off", "exact")
        ]
        for key, value in callgrind.added(*counts, cpu, own / (own + kernel)).items():
            figures[f"miss {body} {key}"] = value
    ways: dict[str, dict] = {"weir": {f"answers {key}": value for key, value in figures.items()}, "direct": {}}
    for way, runs in rates.items():
        ways[way]["answers hit rate"] = min(runs, key=lambda run: run["p99_us"])
        ways[way]["answers hit p99"] = statistics.median(run["p99_us"] for run in runs)
    return ways
