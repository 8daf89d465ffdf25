"""Every fault, plain and streamed, on every surface, with one target, two, and three keys: one table.

The table is written to .build/fault-matrix.md, or where WEIR_FAULT_MATRIX says.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.faults import ATTEMPTS, FAULTS, SETTINGS, Fault, expected
from support.processes import ROOT, Simulator, Weir
from support.reliability import (
    SURFACES,
    ask,
    assert_costs_add_up,
    assert_no_gaps,
    body_of,
    new_client,
    provider,
    yaml,
)

TABLE = Path(os.environ.get("WEIR_FAULT_MATRIX", ROOT / ".build/fault-matrix.md"))

# Timeouts that make a case short; health out of the way, since each case has providers of its own.
OPTIONS = {
    "retry": {"attempts": ATTEMPTS, "backoff": "5ms", "longest_backoff": "10ms", "patience": "10s"},
    "health": {"failures_in_a_row": 100, "min_outcomes": 100},
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
    def name(self) -> str:
        parts = (self.fault.name, self.setting, self.surface, "stream" if self.streamed else "plain")
        return "-".join(parts).replace(",", "").replace(" ", "-")


CASES = [
    Case(fault, setting, surface, streamed)
    for fault in FAULTS
    for setting in SETTINGS
    for surface in SURFACES
    for streamed in (False, True)
]


def configuration(sick: str, well: str) -> dict:
    """A route and providers of their own for each case, so that none knows of another."""
    config = {**OPTIONS, "providers": {}, "routes": {}}
    for case in CASES:
        _, dialect, model = SURFACES[case.surface]
        name = case.name
        keys = [f"k{n}-{name}" for n in range(3 if case.setting == "three keys" else 1)]
        config["providers"] |= provider(f"{name}-a", sick, dialect, keys)
        route = {"targets": [{"provider": f"{name}-a", "model": model}]}
        if case.setting == "two targets":
            config["providers"] |= provider(f"{name}-b", well, dialect, [f"b-{name}"])
            route["targets"].append({"provider": f"{name}-b", "model": model, "weight": 0})
        config["routes"][name] = route
    return config


@pytest.fixture(scope="module")
def field():
    sick, well = Simulator().start(), Simulator().start()
    weir = Weir(None, config=yaml(configuration(sick.url, well.url))).start()
    lines = []
    yield weir, sick, well, lines
    try:
        assert_no_gaps(weir.export())
        head = "| fault | setting | surface | reply | seen | ends | attempts | reasons | state | dollars |"
        TABLE.parent.mkdir(parents=True, exist_ok=True)
        rule = "|".join(["---"] * 10)
        TABLE.write_text("\n".join([head, f"|{rule}|", *lines]) + "\n")
    finally:
        for process in (weir, sick, well):
            process.remove()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_is_seen_as_the_table_says(field, case):
    weir, sick, well, lines = field
    sick.clear()
    well.clear()
    lasting = case.setting in ("one, always", "two targets")
    sick.condition(**case.fault.condition, **({} if lasting else {"until_requests": 1}))
    try:
        with new_client(weir, timeout=15) as client:
            body = body_of(case.surface, case.name, case.name, case.streamed)
            seen = ask(client, case.surface, body)
    finally:
        sick.condition()
    row = weir.row(seen.request_id)
    attempts = row["attempts"]
    reasons = " ".join(str(attempt.get("reason")) for attempt in attempts)
    reply = "stream" if case.streamed else "plain"
    lines.append(
        f"| {case.fault.name} | {case.setting} | {case.surface} | {reply} | {seen.status} | {seen.end} "
        f"| {len(attempts)} | {reasons} | {row['state']} | {row.get('cost_usd')} |"
    )
    (status, end), count = expected(case.fault, case.setting, case.surface, case.streamed)
    assert (seen.status, seen.end, len(attempts)) == (status, end, count), reasons + seen.body.decode()[:600]
    # Nothing was asked that the ledger does not know, and nothing twice for one entry.
    assert sick.counts()["requests"] + well.counts()["requests"] == count
    assert [attempt["number"] for attempt in attempts] == list(range(1, count + 1))
    assert_costs_add_up(row)
    if seen.is_good and case.fault.name != "malformed-json":
        assert row["state"] == "settled" and row["cost_usd"] > 0
        assert attempts[-1].get("reason") is None
    if count > 1:
        assert all(attempt["reason"] for attempt in attempts[:-1])
