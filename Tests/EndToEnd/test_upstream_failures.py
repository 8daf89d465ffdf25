"""Providers that are down, slow or die."""

import time

import httpx
import pytest
from support.bodies import chat, events, message
from support.deaf import deaf_address
from support.processes import KEY, free_port


def test_a_provider_that_is_down_gives_502_after_the_last_attempt(start_weir):
    weir = start_weir(f"http://127.0.0.1:{free_port()}", config="retry: {backoff: 10ms}\n")
    with weir.client() as client:
        began = time.monotonic()
        reply = client.post("/v1/messages", json=message())
        took = time.monotonic() - began
        assert reply.status_code == 502 and took < 1.5
        assert reply.json()["type"] == "error" and reply.headers["x-should-retry"] == "true"
        in_chat = client.post("/v1/chat/completions", json=chat())
        assert in_chat.status_code == 502 and "type" not in in_chat.json()
    row = weir.row(reply.headers["x-weir-request-id"])
    assert (row["state"], row["reason"]) == ("failed", "upstream_unreachable")
    assert [attempt["kind"] for attempt in row["attempts"]] == ["first", "retry", "retry", "retry"]
    assert {attempt["reason"] for attempt in row["attempts"]} == {"upstream_unreachable"}


def test_a_provider_that_does_not_accept_gives_502_within_the_connect_timeout(start_weir):
    with deaf_address() as deaf:
        weir = start_weir(f"http://{deaf}", config="timeouts:\n  connect: 400ms\nretry: {attempts: 1}\n")
        with weir.client() as client:
            began = time.monotonic()
            reply = client.post("/v1/messages", json=message())
            took = time.monotonic() - began
    assert reply.status_code == 502 and 0.3 < took < 1.5


def test_an_unknown_host_gives_502(start_weir):
    weir = start_weir("http://no-such-host.invalid:1")
    with weir.client() as client:
        reply = client.post("/v1/messages", json=message())
    assert reply.status_code == 502


def test_a_provider_that_never_answers_gives_504_after_the_first_byte_timeout(start_weir, simulator):
    weir = start_weir(simulator.url, config="timeouts: {plain_reply: 500ms}\nretry: {attempts: 1}\n")
    with weir.client() as client:
        reply = client.post("/v1/messages", json=message(), headers={"x-sim-latency-ms": "5000"})
    assert reply.status_code == 504 and reply.json()["error"]["type"] == "timeout_error"
    assert "timeouts.plain_reply" in reply.json()["error"]["message"]
    assert weir.row(reply.headers["x-weir-request-id"])["reason"] == "upstream_timed_out"


def test_a_stream_that_falls_silent_ends_with_an_error_event_after_the_silence_timeout(start_weir, simulator):
    weir = start_weir(simulator.url, config="timeouts:\n  silence: 500ms\n")
    with weir.client() as client:
        reply = client.post(
            "/v1/messages",
            json=message(stream=True),
            headers={"x-sim-fault": "stall", "x-sim-event-delay-ms": "1", "x-sim-fault-after": "4"},
        )
    found = events(reply.content)
    assert found[-1][0] == "error" and "message_stop" not in reply.text
    row = weir.row(reply.headers["x-weir-request-id"])
    assert row["state"] in ("upstream_broke", "failed") and row["reason"] == "upstream_timed_out"


@pytest.mark.parametrize("fault", ["reset-mid-body", "truncate"])
def test_a_stream_that_dies_ends_with_an_error_event_and_never_with_an_invented_end(weir, fault):
    with weir.client() as client:
        reply = client.post(
            "/v1/messages",
            json=message(stream=True, max_tokens=200),
            headers={"x-sim-fault": fault, "x-sim-fault-after": "5", "x-sim-event-delay-ms": "1"},
        )
    found = events(reply.content)
    assert found[0][0] == "message_start"
    assert "message_stop" not in reply.text
    row = weir.row(reply.headers["x-weir-request-id"])
    assert row["state"] == "upstream_broke" and row["usage_source"] == "estimated"
    assert row["usage"]["output_tokens"] is not None
    if fault == "reset-mid-body":
        assert found[-1][0] == "error" and found[-1][1]["type"] == "error"


