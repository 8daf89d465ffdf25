"""Which path does what."""

import httpx
import pytest
from support.bodies import message
from support.processes import KEY
from support.raw import RawConnection, request_bytes


@pytest.mark.parametrize("path", ["/", "/api/hello"])
def test_a_warm_up_is_answered_without_a_key_and_keeps_the_connection(weir, path):
    with RawConnection(weir.port) as connection:
        for _ in range(2):
            connection.send(request_bytes(path, b"", [("User-Agent", "Bun/1.4.4")], method="HEAD"))
            reply = connection.read_reply(head_only=True)
            assert reply.status == 200
        connection.send(request_bytes("/v1/messages", b'{"model":', [("x-api-key", KEY)]))
        assert connection.read_reply().status == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_needs_no_key_and_touches_no_provider(start_weir, path):
    weir = start_weir("http://127.0.0.1:9")
    reply = httpx.get(weir.url + path, trust_env=False)
    assert reply.status_code == 200
    assert httpx.head(weir.url + path, trust_env=False).status_code == 200


@pytest.mark.parametrize("version", [True, False])
def test_a_doubled_version_in_the_path_is_explained(weir, version):
    headers = {"x-api-key": KEY} | ({"anthropic-version": "2023-06-01"} if version else {})
    reply = httpx.post(weir.url + "/v1/v1/messages", json=message(), headers=headers, trust_env=False)
    assert reply.status_code == 404
    assert "/v1" in reply.json()["error"]["message"] and "twice" in reply.json()["error"]["message"]
    assert ("type" in reply.json()) == version


def test_an_unknown_path_is_404_in_the_right_dialect(weir):
    anthropic = httpx.get(weir.url + "/nowhere", trust_env=False, headers={"anthropic-version": "2023-06-01"})
    openai = httpx.get(weir.url + "/nowhere", trust_env=False)
    assert anthropic.status_code == openai.status_code == 404
    assert anthropic.json()["type"] == "error" and anthropic.json()["error"]["type"] == "not_found_error"
    assert "type" not in openai.json() and openai.json()["error"]["message"]


def test_the_query_is_kept(weir, simulator, mark):
    with weir.client(headers={"x-test": mark}) as client:
        assert client.post("/v1/messages?beta=true&x=%20y", json=message()).status_code == 200
    assert simulator.received(mark)[0].uri == "/v1/messages?beta=true&x=%20y"


def test_other_paths_of_an_anthropic_caller_go_to_the_provider(weir, simulator, mark):
    with weir.client(headers={"x-test": mark}) as client:
        client.get("/v1/files?limit=3")
        client.delete("/v1/files/file_1")
    assert [(r.method, r.uri) for r in simulator.received(mark)] == [
        ("GET", "/v1/files?limit=3"),
        ("DELETE", "/v1/files/file_1"),
    ]
    assert all(r.values("x-api-key") == ["sk-ant-provider-key"] for r in simulator.received(mark))


def test_other_paths_of_an_openai_caller_go_to_the_provider(weir, simulator, mark):
    headers = {"authorization": f"Bearer {KEY}", "x-test": mark}
    httpx.get(weir.url + "/v1/files?limit=3", headers=headers, trust_env=False)
    received = simulator.received(mark)[0]
    assert received.uri == "/v1/files?limit=3"
    assert received.values("authorization") == ["Bearer sk-openai-provider-key"]


def test_a_provider_is_reached_raw_by_its_name(weir, simulator, mark):
    with weir.client(headers={"x-test": mark}) as client:
        reply = client.post("/p/anthropic/v1/messages?beta=true", json=message())
        assert reply.status_code == 200
        assert client.get("/p/nobody/v1/models").status_code == 404
    assert simulator.received(mark)[0].uri == "/v1/messages?beta=true"


def test_a_wrong_method_on_a_known_path_is_passed_on_or_refused_but_never_hangs(weir):
    with weir.client() as client:
        assert client.get("/v1/messages").status_code in (400, 404, 405)


def test_a_body_over_the_limit_is_refused_before_it_is_sent(start_weir, simulator, mark):
    weir = start_weir(simulator.url, config="limits:\n  body: 1MiB\n")
    with RawConnection(weir.port) as connection:
        head = (
            f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nx-api-key: {KEY}\r\nanthropic-version: 2023-06-01\r\n"
            f"x-test: {mark}\r\ncontent-length: 1048577\r\n\r\n"
        )
        connection.send(head.encode())
        reply = connection.read_reply()
    assert reply.status == 413 and b"request_too_large" in reply.body
    assert simulator.received(mark) == []


def test_a_chunked_body_over_the_limit_is_refused_while_it_comes(start_weir, simulator, mark):
    weir = start_weir(simulator.url, config="limits:\n  body: 256KiB\n")
    with RawConnection(weir.port) as connection:
        connection.send(
            (
                f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nx-api-key: {KEY}\r\nanthropic-version: 2023-06-01"
                f"\r\nx-test: {mark}\r\ntransfer-encoding: chunked\r\n\r\n"
            ).encode()
        )
        piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
        try:
            for _ in range(64):
                connection.send(piece)
        except OSError:
            pass
        try:
            assert connection.read_reply().status == 413
        except (EOFError, ConnectionError):
            pytest.fail("the refusal must be readable before the connection closes")
    assert simulator.received(mark) == []


def test_a_limit_does_not_touch_a_body_just_below_it(start_weir, simulator, mark):
    weir = start_weir(simulator.url, config="limits:\n  body: 1MiB\n")
    import json

    start = json.dumps(message()).encode()
    body = start + b" " * (1048576 - len(start))
    with weir.client(headers={"x-test": mark}) as client:
        assert client.post("/v1/messages", content=body).status_code == 200
    assert simulator.received(mark)[0].body == body


def test_the_row_of_a_request_can_be_read_by_its_caller(weir):
    with weir.client() as client:
        reply = client.post(
            "/v1/messages",
            json=message(),
            headers={"x-weir-session": "s-1", "x-weir-tags": "team=river,stage=test"},
        )
        row = client.get(f"/weir/v1/requests/{reply.headers['x-weir-request-id']}").json()
        assert client.get("/weir/v1/requests/req_" + "0" * 32).status_code == 404
    assert row["id"] == reply.headers["x-weir-request-id"] and row["session"] == "s-1"
    assert row["tags"] == "team=river,stage=test" and row["user_agent"].startswith("python-httpx")
    assert httpx.get(f"{weir.url}/weir/v1/requests/{row['id']}", trust_env=False).status_code == 401


def test_a_provider_that_answers_before_the_whole_upload_came_is_heard(weir):
    piece = b"x" * 65536
    with weir.client() as client:
        # The simulator refuses at 32 MiB and reads no further.
        reply = client.post(
            "/v1/files",
            content=(piece for _ in range(1024)),
            headers={"content-length": str(1024 * len(piece))},
            timeout=15,
        )
    assert reply.status_code == 413 and reply.json()["error"]["type"] == "request_too_large"
