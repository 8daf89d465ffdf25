"""One of two providers fails under load, in the ways providers do; callers do not notice."""

import time
from collections import Counter

import pytest
from support.reliability import Load, ask, assert_no_gaps, body_of, failures_at, new_client, provider, yaml
from support.waiting import eventually

# A minute of a real outage, scaled down to six seconds: the options' durations are a tenth of their defaults.
SECONDS = 6
WINDOW = {"window": "6s", "refuse_for": "500ms", "longest_refusal": "2s"}
FAILURES, MIN_OUTCOMES, PROBES = 5, 10, 2
REFUSE_FOR, LONGEST_REFUSAL = 0.5, 2.0
CALLERS = 4
# Shares of a target that serves: the slower of two equals keeps a quarter, and chance takes a part of it.
BOTH = 0.1, 0.9
OPTIONS = {
    "health": {
        **WINDOW,
        "failures_in_a_row": FAILURES,
        "min_outcomes": MIN_OUTCOMES,
        "probes": PROBES,
    },
    "retry": {"backoff": "20ms", "longest_backoff": "100ms"},
    "fallback": "off",
    "prompt_cache": "off",
}


def probes(seconds: float) -> int:
    """Probes of a target that stays sick that long: one at the end of each refusal, each twice as long."""
    count, at, refusal = 0, REFUSE_FOR, REFUSE_FOR
    while at <= seconds:
        count += 1
        refusal = min(LONGEST_REFUSAL, refusal * 2)
        at += refusal
    return count


def most_into_the_sick(seconds: float) -> int:
    """Failures until it is refused, what was under way then, and the probes."""
    return FAILURES + CALLERS + probes(seconds)


@pytest.fixture
def pair(start_weir, start_simulator):
    """A route with two equal targets at two simulators; model `m`."""
    left, right = start_simulator("--threads", "1"), start_simulator("--threads", "1")
    config = {
        **OPTIONS,
        "providers": provider("left", left.url, "anthropic", ["kl"])
        | provider("right", right.url, "anthropic", ["kr"]),
        "routes": {
            "m": {
                "targets": [
                    {"provider": "left", "model": "claude-sonnet-5-5"},
                    {"provider": "right", "model": "claude-sonnet-5-5"},
                ]
            }
        },
    }
    return start_weir(None, config=yaml(config)), left, right


def load(weir) -> Load:
    return Load(weir, "messages", "m", callers=CALLERS, pause=0.01)


def share(left, right, seconds: float = 1.5) -> float:
    """The left one's part of the requests of the time that comes."""
    before = left.counts()["requests"], right.counts()["requests"]
    time.sleep(seconds)
    new = left.counts()["requests"] - before[0], right.counts()["requests"] - before[1]
    return new[0] / max(1, sum(new))


def came_back(left, right) -> None:
    """Traffic returns by itself, within the longest refusal and the probes after it."""
    eventually(lambda: share(left, right, 0.5) > BOTH[0], LONGEST_REFUSAL + 6, what="the left one serves again")


def agrees(weir, *simulators) -> list[dict]:
    """The ledger knows every request that the providers got; its rows."""
    asked = sum(simulator.counts()["requests"] for simulator in simulators)

    def look():
        # The latest rows are written a moment after their replies.
        rows = weir.export()
        return rows if sum(len(row["attempts"]) for row in rows) >= asked else None

    rows = eventually(look, 5, 0.2, f"{asked} attempts in the ledger")
    assert_no_gaps(rows)
    attempts = [attempt for row in rows for attempt in row["attempts"]]
    # One on a connection that the provider was just closing may not have reached it; that cannot be known.
    lost = sum(
        a["reused_connection"] and a["status"] is None and a["reason"] == "upstream_broke" for a in attempts
    )
    seen = Counter((a["provider"], a["status"], a["reason"]) for a in attempts)
    assert len(attempts) - lost <= asked <= len(attempts), seen
    return rows


