"""A second target is raced against a slow one; both are booked, and hedges have a budget."""

import pytest
from support.bodies import marker
from support.reliability import ask, assert_costs_add_up, body_of, new_client, provider, yaml
from support.waiting import eventually


@pytest.fixture
def racers(start_weir, start_simulator):
    """left is asked first, right is raced against it."""

    def start(hedge):
        left, right = start_simulator(), start_simulator()
        config = {
            "fallback": "off",
            "prompt_cache": "off",
            "providers": provider("left", left.url, "anthropic", ["kl"])
            | provider("right", right.url, "anthropic", ["kr"]),
            "routes": {
                "m": {
                    "targets": [{"provider": "left", "model": "claude-sonnet-5-5"}],
                    "fallback": [{"provider": "right", "model": "claude-sonnet-5-5"}],
                    "hedge": hedge,
                }
            },
        }
        return start_weir(None, config=yaml(config)), left, right

    return start


@pytest.mark.parametrize("stream", [False, True])
def test_the_first_byte_wins_and_the_loser_is_cancelled_and_booked(racers, stream):
    weir, left, right = racers({"after": "200ms", "percent": 100})
    left.condition(latency_ms=5_000)
    with new_client(weir) as client:
        one = ask(client, "messages", body_of("messages", "m", marker(), stream))
    assert one.is_good and one.took < 4
    row = weir.row(one.request_id)
    assert row["provider"] == "right"
    first, second = row["attempts"]
    assert (first["kind"], first["provider"], first["reason"]) == ("first", "left", "hedged_away")
    assert (second["kind"], second["provider"]) == ("hedge", "right")
    assert second["cost_usd"] > 0 and first["cost_usd"] is not None
    assert_costs_add_up(row)
    eventually(lambda: left.replies()["cancelled"] == 1, 3, what="the loser's request is cancelled")
    assert left.counts()["requests"] == right.counts()["requests"] == 1


def test_a_fast_target_is_never_hedged(racers):
    weir, left, right = racers({"after": "2s", "percent": 100})
    with new_client(weir) as client:
        assert all(ask(client, "messages", body_of("messages", "m", marker(), False)).is_good for _ in range(20))
    assert (left.counts()["requests"], right.counts()["requests"]) == (20, 0)


def test_a_first_target_that_fails_while_it_is_raced_leaves_the_other_one(racers):
    weir, left, right = racers({"after": "200ms", "percent": 100})
    left.condition(latency_ms=600, status=529)
    right.condition(latency_ms=900)
    with new_client(weir) as client:
        one = ask(client, "messages", body_of("messages", "m", marker(), False))
    assert one.is_good
    row = weir.row(one.request_id)
    assert [attempt.get("reason") for attempt in row["attempts"]] == ["upstream_overloaded", None]
    assert left.counts()["requests"] + right.counts()["requests"] == len(row["attempts"])


def test_hedges_stay_within_their_budget(racers):
    weir, left, right = racers({"after": "100ms", "percent": 5})
    left.condition(latency_ms=250)
    with new_client(weir) as client:
        assert all(ask(client, "messages", body_of("messages", "m", marker(), False)).is_good for _ in range(60))
    assert left.counts()["requests"] == 60
    assert 1 <= right.counts()["requests"] <= 60 * 5 // 100


def test_the_wait_is_learned_from_the_target(racers):
    # Learned from streams: the head of a plain reply comes when all of it is written.
    weir, left, right = racers({"after": "p95", "percent": 100})
    with new_client(weir) as client:
        for _ in range(40):
            assert ask(client, "messages", body_of("messages", "m", marker(), True)).is_good
        before = right.counts()["requests"]
        left.condition(latency_ms=4_000)
        one = ask(client, "messages", body_of("messages", "m", marker(), True))
    assert one.is_good and one.took < 3
    assert weir.row(one.request_id)["attempts"][-1]["kind"] == "hedge"
    assert right.counts()["requests"] == before + 1
