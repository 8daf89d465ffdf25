"""Streams that break and begin anew, heads sent early, limits of time that name themselves, and all targets down."""

import time

import pytest
from support.bodies import events, marker
from support.deaf import deaf_address
from support.processes import free_port
from support.reliability import SURFACES, ask, assert_costs_add_up, body_of, new_client, provider, yaml

OPTIONS = {
    "fallback": "off",
    "prompt_cache": "off",
    "retry": {"attempts": 3, "backoff": "5ms", "longest_backoff": "10ms"},
    "health": {"failures_in_a_row": 100, "min_outcomes": 100},
}
# The reply's beginning in each dialect.
BEGINNINGS = {"messages": b"event: message_start", "chat": b'"role":"assistant"', "responses": b"event: response.created"}
SICK = {"fault": "reset-mid-body", "fault_after": 5, "until_requests": 1}


@pytest.fixture
def route(start_weir, start_simulator):
    """A Weir whose route "m" has one target, or two of which the second stands by."""

    def start(surface: str, targets: int = 1, model: str | None = None, **options):
        _, dialect, usual = SURFACES[surface]
        simulators = [start_simulator() for _ in range(targets)]
        config = {**OPTIONS, **options, "providers": {}, "routes": {"m": {"targets": []}}}
        for number, simulator in enumerate(simulators):
            config["providers"] |= provider(f"p{number}", simulator.url, dialect, [f"k{number}"])
            config["routes"]["m"]["targets"].append(
                {"provider": f"p{number}", "model": model or usual, "weight": 0 if number else 1}
            )
        return start_weir(None, config=yaml(config)), *simulators

    return start


def message_of(seen, surface: str) -> str:
    """The words of the error event that a stream ended with."""
    data = events(seen.body)[-1][1]
    return data["message"] if surface == "responses" else data["error"]["message"]


def assert_begun_anew(seen, surface: str, row: dict, reason: str = "upstream_broke") -> None:
    """Two beginnings, a comment between them, one end; both attempts with their cost."""
    assert seen.is_good, seen.body[-400:]
    between = f": weir restarts this message ({reason})\n\n".encode()
    before, after = seen.body.split(between)
    assert BEGINNINGS[surface] in before and BEGINNINGS[surface] in after
    assert not endings(surface, before) and endings(surface, after) == 1
    first, second = row["attempts"]
    assert (first["kind"], first["reason"]) == ("first", reason)
    assert (second["kind"], second["reason"]) == ("restart", None)
    assert first["cost_usd"] > 0 and second["cost_usd"] > 0
    assert first["usage"]["output_tokens"] is not None and first["usage_source"] == "estimated"
    assert second["usage_source"] == "provider" and second["usage"] == row["usage"]
    assert_costs_add_up(row)
    assert (row["state"], row["reason"], row["status"]) == ("settled", None, 200)
    assert row["provider"] == second["provider"] and row["bytes_out"] == len(seen.body)


def endings(surface: str, body: bytes) -> int:
    """How often the dialect's last event is there."""
    marks = {
        "messages": [b"event: message_stop"],
        "chat": [b"data: [DONE]"],
        "responses": [b"event: response.completed", b"event: response.incomplete"],
    }
    return sum(body.count(mark) for mark in marks[surface])


# MARK: A stream that begins anew


@pytest.mark.parametrize("surface", SURFACES)
def test_a_stream_that_breaks_begins_anew_where_the_route_says_so(route, surface):
    weir, simulator = route(surface, streams={"when_broken": "restart"})
    simulator.condition(**SICK)
    with new_client(weir) as client:
        seen = ask(client, surface, body_of(surface, "m", marker(), True))
    assert_begun_anew(seen, surface, weir.row(seen.request_id))
    assert simulator.counts()["requests"] == 2


@pytest.mark.parametrize("surface", SURFACES)
def test_it_begins_anew_at_the_other_target_where_there_is_one(route, surface):
    weir, left, right = route(surface, targets=2, streams={"when_broken": "restart"})
    left.condition(fault="truncate", fault_after=5)
    with new_client(weir) as client:
        seen = ask(client, surface, body_of(surface, "m", marker(), True))
    row = weir.row(seen.request_id)
    assert_begun_anew(seen, surface, row)
    assert [attempt["provider"] for attempt in row["attempts"]] == ["p0", "p1"]
    assert left.counts()["requests"] == right.counts()["requests"] == 1


