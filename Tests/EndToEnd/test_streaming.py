"""Streams are written as they arrive."""

import json
import time

import pytest
from support.bodies import HEADERS, chat, events, message
from support.processes import KEY
from support.raw import RawConnection, request_bytes


def stream(weir, body: dict, *headers, path: str = "/v1/messages"):
    connection = RawConnection(weir.port)
    connection.send(request_bytes(path, json.dumps(body).encode(), [*HEADERS, *headers]))
    return connection


def test_events_are_not_held_back(weir):
    with stream(
        weir,
        message(stream=True, max_tokens=12),
        ("x-sim-event-delay-ms", "60"),
        ("x-sim-output-tokens", "12"),
    ) as connection:
        status, _ = connection.read_head()
        arrivals, seen = [], b""
        while b"message_stop" not in seen:
            before = len(seen)
            seen += connection.buffer
            connection.buffer = b""
            if seen[before:].count(b"event: "):
                arrivals.append(time.monotonic())
            if b"message_stop" not in seen:
                connection.fill()
    assert status == 200
    gaps = [b - a for a, b in zip(arrivals, arrivals[1:])]
    assert len(arrivals) >= 10, "each event comes on its own"
    assert sorted(gaps)[len(gaps) // 2] > 0.03


def test_the_head_comes_with_the_first_event(weir):
    """Not before it: a stream that begins with an error can still be another target's, or have its status."""
    began = time.monotonic()
    with stream(weir, message(stream=True), ("x-sim-first-byte-ms", "700")) as connection:
        connection.read_head()
        head_after = time.monotonic() - began
        connection.take_until(b"message_start")
        event_after = time.monotonic() - began
    assert 0.6 < head_after <= event_after < head_after + 0.2


@pytest.mark.parametrize("fault", ["split-utf8", "byte-by-byte"])
@pytest.mark.parametrize("path,make", [("/v1/messages", message), ("/v1/chat/completions", chat)])
def test_characters_cut_between_chunks_come_out_whole(weir, path, make, fault):
    body = make("emoji please", stream=True, max_tokens=60)
    headers = [] if make is message else []
    with stream(weir, body, path=path) as connection:
        unbroken = events(connection.read_reply().body)
    with stream(weir, body, ("x-sim-fault", fault), *headers, path=path) as connection:
        broken = connection.read_reply()
    text = broken.body.decode("utf-8")
    assert any(ord(c) > 0xFFFF for c in text), "the answer holds characters of four bytes"

    def texts(found):
        out = ""
        for _, data in found:
            if isinstance(data, dict):
                out += data.get("delta", {}).get("text", "") if "delta" in data else ""
                out += "".join(c["delta"].get("content") or "" for c in data.get("choices", []))
        return out

    assert texts(events(broken.body)) == texts(unbroken) != ""


def test_a_stream_that_is_cut_into_single_bytes_is_metered_all_the_same(weir):
    with stream(
        weir, chat(stream=True, max_tokens=30), ("x-sim-fault", "byte-by-byte"), path="/v1/chat/completions"
    ) as connection:
        reply = connection.read_reply()
    assert b'"choices":[]' not in reply.body and reply.body.rstrip().endswith(b"data: [DONE]")
    row = weir.row(reply.values("x-weir-request-id")[0])
    assert row["usage_source"] == "provider" and row["usage"]["output_tokens"] > 0


def test_several_streams_on_one_connection_follow_each_other(weir):
    with RawConnection(weir.port) as connection:
        for _ in range(5):
            connection.send(request_bytes("/v1/messages", json.dumps(message(stream=True)).encode(), HEADERS))
            assert events(connection.read_reply().body)[-1][0] == "message_stop"


def test_a_client_of_http_1_0_gets_its_stream_until_the_connection_closes(weir):
    body = json.dumps(message(stream=True)).encode()
    with RawConnection(weir.port) as connection:
        connection.send(
            f"POST /v1/messages HTTP/1.0\r\nx-api-key: {KEY}\r\nanthropic-version: 2023-06-01\r\n"
            f"content-length: {len(body)}\r\n\r\n".encode() + body
        )
        status, headers = connection.read_head()
        try:
            while True:
                connection.fill()
        except EOFError:
            pass
    assert status == 200 and not any(name.lower() == "transfer-encoding" for name, _ in headers)
    assert events(connection.buffer)[-1][0] == "message_stop"


def test_a_hundred_streams_at_once_all_end(weir):
    connections = [
        stream(weir, message(f"n {n}", stream=True, max_tokens=20), ("x-sim-event-delay-ms", "10"))
        for n in range(100)
    ]
    for connection in connections:
        with connection:
            assert events(connection.read_reply().body)[-1][0] == "message_stop"


def test_a_reply_larger_than_the_gathering_bound_streams_without_a_cost_header(start_weir, simulator):
    weir = start_weir(simulator.url, config="limits:\n  gathered_reply: 4KiB\n")
    with weir.client() as client:
        reply = client.post(
            "/v1/messages", json=message(max_tokens=8000), headers={"x-sim-output-tokens": "4000"}
        )
    assert reply.status_code == 200 and len(reply.content) > 8000 and "x-weir-cost-usd" not in reply.headers
    row = weir.row(reply.headers["x-weir-request-id"])
    assert row["usage"]["output_tokens"] == reply.json()["usage"]["output_tokens"] and row["cost_usd"] > 0