def test_a_chat_stream_that_dies_ends_with_an_error_and_no_done(weir):
    with weir.client() as client:
        reply = client.post(
            "/v1/chat/completions",
            json=chat(stream=True, max_tokens=200),
            headers={"x-sim-fault": "reset-mid-body", "x-sim-fault-after": "5", "x-sim-event-delay-ms": "1"},
        )
    assert "[DONE]" not in reply.text
    assert "error" in events(reply.content)[-1][1]


def test_a_provider_that_resets_before_the_head_gives_502(weir):
    with weir.client() as client:
        reply = client.post("/v1/messages", json=message(), headers={"x-sim-fault": "reset-before-head"})
    assert reply.status_code == 502 and reply.json()["type"] == "error"
    assert weir.row(reply.headers["x-weir-request-id"])["state"] == "failed"


def test_a_plain_reply_that_is_cut_is_an_error_and_not_half_an_answer(weir):
    with weir.client() as client:
        try:
            reply = client.post(
                "/v1/messages", json=message(max_tokens=500), headers={"x-sim-fault": "truncate"}
            )
            assert reply.status_code == 502
        except httpx.RemoteProtocolError:
            pass


def test_connections_that_the_provider_closed_meanwhile_are_never_noticed(start_weir, start_simulator, mark):
    simulator = start_simulator()
    weir = start_weir(simulator.url)
    with weir.client(headers={"x-sim-fault": "close-after", "x-test": mark}) as client:
        statuses = [client.post("/v1/messages", json=message()).status_code for _ in range(40)]
    assert statuses == [200] * 40
    assert len(simulator.received(mark)) == 40, "no request went out twice"
    rows = weir.export()
    assert all(row["state"] == "settled" for row in rows)


def test_connections_to_the_provider_are_used_again(start_weir, start_simulator):
    simulator = start_simulator()
    weir = start_weir(simulator.url, environment={"WEIR_THREADS": "1"})
    with weir.client() as client:
        ids = [client.post("/v1/messages", json=message()).headers["x-weir-request-id"] for _ in range(5)]
    reused = [weir.row(i)["attempts"][0]["reused_connection"] for i in ids]
    assert reused == [False, True, True, True, True]


def test_weir_recovers_when_the_provider_comes_back(start_weir, start_simulator):
    simulator = start_simulator()
    weir = start_weir(simulator.url)
    with weir.client() as client:
        assert client.post("/v1/messages", json=message()).status_code == 200
        simulator.kill()
        assert client.post("/v1/messages", json=message()).status_code == 502
        simulator.start()
        assert client.post("/v1/messages", json=message()).status_code == 200


def test_no_provider_for_a_dialect_is_explained(start_weir):
    weir = start_weir(None, environment={"WEIR_OPENAI_URL": "http://127.0.0.1:9/v1"})
    with weir.client() as client:
        reply = client.post("/v1/messages", json=message())
    assert reply.status_code == 503 and "ANTHROPIC_API_KEY" in reply.json()["error"]["message"]


def test_a_limit_on_connections_refuses_instead_of_queueing_forever(start_weir, start_simulator):
    import concurrent.futures

    simulator = start_simulator()
    weir = start_weir(
        simulator.url,
        environment={"WEIR_THREADS": "1"},
        config=f"providers:\n  anthropic:\n    url: {simulator.url}\n    max_connections: 2\n",
    )

    def ask(_):
        return httpx.post(
            weir.url + "/v1/messages",
            json=message(),
            trust_env=False,
            timeout=20,
            headers={"x-api-key": KEY, "anthropic-version": "2023-06-01", "x-sim-latency-ms": "1500"},
        ).status_code

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(ask, range(4)))
    assert statuses == [200, 200, 503, 503]