@pytest.mark.parametrize("surface", SURFACES)
def test_a_stream_that_the_provider_ends_with_an_error_begins_anew(route, surface):
    weir, simulator = route(surface, streams={"when_broken": "restart"})
    simulator.condition(fault="error-event", fault_after=5, until_requests=1, event_delay_ms=20)
    with new_client(weir) as client:
        seen = ask(client, surface, body_of(surface, "m", marker(), True))
    assert_begun_anew(seen, surface, weir.row(seen.request_id))
    # The provider's own event is not for a caller who gets a new beginning.
    assert b"event: error" not in seen.body and b'"error":{' not in seen.body.replace(b" ", b"")


def test_the_caller_is_kept_alive_while_the_new_beginning_is_awaited(route):
    weir, left, right = route("messages", targets=2, streams={"when_broken": "restart", "keep_alive": "1s"})
    left.condition(**SICK)
    right.condition(latency_ms=3500)
    with new_client(weir) as client:
        seen = ask(client, "messages", body_of("messages", "m", marker(), True))
    before, after = seen.body.split(b": weir restarts this message (upstream_broke)\n\n")
    assert after[: after.index(BEGINNINGS["messages"])].count(b"event: ping") >= 3, after[:400]


def test_a_stream_that_falls_silent_begins_anew(route):
    weir, simulator = route("messages", streams={"when_broken": "restart"}, timeouts={"silence": "700ms"})
    simulator.condition(fault="stall", fault_after=5, until_requests=1)
    with new_client(weir) as client:
        seen = ask(client, "messages", body_of("messages", "m", marker(), True))
    assert_begun_anew(seen, "messages", weir.row(seen.request_id), "upstream_timed_out")


@pytest.mark.parametrize("surface", SURFACES)
def test_a_caller_asks_for_it_by_a_header(route, surface):
    weir, simulator = route(surface)
    simulator.condition(**SICK)
    with new_client(weir) as client:
        body = body_of(surface, "m", marker(), True)
        seen = ask(client, surface, body, {"x-weir-when-broken": "restart"})
        assert_begun_anew(seen, surface, weir.row(seen.request_id))
        simulator.condition(**SICK)
        seen = ask(client, surface, body_of(surface, "m", marker(), True))
    assert (seen.status, seen.end) == (200, "error")
    assert not simulator.received()[-1].values("x-weir-when-broken"), "it is for Weir alone"
    assert len(weir.row(seen.request_id)["attempts"]) == 1


def test_a_caller_that_does_not_take_it_says_so_by_the_header(route):
    weir, simulator = route("messages", streams={"when_broken": "restart"})
    simulator.condition(**SICK)
    with new_client(weir) as client:
        body = body_of("messages", "m", marker(), True)
        seen = ask(client, "messages", body, {"x-weir-when-broken": "error"})
    assert (seen.status, seen.end) == (200, "error")
    row = weir.row(seen.request_id)
    assert (row["state"], row["reason"], len(row["attempts"])) == ("upstream_broke", "upstream_broke", 1)


@pytest.mark.parametrize("surface", SURFACES)
def test_it_begins_anew_once_and_then_ends_with_an_error_event(route, surface):
    weir, simulator = route(surface, streams={"when_broken": "restart"})
    simulator.condition(fault="reset-mid-body", fault_after=5)
    with new_client(weir) as client:
        seen = ask(client, surface, body_of(surface, "m", marker(), True))
    assert (seen.status, seen.end) == (200, "error")
    row = weir.row(seen.request_id)
    assert (row["state"], row["reason"]) == ("upstream_broke", "upstream_broke")
    assert [(one["kind"], one["reason"]) for one in row["attempts"]] == [
        ("first", "upstream_broke"),
        ("restart", "upstream_broke"),
    ]
    assert all(one["cost_usd"] > 0 for one in row["attempts"])
    assert_costs_add_up(row)
    assert simulator.counts()["requests"] == 2


