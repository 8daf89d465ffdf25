"""The bytes are the caller's: what leaves is what came, except declared splices."""

import hashlib
import json
import random

import pytest
from support.bodies import AGENT_BODY, HEADERS, MODEL, ODD_BODY, chat, message, signed_agent_body
from support.processes import KEY, Weir
from support.raw import RawConnection, request_bytes

ALIASES = """
routes:
  fast-model:
    targets:
      - provider: anthropic
        model: claude-haiku-5-5
  chat-alias:
    targets:
      - provider: openai
        model: gpt-5.4-nano
"""


@pytest.fixture(scope="module")
def weir(shared_simulator):
    """Without markers for prompt caches, whose place depends on what was sent before; they have tests of their own."""
    weir = Weir(shared_simulator.url, environment={"WEIR_PROMPT_CACHE": "off"}).start()
    yield weir
    weir.remove()


@pytest.mark.parametrize(
    "body",
    [AGENT_BODY, ODD_BODY, b"\xef\xbb\xbf" + ODD_BODY.strip()],
    ids=["agent", "odd white space and escapes", "byte order mark"],
)
def test_a_request_body_leaves_byte_for_byte_as_it_came(weir, simulator, mark, body):
    with weir.client(headers={"x-test": mark, "content-type": "application/json"}) as client:
        client.post("/v1/messages?beta=true", content=body)
    received = simulator.received(mark)[0]
    assert received.body == body
    assert received.values("content-length") == [str(len(body))]


def test_random_bodies_leave_byte_for_byte(weir, simulator, mark):
    rng = random.Random(7)

    def value(depth: int):
        kinds = ["string", "number", "literal"] + (["list", "object"] if depth < 4 else [])
        kind = rng.choice(kinds)
        if kind == "string":
            return json.dumps(
                "".join(rng.choice('aé🌊"\\\n\t/ {}[],:') for _ in range(rng.randrange(20))),
                ensure_ascii=rng.random() < 0.5,
            )
        if kind == "number":
            return rng.choice(["0", "-1", "1.50", "2e10", "1E-3", "12345678901234567890", "-0.0"])
        if kind == "literal":
            return rng.choice(["true", "false", "null"])
        space = lambda: rng.choice(["", "", " ", "\n  ", "\t"])  # noqa: E731
        parts = [value(depth + 1) for _ in range(rng.randrange(5))]
        if kind == "list":
            return "[" + space() + ("," + space()).join(parts) + space() + "]"
        return (
            "{"
            + space()
            + ",".join(f'{space()}"k{i}"{space()}:{space()}{p}' for i, p in enumerate(parts))
            + "}"
        )

    sent = []
    with weir.client(headers={"x-test": mark, "content-type": "application/json"}) as client:
        for number in range(60):
            members = [f'"x{i}":{value(0)}' for i in range(rng.randrange(6))]
            members += [f'"model":"{MODEL}"', '"max_tokens":8', '"messages":[{"role":"user","content":"hi"}]']
            rng.shuffle(members)
            body = ("{" + ", ".join(members) + "}").encode()
            sent.append(body)
            client.post("/v1/messages", content=body)
    assert [r.body for r in simulator.received(mark)] == sent


def test_an_alias_changes_the_bytes_of_the_model_name_and_no_other(start_weir, simulator, mark):
    weir = start_weir(simulator.url, config=ALIASES)
    body = signed_agent_body(simulator).replace(b'"model":"claude-sonnet-5-5"', b'"model" : "fast-model"')
    with weir.client(headers={"x-test": mark, "content-type": "application/json"}) as client:
        reply = client.post("/v1/messages", content=body)
    received = simulator.received(mark)[0]
    assert received.body == body.replace(b'"fast-model"', b'"claude-haiku-5-5"')
    assert received.values("content-length") == [str(len(received.body))]
    row = weir.row(reply.headers["x-weir-request-id"])
    assert (row["requested_model"], row["served_model"], row["splices"]) == (
        "fast-model",
        "claude-haiku-5-5",
        "model",
    )


def test_an_alias_written_with_escapes_is_recognised(start_weir, simulator, mark):
    weir = start_weir(simulator.url, config=ALIASES)
    body = rb'{"max_tokens":8,"messages":[{"role":"user","content":"x"}],"mod\u0065l":"fast\u002dmodel"}'
    with weir.client(headers={"x-test": mark, "content-type": "application/json"}) as client:
        assert client.post("/v1/messages", content=body).status_code == 200
    assert simulator.received(mark)[0].body == body.replace(rb'"fast\u002dmodel"', b'"claude-haiku-5-5"')


