"""kill -9 at any moment: every request whose reply ended is in the ledger exactly once."""

import json
import random
import threading
import time

import pytest
from support.bodies import HEADERS, message
from support.raw import RawConnection, request_bytes
from support.waiting import eventually


class Caller(threading.Thread):
    """Asks without pause until the connection breaks; keeps the ids of the replies that ended."""

    def __init__(self, port: int, streamed: bool):
        super().__init__(daemon=True)
        self.port, self.streamed = port, streamed
        self.ended: list[str] = []

    def run(self) -> None:
        body = json.dumps(message(stream=self.streamed, max_tokens=12)).encode()
        try:
            with RawConnection(self.port) as connection:
                while True:
                    connection.send(request_bytes("/v1/messages", body, HEADERS))
                    reply = connection.read_reply()
                    assert reply.status == 200, reply.body
                    self.ended.append(reply.values("x-weir-request-id")[0])
        except (OSError, EOFError, ValueError):
            pass


@pytest.mark.parametrize("round_number", range(3))
def test_after_kill_9_under_load_every_ended_reply_has_exactly_one_row(
    start_weir, start_simulator, round_number
):
    simulator = start_simulator()
    weir = start_weir(simulator.url)
    callers = [Caller(weir.port, streamed=n % 2 == 1) for n in range(12)]
    for caller in callers:
        caller.start()
    eventually(lambda: sum(len(c.ended) for c in callers) > 200, 20, what="load")
    time.sleep(random.Random(round_number).uniform(0, 0.3))
    weir.kill()
    for caller in callers:
        caller.join(5)
    ended = [request_id for caller in callers for request_id in caller.ended]
    weir.start()
    rows = weir.rows(len(ended))
    assert {row["id"] for row in rows} >= set(ended), f"rows for all {len(ended)} replies that ended"
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids)), "no row stands twice"
    assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1)), "sequence numbers have no gaps"
    states = {row["id"]: row["state"] for row in rows}
    assert {states[i] for i in ended} == {"settled"}
    others = [row["state"] for row in rows if row["id"] not in set(ended)]
    assert set(others) <= {"crashed", "settled"} and len(others) <= len(callers), others


def test_a_request_that_was_open_at_the_crash_is_in_the_ledger_as_crashed(start_weir, start_simulator, mark):
    simulator = start_simulator()
    weir = start_weir(simulator.url)
    with RawConnection(weir.port) as connection:
        connection.send(
            request_bytes(
                "/v1/messages",
                json.dumps(message(stream=True, max_tokens=900)).encode(),
                [*HEADERS, ("x-test", mark), ("x-sim-event-delay-ms", "50"), ("x-weir-session", "open-one")],
            )
        )
        _, headers = connection.read_head()
        request_id = dict((n.lower(), v) for n, v in headers)["x-weir-request-id"]
        connection.take_until(b"content_block_delta")
        weir.kill()
    weir.start()
    rows = weir.rows(1)
    assert [(row["id"], row["state"], row["session"]) for row in rows] == [
        (request_id, "crashed", "open-one")
    ]
    assert rows[0]["cost_usd"] is None


def test_crashing_again_and_again_neither_loses_nor_doubles_rows(start_weir, start_simulator):
    simulator = start_simulator()
    weir = start_weir(simulator.url)
    ended: list[str] = []
    for _ in range(4):
        with weir.client() as client:
            ended += [
                client.post("/v1/messages", json=message()).headers["x-weir-request-id"] for _ in range(15)
            ]
        weir.kill()
        weir.start()
    rows = weir.rows(60)
    assert [row["id"] for row in rows] == ended


def test_a_second_weir_on_the_same_data_folder_is_refused(start_weir, simulator):
    weir = start_weir(simulator.url)
    second = start_weir(simulator.url, ready=False, data=weir.data)
    second.launch()
    assert second.process.wait(10) != 0
    assert str(weir.data) in second.log
