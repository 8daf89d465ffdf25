"""A caller that leaves cancels the upstream; every request leaves its row."""

import json
import time

import pytest
from support.bodies import CHAT_MODEL, HEADERS, MODEL, chat, message
from support.raw import RawConnection, request_bytes
from support.waiting import eventually

SLOW = ("x-sim-event-delay-ms", "50")
LONG = ("x-sim-output-tokens", "2000")


def open_stream(weir, mark: str, *headers) -> RawConnection:
    connection = RawConnection(weir.port)
    connection.send(
        request_bytes(
            "/v1/messages",
            json.dumps(message(stream=True, max_tokens=4000)).encode(),
            [*HEADERS, ("x-test", mark), *headers],
        )
    )
    return connection


def test_leaving_a_stream_cancels_the_upstream_within_a_tenth_of_a_second(start_weir, start_simulator, mark):
    simulator = start_simulator()
    weir = start_weir(simulator.url)
    connection = open_stream(weir, mark, SLOW, LONG)
    _, headers = connection.read_head()
    connection.take_until(b"content_block_delta")
    connection.close()
    left = time.time()
    cancelled = eventually(
        lambda: simulator.replies()["cancelled_replies"], 3, what="the upstream is cancelled"
    )
    assert cancelled[0]["at"] - left < 0.1
    row = weir.row(dict((n.lower(), v) for n, v in headers)["x-weir-request-id"])
    assert (row["state"], row["reason"], row["usage_source"]) == ("aborted", "caller_left", "estimated")
    assert row["usage"]["input_tokens"] > 0 and row["usage"]["output_tokens"] > 0
    assert row["served_model"] == MODEL and row["cost_usd"] > 0
    assert simulator.replies()["open"] == 0


@pytest.mark.parametrize("surface", ["messages", "chat", "responses"])
def test_leaving_after_the_last_event_leaves_nothing_undone(start_weir, start_simulator, surface):
    """The SDKs close at the last event, before the body's framing ends: that is a whole reply."""
    simulator = start_simulator()
    weir = start_weir(simulator.url, config="cache: {mode: exact}\n")
    path, body, last = {
        "messages": ("/v1/messages", message(stream=True, max_tokens=1000), b"message_stop"),
        "chat": ("/v1/chat/completions", chat("Tell me of rivers", stream=True), b"[DONE]"),
        "responses": ("/v1/responses", {"model": CHAT_MODEL, "input": "Rivers?", "store": False, "stream": True}, b"response.completed"),
    }[surface]
    with weir.client(headers={"x-sim-fault": "late-end"}) as client:
        for outcome in ("miss", "hit-exact"):
            with client.stream("POST", path, json=body) as reply:
                seen = b""
                for piece in reply.iter_raw():
                    seen += piece
                    if last in seen and seen.endswith(b"\n\n"):
                        break
            assert reply.headers["x-weir-cache"] == outcome
            row = weir.row(reply.headers["x-weir-request-id"])
            assert (row["state"], row["reason"]) == ("settled", None)
            assert row["usage_source"] == ("provider" if outcome == "miss" else "none")
    eventually(lambda: simulator.replies()["open"] == 0, 3, what="the late end")
    assert simulator.replies()["cancelled_replies"] == [] and len(simulator.received()) == 1


def test_leaving_before_the_reply_begins_cancels_the_upstream_too(start_weir, start_simulator, mark):
    simulator = start_simulator()
    weir = start_weir(simulator.url)
    connection = open_stream(weir, mark, ("x-sim-latency-ms", "8000"))
    eventually(lambda: simulator.received(mark), 3)
    connection.abort()
    left = time.time()
    cancelled = eventually(lambda: simulator.replies()["cancelled_replies"], 3)
    assert cancelled[0]["at"] - left < 0.1
    row = weir.rows(1)[0]
    assert row["state"] == "aborted" and row["usage"]["output_tokens"] is None and row["cost_usd"] is None


def test_leaving_while_the_request_is_sent_leaves_a_row_and_nothing_upstream(start_weir, simulator, mark):
    weir = start_weir(simulator.url)
    connection = RawConnection(weir.port)
    whole = request_bytes(
        "/v1/messages", json.dumps(message("x" * 5000)).encode(), [*HEADERS, ("x-test", mark)]
    )
    connection.send(whole[:-100])
    time.sleep(0.1)
    connection.abort()
    row = weir.rows(1)[0]
    assert row["state"] == "aborted" and row["attempts"] == []
    assert simulator.received(mark) == []


def test_five_hundred_aborted_streams_leave_five_hundred_rows(start_weir, start_simulator, mark):
    simulator = start_simulator()
    weir = start_weir(simulator.url)
    for batch in range(10):
        connections = [open_stream(weir, mark, SLOW, LONG) for _ in range(50)]
        for number, connection in enumerate(connections):
            if number % 3:  # the others leave before anything came
                connection.read_head()
                if number % 3 == 2:
                    connection.take_until(b"message_start")
            if number % 2:
                connection.abort()
            else:
                connection.close()
    rows = weir.rows(500, 15)
    assert len(rows) == 500 and len({row["id"] for row in rows}) == 500
    assert {row["state"] for row in rows} == {"aborted"}
    assert [row["sequence"] for row in rows] == list(range(1, 501))
    assert eventually(lambda: simulator.replies()["open"] == 0, 5, what="no stream is open upstream")
    with weir.client() as client:
        assert client.post("/v1/messages", json=message()).status_code == 200


def test_a_plain_request_that_is_left_is_aborted(start_weir, start_simulator, mark):
    simulator = start_simulator()
    weir = start_weir(simulator.url)
    with RawConnection(weir.port) as connection:
        connection.send(
            request_bytes(
                "/v1/messages",
                json.dumps(message()).encode(),
                [*HEADERS, ("x-test", mark), ("x-sim-latency-ms", "6000")],
            )
        )
        eventually(lambda: simulator.received(mark), 3)
    rows = weir.rows(1)
    assert rows[0]["state"] == "aborted"
    assert eventually(lambda: simulator.replies()["cancelled"] == 1, 2)
