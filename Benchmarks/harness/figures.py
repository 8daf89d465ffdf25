"""The scenarios: each fills one dictionary of figures for one way to the mock."""

import json
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import bodies, machine
from .answers import Size as AnswersSize
from .reliability import Size as ReliabilitySize

SIZES = {"1 KB": 1_000, "30 KB": 30_000, "200 KB": 200_000, "1 MB": 1_000_000}
PATH = "/v1/messages"


@dataclass
class Plan:
    """How long and how often; seconds."""

    tools: Path
    seconds: float = 4
    repeats: int = 2
    cold_starts: int = 5
    sizes: tuple[str, ...] = tuple(SIZES)
    rates: tuple[int, ...] = (500, 1000)
    reliability: ReliabilitySize = ReliabilitySize(pairs=12, window=2, instructions=20)
    answers: AnswersSize = AnswersSize(pairs=6, window=2, instructions=12)
    # streams: (events each, microseconds between them)
    streams: dict[int, tuple[int, int]] = field(
        default_factory=lambda: {1: (100, 20_000), 100: (60, 50_000), 1000: (60, 100_000)}
    )

    @staticmethod
    def quick(tools: Path) -> "Plan":
        return Plan(
            tools,
            seconds=1,
            repeats=1,
            cold_starts=3,
            rates=(1000,),
            reliability=ReliabilitySize(pairs=4, window=1, instructions=5),
            answers=AnswersSize(pairs=2, window=1, instructions=5),
            streams={1: (40, 20_000), 100: (20, 50_000), 1000: (25, 100_000)},
        )


class Load:
    """Runs the load generator on its core and reads the JSON it prints."""

    def __init__(self, tools: Path):
        self.tool = str(tools / "load")
        self.folder = Path(tempfile.mkdtemp(prefix="weir-bench-load-"))
        headers = (
            f"content-type: application/json\r\nanthropic-version: 2023-06-01\r\n"
            f"x-api-key: {machine.CALLER_KEY}\r\nuser-agent: weir-bench/1\r\naccept: application/json\r\n"
        )
        (self.folder / "headers").write_text(headers)
        for name, size in SIZES.items():
            (self.folder / name).write_bytes(bodies.make(size))
            (self.folder / f"{name} unmarked").write_bytes(bodies.make(size, marked=False))
            (self.folder / f"{name} numbered").write_bytes(bodies.numbered(bodies.make(size)))
        small = json.loads((self.folder / "1 KB").read_bytes())
        (self.folder / "stream").write_bytes(bodies.encode({**small, "stream": True}))
        self.replies = 0

    def __call__(
        self,
        mode: str,
        port: int,
        body: str,
        *rest,
        path: str = PATH,
        headers: str = "",
        command: list[str] | None = None,
        environment: dict | None = None,
    ) -> dict:
        args = [
            self.tool,
            mode,
            str(port),
            path,
            str(self.folder / f"headers {headers}".strip()),
            str(self.folder / body),
            *(str(x) for x in rest),
        ]
        if command:
            args += ["--", *command]
        else:
            args = machine.pinned(machine.LOAD_CORE, args)
        done = subprocess.run(
            args, capture_output=True, text=True, env=environment, preexec_fn=machine.many_files, timeout=120
        )
        if not done.stdout.strip():
            raise SystemExit(f"bench: {' '.join(args[-12:])}: {done.stderr.strip()}")
        result = json.loads(done.stdout)
        if result.get("errors") or result.get("bad_status"):
            print(
                f"  ! {mode} {body}: {result['errors']} errors, {result.get('bad_status', 0)} not 200",
                flush=True,
            )
        self.replies += result.get("total", result.get("ended", 0))
        return result

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def best(results: list[dict]) -> dict:
    """The least disturbed of several runs: the one with the lowest CPU time, else the most requests."""
    return min(results, key=lambda r: (r["cpu_us_per_request"], -r["per_second"]))


def plain(plan: Plan, load: Load, port: int, pid: int) -> dict:
    figures: dict = {}
    if pid:
        time.sleep(0.3)
        figures["rss idle"] = machine.rss_mb(pid)  # started and ready, nothing asked of it yet
    load("rate", port, "1 KB", 4, 0.5, pid, 50)  # connections, caches and lazy parts are warm after this
    for size in plan.sizes:
        runs = [load("closed", port, size, 32, plan.seconds, pid) for _ in range(plan.repeats)]
        figures[f"closed {size}"] = best(runs)
    if pid:
        figures["rss loaded"] = machine.rss_mb(pid)
    for rate in plan.rates:
        runs = [load("rate", port, "1 KB", 64, plan.seconds, pid, rate) for _ in range(plan.repeats)]
        figures[f"rate {rate}"] = min(runs, key=lambda r: r["p50_us"])
    return figures


def prompt_caches(plan: Plan, load: Load, on: machine.Process, off: machine.Process) -> dict:
    """CPU that markers of Weir's cost: the same unmarked bodies with and without, in turn."""
    runs: dict = {}
    for _ in range(plan.repeats):
        for name, process in (("on", on), ("off", off)):
            process.start()
            load("rate", process.port, "1 KB", 4, 0.5, process.process.pid, 50)
            for size in ("1 KB", "30 KB", "200 KB"):
                run = load("closed", process.port, f"{size} unmarked", 32, plan.seconds, process.process.pid)
                runs.setdefault((size, name), []).append(run)
            process.stop()
    return {
        f"caches {size}": best(runs[size, "on"])["cpu_us_per_request"] - best(runs[size, "off"])["cpu_us_per_request"]
        for size in ("1 KB", "30 KB", "200 KB")
    }


def streams(plan: Plan, load: Load, port: int, pid: int) -> dict:
    """On a fresh process, so that memory per stream is what streams need, not what was left over."""
    figures: dict = {}
    load("rate", port, "1 KB", 4, 0.5, pid, 50)
    for count, (events, interval) in plan.streams.items():
        if count <= 100:  # connections to the mock are warm, as in a running service
            load("stream", port, "stream", count, 20, pid, 0, path=f"{PATH}?n=2&i=20000")
        ramp = 1000 if count >= 1000 else 50 if count > 1 else 0
        figures[f"stream {count}"] = load(
            "stream", port, "stream", count, 60, pid, ramp, path=f"{PATH}?n={events}&i={interval}"
        )
    return figures


def cold(plan: Plan, load: Load, process: machine.Process) -> dict:
    """From fork to the first request answered through the gateway; the process has started here before."""
    runs = []
    for _ in range(plan.cold_starts):
        runs.append(
            load(
                "cold",
                process.port,
                "1 KB",
                command=machine.pinned(process.core, process.command),
                environment=process.environment,
            )["milliseconds"]
        )
        time.sleep(0.05)
    return {"cold": statistics.median(runs)}


def embedding(plan: Plan) -> dict:
    """The sentence encoder's kernels alone, on the gateway's core; nothing without the image of `make setup`."""
    image = Path(__file__).resolve().parents[2] / ".build/models/all-MiniLM-L6-v2.weir"
    if not image.exists():
        return {}
    tool = [str(plan.tools / "embed"), str(image), str(plan.seconds / 2)]
    runs = []
    for _ in range(plan.repeats):
        done = subprocess.run(
            machine.pinned(machine.GATEWAY_CORE, tool), capture_output=True, text=True, check=True, timeout=120
        )
        runs.append(json.loads(done.stdout))
    return min(runs, key=lambda run: run["embed 128"]["p95_ms"])
