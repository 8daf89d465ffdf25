"""Who may ask."""

import httpx
import pytest
from support.bodies import chat, message
from support.processes import KEY


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": "wk_wrong"},
        {"authorization": "Bearer nonsense"},
        {"authorization": "Basic abc"},
        {"x-api-key": ""},
    ],
)
@pytest.mark.parametrize("path,make", [("/v1/messages", message), ("/v1/chat/completions", chat)])
def test_a_caller_without_a_known_key_is_refused_for_good(weir, simulator, mark, headers, path, make):
    version = {"anthropic-version": "2023-06-01"} if make is message else {}
    reply = httpx.post(
        weir.url + path, json=make(), headers=headers | version | {"x-test": mark}, trust_env=False
    )
    assert reply.status_code == 401
    assert reply.headers["x-should-retry"] == "false"
    error = reply.json()["error"]
    assert "key" in error["message"] and ("type" in reply.json()) == (make is message)
    if make is message:
        assert error["type"] == "authentication_error"
    assert simulator.received(mark) == []
    row = weir.exported(reply.headers["x-weir-request-id"])
    assert (row["state"], row["reason"], row["caller"]) == ("refused", "unknown_caller", None)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": KEY},
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer {KEY}"},
        {"x-api-key": KEY, "authorization": f"Bearer {KEY}"},
    ],
)
def test_a_key_is_taken_from_either_header(weir, simulator, mark, headers):
    reply = httpx.post(
        weir.url + "/v1/messages",
        json=message(),
        trust_env=False,
        headers=headers | {"anthropic-version": "2023-06-01", "x-test": mark},
    )
    assert reply.status_code == 200
    received = simulator.received(mark)[0]
    assert received.values("x-api-key") == ["sk-ant-provider-key"] and received.values("authorization") == []


def test_a_passthrough_route_sends_the_callers_own_credential_and_knows_it_by_its_hash(
    start_weir, simulator, mark
):
    weir = start_weir(
        simulator.url,
        config="""
routes:
  claude-sonnet-5-5:
    auth: passthrough
    targets:
      - provider: anthropic
""",
    )
    headers = {
        "authorization": "Bearer sk-ant-oat01-subscription",
        "anthropic-version": "2023-06-01",
        "x-test": mark,
    }
    first = httpx.post(weir.url + "/v1/messages", json=message(), headers=headers, trust_env=False)
    assert first.status_code == 200, first.text
    received = simulator.received(mark)[0]
    assert received.values("authorization") == ["Bearer sk-ant-oat01-subscription"]
    assert received.values("x-api-key") == []
    other = httpx.post(
        weir.url + "/v1/messages",
        json=message(),
        trust_env=False,
        headers=headers | {"authorization": "Bearer another"},
    )
    with_key = httpx.post(
        weir.url + "/v1/messages", json=message(model="claude-haiku-5-5"), headers=headers, trust_env=False
    )
    assert with_key.status_code == 401, "only the routes that say so let a foreign credential through"
    rows = weir.rows(3)
    by_id = {row["id"]: row for row in rows}
    one, two = (by_id[r.headers["x-weir-request-id"]]["caller"] for r in (first, other))
    assert one.startswith("cred_") and two.startswith("cred_") and one != two
    assert "sk-ant-oat01" not in str(rows)


def test_a_list_of_allowed_models_refuses_the_others(start_weir, simulator, mark):
    weir = start_weir(simulator.url, config="allow_models:\n  - claude-sonnet-*\n")
    with weir.client(headers={"x-test": mark}) as client:
        assert client.post("/v1/messages", json=message()).status_code == 200
        refused = client.post("/v1/messages", json=message(model="claude-opus-5-5"))
    assert refused.status_code == 403 and refused.json()["error"]["type"] == "permission_error"
    assert refused.headers["x-should-retry"] == "false"
    assert len(simulator.received(mark)) == 1


def test_secrets_are_never_logged(start_weir, simulator):
    weir = start_weir(simulator.url, environment={"WEIR_LOG": "debug"})
    with weir.client() as client:
        client.post("/v1/messages", json=message("a very private question"))
        client.post("/v1/messages", json=message(), headers={"x-api-key": "wk_wrong_but_secret"})
    weir.terminate()
    for secret in (
        KEY,
        "sk-ant-provider-key",
        "sk-openai-provider-key",
        "wk_wrong_but_secret",
        "a very private question",
    ):
        assert secret not in weir.log