def test_the_usage_option_of_a_chat_stream_is_a_splice_that_changes_nothing_else(start_weir, simulator, mark):
    weir = start_weir(simulator.url, config=ALIASES)
    body = b'{ "messages":[{"role":"user","content":"\\u0041 \xf0\x9f\x8c\x8a"}] , "model":"chat-alias", "stream": true }'
    with weir.client(headers={"x-test": mark, "content-type": "application/json"}) as client:
        reply = client.post("/v1/chat/completions", content=body)
    received = simulator.received(mark)[0].body
    parsed = json.loads(received)
    assert parsed.pop("stream_options") == {"include_usage": True}
    assert parsed == json.loads(body) | {"model": "gpt-5.4-nano"}
    assert b'"\\u0041 \xf0\x9f\x8c\x8a"' in received, "escapes and raw characters stay as written"
    assert set(weir.row(reply.headers["x-weir-request-id"])["splices"].split(",")) == {
        "model",
        "include_usage",
    }


def test_a_member_that_stands_twice_is_passed_on_twice_and_flagged(weir, simulator, mark):
    body = (
        b'{"model":"first","model":"claude-sonnet-5-5","max_tokens":8,'
        b'"messages":[{"role":"user","content":"x"}]}'
    )
    with weir.client(headers={"x-test": mark, "content-type": "application/json"}) as client:
        reply = client.post("/v1/messages", content=body)
    assert simulator.received(mark)[0].body == body
    row = weir.row(reply.headers["x-weir-request-id"])
    assert row["had_duplicate_members"] and row["requested_model"] == "claude-sonnet-5-5"


def test_five_megabytes_go_up_and_come_out_unchanged(weir, simulator, mark):
    rng = random.Random(3)
    text = "".join(rng.choice('abcdefgh é🌊\n"') for _ in range(4_000_000))
    body = json.dumps(message(text), ensure_ascii=False).encode()
    assert len(body) > 5_000_000
    with weir.client(headers={"x-test": mark, "content-type": "application/json"}) as client:
        reply = client.post("/v1/messages", content=body)
    assert reply.status_code == 200, reply.text[:300]
    received = simulator.received(mark)[0].body
    assert hashlib.sha256(received).digest() == hashlib.sha256(body).digest()
    assert weir.row(reply.headers["x-weir-request-id"])["bytes_in"] == len(body)


def test_a_chunked_request_body_arrives_whole(weir, simulator, mark):
    body = json.dumps(message("chunks " * 2000)).encode()

    def pieces():
        for at in range(0, len(body), 777):
            yield body[at : at + 777]

    with weir.client(headers={"x-test": mark, "content-type": "application/json"}) as client:
        assert client.post("/v1/messages", content=pieces()).status_code == 200
    assert simulator.received(mark)[0].body == body


def test_a_body_that_comes_byte_by_byte_arrives_whole(weir, simulator, mark):
    body = json.dumps(message("slow")).encode()
    with RawConnection(weir.port) as connection:
        whole = request_bytes("/v1/messages", body, [*HEADERS, ("x-test", mark)])
        for at in range(len(whole)):
            connection.send(whole[at : at + 1])
        assert connection.read_reply().status == 200
    assert simulator.received(mark)[0].body == body


def test_requests_sent_without_waiting_for_replies_are_answered_in_order(weir):
    with RawConnection(weir.port) as connection:
        connection.send(
            b"".join(
                request_bytes("/v1/messages", json.dumps(message(max_tokens=n)).encode(), HEADERS)
                for n in (1, 2, 3)
            )
        )
        counts = [json.loads(connection.read_reply().body)["usage"]["output_tokens"] for _ in range(3)]
    assert counts == [1, 2, 3]


def test_a_plain_reply_comes_back_byte_for_byte(weir, simulator):
    import httpx

    body = message("the same question")
    direct = httpx.post(
        simulator.url + "/v1/messages",
        json=body,
        trust_env=False,
        headers={"x-api-key": "k", "anthropic-version": "2023-06-01"},
    )
    with weir.client() as client:
        through = client.post("/v1/messages", json=body)

    def without_ids(content: bytes) -> bytes:
        import re

        return re.sub(rb'"msg_01[A-Za-z0-9]+"', b'"id"', content)

    assert without_ids(through.content) == without_ids(direct.content)
    assert through.headers["content-length"] == str(len(through.content))


@pytest.mark.parametrize(
    "path,make", [("/v1/messages", message), ("/v1/responses", None), ("/v1/chat/completions", chat)]
)
def test_a_stream_comes_back_byte_for_byte(weir, simulator, path, make):
    import re

    import httpx

    body = (
        make("the same question", stream=True)
        if make
        else {"model": "gpt-5.4-mini", "input": "the same question", "stream": True}
    )
    if make is chat:
        body["stream_options"] = {"include_usage": True}
    headers = {"anthropic-version": "2023-06-01"} if make is message else {}
    direct = httpx.post(
        simulator.url + path,
        json=body,
        trust_env=False,
        headers={**headers, "x-api-key": "k", "authorization": "Bearer k"},
    ).content
    through = httpx.post(
        weir.url + path, json=body, trust_env=False, headers={**headers, "x-api-key": KEY}
    ).content

    def steady(content: bytes) -> bytes:
        content = re.sub(rb'"(msg|resp|chatcmpl|rs|fc)[-_][A-Za-z0-9]+"', b'"id"', content)
        return re.sub(rb'"(created|created_at|completed_at)":[0-9.]+', b'"at":0', content)

    assert steady(through) == steady(direct)
