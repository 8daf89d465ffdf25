"""The official anthropic SDK through Weir."""

import anthropic
import pytest
from support.bodies import MODEL, message
from support.processes import KEY

TOOL = {
    "name": "get_level",
    "description": "The level of a river.",
    "input_schema": {"type": "object", "properties": {"river": {"type": "string"}}, "required": ["river"]},
}


def test_a_plain_message_is_answered_and_leaves_a_settled_row(anthropic_client, weir, simulator, mark):
    reply = anthropic_client.messages.with_raw_response.create(**message())
    parsed = reply.parse()
    assert parsed.content[0].type == "text" and parsed.content[0].text
    assert parsed.usage.output_tokens > 0
    assert len(simulator.received(mark)) == 1
    row = weir.row(reply.headers["x-weir-request-id"])
    assert (row["state"], row["status"], row["endpoint"], row["provider"]) == (
        "settled",
        200,
        "messages",
        "anthropic",
    )
    assert (row["requested_model"], row["served_model"]) == (MODEL, MODEL)
    assert row["usage"]["input_tokens"] == parsed.usage.input_tokens
    assert row["usage"]["output_tokens"] == parsed.usage.output_tokens
    assert row["usage_source"] == "provider" and row["cost_usd"] > 0
    assert len(row["attempts"]) == 1 and row["attempts"][0]["status"] == 200


def test_a_streamed_message_arrives_event_by_event_with_its_final_usage(anthropic_client, weir):
    with anthropic_client.messages.stream(**message(max_tokens=200)) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_message()
        request_id = stream.response.headers["x-weir-request-id"]
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop"
    assert final.content[0].text and final.usage.output_tokens > 0
    row = weir.row(request_id)
    assert row["is_stream"] and row["state"] == "settled" and row["usage_source"] == "provider"
    assert row["usage"]["output_tokens"] == final.usage.output_tokens
    assert row["first_byte_after"] is not None and row["first_byte_after"] <= row["settled_after"]


@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_call_comes_through_with_its_arguments(anthropic_client, streamed):
    body = message("please use the tool", tools=[TOOL], max_tokens=400)
    if streamed:
        with anthropic_client.messages.stream(**body) as stream:
            final = stream.get_final_message()
    else:
        final = anthropic_client.messages.create(**body)
    calls = [block for block in final.content if block.type == "tool_use"]
    assert final.stop_reason == "tool_use"
    assert calls[0].name == "get_level" and isinstance(calls[0].input["river"], str)


@pytest.mark.parametrize("streamed", [False, True])
def test_thinking_blocks_keep_their_signature(anthropic_client, streamed):
    body = message(
        "think about rivers",
        max_tokens=3000,
        model="claude-sonnet-4-5",
        thinking={"type": "enabled", "budget_tokens": 1024},
    )
    if streamed:
        with anthropic_client.messages.stream(**body) as stream:
            final = stream.get_final_message()
    else:
        final = anthropic_client.messages.create(**body)
    assert final.content[0].type == "thinking" and final.content[0].signature
    assert final.content[-1].type == "text"


def test_tokens_are_counted(anthropic_client):
    counted = anthropic_client.messages.count_tokens(
        model=MODEL, messages=[{"role": "user", "content": "a weir"}]
    )
    assert counted.input_tokens > 0


def test_prompt_caching_shows_in_reply_and_row_with_the_lower_price(anthropic_client, weir):
    system = [{"type": "text", "text": "The weir holds. " * 2000, "cache_control": {"type": "ephemeral"}}]
    first = anthropic_client.messages.with_raw_response.create(**message(system=system))
    second = anthropic_client.messages.with_raw_response.create(**message(system=system))
    written, read = first.parse().usage, second.parse().usage
    assert written.cache_creation_input_tokens > 1000
    assert read.cache_read_input_tokens == written.cache_creation_input_tokens
    rows = [weir.row(reply.headers["x-weir-request-id"]) for reply in (first, second)]
    assert rows[0]["usage"]["cache_write_short_tokens"] == written.cache_creation_input_tokens
    assert rows[1]["usage"]["cache_read_tokens"] == read.cache_read_input_tokens
    assert 0 < rows[1]["cost_usd"] < rows[0]["cost_usd"]


def test_batch_results_are_fetched_through_weir_although_the_provider_names_itself(
    anthropic_client, simulator, weir, mark
):
    params = message()
    batch = anthropic_client.messages.batches.create(
        requests=[{"custom_id": "one", "params": params}, {"custom_id": "two", "params": params}]
    )
    ended = anthropic_client.messages.batches.retrieve(batch.id)
    assert ended.results_url.startswith(weir.url + "/v1/messages/batches/")
    results = {
        result.custom_id: result.result.type for result in anthropic_client.messages.batches.results(batch.id)
    }
    assert results == {"one": "succeeded", "two": "succeeded"}
    paths = [received.uri for received in simulator.received(mark)]
    assert any(path.endswith(f"{batch.id}/results") for path in paths), paths


@pytest.mark.parametrize("credential", [{"api_key": KEY}, {"auth_token": KEY}])
def test_both_ways_of_sending_the_key_work(weir, credential):
    with anthropic.Anthropic(base_url=weir.url, max_retries=0, **credential) as client:
        assert client.messages.create(**message()).content


def test_a_base_url_with_a_trailing_slash_works(weir):
    with anthropic.Anthropic(base_url=weir.url + "/", api_key=KEY, max_retries=0) as client:
        assert client.messages.create(**message()).content


def test_many_callers_at_once_each_get_their_own_answer(weir):
    import concurrent.futures

    def ask(number: int) -> bool:
        with anthropic.Anthropic(base_url=weir.url, api_key=KEY, max_retries=0) as client:
            text = f"question {number}"
            plain = client.messages.create(**message(text)).content[0].text
            with client.messages.stream(**message(text)) as stream:
                return stream.get_final_message().content[0].text == plain

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        assert all(pool.map(ask, range(24)))
