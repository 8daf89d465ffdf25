"""Errors of the provider come back unmodified, errors of Weir in the caller's dialect."""

import anthropic
import httpx
import openai
import pytest
from support.bodies import chat, message
from support.processes import KEY

ANTHROPIC = {
    404: anthropic.NotFoundError,
    429: anthropic.RateLimitError,
    500: anthropic.InternalServerError,
    529: anthropic.InternalServerError,
}
OPENAI = {
    404: openai.NotFoundError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
}


@pytest.mark.parametrize("status", sorted(ANTHROPIC))
@pytest.mark.parametrize("streamed", [False, True])
def test_an_error_of_the_provider_reaches_the_anthropic_sdk_after_one_upstream_request(
    own_weir, simulator, mark, status, streamed
):
    weir = own_weir
    with anthropic.Anthropic(
        base_url=weir.url, api_key=KEY, max_retries=0, default_headers={"x-test": mark}
    ) as client:
        with pytest.raises(ANTHROPIC[status]) as caught:
            client.messages.create(
                **message(stream=streamed),
                extra_headers={"x-sim-status": str(status), "x-sim-retry-after": "7"}
            )
    response = caught.value.response
    assert response.status_code == status
    assert response.headers["retry-after"] == "7" and response.headers["request-id"].startswith("req_011")
    assert caught.value.body["type"] == "error"
    assert len(simulator.received(mark)) == 1
    row = weir.row(response.headers["x-weir-request-id"])
    assert row["status"] == status and row["state"] == "settled"
    assert row["attempts"][0]["upstream_request_id"] == response.headers["request-id"]


@pytest.mark.parametrize("status", sorted(OPENAI))
def test_an_error_of_the_provider_reaches_the_openai_sdk_after_one_upstream_request(
    own_weir, simulator, mark, status
):
    with openai.OpenAI(
        base_url=f"{own_weir.url}/v1", api_key=KEY, max_retries=0, default_headers={"x-test": mark}
    ) as client:
        with pytest.raises(OPENAI[status]):
            client.chat.completions.create(**chat(), extra_headers={"x-sim-status": str(status)})
    assert len(simulator.received(mark)) == 1


def headers_that_must_match(headers: httpx.Headers) -> dict:
    varying = (
        "date",
        "connection",
        "transfer-encoding",
        "keep-alive",
        "request-id",
        "x-request-id",
        "openai-processing-ms",
    )
    return {
        name: value
        for name, value in headers.items()
        if name not in varying
        and not name.startswith("x-weir-")
        and not name.endswith("-reset")
        and not name.endswith("-remaining")
        and not name.startswith("x-ratelimit-reset")
        and not name.startswith("x-ratelimit-remaining")
    }


@pytest.mark.parametrize("path,make", [("/v1/messages", message), ("/v1/chat/completions", chat)])
@pytest.mark.parametrize("status", [400, 404, 413, 429, 500, 529])
def test_status_headers_and_body_of_an_error_are_those_of_the_provider(
    own_weir, simulator, path, make, status
):
    weir = own_weir
    headers = {"x-sim-status": str(status), "anthropic-version": "2023-06-01", "accept-encoding": "identity"}
    if path != "/v1/messages":
        del headers["anthropic-version"]
    direct = httpx.post(
        simulator.url + path,
        json=make(),
        trust_env=False,
        headers={**headers, "x-api-key": "k", "authorization": "Bearer k"},
    )
    through = httpx.post(weir.url + path, json=make(), trust_env=False, headers={**headers, "x-api-key": KEY})
    assert through.status_code == direct.status_code == status
    assert headers_that_must_match(through.headers) == headers_that_must_match(direct.headers)
    strip = lambda reply: {**reply.json(), "request_id": None}  # noqa: E731
    assert strip(through) == strip(direct)


@pytest.mark.parametrize("path,make", [("/v1/messages", message), ("/v1/chat/completions", chat)])
@pytest.mark.parametrize("status", [401, 403])
def test_a_provider_that_rejects_weirs_credential_is_not_the_callers_fault(weir, path, make, status):
    """A 401 would make a client throw its own key away."""
    headers = {"x-sim-status": str(status), "x-api-key": KEY}
    if path == "/v1/messages":
        headers["anthropic-version"] = "2023-06-01"
    reply = httpx.post(weir.url + path, json=make(), trust_env=False, headers=headers)
    assert reply.status_code == 502 and reply.headers["x-should-retry"] == "false"
    assert "credential" in reply.json()["error"]["message"]
    row = weir.row(reply.headers["x-weir-request-id"])
    assert (row["state"], row["reason"]) == ("failed", "upstream_rejected_key")
    assert row["attempts"][0]["status"] == status


def test_the_sdk_retries_as_often_as_the_provider_says_and_no_more(own_weir, simulator, mark):
    weir = own_weir
    with anthropic.Anthropic(base_url=weir.url, api_key=KEY, max_retries=2) as client:
        with pytest.raises(anthropic.RateLimitError):
            client.messages.create(
                **message(),
                extra_headers={"x-sim-status": "429", "x-sim-retry-after": "0.01", "x-test": mark}
            )
    assert len(simulator.received(mark)) == 3


def test_an_error_event_inside_a_stream_passes_through(weir):
    with weir.client() as client:
        reply = client.post("/v1/messages", json=message(stream=True), headers={"x-sim-fault": "error-event"})
    assert reply.status_code == 200 and "event: error" in reply.text and "overloaded_error" in reply.text
    assert "event: message_stop" not in reply.text


@pytest.mark.parametrize(
    "body,offset,words",
    [
        (b'{"model":"m","max_tokens":1,}', 28, "byte 28"),
        (b'{"model":"m" "x":1}', 13, "byte 13"),
        (b"", None, "JSON"),
        (b"[1,2]", 0, "byte 0"),
        (b'{"model":"m","messages":[}', 25, "byte 25"),
        (b'{"model":"m"} trailing', 14, "byte 14"),
        (b'{"a":"\x01"}', 6, "byte 6"),
    ],
)
def test_invalid_json_is_refused_with_the_byte_offset_and_nothing_is_forwarded(
    weir, simulator, mark, body, offset, words
):
    with weir.client(headers={"x-test": mark, "content-type": "application/json"}) as client:
        reply = client.post("/v1/messages", content=body)
        assert reply.status_code == 400
        assert reply.json()["type"] == "error" and reply.json()["error"]["type"] == "invalid_request_error"
        assert words in reply.json()["error"]["message"], reply.text
        in_chat = client.post("/v1/chat/completions", content=body)
        assert in_chat.status_code == 400 and words in in_chat.json()["error"]["message"]
    assert simulator.received(mark) == []
    row = weir.row(reply.headers["x-weir-request-id"])
    assert (row["state"], row["reason"], row["status"]) == ("refused", "malformed_request", 400)
    assert row["attempts"] == []


def test_a_stream_of_broken_json_passes_through_untouched(weir):
    with weir.client() as client:
        reply = client.post(
            "/v1/messages", json=message(stream=True), headers={"x-sim-fault": "malformed-json"}
        )
    assert reply.status_code == 200