def test_where_nothing_can_begin_anew_the_stream_ends_with_an_error_event(route):
    weir, left, right = route("messages", targets=2, streams={"when_broken": "restart"})
    left.condition(fault="reset-mid-body", fault_after=5)
    right.condition(status=529)
    with new_client(weir) as client:
        seen = ask(client, "messages", body_of("messages", "m", marker(), True))
    assert (seen.status, seen.end) == (200, "error")
    row = weir.row(seen.request_id)
    assert row["state"] == "upstream_broke" and row["reason"]
    assert row["attempts"][0]["reason"] == "upstream_broke"
    assert row["attempts"][1]["kind"] == "restart" and row["attempts"][1]["reason"] == "upstream_overloaded"
    assert_costs_add_up(row)


def test_a_plain_reply_never_begins_anew(route):
    weir, simulator = route("messages", streams={"when_broken": "restart"})
    with new_client(weir) as client:
        seen = ask(client, "messages", body_of("messages", "m", marker(), False))
    assert seen.is_good and [one["kind"] for one in weir.row(seen.request_id)["attempts"]] == ["first"]


# MARK: A head that is sent early

EARLY = {"commit_early": True, "keep_alive": "1s"}


def pings(surface: str, body: bytes) -> int:
    return body.count(b"event: ping") if surface == "messages" else body.count(b": keep-alive\n\n")


@pytest.mark.parametrize("surface", SURFACES)
def test_the_head_and_keep_alives_come_before_the_provider_answers(route, surface):
    weir, simulator = route(surface, streams=EARLY)
    simulator.condition(latency_ms=3_600)
    with new_client(weir) as client:
        began = time.monotonic()
        with client.stream("POST", SURFACES[surface][0], json=body_of(surface, "m", marker(), True)) as reply:
            head_after = time.monotonic() - began
            body = b"".join(reply.iter_bytes())
    assert reply.status_code == 200 and 0.8 < head_after < 3
    assert reply.headers["content-type"].startswith("text/event-stream")
    beginning = body.index(BEGINNINGS[surface])
    assert pings(surface, body[:beginning]) >= 2
    assert endings(surface, body) == 1
    row = weir.row(reply.headers["x-weir-request-id"])
    assert (row["state"], row["status"], row["reason"]) == ("settled", 200, None)
    assert row["cost_usd"] > 0 and row["usage_source"] == "provider" and row["bytes_out"] == len(body)
    assert row["first_byte_after"] < 3_000_000


def test_a_provider_that_answers_soon_gives_the_head_itself(route):
    weir, _ = route("messages", streams=EARLY)
    with new_client(weir) as client:
        good = ask(client, "messages", body_of("messages", "m", marker(), True))
    assert good.is_good and good.headers["x-weir-provider"] == "p0"


def test_an_early_failure_still_has_its_status(route):
    weir, simulator = route("messages", streams=EARLY, retry={"attempts": 1})
    simulator.condition(status=529)
    with new_client(weir) as client:
        seen = ask(client, "messages", body_of("messages", "m", marker(), True))
    assert (seen.status, seen.end) == (529, "error")


@pytest.mark.parametrize("surface", SURFACES)
def test_a_failure_behind_the_head_is_an_error_event(route, surface):
    weir, simulator = route(surface, streams=EARLY, retry={"attempts": 1})
    simulator.condition(latency_ms=2_500, status=503)
    with new_client(weir) as client:
        seen = ask(client, surface, body_of(surface, "m", marker(), True))
    assert (seen.status, seen.end) == (200, "error"), seen.body
    assert pings(surface, seen.body) >= 1
    assert "503" in message_of(seen, surface)
    row = weir.row(seen.request_id)
    assert row["state"] in ("failed", "upstream_broke") and row["status"] == 200
    assert row["reason"] == "upstream_overloaded"
    assert [one["reason"] for one in row["attempts"]] == ["upstream_overloaded"]
    assert row["cost_usd"] == 0


