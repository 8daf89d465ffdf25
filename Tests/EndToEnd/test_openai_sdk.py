"""The official openai SDK through Weir."""

import pytest
from support.bodies import CHAT_MODEL, chat

TOOL = {
    "type": "function",
    "function": {
        "name": "get_level",
        "description": "The level of a river.",
        "parameters": {"type": "object", "properties": {"river": {"type": "string"}}, "required": ["river"]},
    },
}


def test_a_plain_chat_completion_is_answered_and_priced(openai_client, weir):
    reply = openai_client.chat.completions.with_raw_response.create(**chat())
    parsed = reply.parse()
    assert parsed.choices[0].message.content
    row = weir.row(reply.headers["x-weir-request-id"])
    assert (row["state"], row["endpoint"], row["provider"]) == ("settled", "chat_completions", "openai")
    assert row["usage"]["output_tokens"] == parsed.usage.completion_tokens
    assert row["cost_usd"] > 0


def test_a_chat_stream_that_did_not_ask_for_usage_gets_none_and_is_metered_all_the_same(
    openai_client, weir, simulator, mark
):
    with openai_client.chat.completions.with_streaming_response.create(**chat(stream=True)) as response:
        body = b"".join(response.iter_bytes())
        request_id = response.headers["x-weir-request-id"]
    assert body.rstrip().endswith(b"data: [DONE]")
    assert b'"choices":[]' not in body and b'"prompt_tokens"' not in body
    assert simulator.received(mark)[0].body.count(b"include_usage") == 1
    row = weir.row(request_id)
    assert row["splices"] == "include_usage" and row["usage_source"] == "provider"
    assert row["usage"]["output_tokens"] > 0 and row["cost_usd"] > 0


def test_the_chunks_of_a_metered_stream_are_those_the_provider_sends_but_for_the_usage_chunk(
    openai_client, simulator
):
    import json

    import httpx

    direct = httpx.post(
        f"{simulator.url}/v1/chat/completions",
        trust_env=False,
        headers={"authorization": "Bearer sk-openai-provider-key"},
        json=chat("same question", stream=True, stream_options={"include_usage": True}),
    ).text
    wanted = [e for e in direct.split("\n\n") if e and '"choices":[]' not in e]
    with openai_client.chat.completions.with_streaming_response.create(
        **chat("same question", stream=True)
    ) as response:
        got = [e for e in b"".join(response.iter_bytes()).decode().split("\n\n") if e]
    assert len(got) == len(wanted)

    def parts(event):
        data = event.removeprefix("data: ")
        if data == "[DONE]":
            return data
        chunk = json.loads(data)
        return chunk["choices"], sorted(chunk)

    assert [parts(event) for event in got] == [parts(event) for event in wanted]


def test_a_chat_stream_that_asked_for_usage_gets_it(openai_client):
    stream = openai_client.chat.completions.create(
        **chat(stream=True, stream_options={"include_usage": True})
    )
    chunks = list(stream)
    assert chunks[-1].usage.completion_tokens > 0 and chunks[-1].choices == []


@pytest.mark.parametrize("streamed", [False, True])
def test_tool_calls_come_through(openai_client, streamed):
    import json

    body = chat("please use the tool", tools=[TOOL])
    if streamed:
        calls = [
            call
            for chunk in openai_client.chat.completions.create(**body, stream=True)
            for choice in chunk.choices
            for call in choice.delta.tool_calls or []
        ]
        assert calls[0].function.name == "get_level"
        arguments = "".join(call.function.arguments or "" for call in calls if call.index == 0)
    else:
        message = openai_client.chat.completions.create(**body).choices[0].message
        assert message.tool_calls[0].function.name == "get_level"
        arguments = message.tool_calls[0].function.arguments
    assert isinstance(json.loads(arguments)["river"], str)


def test_a_response_is_answered_and_metered(openai_client, weir):
    reply = openai_client.responses.with_raw_response.create(model=CHAT_MODEL, input="What is a weir?")
    parsed = reply.parse()
    assert parsed.output_text
    row = weir.row(reply.headers["x-weir-request-id"])
    assert row["endpoint"] == "responses" and row["usage"]["output_tokens"] == parsed.usage.output_tokens
    assert row["cost_usd"] > 0


def test_a_streamed_response_ends_with_its_completed_event_and_is_metered(openai_client, weir):
    with openai_client.responses.with_streaming_response.create(
        model=CHAT_MODEL, input="What is a weir?", stream=True
    ) as response:
        body = b"".join(response.iter_bytes()).decode()
        request_id = response.headers["x-weir-request-id"]
    assert "event: response.created" in body and "event: response.completed" in body
    row = weir.row(request_id)
    assert (
        row["state"] == "settled" and row["usage_source"] == "provider" and row["usage"]["output_tokens"] > 0
    )


def test_the_stream_helper_of_responses_works(openai_client):
    with openai_client.responses.stream(model=CHAT_MODEL, input="What is a weir?") as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        assert stream.get_final_response().output_text == text


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_embeddings_come_through_and_are_metered(openai_client, weir, encoding):
    reply = openai_client.embeddings.with_raw_response.create(
        model="text-embedding-3-small", input=["a weir", "a river"], encoding_format=encoding
    )
    parsed = reply.parse()
    assert len(parsed.data) == 2
    row = weir.row(reply.headers["x-weir-request-id"])
    assert row["endpoint"] == "embeddings" and row["usage"]["input_tokens"] == parsed.usage.prompt_tokens
    assert row["cost_usd"] > 0


def test_a_model_without_a_known_price_costs_null_and_not_zero(openai_client, weir):
    reply = openai_client.chat.completions.with_raw_response.create(**chat(model="nobody-knows-this-model"))
    assert "x-weir-cost-usd" not in reply.headers
    row = weir.row(reply.headers["x-weir-request-id"])
    assert row["cost_usd"] is None and row["usage"]["output_tokens"] > 0
