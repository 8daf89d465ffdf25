"""Runs the cases of the fault matrix side by side, and writes what came of them as one table."""

import json
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, IncompleteRead

import httpx

from .faults import ATTEMPTS, FAULTS, SETTINGS, Fault
from .processes import KEY, Simulator, Weir, free_port
from .reliability import SURFACES, Seen, body_of, ending, provider, yaml
from .waiting import eventually

# Timeouts that make a case short; health out of the way, since each case has providers of its own.
OPTIONS = {
    "retry": {"attempts": ATTEMPTS, "backoff": "5ms", "longest_backoff": "10ms", "patience": "10s"},
    "health": {"failures_in_a_row": 1_000, "min_outcomes": 100_000},
    "timeouts": {"first_byte": "1s", "first_byte_reasoning": "1s", "plain_reply": "1s", "silence": "1s"},
    "fallback": "off",
    "prompt_cache": "off",
}


@dataclass(frozen=True)
class Case:
    fault: Fault
    setting: str
    surface: str
    streamed: bool

    @property
    def reply(self) -> str:
        return "stream" if self.streamed else "plain"

    @property
    def name(self) -> str:
        """Its route, and the end of every provider and key that only it knows."""
        parts = (self.fault.name, self.setting, self.surface, self.reply)
        return "-".join(parts).replace(",", "").replace(" ", "-")

    @property
    def lane(self) -> tuple[str, str]:
        return self.setting, self.reply

    @property
    def is_lasting(self) -> bool:
        return self.setting in ("one, always", "two targets")


CASES = [
    Case(fault, setting, surface, streamed)
    for fault in FAULTS
    for setting in SETTINGS
    for streamed in (False, True)
    for surface in SURFACES
    if setting in fault.settings
]
LANES = list(dict.fromkeys(case.lane for case in CASES))


@dataclass
class Outcome:
    """What came of a case."""

    case: Case
    seen: Seen
    row: dict
    # How often the sick and the well provider were asked, by key.
    sick: dict[str, int]
    well: dict[str, int]

    @property
    def attempts(self) -> list[dict]:
        return self.row["attempts"]

    @property
    def dollars(self) -> float | None:
        return self.row.get("cost_usd")

    @property
    def asked(self) -> int:
        return sum(self.sick.values()) + sum(self.well.values())


def ask(port: int, case: Case) -> Seen:
    """Asks on a connection of its own; not by httpx, whose clients take longer to make than a case."""
    body = body_of(case.surface, case.name, case.name, case.streamed, tokens=5)
    fields = {"x-api-key": KEY, "anthropic-version": "2023-06-01", "content-type": "application/json"}
    seen, began = Seen(), time.monotonic()
    connection = HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.request("POST", SURFACES[case.surface][0], json.dumps(body), fields)
        reply = connection.getresponse()
        seen.status, seen.headers = reply.status, httpx.Headers(reply.getheaders())
        seen.request_id = seen.headers.get("x-weir-request-id", "")
        seen.body = reply.read()
    except IncompleteRead as error:
        seen.body, seen.failure = error.partial, "IncompleteRead"
    except (HTTPException, OSError) as error:
        seen.failure = repr(error)
    finally:
        connection.close()
    seen.took = time.monotonic() - began
    seen.end = ending(case.surface, seen, case.streamed)
    return seen


class Lane:
    """One sick provider and one caller, who asks one case after another."""

    def __init__(self):
        self.simulator = Simulator()
        self.control = httpx.Client(base_url=self.simulator.url, trust_env=False, verify=False, timeout=30)

    def ask(self, weir: Weir, case: Case) -> Seen:
        if case.fault.condition:
            condition = case.fault.condition | ({} if case.is_lasting else {"until_requests": 1})
            self.control.put("/sim/condition", json=condition).raise_for_status()
        return ask(weir.port, case)

    def counts(self) -> dict[str, int]:
        return self.control.get("/sim/counts").json()["keys"]