def test_what_the_provider_says_of_the_request_reaches_the_caller_behind_the_head(route):
    weir, simulator = route("messages", streams=EARLY)
    simulator.condition(latency_ms=2_500)
    with new_client(weir) as client:
        body = body_of("messages", "m", marker(), True)
        # The provider's own words on this are what the caller needs.
        seen = ask(client, "messages", {**body, "messages": [{"role": "nobody", "content": "x"}]})
    assert (seen.status, seen.end) == (200, "error"), seen.body
    assert "400" in message_of(seen, "messages") and "role" in message_of(seen, "messages"), seen.body


def test_a_callers_fault_behind_the_head_does_not_count_against_the_target(route):
    weir, simulator = route("messages", streams=EARLY, health={"failures_in_a_row": 1})
    with new_client(weir) as client:
        simulator.condition(latency_ms=1_800, status=400)
        assert ask(client, "messages", body_of("messages", "m", marker(), True)).end == "error"
        simulator.condition()
        assert ask(client, "messages", body_of("messages", "m", marker(), True)).is_good


def test_another_target_still_serves_behind_the_head(route):
    weir, left, right = route("messages", targets=2, streams=EARLY)
    left.condition(latency_ms=2_500, status=529)
    with new_client(weir) as client:
        seen = ask(client, "messages", body_of("messages", "m", marker(), True))
    assert seen.is_good and pings("messages", seen.body) >= 1
    row = weir.row(seen.request_id)
    assert [(one["kind"], one["reason"]) for one in row["attempts"]] == [
        ("first", "upstream_overloaded"),
        ("failover", None),
    ]
    assert row["state"] == "settled" and row["provider"] == "p1"
    assert_costs_add_up(row)


def test_a_plain_reply_is_never_committed_early(route):
    weir, simulator = route("messages", streams=EARLY, retry={"attempts": 1})
    simulator.condition(latency_ms=2_500, status=529)
    with new_client(weir) as client:
        seen = ask(client, "messages", body_of("messages", "m", marker(), False))
    assert (seen.status, seen.end) == (529, "error")


# MARK: Limits of time


def timed_out(weir, surface: str, streamed: bool):
    with new_client(weir) as client:
        seen = ask(client, surface, body_of(surface, "m", marker(), streamed))
    return seen, weir.row(seen.request_id)


@pytest.mark.parametrize(
    ("option", "model", "streamed"),
    [
        ("first_byte", "gpt-4.1", True),
        ("first_byte_reasoning", "gpt-5.4-mini", True),
        ("plain_reply", "gpt-5.4-mini", False),
    ],
)
def test_a_wait_for_the_first_byte_is_named(route, option, model, streamed):
    weir, simulator = route("chat", model=model, timeouts={option: "700ms"}, retry={"attempts": 1})
    simulator.condition(latency_ms=6_000)
    seen, row = timed_out(weir, "chat", streamed)
    assert (seen.status, seen.end) == (504, "error") and 0.5 < seen.took < 4
    assert f"(timeouts.{option})" in seen.body.decode()
    assert (row["state"], row["reason"]) == ("failed", "upstream_timed_out")
    assert [one["reason"] for one in row["attempts"]] == ["upstream_timed_out"]


@pytest.mark.parametrize("surface", SURFACES)
def test_silence_in_the_middle_of_a_stream_is_named(route, surface):
    weir, simulator = route(surface, timeouts={"silence": "700ms"})
    simulator.condition(fault="stall", fault_after=5)
    seen, row = timed_out(weir, surface, True)
    assert (seen.status, seen.end) == (200, "error") and seen.took < 4
    assert "(timeouts.silence)" in message_of(seen, surface)
    assert (row["state"], row["reason"]) == ("upstream_broke", "upstream_timed_out")
    assert [one["reason"] for one in row["attempts"]] == ["upstream_timed_out"]


