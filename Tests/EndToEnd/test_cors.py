"""Browsers of configured origins."""

import httpx
import pytest
from support.bodies import message

ORIGIN = "https://app.example.com"


@pytest.fixture
def weir(start_weir, simulator):
    return start_weir(simulator.url, config=f"cors:\n  origins:\n    - {ORIGIN}\n")


def preflight(weir, origin: str) -> httpx.Response:
    return httpx.options(
        weir.url + "/v1/messages",
        trust_env=False,
        headers={
            "origin": origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "x-api-key, anthropic-version, content-type",
        },
    )


def test_a_preflight_of_a_configured_origin_is_answered_without_a_key(weir):
    reply = preflight(weir, ORIGIN)
    assert reply.status_code in (200, 204)
    assert reply.headers["access-control-allow-origin"] == ORIGIN
    assert "POST" in reply.headers["access-control-allow-methods"]
    allowed = reply.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("x-api-key", "anthropic-version", "content-type"))
    assert "origin" in reply.headers["vary"].lower()


def test_a_preflight_of_another_origin_is_not_allowed(weir):
    assert "access-control-allow-origin" not in preflight(weir, "https://evil.example.com").headers


@pytest.mark.parametrize("streamed", [False, True])
def test_replies_may_be_read_by_the_origin(weir, streamed):
    with weir.client() as client:
        good = client.post("/v1/messages", json=message(stream=streamed), headers={"origin": ORIGIN})
        other = client.post("/v1/messages", json=message(), headers={"origin": "https://evil.example.com"})
        refused = client.post("/v1/messages", content=b"{", headers={"origin": ORIGIN})
    assert good.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in other.headers
    assert refused.status_code == 400 and refused.headers["access-control-allow-origin"] == ORIGIN


def test_without_configuration_no_origin_is_allowed(shared_weir):
    assert "access-control-allow-origin" not in preflight(shared_weir, ORIGIN).headers
