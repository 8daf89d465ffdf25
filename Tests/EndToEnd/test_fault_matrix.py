"""Every fault, plain and streamed, on every surface, with one target, two, and three keys: one table.

It is printed, and written with its details to .build/fault-matrix.md, or where WEIR_FAULT_MATRIX says.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
from support.faults import FAULTS, Fault, expected
from support.matrix import CASES, Field, Outcome, details, overview
from support.processes import ROOT
from support.reliability import assert_costs_add_up, assert_no_gaps

TABLE = Path(os.environ.get("WEIR_FAULT_MATRIX", ROOT / ".build/fault-matrix.md"))
HEAD = """\
What callers saw; attempts made for a request; rows written, and dollars booked, for all surfaces together.
`whole`: as the API ends it. `error`: an error body or event. `cut`: neither. In "one, once" and "three keys"
only the first request meets the fault.
"""
# No fault may hang: the longest wait that is set is 1 s.
LONGEST = 10


@pytest.fixture(scope="module")
def field():
    field = Field()
    try:
        yield field.start()
    finally:
        field.remove()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_seen_as_the_table_says(field, fault):
    wrong = []
    for outcome in field.run([case for case in CASES if case.fault is fault]):
        try:
            check(outcome)
        except AssertionError as error:
            wrong.append(f"{outcome.case.name}: {error}")
    assert not wrong, "\n".join(wrong)


def check(outcome: Outcome) -> None:
    case, seen, row, attempts = outcome.case, outcome.seen, outcome.row, outcome.attempts
    reasons = [attempt.get("reason") for attempt in attempts]
    (status, end), count = expected(case.fault, case.setting, case.surface, case.streamed)
    told = f"{reasons} {seen.failure} {seen.body.decode(errors='replace')[:400]}"
    assert (seen.status, seen.end, len(attempts)) == (status, end, count), told
    assert seen.took < LONGEST
    assert [attempt["number"] for attempt in attempts] == list(range(1, count + 1)), attempts
    # Nothing was asked that the ledger does not know, and nothing twice for one entry.
    sick, well = sum(outcome.sick.values()), sum(outcome.well.values())
    asked = sum(attempt["provider"].endswith("-a") for attempt in attempts) if case.fault.condition else 0
    assert (sick, well) == (asked, sum(attempt["provider"].endswith("-b") for attempt in attempts))
    if case.setting == "three keys" and case.fault.is_of_key:
        assert max(outcome.sick.values()) == 1, outcome.sick
    if row["state"] == "failed":
        # In Weir's own words, which name the provider that it asked and no other.
        assert f"{case.name}-a" in seen.body.decode(), told
    check_booking(outcome)


def check_booking(outcome: Outcome) -> None:
    """The cost of a row is the sum of its attempts', and each attempt's what the provider will bill."""
    case, seen, row, attempts = outcome.case, outcome.seen, outcome.row, outcome.attempts
    assert_costs_add_up(row)
    assert all(attempt["reason"] for attempt in attempts[:-1]), attempts
    if not seen.is_good and row["state"] in ("failed", "upstream_broke"):
        assert row["reason"] and attempts[-1]["reason"], row
    if seen.is_good and case.fault.name != "malformed-json":
        assert row["state"] == "settled" and row["cost_usd"] > 0, row
        assert attempts[-1].get("reason") is None and attempts[-1]["cost_usd"] > 0, attempts
    for attempt in attempts:
        if is_free(case.fault, attempt):
            assert attempt["cost_usd"] == 0, attempt
    if all(attempt.get("cost_usd") == 0 for attempt in attempts):
        assert row["cost_usd"] == 0, row


def is_free(fault: Fault, attempt: dict) -> bool:
    """An error reply is not billed, nor is what never went out."""
    is_sick = attempt["provider"].endswith("-a") and attempt.get("reason") is not None
    never_sent = is_sick and not fault.condition
    return never_sent or (attempt["status"] or 0) >= 400 or is_sick and fault.name == "error-event-first"


def test_every_case_has_one_row_and_the_table_shows_it(field, capsys):
    rows = field.weir.export()
    count = Counter(row["requested_model"] for row in rows)
    short, long = overview(field.outcomes, count), details(field.outcomes, count)
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(f"{HEAD}\n{short}\nIn detail:\n\n{long}")
    with capsys.disabled():
        print(f"\n{HEAD}\n{short}")
    assert_no_gaps(rows)
    assert count == Counter(outcome.case.name for outcome in field.outcomes)