def test_silence_in_the_middle_of_a_plain_reply_is_named(route):
    weir, simulator = route("messages", timeouts={"silence": "700ms"}, retry={"attempts": 1})
    simulator.condition(fault="stall")
    seen, row = timed_out(weir, "messages", False)
    assert (seen.status, seen.end) == (504, "error") and "(timeouts.silence)" in seen.body.decode()
    assert (row["state"], row["reason"]) == ("failed", "upstream_timed_out")


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_the_whole_time_of_a_request_is_named(route, streamed):
    weir, simulator = route("messages", timeouts={"total": "900ms"})
    simulator.condition(latency_ms=6_000)
    seen, row = timed_out(weir, "messages", streamed)
    assert (seen.status, seen.end) == (504, "error") and 0.7 < seen.took < 4
    assert "(timeouts.total)" in seen.body.decode() and seen.headers["x-should-retry"] == "false"
    assert (row["state"], row["reason"]) == ("failed", "deadline_passed")
    assert [one["reason"] for one in row["attempts"]] == ["deadline_passed"]


@pytest.mark.parametrize("surface", SURFACES)
def test_the_whole_time_is_over_in_the_middle_of_a_stream(route, surface):
    # What breaks off for this does not begin anew.
    weir, simulator = route(surface, timeouts={"total": "1500ms"}, streams={"when_broken": "restart"})
    simulator.condition(event_delay_ms=300)
    seen, row = timed_out(weir, surface, True)
    assert (seen.status, seen.end) == (200, "error") and seen.took < 5
    assert "(timeouts.total)" in message_of(seen, surface)
    assert (row["state"], row["reason"]) == ("upstream_broke", "deadline_passed")
    assert [(one["kind"], one["reason"]) for one in row["attempts"]] == [("first", "deadline_passed")]
    assert row["usage_source"] == "estimated"


def test_the_whole_time_covers_all_attempts(route):
    weir, left, right = route("messages", targets=2, timeouts={"total": "1500ms", "plain_reply": "1s"})
    left.condition(latency_ms=6_000)
    right.condition(latency_ms=6_000)
    seen, row = timed_out(weir, "messages", False)
    assert seen.status == 504 and "(timeouts.total)" in seen.body.decode() and seen.took < 4
    assert [one["reason"] for one in row["attempts"]] == ["upstream_timed_out", "deadline_passed"]


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_where_the_others_stay_silent_a_target_that_failed_is_asked_again(route, streamed):
    limits = {"plain_reply": "700ms", "first_byte_reasoning": "700ms"}
    weir, left, right = route("messages", targets=2, timeouts=limits)
    left.condition(status=500, until_requests=1)
    right.condition(latency_ms=6_000)
    seen, row = timed_out(weir, "messages", streamed)
    assert seen.is_good and seen.took < 4
    assert [(one["provider"], one["kind"], one["reason"]) for one in row["attempts"]] == [
        ("p0", "first", "upstream_failed"),
        ("p1", "failover", "upstream_timed_out"),
        ("p0", "retry", None),
    ]


def test_the_wait_for_a_connection_is_named(start_weir):
    with deaf_address() as deaf:
        config = {
            **OPTIONS,
            "retry": {"attempts": 1},
            "timeouts": {"connect": "400ms"},
            "providers": provider("p0", f"http://{deaf}", "anthropic", ["k"]),
            "routes": {"m": {"targets": [{"provider": "p0", "model": "claude-sonnet-5-5"}]}},
        }
        seen, row = timed_out(start_weir(None, config=yaml(config)), "messages", False)
    assert seen.status == 502 and "(timeouts.connect)" in seen.body.decode() and seen.took < 3
    assert row["reason"] == "upstream_unreachable"


# MARK: Nothing can serve


