"""Stopping drains."""

import json
import signal
import time

import httpx
from support.bodies import HEADERS, message
from support.raw import RawConnection, request_bytes
from support.waiting import eventually


def open_stream(weir, delay: int, tokens: int) -> RawConnection:
    connection = RawConnection(weir.port)
    connection.send(
        request_bytes(
            "/v1/messages",
            json.dumps(message(stream=True, max_tokens=4000)).encode(),
            [*HEADERS, ("x-sim-event-delay-ms", str(delay)), ("x-sim-output-tokens", str(tokens))],
        )
    )
    connection.read_head()
    connection.take_until(b"content_block_delta")
    return connection


def test_sigterm_lets_an_open_stream_end_and_takes_nothing_new(start_weir, simulator):
    weir = start_weir(simulator.url)
    connection = open_stream(weir, 50, 25)
    weir.process.send_signal(signal.SIGTERM)

    def refused() -> bool:
        try:
            return httpx.get(weir.url + "/readyz", trust_env=False, timeout=1).status_code == 503
        except httpx.HTTPError:
            return True

    eventually(refused, 2, what="no new requests are taken")
    assert b"message_stop" in connection.take_until(b"\r\n0\r\n\r\n"), "the stream ends as it should"
    connection.close()
    assert weir.process.wait(10) == 0
    rows = weir.export()
    assert [row["state"] for row in rows] == ["settled"]


def test_draining_ends_at_its_limit(start_weir, simulator):
    weir = start_weir(simulator.url, config="timeouts:\n  drain: 600ms\n")
    connection = open_stream(weir, 100, 1000)
    began = time.monotonic()
    weir.terminate(8)
    assert 0.4 < time.monotonic() - began < 5
    connection.close()
    rows = weir.export()
    assert len(rows) == 1 and rows[0]["state"] in ("aborted", "upstream_broke", "failed", "crashed")


def test_an_idle_weir_stops_at_once(start_weir, simulator):
    weir = start_weir(simulator.url)
    with weir.client() as client:
        client.post("/v1/messages", json=message())  # leaves an idle connection open
        began = time.monotonic()
        assert weir.terminate(5) == 0
        assert time.monotonic() - began < 3


def test_a_restart_finds_ledger_and_keys_as_they_were(start_weir, simulator):
    weir = start_weir(simulator.url)
    with weir.client() as client:
        first = client.post("/v1/messages", json=message()).headers["x-weir-request-id"]
    weir.terminate()
    weir.start()
    assert weir.row(first)["sequence"] == 1
    with weir.client() as client:
        second = client.post("/v1/messages", json=message()).headers["x-weir-request-id"]
    assert weir.row(second)["sequence"] == 2
