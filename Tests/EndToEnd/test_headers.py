"""Headers are an open list both ways."""

import json

import httpx
import pytest
from support.bodies import HEADERS, message
from support.processes import KEY
from support.raw import RawConnection, request_bytes


def test_every_header_of_the_caller_arrives_except_those_of_the_connection_and_the_credential(
    weir, simulator, mark
):
    sent = [
        ("x-api-key", KEY),
        ("anthropic-version", "2026-10-21"),
        ("anthropic-beta", "a-2025-01-01, b-2026-02-02"),
        ("anthropic-beta", "third"),
        ("anthropic-something-new", "yes"),
        ("X-Stainless-Lang", "js"),
        ("X-Stainless-Retry-Count", "0"),
        ("X-Claude-Code-Session-Id", "11111111-2222-3333-4444-555555555555"),
        ("x-claude-code-agent-id", "a16186816cb97db88"),
        ("x-app", "cli"),
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
        ("User-Agent", "claude-cli/2.1.329 (external, cli)"),
        ("x-test", mark),
        ("Accept-Encoding", "gzip, br"),
        ("Connection", "keep-alive, x-hop"),
        ("x-hop", "1"),
        ("Keep-Alive", "timeout=5"),
        ("TE", "trailers"),
        ("Proxy-Authorization", "secret"),
        ("x-weir-tags", "for-weir-only"),
        ("x-empty", ""),
        ("x-utf8", "caf\u00e9"),
    ]
    with RawConnection(weir.port) as connection:
        connection.send(request_bytes("/v1/messages", json.dumps(message()).encode(), sent))
        assert connection.read_reply().status == 200
    received = simulator.received(mark)[0]
    for name, value in [
        ("anthropic-version", ["2026-10-21"]),
        ("anthropic-something-new", ["yes"]),
        ("anthropic-beta", ["a-2025-01-01, b-2026-02-02", "third"]),
        ("x-stainless-lang", ["js"]),
        ("x-stainless-retry-count", ["0"]),
        ("x-app", ["cli"]),
        ("x-empty", [""]),
        ("x-claude-code-session-id", ["11111111-2222-3333-4444-555555555555"]),
        ("x-claude-code-agent-id", ["a16186816cb97db88"]),
        ("accept", ["application/json"]),
        ("user-agent", ["claude-cli/2.1.329 (external, cli)"]),
        ("accept-encoding", ["identity"]),
        ("x-api-key", ["sk-ant-provider-key"]),
    ]:
        assert received.values(name) == value, name
    for name in ("x-hop", "keep-alive", "te", "proxy-authorization", "x-weir-tags", "authorization"):
        assert received.values(name) == [], name
    assert received.values("host") == [simulator.url.removeprefix("http://")]
    assert KEY not in str(received.headers)


def test_header_names_keep_their_spelling_and_order(weir, simulator, mark):
    with RawConnection(weir.port) as connection:
        names = ["X-Zeta", "x-alpha", "X-MIXED-case", "x-Beta"]
        connection.send(
            request_bytes(
                "/v1/messages",
                json.dumps(message()).encode(),
                [
                    ("x-api-key", KEY),
                    ("anthropic-version", "2023-06-01"),
                    ("x-test", mark),
                    *((n, "1") for n in names),
                ],
            )
        )
        connection.read_reply()
    got = [
        name for name, _ in simulator.received(mark)[0].headers if name.lower() in {n.lower() for n in names}
    ]
    assert got == names


def test_headers_of_the_reply_come_back(weir, simulator):
    headers = {"anthropic-version": "2023-06-01"}
    direct = httpx.post(
        simulator.url + "/v1/messages", json=message(), trust_env=False, headers={**headers, "x-api-key": "k"}
    )
    with weir.client() as client:
        through = client.post("/v1/messages", json=message())
    for name in direct.headers:
        if name not in ("date", "connection", "keep-alive", "transfer-encoding"):
            assert name in through.headers, name
    assert through.headers["request-id"].startswith("req_011")
    assert (
        through.headers["anthropic-ratelimit-requests-limit"]
        == direct.headers["anthropic-ratelimit-requests-limit"]
    )
    assert through.headers["anthropic-organization-id"] == direct.headers["anthropic-organization-id"]