class Field:
    """One Weir, one well provider, and a sick one for each lane, so that no case disturbs another."""

    def __init__(self):
        self.lanes = {lane: Lane() for lane in LANES}
        self.well = Simulator()
        self.pool = ThreadPoolExecutor(len(LANES))
        self.weir = Weir(None, config=yaml(self.configuration()))
        self.outcomes: list[Outcome] = []

    def start(self) -> "Field":
        simulators = [lane.simulator for lane in self.lanes.values()] + [self.well]
        for process in simulators:
            process.launch()
        self.weir.launch()
        for process in simulators:
            eventually(lambda p=process: p.answers(f"{p.url}/sim/replies"), 60, 0.1, "a simulator answers")
        eventually(lambda: self.weir.answers(f"{self.weir.url}/readyz"), 60, 0.1, "Weir is ready")
        self.client = httpx.Client(
            base_url=self.weir.url, headers={"x-api-key": KEY}, trust_env=False, verify=False, timeout=30
        )
        return self

    def configuration(self) -> dict:
        """A route and providers of their own for each case, so that none knows of another."""
        config = {**OPTIONS, "providers": {}, "routes": {}}
        nobody = f"http://127.0.0.1:{free_port()}"
        for case in CASES:
            _, dialect, model = SURFACES[case.surface]
            name = case.name
            sick = self.lanes[case.lane].simulator.url if case.fault.condition else nobody
            keys = [f"k{n}-{name}" for n in range(3 if case.setting == "three keys" else 1)]
            config["providers"] |= provider(f"{name}-a", sick, dialect, keys)
            route = {"targets": [{"provider": f"{name}-a", "model": model}]}
            if case.setting == "two targets":
                config["providers"] |= provider(f"{name}-b", self.well.url, dialect, [f"b-{name}"])
                route["targets"].append({"provider": f"{name}-b", "model": model, "weight": 0})
            config["routes"][name] = route
        return config

    def run(self, cases: list[Case]) -> list[Outcome]:
        """Asks all of them, those of different lanes at once."""
        shares = defaultdict(list)
        for case in cases:
            shares[case.lane].append(case)
        done = [self.pool.submit(self.run_lane, lane, share) for lane, share in shares.items()]
        seen = [one for future in done for one in future.result(120)]
        well = self.well.counts()["keys"]
        outcomes = [
            Outcome(case, one, self.row(one), of(case, sick), of(case, well)) for case, one, sick in seen
        ]
        self.outcomes += outcomes
        return outcomes

    def run_lane(self, name: tuple[str, str], cases: list[Case]) -> list[tuple[Case, Seen, dict]]:
        lane = self.lanes[name]
        seen = [lane.ask(self.weir, case) for case in cases]
        counts = lane.counts()
        return [(case, one, counts) for case, one in zip(cases, seen, strict=True)]

    def row(self, seen: Seen) -> dict:
        def look():
            reply = self.client.get(f"/weir/v1/requests/{seen.request_id}")
            return reply.json() if reply.status_code == 200 else None

        assert seen.request_id, f"an answer without x-weir-request-id: {seen.failure} {seen.status}"
        return eventually(look, 10, what=f"a row for {seen.request_id}")

    def remove(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in [self.weir, self.well, *(lane.simulator for lane in self.lanes.values())]:
            process.remove()


def of(case: Case, counts: dict[str, int]) -> dict[str, int]:
    """What a simulator counted of a case's own keys."""
    return {key: count for key, count in counts.items() if key.partition("-")[2] == case.name}


def overview(outcomes: list[Outcome], rows: dict[str, int]) -> str:
    """One line for each fault and reply, one column for each setting: seen; attempts; rows; dollars.

    Rows and dollars are those of all surfaces together. What surfaces saw differently stands side by side.
    - Parameter rows: how many rows of the ledger each case has, by its name.
    """
    cells: dict[tuple[str, str], dict[str, list[Outcome]]] = defaultdict(lambda: defaultdict(list))
    for outcome in outcomes:
        case = outcome.case
        cells[case.fault.name, case.reply][case.setting].append(outcome)

    def cell(group: list[Outcome]) -> str:
        seen = "/".join(dict.fromkeys(f"{one.seen.status} {one.seen.end}" for one in group))
        attempts = "/".join(dict.fromkeys(str(len(one.attempts)) for one in group))
        count = sum(rows.get(one.case.name, 0) for one in group)
        return f"{seen}; {attempts}; {count}; {total(group)}" if group else "-"

    head = ("fault", "reply", *SETTINGS)
    lines = [(*line, *(cell(of_line[setting]) for setting in SETTINGS)) for line, of_line in cells.items()]
    return table(head, lines)


def details(outcomes: list[Outcome], rows: dict[str, int]) -> str:
    """One line for each fault, setting and reply; surfaces that saw the same share it."""
    lines: dict[tuple, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        case, seen = outcome.case, outcome.seen
        attempts = ", ".join(
            f"{attempt['status'] or 'none'} {attempt['reason'] or ''}".strip() for attempt in outcome.attempts
        )
        state = f"{rows.get(case.name, 0)} {outcome.row['state']}"
        line = (case.fault.name, case.reply, case.setting, f"{seen.status} {seen.end}", attempts, state)
        lines[line].append(outcome)
    head = ("fault", "reply", "setting", "caller saw", "attempts", "rows", "surfaces", "dollars")
    return table(
        head,
        [
            (
                *line,
                ", ".join(one.case.surface for one in group),
                ", ".join(money(one.dollars) for one in group),
            )
            for line, group in lines.items()
        ],
    )


def table(head: tuple[str, ...], lines: list[tuple]) -> str:
    widths = [max(len(str(line[column])) for line in [head, *lines]) for column in range(len(head))]
    rule = tuple("-" * width for width in widths)
    return "".join(
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |\n"
        for line in [head, rule, *lines]
    )


def total(group: list[Outcome]) -> str:
    known = [one.dollars for one in group if one.dollars is not None]
    sum_of_known = [money(sum(known))] if known else []
    unknown = [f"{len(group) - len(known)} unknown"] if len(known) < len(group) else []
    return " + ".join(sum_of_known + unknown)


def money(dollars: float | None) -> str:
    return "unknown" if dollars is None else "$" + (f"{dollars:.7f}".rstrip("0").rstrip(".") or "0")