@pytest.mark.parametrize(
    "sickness",
    [
        {"status": 529},
        {"status": 500},
        {"fault": "reset-before-head"},
        {"fault": "error-event-first"},
        {"fault": "close-before-body"},
    ],
    ids=lambda sickness: str(next(iter(sickness.values()))),
)
def test_an_outage_of_one_provider_fails_no_request_and_ends_by_itself(pair, sickness):
    weir, left, right = pair
    with load(weir) as callers:
        assert BOTH[0] < share(left, right) < BOTH[1]
        began = time.monotonic()
        left.condition(**sickness)
        time.sleep(SECONDS)
        left.condition()
        took = time.monotonic() - began
        came_back(left, right)
    assert callers.bad == [], callers.statuses
    rows = agrees(weir, left, right)
    assert all(row["state"] == "settled" for row in rows)
    into, resent = failures_at("left", rows)
    assert FAILURES <= into <= most_into_the_sick(took), (into, took)
    # Each pooled connection that the sickness cut may cost one request more.
    assert resent <= (FAILURES + CALLERS if sickness.get("fault") == "reset-before-head" else 0), resent


def test_a_dead_provider_fails_no_request_and_is_found_again(pair):
    weir, left, right = pair
    with load(weir) as callers:
        assert BOTH[0] < share(left, right) < BOTH[1]
        left.kill()
        time.sleep(3)
        left.start()
        came_back(left, right)
    # The connections that were cut in the middle of a stream's reply are the only ones that anyone may see.
    cut = [one for one in callers.bad if not (one.status == 200 and one.end == "error")]
    assert cut == [] and len(callers.bad) <= CALLERS, callers.statuses
    assert_no_gaps(weir.rows(len(callers.seen)))


def test_a_brown_out_fails_no_request_and_takes_little_of_the_traffic(pair):
    weir, left, right = pair
    with load(weir) as callers:
        assert BOTH[0] < share(left, right) < BOTH[1]
        before = left.counts()["requests"], right.counts()["requests"]
        left.condition(status=529, share=0.6, latency_ms=200)
        time.sleep(SECONDS)
        into, others = (
            left.counts()["requests"] - before[0],
            right.counts()["requests"] - before[1],
        )
        left.condition()
        came_back(left, right)
    assert callers.bad == [], callers.statuses
    # Chance decides when five failures come in a row; until then the poor share leaves it a tenth of the weight.
    assert into < 0.2 * others, (into, others)
    agrees(weir, left, right)


def test_flapping_fails_no_request_and_each_flap_costs_a_bounded_number(pair):
    weir, left, right = pair
    most = 0
    with load(weir) as callers:
        time.sleep(0.5)
        for _ in range(6):
            began = time.monotonic()
            left.condition(status=503)
            time.sleep(0.6)
            left.condition()
            most += most_into_the_sick(time.monotonic() - began)
            time.sleep(0.6)
        came_back(left, right)
    assert callers.bad == [], callers.statuses
    into, _ = failures_at("left", agrees(weir, left, right))
    assert FAILURES <= into <= most, (into, most)


def test_a_single_degraded_provider_is_not_hammered(start_weir, start_simulator):
    """With no other to go to, repetitions stay within their budget and refusals are told at once."""
    sick = start_simulator()
    config = {
        **OPTIONS,
        "providers": provider("left", sick.url, "anthropic", ["kl"]),
        "routes": {"m": {"targets": [{"provider": "left", "model": "claude-sonnet-5-5"}]}},
    }
    weir = start_weir(None, config=yaml(config))
    sick.condition(status=529)
    with load(weir) as callers:
        time.sleep(SECONDS)
        into = sick.counts()["requests"]
        sick.condition()
        with new_client(weir) as client:

            def is_served():
                return ask(client, "messages", body_of("messages", "m", "hello", False)).is_good

            eventually(is_served, LONGEST_REFUSAL + 6, what="it is served again")
    refused = [one for one in callers.seen if one.status == 503]
    assert len(callers.seen) > 5 * into, "callers kept asking"
    # 10 repetitions are the least that a quiet target gets.
    assert into <= most_into_the_sick(SECONDS) + CALLERS + 10, into
    last = refused[-1]
    assert "left/claude-sonnet-5-5" in last.body.decode() and int(last.headers["retry-after"]) >= 1
    assert last.headers["x-should-retry"] == "true"
    rows = [row for row in agrees(weir, sick) if row.get("reason") == "all_down"]
    times = sorted(row["settled_after"] for row in rows if not row["attempts"])
    assert times[len(times) // 2] < 5_000, "microseconds that half of the refusals took at most"
