"""What key pools, limits, failover, health and hedging cost a request that meets no failure.

One binary twice: with one target, one credential and nothing else ("bare"), and with all of it ("full"). CPU time
is measured in turn, so that both see the same machine; instructions do not depend on the machine at all.
"""

import json
import statistics
from dataclasses import dataclass
from pathlib import Path

from . import callgrind, machine

# The mock's replies tell of a provider's limits, as those of Anthropic do: pools read them.
PATH = "/v1/messages?l=1"
MODEL = "claude-sonnet-5-5"
# More than any run uses: the walls are reckoned with, and refuse nothing.
LIMITS = {"requests_per_minute": 9_000_000, "tokens_per_minute": 9_000_000_000, "concurrent": 1_000}


@dataclass(frozen=True)
class Size:
    """How much is measured; seconds."""

    pairs: int
    window: float
    instructions: float


def provider(name: str, upstream: int, keys: int) -> dict:
    credentials = [{"name": f"{n}", "key": f"{name}-key-{n}"} for n in range(keys)]
    return {name: {"url": f"http://127.0.0.1:{upstream}", "dialects": ["anthropic"], "credentials": credentials}}


def bare(upstream: int) -> dict:
    return {
        "providers": provider("one", upstream, 1),
        "routes": {MODEL: {"targets": [{"provider": "one"}]}},
        "keys": [{"name": "bench", "key": machine.CALLER_KEY}],
        "fallback": "off",
        "retry": {"attempts": 1},
        "streams": {"keep_alive": "off"},
    }


def full(upstream: int) -> dict:
    targets = [{"provider": "one"}, {"provider": "two"}]
    return {
        "providers": provider("one", upstream, 3) | provider("two", upstream, 3) | provider("three", upstream, 2),
        # A fixed time: the learned one is for streams, and a plain reply would have no timer.
        "routes": {MODEL: {"targets": targets, "fallback": "bucket", "hedge": "10s"}},
        "keys": [{"name": "bench", "key": machine.CALLER_KEY, "project": "bench", "limits": LIMITS}],
        "projects": {"bench": {"limits": LIMITS}},
        "models": {MODEL: {"limits": LIMITS}},
        "health": {"active_probe": "5s"},
    }


def weir(binary: str, config: dict) -> machine.Process:
    process = machine.weir(binary, 0)
    path = Path(process.folder) / "weir.yaml"
    path.write_text(json.dumps(config))
    del process.environment["WEIR_ANTHROPIC_URL"], process.environment["WEIR_CALLER_KEY"]
    process.environment["WEIR_CONFIG"] = str(path)
    return process


def measure(size: Size, load, binary: str, upstream: int) -> dict:
    """CPU µs and instructions a request of 1 KB, and what `full` adds to `bare`."""
    configs = {"bare": bare(upstream), "full": full(upstream)}
    figures = cpu(size, load, binary, configs)
    figures |= instructions(size, load, binary, configs)
    if "instructions bare" in figures:
        counts = figures["instructions bare"], figures["instructions full"]
        figures |= callgrind.added(*counts, figures["cpu bare"], figures["own share"])
    return {f"reliability {key}": value for key, value in figures.items()}


def cpu(size: Size, load, binary: str, configs: dict) -> dict:
    processes = {name: weir(binary, config) for name, config in configs.items()}
    runs: dict[str, list[float]] = {name: [] for name in processes}
    try:
        for process in processes.values():
            process.start()
            load("rate", process.port, "1 KB", 32, 0.5, 0, 50, path=PATH)
        for turn in range(size.pairs):
            # Each goes first as often as the other.
            for name in list(processes)[:: 1 if turn % 2 == 0 else -1]:
                process = processes[name]
                run = load("closed", process.port, "1 KB", 32, size.window, process.pid, path=PATH)
                runs[name].append(run["cpu_us_per_request"])
        own, kernel = machine.cpu_ticks(processes["bare"].pid)
    finally:
        for process in processes.values():
            process.remove()
    differences = [full - bare for bare, full in zip(runs["bare"], runs["full"])]
    return {
        "cpu bare": statistics.median(runs["bare"]),
        "cpu full": statistics.median(runs["full"]),
        "own share": own / (own + kernel),
        "cpu": statistics.median(differences),
        "cpu least": min(differences),
        "cpu most": max(differences),
    }


def instructions(size: Size, load, binary: str, configs: dict) -> dict:
    """Instructions of the process's own a request; nothing where Valgrind is not there."""
    if not callgrind.is_there():
        return {}
    return {
        f"instructions {name}": callgrind.count(weir(binary, config), load, "1 KB", size.instructions, path=PATH)
        for name, config in configs.items()
    }
