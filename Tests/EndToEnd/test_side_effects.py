"""What leaves something at a provider is not sent twice where the first may have been taken."""

import httpx
import pytest
from support.bodies import message
from support.reliability import assert_no_gaps, new_client, provider, yaml

OPTIONS = {
    "fallback": "off",
    "prompt_cache": "off",
    "retry": {"attempts": 3, "backoff": "5ms", "longest_backoff": "10ms"},
    "health": {"failures_in_a_row": 100, "min_outcomes": 100},
}
BATCH = {
    "requests": [{"custom_id": "one", "params": message()}, {"custom_id": "two", "params": message()}],
}
LOST = ["reset-before-head", "close-before-body", "malformed-head"]


@pytest.fixture
def lone(start_weir, start_simulator):
    simulator = start_simulator()
    config = {**OPTIONS, "providers": provider("anthropic", simulator.url, "anthropic", ["k"])}
    return start_weir(None, config=yaml(config)), simulator


def upload(client) -> httpx.Response:
    return client.post("/v1/files", files={"file": ("a.txt", b"water" * 1_000, "text/plain")})


def create_batch(client) -> httpx.Response:
    return client.post("/v1/messages/batches", json=BATCH)


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("what", [upload, create_batch], ids=["file", "batch"])
def test_a_lost_reply_does_not_make_it_twice(lone, what, fault):
    weir, simulator = lone
    simulator.condition(fault=fault, until_requests=1)
    with new_client(weir) as client:
        try:
            # What was lost is told as lost; only the client can know whether to do it again.
            assert what(client).status_code == 502
        except httpx.RemoteProtocolError:
            assert fault == "close-before-body"
    counts = simulator.counts()
    assert counts["files"] + counts["batches"] == 1 and counts["requests"] == 1
    assert_no_gaps(weir.rows(1))


@pytest.mark.parametrize("status", [429, 500, 503, 504, 529])
@pytest.mark.parametrize("what", [upload, create_batch], ids=["file", "batch"])
def test_a_body_that_streamed_through_is_not_sent_twice(lone, what, status):
    """It is not kept, so that even what was not taken is for the client to send again."""
    weir, simulator = lone
    simulator.condition(status=status, retry_after="0", until_requests=1)
    with new_client(weir) as client:
        assert what(client).status_code == status
        assert what(client).status_code == 200
    counts = simulator.counts()
    assert counts["files"] + counts["batches"] == 1 and counts["requests"] == 2
    assert sorted(len(row["attempts"]) for row in weir.rows(2)) == [1, 1]


RESPONSE = {"model": "gpt-5.4-mini", "input": "hello", "background": True}


@pytest.fixture
def responding(start_weir, start_simulator):
    simulator = start_simulator()
    config = {**OPTIONS, "providers": provider("openai", simulator.url, "responses", ["k"])}
    return start_weir(None, config=yaml(config)), simulator


@pytest.mark.parametrize("fault", LOST)
def test_a_response_that_the_provider_keeps_is_not_made_twice(responding, fault):
    weir, simulator = responding
    simulator.condition(fault=fault, until_requests=1)
    with new_client(weir) as client:
        assert client.post("/v1/responses", json=RESPONSE).status_code == 502
    assert simulator.counts()["requests"] == 1
    assert len(weir.rows(1)[0]["attempts"]) == 1


@pytest.mark.parametrize("status", [500, 504])
def test_a_response_of_which_nobody_knows_is_not_made_twice(responding, status):
    weir, simulator = responding
    simulator.condition(status=status, until_requests=1)
    with new_client(weir) as client:
        assert client.post("/v1/responses", json=RESPONSE).status_code == status
    assert simulator.counts()["requests"] == 1


@pytest.mark.parametrize("status", [429, 503, 529])
def test_a_response_that_was_not_taken_is_asked_for_again(responding, status):
    weir, simulator = responding
    simulator.condition(status=status, retry_after="0", until_requests=1)
    with new_client(weir) as client:
        assert client.post("/v1/responses", json=RESPONSE).status_code == 200
    assert simulator.counts()["requests"] == 2
    row = weir.rows(1)[0]
    assert [attempt["status"] for attempt in row["attempts"]] == [status, 200]


def test_a_request_that_goes_out_again_on_a_fresh_connection_is_in_the_ledger(lone):
    """A kept connection that is reset may have delivered the request: no attempt may be unseen."""
    weir, simulator = lone
    with new_client(weir) as client:
        for _ in range(3):
            assert client.post("/v1/messages", json=message()).status_code == 200
        simulator.condition(fault="reset-before-head", until_requests=1)
        for _ in range(3):
            assert client.post("/v1/messages", json=message()).status_code == 200
    rows = weir.rows(6)
    assert sum(len(row["attempts"]) for row in rows) == simulator.counts()["requests"] == 7