def test_a_plain_reply_names_request_model_provider_and_cost(weir):
    with weir.client() as client:
        reply = client.post("/v1/messages", json=message())
    row = weir.row(reply.headers["x-weir-request-id"])
    assert reply.headers["x-weir-model"] == row["served_model"]
    assert reply.headers["x-weir-provider"] == "anthropic"
    assert float(reply.headers["x-weir-cost-usd"]) == row["cost_usd"] > 0
    assert row["id"].startswith("req_") and len(row["id"]) == 36


def test_a_stream_offers_its_cost_as_a_trailer_to_callers_that_take_trailers(weir):
    with RawConnection(weir.port) as connection:
        connection.send(
            request_bytes(
                "/v1/messages",
                json.dumps(message(stream=True)).encode(),
                [
                    ("x-api-key", KEY),
                    ("anthropic-version", "2023-06-01"),
                    ("TE", "trailers"),
                    ("Connection", "TE"),
                ],
            )
        )
        reply = connection.read_reply()
    assert "x-weir-cost-usd" in ",".join(reply.values("trailer")).lower()
    trailers = {name.lower(): value for name, value in reply.trailers}
    row = weir.row(reply.values("x-weir-request-id")[0])
    assert float(trailers["x-weir-cost-usd"]) == row["cost_usd"] > 0


def test_a_stream_has_no_trailer_for_callers_that_did_not_ask(weir):
    with RawConnection(weir.port) as connection:
        connection.send(
            request_bytes(
                "/v1/messages",
                json.dumps(message(stream=True)).encode(),
                [("x-api-key", KEY), ("anthropic-version", "2023-06-01")],
            )
        )
        reply = connection.read_reply()
    assert reply.trailers == [] and reply.values("trailer") == []


def test_session_agent_and_tags_are_on_the_row(weir):
    with weir.client() as client:
        reply = client.post(
            "/v1/messages",
            json=message(),
            headers={
                "x-claude-code-session-id": "sess-9",
                "x-weir-session": "other",
                "x-claude-code-agent-id": "agent-1",
                "x-claude-code-parent-agent-id": "agent-0",
            },
        )
    row = weir.row(reply.headers["x-weir-request-id"])
    assert (row["session"], row["agent"], row["parent_agent"]) == ("sess-9", "agent-1", "agent-0")


def test_the_same_system_prompt_and_tools_give_the_same_hashes(weir):
    tools = [{"name": "t", "description": "d", "input_schema": {"type": "object", "properties": {}}}]
    with weir.client() as client:
        rows = [
            weir.row(
                client.post("/v1/messages", json=message(text, system=system, tools=tools)).headers[
                    "x-weir-request-id"
                ]
            )
            for text, system in (("a", "one"), ("b", "one"), ("a", "two"))
        ]
    assert rows[0]["system_hash"] == rows[1]["system_hash"] != rows[2]["system_hash"]
    assert rows[0]["tools_hash"] == rows[2]["tools_hash"] and len(rows[0]["tools_hash"]) == 16


def test_request_smuggling_by_two_lengths_is_refused(weir):
    with RawConnection(weir.port) as connection:
        connection.send(
            b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"
            b"x-api-key: " + KEY.encode() + b"\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        try:
            assert connection.read_reply().status == 400
        except (EOFError, ConnectionError):
            pass


@pytest.mark.parametrize(
    "name", ["evil\r\nx-injected: yes", "line\nend", "nul\u0000", "tab\tname", "größe-🌊"]
)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_model_name_can_not_write_headers(weir, name, streamed):
    with RawConnection(weir.port) as connection:
        body = json.dumps(message(model=name, stream=streamed)).encode()
        connection.send(request_bytes("/v1/messages", body, HEADERS) * 2)
        for _ in range(2):  # the second reply shows that the first was framed well
            reply = connection.read_reply()
            assert reply.status in (200, 400, 404)
            assert reply.values("x-injected") == []
            assert all(31 < ord(c) for _, value in reply.headers for c in value if c != "\t")