def test_all_targets_down_are_answered_at_once_with_their_reasons(start_weir, start_simulator):
    sick = start_simulator()
    sick.condition(status=500)
    config = {
        "fallback": "off",
        "prompt_cache": "off",
        "retry": {"attempts": 4, "backoff": "1ms", "longest_backoff": "2ms"},
        "health": {"failures_in_a_row": 2, "refuse_for": "60s", "longest_refusal": "120s"},
        "providers": provider("sick", sick.url, "anthropic", ["k"])
        | provider("gone", f"http://127.0.0.1:{free_port()}", "anthropic", ["k"]),
        "routes": {
            "m": {
                "targets": [
                    {"provider": "sick", "model": "claude-sonnet-5-5"},
                    {"provider": "gone", "model": "claude-sonnet-5-5"},
                ]
            }
        },
    }
    weir = start_weir(None, config=yaml(config))
    with new_client(weir) as client:
        for _ in range(6):
            assert ask(client, "messages", body_of("messages", "m", marker(), False)).status >= 500
        asked = sick.counts()["requests"]
        seen = [ask(client, "messages", body_of("messages", "m", marker(), n % 2 == 0)) for n in range(50)]
    assert sick.counts()["requests"] == asked, "nothing was asked of a target that is refused"
    for one in seen:
        assert (one.status, one.end) == (503, "error")
        text = one.body.decode()
        assert "sick/claude-sonnet-5-5" in text and "gone/claude-sonnet-5-5" in text
        assert text.count("refused after failures") == 2
        assert 1 <= int(one.headers["retry-after"]) <= 60
        assert one.headers["x-should-retry"] == "true"
    rows = [row for row in weir.rows(56) if row["id"] in {one.request_id for one in seen}]
    assert len(rows) == 50
    for row in rows:
        assert (row["state"], row["reason"], row["attempts"]) == ("failed", "all_down", [])
        assert row["cost_usd"] == 0
    # At once: nothing is waited for. The quickest of them shows it on a busy machine, too.
    assert min(row["settled_after"] for row in rows) < 5_000


def test_a_target_that_fails_beside_a_refused_one_is_not_told_of_alone(start_weir, start_simulator):
    sick = start_simulator()
    sick.condition(status=500)
    target = {name: {"provider": name, "model": "claude-sonnet-5-5"} for name in ("sick", "gone")}
    config = {
        **OPTIONS,
        # Each is refused after its first failure: the retry at `sick`, too.
        "health": {"failures_in_a_row": 1, "refuse_for": "60s", "longest_refusal": "120s"},
        "providers": provider("sick", sick.url, "anthropic", ["k"])
        | provider("gone", f"http://127.0.0.1:{free_port()}", "anthropic", ["k"]),
        "routes": {"alone": {"targets": [target["gone"]]}, "m": {"targets": [target["sick"], target["gone"]]}},
    }
    weir = start_weir(None, config=yaml(config))
    with new_client(weir) as client:
        assert ask(client, "messages", body_of("messages", "alone", marker(), False)).status in (502, 503)
        seen = ask(client, "messages", body_of("messages", "m", marker(), False))
    assert (seen.status, seen.end) == (503, "error"), seen.body
    text = seen.body.decode()
    assert "sick/claude-sonnet-5-5: answered 500" in text
    assert "gone/claude-sonnet-5-5: refused after failures" in text
    assert weir.row(seen.request_id)["reason"] == "all_down"


@pytest.mark.parametrize("surface", SURFACES)
def test_the_reason_of_each_target_is_told_where_all_of_them_fail(route, surface):
    weir, left, right = route(surface, targets=2)
    left.condition(status=503, retry_after="7")
    right.condition(status=500, retry_after="30")
    with new_client(weir) as client:
        seen = ask(client, surface, body_of(surface, "m", marker(), False))
    assert (seen.status, seen.end) == (503, "error")
    model = SURFACES[surface][2]
    assert f"p0/{model}: answered 503" in seen.body.decode() and f"p1/{model}: answered 500" in seen.body.decode()
    assert 1 <= int(seen.headers["retry-after"]) <= 7
    assert weir.row(seen.request_id)["reason"] == "all_down"


def test_where_every_account_is_limited_the_answer_is_429_until_the_first_is_free(start_weir, start_simulator):
    simulator = start_simulator()
    simulator.condition(status=429, retry_after="40")
    config = {
        **OPTIONS,
        "providers": provider("p", simulator.url, "anthropic", ["k1", "k2"]),
        "routes": {"m": {"targets": [{"provider": "p", "model": "claude-sonnet-5-5"}]}},
    }
    weir = start_weir(None, config=yaml(config))
    with new_client(weir) as client:
        for _ in range(3):
            seen = ask(client, "messages", body_of("messages", "m", marker(), False))
            assert (seen.status, seen.end) == (429, "error"), seen.body
            assert 1 <= int(seen.headers["retry-after"]) <= 41
    assert simulator.counts()["requests"] == 2, "both were asked once"
