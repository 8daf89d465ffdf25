"""A slow reader never grows memory past a bound."""

import json

from support.bodies import HEADERS, message
from support.raw import RawConnection, request_bytes
from support.waiting import eventually


def test_readers_that_do_not_read_do_not_grow_memory(start_weir, start_simulator):
    simulator = start_simulator()
    weir = start_weir(simulator.url)
    with weir.client() as client:
        client.post("/v1/messages", json=message(stream=True))
    before = weir.rss_mb()
    connections = []
    for _ in range(6):
        # About 40 MB of events each, as fast as they are taken.
        connection = RawConnection(weir.port, receive_buffer=16384)
        connection.send(
            request_bytes(
                "/v1/messages",
                json.dumps(message(stream=True, max_tokens=400_000)).encode(),
                [*HEADERS, ("x-sim-output-tokens", "400000")],
            )
        )
        connections.append(connection)
    sizes = []

    def steady() -> bool:
        sizes.append(weir.rss_mb())
        return len(sizes) > 20 and abs(sizes[-1] - sizes[-10]) < 0.5

    eventually(steady, 15, 0.1, "memory is steady")
    grown = max(sizes) - before
    for connection in connections:
        connection.abort()
    assert grown < 6 * 4, f"{grown:.1f} MB for six stalled readers"
    with weir.client() as client:
        assert client.post("/v1/messages", json=message()).status_code == 200


def test_large_uploads_to_other_endpoints_are_not_held(start_weir, start_simulator):
    simulator = start_simulator()
    weir = start_weir(simulator.url)
    with weir.client() as client:
        client.post("/v1/messages", json=message())
        before, peak = weir.rss_mb(), 0.0

        def pieces():
            nonlocal peak
            for _ in range(28 * 16):
                yield b"x" * 65536
                peak = max(peak, weir.rss_mb())

        client.post(
            "/v1/files", content=pieces(), headers={"content-length": str(28 * 16 * 65536)}, timeout=60
        )
    assert peak - before < 14, f"{peak - before:.1f} MB for an upload of 28 MB"


def test_an_idle_weir_is_small(start_weir, simulator):
    assert start_weir(simulator.url).rss_mb() < 120, "a debug binary; `make bench` measures the real one"
