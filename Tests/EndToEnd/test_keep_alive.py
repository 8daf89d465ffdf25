"""Streams whose provider is silent are kept alive in the caller's dialect; those that commit early say so."""

import time

import anthropic
import openai
import pytest
from support.bodies import events, marker
from support.processes import KEY
from support.reliability import ask, body_of, new_client, provider, yaml


@pytest.fixture
def quiet(start_weir, start_simulator):
    def start(dialect: str, model: str, **options):
        simulator = start_simulator()
        config = {
            "fallback": "off",
            "retry": {"attempts": 2, "backoff": "10ms"},
            "streams": {"keep_alive": "1s", **options},
            "providers": provider("only", simulator.url, dialect, ["k"]),
            "routes": {"m": {"targets": [{"provider": "only", "model": model}]}},
        }
        return start_weir(None, config=yaml(config)), simulator

    return start


def test_a_silent_messages_stream_has_pings_between_its_events(quiet):
    weir, simulator = quiet("anthropic", "claude-sonnet-5-5")
    simulator.condition(first_byte_ms=3_500)
    with new_client(weir) as client:
        one = ask(client, "messages", body_of("messages", "m", marker(), True))
    assert one.is_good
    names = [name for name, _ in events(one.body)]
    first = names.index("message_start")
    assert names[:first].count("ping") == first >= 2
    row = weir.row(one.request_id)
    assert row["state"] == "settled" and row["bytes_out"] == len(one.body)


def test_a_stream_that_goes_silent_in_its_middle_is_kept_alive_between_events_only(quiet):
    weir, simulator = quiet("anthropic", "claude-sonnet-5-5")
    simulator.condition(event_delay_ms=1_400)
    with new_client(weir) as client:
        one = ask(client, "messages", body_of("messages", "m", marker(), True, tokens=4))
    assert one.is_good
    found = events(one.body)
    assert [name for name, _ in found].count("ping") >= 5
    assert all(isinstance(data, dict) and data["type"] == name for name, data in found)


@pytest.mark.parametrize("surface", ["chat", "responses"])
def test_a_silent_openai_stream_has_comments(quiet, surface):
    weir, simulator = quiet(surface, "gpt-5.4-mini")
    simulator.condition(first_byte_ms=3_500)
    with new_client(weir) as client:
        one = ask(client, surface, body_of(surface, "m", marker(), True))
    assert one.is_good
    assert one.body.count(b": keep-alive\n\n") >= 2 and one.body.startswith(b": keep-alive")


def test_the_sdks_do_not_notice(quiet):
    weir, simulator = quiet("anthropic", "claude-sonnet-5-5")
    simulator.condition(first_byte_ms=2_500, event_delay_ms=1_200)
    with anthropic.Anthropic(base_url=weir.url, api_key=KEY, max_retries=0) as client:
        body = body_of("messages", "m", marker(), True, tokens=4)
        body.pop("stream")
        with client.messages.stream(**body) as stream:
            final = stream.get_final_message()
    assert final.stop_reason and final.content[0].text
    weir, simulator = quiet("chat", "gpt-5.4-mini")
    simulator.condition(first_byte_ms=2_500)
    with openai.OpenAI(base_url=f"{weir.url}/v1", api_key=KEY, max_retries=0) as client:
        chunks = list(client.chat.completions.create(**body_of("chat", "m", marker(), True, tokens=4)))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_keep_alives_can_be_off(quiet):
    weir, simulator = quiet("chat", "gpt-5.4-mini", keep_alive="off")
    simulator.condition(first_byte_ms=2_500)
    with new_client(weir) as client:
        one = ask(client, "chat", body_of("chat", "m", marker(), True))
    assert one.is_good and b": keep-alive" not in one.body


def test_an_early_commitment_gives_the_head_before_the_provider_has_answered(quiet):
    weir, simulator = quiet("anthropic", "claude-sonnet-5-5", commit_early=True)
    simulator.condition(latency_ms=3_500)
    with new_client(weir) as client:
        began = time.monotonic()
        with client.stream("POST", "/v1/messages", json=body_of("messages", "m", marker(), True)) as reply:
            assert reply.status_code == 200
            # The provider cannot have answered: its head has not been written yet.
            assert time.monotonic() - began < 3
            pieces = list(reply.iter_bytes())
            assert b"ping" in pieces[0]
    assert events(b"".join(pieces))[-1][0] == "message_stop"


def test_after_an_early_commitment_a_failure_is_an_error_event(quiet):
    weir, simulator = quiet("anthropic", "claude-sonnet-5-5", commit_early=True)
    simulator.condition(latency_ms=1_800, status=529)
    with new_client(weir) as client:
        one = ask(client, "messages", body_of("messages", "m", marker(), True))
    assert (one.status, one.end) == (200, "error")
    row = weir.row(one.request_id)
    assert row["state"] != "settled" and row["reason"]
