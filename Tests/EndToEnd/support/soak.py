"""Steady load with random faults: does anything grow, hang or go missing?

As a program: soak.py MINUTES [WEIR]. Prints a line every ten seconds and a summary; status 1 if anything is wrong.
"""

import json
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from .processes import BINARY, Simulator, Weir
from .reliability import SURFACES, Load, is_resent, provider, yaml
from .waiting import eventually

# What goes wrong by chance: 4 % of the requests meet a fault, 4 % an error status.
FLAGS = ["--fault-rate", "0.04", "--error-rate", "0.04", "--error-status", "429", "--error-status", "500"]
FLAGS += ["--error-status", "529", "--threads", "1"]
# Those 429 tell no time, so a key rests for a second after one; with so many keys some are always left.
CALLERS, KEYS = 2, 4
CONFIG = {
    "timeouts": {"first_byte": "2s", "first_byte_reasoning": "2s", "plain_reply": "2s", "silence": "1s"},
    "retry": {"backoff": "20ms", "longest_backoff": "200ms"},
    "health": {"window": "10s", "refuse_for": "500ms", "longest_refusal": "2s"},
    "streams": {"keep_alive": "1s"},
    "fallback": "off",
}
# Megabytes that memory may grow in a minute once it is warm, and in all.
SLOPE, GROWTH = 1.0, 24.0
# A short run is not over its warm-up: only the growth counts.
SHORT = 180


@dataclass
class Book:
    """What the ledger says of all requests; hundreds of thousands of rows are read line by line."""

    sequences: list[int] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    attempts: int = 0
    # Attempts whose request a provider may never have read: it had closed the pooled connection, or could not be
    # reached, or the other of two was faster.
    unread: int = 0

    @staticmethod
    def read(weir: Weir) -> "Book":
        book = Book()
        command = [BINARY, "ledger", "export", "--format", "ndjson"]
        with subprocess.Popen(command, env=weir.environment, stdout=subprocess.PIPE) as export:
            for line in export.stdout:
                book.add(json.loads(line))
        assert export.returncode == 0, f"weir ledger export: {export.returncode}"
        return book

    def add(self, row: dict) -> None:
        self.sequences.append(row["sequence"])
        self.ids.add(row["id"])
        for attempt, after in zip(row["attempts"], [*row["attempts"][1:], {}]):
            self.attempts += 1
            self.unread += is_resent(attempt, after) or (
                attempt["status"] is None
                and attempt["reason"] in ("upstream_unreachable", "upstream_busy", "hedged_away")
            )


class Soak:
    def __init__(self, seconds: float, say=lambda line: None):
        self.seconds, self.say = seconds, say
        self.simulators = [Simulator(*FLAGS, "--seed", str(seed)) for seed in (1, 2)]
        self.samples: list[tuple[float, float]] = []
        self.problems: list[str] = []
        self.seen: Counter = Counter()
        # Error replies by their bodies.
        self.refused: Counter = Counter()

    def configuration(self) -> str:
        config = {**CONFIG, "providers": {}, "routes": {}}
        for surface, (_, dialect, model) in SURFACES.items():
            targets = []
            for index, simulator in enumerate(self.simulators):
                name = f"{surface}-{index}"
                keys = [f"{name}-key{n}" for n in range(KEYS)]
                config["providers"] |= provider(name, simulator.url, dialect, keys)
                targets.append({"provider": name, "model": model})
            config["routes"][surface] = {"targets": targets, "hedge": "1s"}
        return yaml(config)

    def run(self) -> "Soak":
        self.weir = Weir(None, config=self.configuration())
        try:
            for process in (*self.simulators, self.weir):
                process.start()
            self.load()
            self.judge(self.simulators)
        finally:
            for process in (self.weir, *self.simulators):
                process.remove()
        return self

    def load(self) -> None:
        options = {"callers": CALLERS, "pause": 0.005, "keeps_good": False}
        loads = [Load(self.weir, surface, surface, **options) for surface in SURFACES]
        began = time.monotonic()
        for load in loads:
            load.__enter__()
        try:
            while (at := time.monotonic() - began) < self.seconds:
                self.samples.append((at, self.weir.rss_mb()))
                if len(self.samples) % 10 == 0:
                    count = sum(load.count for load in loads)
                    self.say(f"{at:6.0f} s  {count:8} requests  {self.samples[-1][1]:7.1f} MB")
                time.sleep(1)
        finally:
            for load in loads:
                load.__exit__()
        for load in loads:
            self.seen += load.statuses
            for one in load.seen:
                if one.status != 200:
                    self.refused[re.sub(rb"req_\w+|\d+ s", b"_", one.body).decode(errors="replace")[:400]] += 1
                if one.failure:
                    # Not what `malformed-json` leaves of a plain reply: that is passed on as it is, and whole.
                    self.problems.append(
                        f"a connection was cut: {load.surface} {one.request_id} {one.status} {one.failure} "
                        f"after {one.took:.1f} s, {one.body[-200:]!r}"
                    )
        self.requests = sum(load.count for load in loads)

    def gauge(self, name: str) -> float:
        text = httpx.get(f"{self.weir.admin_url}/metrics", trust_env=False).text
        return float(re.search(rf"^{name} ([0-9.e+]+)$", text, re.M).group(1))

    def judge(self, simulators) -> None:
        for name in ("weir_open_requests", "weir_open_streams"):
            try:
                eventually(lambda: self.gauge(name) == 0, 10, what=f"{name} is 0")
            except AssertionError as error:
                self.problems.append(f"stuck: {error}")
        book = self.book()
        if sorted(book.sequences) != list(range(1, len(book.sequences) + 1)):
            self.problems.append("sequence numbers have gaps, or one is there twice")
        if len(book.ids) != self.requests or len(book.sequences) != self.requests:
            self.problems.append(
                f"{len(book.sequences)} rows with {len(book.ids)} ids for {self.requests} requests"
            )
        self.attempts = book.attempts
        asked = sum(simulator.counts()["requests"] for simulator in simulators)
        if not 0 <= self.attempts - asked <= book.unread:
            self.problems.append(
                f"{self.attempts} attempts in the ledger, {asked} requests at the providers, and only "
                f"{book.unread} of the attempts may not have arrived"
            )
        self.judge_memory()

    def book(self) -> "Book":
        """All rows, once the latest are written."""

        def look():
            book = Book.read(self.weir)
            return book if len(book.sequences) >= self.requests else None

        try:
            return eventually(look, 30, 1, "all rows")
        except AssertionError:
            return Book.read(self.weir)

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
            + "".join(f"refused {count} times: {body}\n" for body, count in self.refused.most_common(5))
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
