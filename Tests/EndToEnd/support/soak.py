"""Steady load with random faults: does anything grow, hang or go missing?

As a program: soak.py MINUTES [WEIR]. Prints a line every ten seconds and a summary; status 1 if anything is wrong.
"""

import re
import sys
import time
from collections import Counter

import httpx

from .processes import Simulator, Weir
from .reliability import SURFACES, Load, assert_no_gaps, provider, yaml
from .waiting import eventually

# What goes wrong by chance: 4 % of the requests meet a fault, 4 % an error status.
FLAGS = ["--fault-rate", "0.04", "--error-rate", "0.04", "--error-status", "429", "--error-status", "500"]
FLAGS += ["--error-status", "529", "--threads", "1"]
CALLERS = 2
CONFIG = {
    "timeouts": {"first_byte": "2s", "first_byte_reasoning": "2s", "plain_reply": "2s", "silence": "1s"},
    "retry": {"backoff": "20ms", "longest_backoff": "200ms"},
    "health": {"window": "10s", "refuse_for": "500ms", "longest_refusal": "2s"},
    "streams": {"keep_alive": "500ms"},
    "fallback": "off",
}
# Megabytes that memory may grow in a minute once it is warm, and in all.
SLOPE, GROWTH = 1.0, 24.0
# A short run is not over its warm-up: only the growth counts.
SHORT = 180


class Soak:
    def __init__(self, seconds: float, say=lambda line: None):
        self.seconds, self.say = seconds, say
        self.simulators = [Simulator(*FLAGS, "--seed", str(seed)) for seed in (1, 2)]
        self.samples: list[tuple[float, float]] = []
        self.problems: list[str] = []
        self.seen: Counter = Counter()
        self.failed_late: list[str] = []

    def configuration(self) -> str:
        config = {**CONFIG, "providers": {}, "routes": {}}
        for surface, (_, dialect, model) in SURFACES.items():
            targets = []
            for index, simulator in enumerate(self.simulators):
                name = f"{surface}-{index}"
                keys = [f"{name}-key{n}" for n in range(2)]
                config["providers"] |= provider(name, simulator.url, dialect, keys)
                targets.append({"provider": name, "model": model})
            config["routes"][surface] = {"targets": targets, "hedge": "1s"}
        return yaml(config)

    def run(self) -> "Soak":
        started = [simulator.start() for simulator in self.simulators]
        self.weir = Weir(None, config=self.configuration()).start()
        try:
            self.load()
            self.judge(started)
        finally:
            for process in (self.weir, *started):
                process.remove()
        return self

    def load(self) -> None:
        loads = [Load(self.weir, surface, surface, callers=CALLERS, pause=0.005) for surface in SURFACES]
        began = time.monotonic()
        for load in loads:
            load.__enter__()
        try:
            while (at := time.monotonic() - began) < self.seconds:
                self.samples.append((at, self.weir.rss_mb()))
                if len(self.samples) % 10 == 0:
                    count = sum(len(load.seen) for load in loads)
                    self.say(f"{at:6.0f} s  {count:8} requests  {self.samples[-1][1]:7.1f} MB")
                time.sleep(1)
        finally:
            for load in loads:
                load.__exit__()
        for load in loads:
            self.seen += load.statuses
            for one in load.seen:
                if one.end == "cut":
                    self.failed_late.append(f"{load.surface} {one.status} {one.failure} {one.body[-200:]!r}")
        self.requests = sum(len(load.seen) for load in loads)

    def gauge(self, name: str) -> float:
        text = httpx.get(f"{self.weir.admin_url}/metrics", trust_env=False).text
        return float(re.search(rf"^{name} ([0-9.e+]+)$", text, re.M).group(1))

    def judge(self, simulators) -> None:
        for name in ("weir_open_requests", "weir_open_streams"):
            try:
                eventually(lambda: self.gauge(name) == 0, 10, what=f"{name} is 0")
            except AssertionError as error:
                self.problems.append(f"stuck: {error}")
        rows = self.weir.rows(self.requests, 30)
        try:
            assert_no_gaps(rows)
        except AssertionError:
            self.problems.append("sequence numbers have gaps, or an id is there twice")
        if len(rows) != self.requests:
            self.problems.append(f"{len(rows)} rows for {self.requests} requests")
        self.attempts = sum(len(row["attempts"]) for row in rows)
        asked = sum(simulator.counts()["requests"] for simulator in simulators)
        if self.attempts != asked:
            self.problems.append(f"{self.attempts} attempts in the ledger, {asked} requests at the providers")
        # Malformed bodies are passed on as they are, one fault in thirteen; any other cut is ours.
        self.judge_memory()

    def judge_memory(self) -> None:
        half = [sample for sample in self.samples if sample[0] > self.seconds / 3]
        self.slope = slope(half) * 60
        self.growth = max(size for _, size in half) - min(size for _, size in half[: max(1, len(half) // 8)])
        if self.growth > GROWTH or self.seconds > SHORT and self.slope > SLOPE:
            self.problems.append(f"memory grows: {self.slope:.2f} MB a minute, {self.growth:.1f} MB in all")

    def summary(self) -> str:
        seen = ", ".join(f"{status} {end}: {count}" for (status, end), count in sorted(self.seen.items()))
        return (
            f"{self.requests} requests, {self.attempts} attempts; {seen}\n"
            f"memory {self.samples[0][1]:.1f} -> {self.samples[-1][1]:.1f} MB, "
            f"slope {self.slope:+.2f} MB a minute, growth {self.growth:.1f} MB\n"
            + "\n".join(f"PROBLEM {problem}" for problem in self.problems)
        )


def slope(samples: list[tuple[float, float]]) -> float:
    """Least squares, per second."""
    n = len(samples)
    mean_x = sum(x for x, _ in samples) / n
    mean_y = sum(y for _, y in samples) / n
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread if spread else 0.0


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30
    soak = Soak(minutes * 60, lambda line: print(line, flush=True)).run()
    print(soak.summary())
    return 1 if soak.problems else 0


if __name__ == "__main__":
    sys.exit(main())
