"""Prompt caching with the real SDKs: what Weir adds for clients that mark nothing, what it leaves alone."""

import json
from decimal import Decimal

import anthropic
import httpx
import openai
import pytest
from support.bodies import AGENT_BODY, HEADERS, message, signed_agent_body
from support.processes import KEY
from support.raw import RawConnection, request_bytes
from support.sessions import AgentSession, chat_turns, prose


@pytest.fixture
def cached(start_weir, simulator):
    """A Weir with a ledger of its own."""
    return start_weir(simulator.url)


def client_of(weir, mark: str, **headers) -> anthropic.Anthropic:
    fields = {"x-test": mark} | {name.replace("_", "-"): value for name, value in headers.items()}
    return anthropic.Anthropic(base_url=weir.url, api_key=KEY, max_retries=0, default_headers=fields)


def openai_client_of(weir, mark: str, **headers) -> openai.OpenAI:
    fields = {"x-test": mark} | {name.replace("_", "-"): value for name, value in headers.items()}
    return openai.OpenAI(base_url=f"{weir.url}/v1", api_key=KEY, max_retries=0, default_headers=fields)


def markers(body: bytes) -> int:
    return body.count(b'"cache_control"')


def stripped(value):
    """JSON without cache markers, a list of one text as that text."""
    if isinstance(value, dict):
        value = {name: stripped(member) for name, member in value.items() if name != "cache_control"}
        content = value.get("content")
        if isinstance(content, list) and len(content) == 1 and set(content[0]) == {"type", "text"}:
            value["content"] = content[0]["text"]
        system = value.get("system")
        if isinstance(system, list) and len(system) == 1:
            value["system"] = system[0]["text"]
        return value
    return [stripped(item) for item in value] if isinstance(value, list) else value


def in_cache(usage) -> int:
    """Tokens that the provider holds once it has answered with this usage."""
    return usage.cache_read_input_tokens + usage.cache_creation_input_tokens


def money(weir, *arguments: str):
    return json.loads(weir.command(*arguments, "--format", "json").stdout, parse_float=Decimal)


# --- Messages


def test_a_client_without_markers_reads_from_the_second_turn_on(cached, simulator, mark):
    session = AgentSession(mark)
    with client_of(cached, mark) as client:
        replies = []
        for _ in range(4):
            replies.append(client.messages.with_raw_response.create(**session.body))
            session.work()
    usages = [reply.parse().usage for reply in replies]
    assert usages[0].cache_creation_input_tokens > 2_000
    for before, usage in zip(usages, usages[1:]):
        assert usage.cache_read_input_tokens >= in_cache(before) - 8
        assert usage.input_tokens + usage.cache_creation_input_tokens < 600
    assert [reply.headers["x-weir-prefix"] for reply in replies] == ["new"] + ["extended"] * 3
    rows = [cached.row(reply.headers["x-weir-request-id"]) for reply in replies]
    for reply, row in zip(replies, rows):
        assert row["prompt_cache"]["decision"] == "marked"
        assert row["prompt_cache"]["caller_markers"] == 0 and "system" in row["prompt_cache"]["marks"]
        assert "prompt_cache" in row["splices"].split(",")
        (saving,) = row["savings"]
        assert saving["source"] == "prompt_cache"
        assert float(reply.headers["x-weir-saved-usd"]) == saving["amount_usd"]
        assert "x-weir-native-cache-saved-usd" not in reply.headers
        assert saving["baseline_usd"] - saving["amount_usd"] == pytest.approx(row["cost_usd"], abs=1e-12)
    # The turn that writes pays for it; each later one saves more.
    amounts = [row["savings"][0]["amount_usd"] for row in rows]
    assert amounts[0] < 0 < amounts[1] and sum(amounts) > 0
    for received in simulator.received(mark):
        assert 1 <= markers(received.body) <= 4


def test_what_arrives_differs_from_what_was_sent_by_markers_alone(cached, simulator, mark):
    session = AgentSession(mark)
    sent = []
    with cached.client(headers={"x-test": mark}) as client:
        for width in (1, 12, 1):
            sent.append(json.dumps(session.body, indent=1, ensure_ascii=False).encode())
            assert client.post("/v1/messages", content=sent[-1]).status_code == 200
            session.work(width)
    for before, received in zip(sent, simulator.received(mark)):
        assert received.body != before
        assert stripped(json.loads(received.body)) == stripped(json.loads(before))
        # In front of the first marker every byte is the caller's.
        at = min(received.body.index(b'"cache_control"'), received.body.index(b'[{"type":"text","text":'))
        assert received.body[: at - 1] == before[: at - 1]


def test_streams_tell_savings_in_trailers_and_the_prefix_in_the_head(cached, mark):
    session = AgentSession(mark)
    with client_of(cached, mark) as client:
        client.messages.create(**session.body)
    session.work()
    fields = HEADERS + [("TE", "trailers"), ("Connection", "TE")]
    with RawConnection(cached.port) as connection:
        # Spelled as the SDK spells it: white space inside of a tool's schema counts.
        body = json.dumps(session.body | {"stream": True}, separators=(",", ":")).encode()
        connection.send(request_bytes("/v1/messages", body, fields))
        reply = connection.read_reply()
    assert reply.status == 200 and reply.values("x-weir-prefix") == ["extended"]
    trailers = {name.lower(): value for name, value in reply.trailers}
    row = cached.row(reply.values("x-weir-request-id")[0])
    assert row["usage"]["cache_read_tokens"] > 2_000
    assert float(trailers["x-weir-saved-usd"]) == row["savings"][0]["amount_usd"] > 0


def test_the_streaming_helper_sees_cached_tokens(cached, mark):
    session = AgentSession(mark)
    with client_of(cached, mark) as client:
        client.messages.create(**session.body)
        session.work(3)
        with client.messages.stream(**session.body) as stream:
            final = stream.get_final_message()
    assert final.usage.cache_read_input_tokens > 2_000


def test_wide_turns_keep_reading(cached, simulator, mark):
    session = AgentSession(mark)
    with client_of(cached, mark) as client:
        client.messages.create(**session.body)
        session.work(2)
        before = client.messages.create(**session.body).usage
        for _ in range(2):
            session.work(25)
            usage = client.messages.create(**session.body).usage
            assert usage.cache_read_input_tokens >= in_cache(before) - 8 > 2_000
            before = usage
    assert all(markers(received.body) <= 4 for received in simulator.received(mark))


def test_the_clients_own_markers_stay_and_count_as_its_own_saving(cached, simulator, mark):
    body = signed_agent_body(simulator)
    body = body.replace(b"You are an agent.", ("You are an agent. " + prose(mark, 900)).encode())
    with cached.client(headers={"x-test": mark}) as client:
        for _ in range(2):
            reply = client.post("/v1/messages", content=body)
            assert reply.status_code == 200
            reply.read()
    assert [received.body for received in simulator.received(mark)] == [body, body]
    row = cached.row(reply.headers["x-weir-request-id"])
    assert row["prompt_cache"]["decision"] == "caller_marked" and row["prompt_cache"]["caller_markers"] == 2
    assert row["prompt_cache"]["prefix"] == "same" and row["prompt_cache"]["marks"] is None
    assert [saving["source"] for saving in row["savings"]] == ["native_cache"]


def test_what_the_client_earns_itself_is_told_apart_from_what_weir_earns(cached, mark):
    system = [{"type": "text", "text": prose(mark, 2_000), "cache_control": {"type": "ephemeral"}}]
    with client_of(cached, mark) as client:
        for _ in range(2):
            reply = client.messages.with_raw_response.create(**message(mark, system=system))
    (saving,) = cached.row(reply.headers["x-weir-request-id"])["savings"]
    assert saving["source"] == "native_cache" and saving["amount_usd"] > 0
    assert float(reply.headers["x-weir-native-cache-saved-usd"]) == saving["amount_usd"]
    assert "x-weir-saved-usd" not in reply.headers


def test_a_bridge_beside_the_clients_markers_is_weirs_own_saving(cached, simulator, mark):
    session = AgentSession(mark)
    session.body["system"] = [
        {"type": "text", "text": session.body["system"], "cache_control": {"type": "ephemeral"}}
    ]
    turns = [2, 25, 25, 25]
    with client_of(cached, mark) as client:
        for width in turns:
            last = session.body["messages"][-1]
            if isinstance(last["content"], str):
                last["content"] = [{"type": "text", "text": last["content"]}]
            last["content"][-1]["cache_control"] = {"type": "ephemeral"}
            reply = client.messages.with_raw_response.create(**session.body)
            del last["content"][-1]["cache_control"]
            session.work(width)
    row = cached.row(reply.headers["x-weir-request-id"])
    assert row["prompt_cache"]["caller_markers"] == 2
    assert row["prompt_cache"]["marks"].endswith(":5m:bridge") and "," not in row["prompt_cache"]["marks"]
    amounts = {saving["source"]: saving["amount_usd"] for saving in row["savings"]}
    assert amounts["prompt_cache"] > 0 and amounts["native_cache"] > 0
    assert float(reply.headers["x-weir-saved-usd"]) == amounts["prompt_cache"]
    assert [markers(received.body) for received in simulator.received(mark)] == [2, 2, 3, 3]


def test_one_shots_pass_unchanged(cached, simulator, mark):
    body = json.dumps(message(f"{mark} {prose('one-shot', 9_000)}")).encode()
    with cached.client(headers={"x-test": mark}) as client:
        reply = client.post("/v1/messages", content=body)
    assert simulator.received(mark)[0].body == body
    row = cached.row(reply.headers["x-weir-request-id"])
    assert row["prompt_cache"]["decision"] in ("does_not_pay", "below_minimum")
    assert row["savings"] == [] and reply.headers["x-weir-prefix"] == "new"


def test_prompts_that_no_provider_caches_are_not_looked_at(cached, simulator, mark):
    body = json.dumps(message(f"{mark} hello")).encode()
    with cached.client(headers={"x-test": mark}) as client:
        reply = client.post("/v1/messages", content=body)
    assert simulator.received(mark)[0].body == body
    assert cached.row(reply.headers["x-weir-request-id"])["prompt_cache"] is None
    assert "x-weir-prefix" not in reply.headers


def test_counting_tokens_is_left_alone(cached, simulator, mark):
    session = AgentSession(mark)
    counted = ("model", "system", "tools", "messages")
    body = json.dumps({name: session.body[name] for name in counted}).encode()
    with cached.client(headers={"x-test": mark}) as client:
        for _ in range(2):
            reply = client.post("/v1/messages/count_tokens", content=body)
            assert reply.json()["input_tokens"] > 2_000
            assert "x-weir-prefix" not in reply.headers
    assert [received.body for received in simulator.received(mark)] == [body, body]


@pytest.mark.parametrize("mode", ["off", "observe"])
def test_off_and_observe_change_no_byte(start_weir, simulator, mark, mode):
    weir = start_weir(simulator.url, environment={"WEIR_PROMPT_CACHE": mode})
    session = AgentSession(mark)
    sent, replies = [], []
    with weir.client(headers={"x-test": mark}) as client:
        for _ in range(3):
            sent.append(json.dumps(session.body).encode())
            replies.append(client.post("/v1/messages", content=sent[-1]))
            session.work()
    assert [received.body for received in simulator.received(mark)] == sent
    rows = [weir.row(reply.headers["x-weir-request-id"]) for reply in replies]
    assert all(row["savings"] == [] and row["splices"] in (None, "") for row in rows)
    if mode == "off":
        assert all((row["prompt_cache"] or {"decision": "off"})["decision"] == "off" for row in rows)
        return
    assert {row["prompt_cache"]["decision"] for row in rows} == {"observed"}
    assert [row["prompt_cache"]["prefix"] for row in rows] == ["new", "extended", "extended"]
    report = money(weir, "cache", "observe")
    (observed,) = report["models"]
    assert report["rows"] == observed["rows"] == 3
    assert 0 < observed["lower_usd"] <= observed["upper_usd"]
    bounds = [row["prompt_cache"] for row in rows]
    for name in ("lower", "upper"):
        sums = sum(Decimal(str(figures[f"observed_{name}_usd"])) for figures in bounds)
        assert observed[f"{name}_usd"] == sums
    assert "claude-sonnet-5-5" in weir.command("cache", "observe").stdout


def test_a_route_may_say_otherwise(start_weir, simulator, mark):
    config = "\n".join(
        [
            "prompt_cache: off",
            "routes:",
            "  marked:",
            '    targets: ["anthropic/claude-sonnet-5-5"]',
            "    prompt_cache: always",
        ]
    )
    weir = start_weir(simulator.url, config=config)
    with client_of(weir, mark) as client:
        for model in ("claude-sonnet-5-5", "marked"):
            client.messages.create(**AgentSession(mark, model=model).body)
    assert [markers(received.body) > 0 for received in simulator.received(mark)] == [False, True]


# --- Refusals


def test_a_refused_marker_is_taken_back_once_and_remembered(cached, simulator, mark):
    session = AgentSession(mark)
    sent, replies = [], []
    headers = {"x-test": mark, "x-sim-max-markers": "0", "x-sim-latency-ms": "300"}
    with cached.client(headers=headers) as client:
        for _ in range(2):
            sent.append(json.dumps(session.body).encode())
            replies.append(client.post("/v1/messages", content=sent[-1]))
            session.work()
    assert [reply.status_code for reply in replies] == [200, 200]
    arrived = [received.body for received in simulator.received(mark)]
    assert len(arrived) == 3 and markers(arrived[0]) > 0
    assert arrived[1:] == sent
    first, second = (cached.row(reply.headers["x-weir-request-id"]) for reply in replies)
    assert [attempt["status"] for attempt in first["attempts"]] == [400, 200]
    # The provider's first answer took its time, and that time is not Weir's.
    assert first["overhead"] < 300_000 < 600_000 <= first["first_byte_after"]
    assert first["prompt_cache"]["decision"] == "refused" and first["prompt_cache"]["marks"] is None
    assert len(second["attempts"]) == 1 and second["prompt_cache"]["decision"] == "refused_before"


def test_a_stream_whose_marker_is_refused_still_arrives_whole(cached, simulator, mark):
    session = AgentSession(mark)
    with client_of(cached, mark, x_sim_max_markers="0") as client:
        for _ in range(2):
            with client.messages.stream(**session.body) as stream:
                final = stream.get_final_message()
            assert final.content and final.usage.input_tokens > 2_000
            session.work()
    assert [markers(received.body) > 0 for received in simulator.received(mark)] == [True, False, False]


def test_a_refused_key_is_taken_back_once_and_remembered(cached, simulator, mark):
    with openai_client_of(cached, mark, x_sim_max_markers="0") as client:
        for turn in range(2):
            reply = client.chat.completions.with_raw_response.create(
                model="gpt-5.4-mini", messages=chat_turns(mark, turn)
            )
    keys = arrived_keys(simulator, mark)
    assert len(keys) == 3 and keys[0] and keys[1:] == [None, None]
    assert cached.row(reply.headers["x-weir-request-id"])["prompt_cache"]["decision"] == "refused_before"


def test_a_refusal_that_comes_without_weirs_fields_too_is_not_remembered(cached, simulator, mark):
    own = {"prompt_cache_options": {"mode": "implicit", "ttl": "30m"}}
    with openai_client_of(cached, mark, x_weir_session=mark) as client:
        with pytest.raises(openai.BadRequestError, match="prompt_cache_options"):
            client.chat.completions.create(
                model="gpt-5.4-mini", messages=chat_turns(mark, 0), extra_body=own
            )
        client.chat.completions.create(model="gpt-5.4-mini", messages=chat_turns(mark, 0))
    assert [key is not None for key in arrived_keys(simulator, mark)] == [True, False, True]


def test_a_refusal_that_has_nothing_to_do_with_markers_is_passed_on(cached, simulator, mark):
    session = AgentSession(mark)
    with cached.client(headers={"x-test": mark}) as client:
        reply = client.post("/v1/messages", json=session.body | {"max_tokens": -1})
    assert reply.status_code == 400 and "max_tokens" in reply.json()["error"]["message"]
    assert len(simulator.received(mark)) == 1


def test_a_refusal_of_the_clients_own_markers_is_passed_on(cached, simulator, mark):
    with cached.client(headers={"x-test": mark, "x-sim-max-markers": "0"}) as client:
        reply = client.post("/v1/messages", content=AGENT_BODY)
    assert reply.status_code == 400 and "cache_control" in reply.json()["error"]["message"]
    assert [received.body for received in simulator.received(mark)] == [AGENT_BODY]


# --- What broke it


def test_a_timestamp_in_the_system_prompt_is_found_and_priced(cached, mark):
    session = AgentSession(mark)
    stable = {"type": "text", "text": prose((mark, "stable"), 1_500)}
    replies = []
    with client_of(cached, mark) as client:
        for minute in (7, 8, 9):
            now = f"Today is Saturday. The time is 2026-11-21T07:{minute:02}:13Z. Answer briefly."
            session.body["system"] = [stable, {"type": "text", "text": now + prose((mark, "rest"), 400)}]
            replies.append(client.messages.with_raw_response.create(**session.body))
            session.work()
    assert [reply.headers["x-weir-prefix"] for reply in replies] == ["new", "broken", "broken"]
    row = cached.row(replies[1].headers["x-weir-request-id"])
    change = row["prompt_cache"]["change"]
    assert change["kind"] == "timestamp" and change["path"] == "system[1]"
    body = json.dumps(session.body)
    assert change["offset"] > 0 and len(body) > change["offset"]
    assert row["prompt_cache"]["change_cost_usd"] > 0
    shown = cached.command("cache", "breaks").stdout
    assert "timestamp" in shown and "system[1]" in shown
    (broken,) = [one for one in money(cached, "cache", "breaks")["breaks"] if one["kind"] == "timestamp"]
    assert broken["rows"] == 2


def test_shuffled_tools_are_named(cached, mark):
    session = AgentSession(mark)
    with client_of(cached, mark) as client:
        client.messages.create(**session.body)
        session.work()
        session.body["tools"].reverse()
        reply = client.messages.with_raw_response.create(**session.body)
    assert reply.headers["x-weir-prefix"] == "broken"
    change = cached.row(reply.headers["x-weir-request-id"])["prompt_cache"]["change"]
    assert change["kind"] == "reordered_tools" and change["path"].startswith("tools[")


# --- Reports


def test_savings_are_the_sums_of_their_rows(cached, mark):
    for number in range(2):
        session = AgentSession((mark, number))
        with client_of(cached, mark) as client:
            for _ in range(3):
                client.messages.create(**session.body)
                session.work()
    rows = cached.rows(6)
    over_rows = sum(Decimal(str(saving["amount_usd"])) for row in rows for saving in row["savings"])
    assert over_rows > 0
    for by in ("day", "model", "source"):
        report = money(cached, "savings", "--by", by)
        assert report["saved_usd"] == over_rows
        assert sum(group["amount_usd"] for group in report["groups"]) == over_rows
    listed = cached.command("savings", "--rows", "--format", "ndjson").stdout.splitlines()
    assert sum(json.loads(line, parse_float=Decimal)["amount_usd"] for line in listed) == over_rows
    served = httpx.get(f"{cached.admin_url}/weir/v1/savings?by=source", trust_env=False)
    assert json.loads(served.text, parse_float=Decimal)["saved_usd"] == over_rows
    shown = cached.command("savings").stdout
    assert "prompt_cache" in shown and "6 rows" in shown


# --- OpenAI


def arrived_keys(simulator, mark) -> list[str | None]:
    return [json.loads(received.body).get("prompt_cache_key") for received in simulator.received(mark)]


@pytest.mark.parametrize("model", ["gpt-5.4-mini", "gpt-5.6-sol"])
def test_a_session_has_one_key_and_two_sessions_have_two(cached, simulator, mark, model):
    usages = []
    for name in ("one", "two"):
        with openai_client_of(cached, mark, x_weir_session=f"{mark}-{name}") as client:
            for turn in range(3):
                messages = chat_turns((mark, name), turn)
                usages.append(client.chat.completions.create(model=model, messages=messages).usage)
    keys = arrived_keys(simulator, mark)
    assert None not in keys and len(set(keys)) == 2
    assert keys[0] == keys[1] == keys[2] != keys[3] == keys[4] == keys[5]
    assert all(len(key) <= 64 and mark not in key for key in keys)
    assert [usage.prompt_tokens_details.cached_tokens > 1_000 for usage in usages] == [False, True, True] * 2
    rows = cached.rows(6)
    assert rows[1]["prompt_cache"]["prefix"] == "extended"
    assert rows[1]["usage"]["cache_read_tokens"] == usages[1].prompt_tokens_details.cached_tokens


def test_responses_get_a_key_too_and_without_a_session_it_follows_the_conversation(cached, simulator, mark):
    instructions = prose(mark, 1_500)
    with openai_client_of(cached, mark) as client:
        items = [{"role": "user", "content": prose((mark, "a"), 50)}]
        for turn in range(3):
            reply = client.responses.create(model="gpt-5.6-sol", instructions=instructions, input=items)
            items += [
                {"role": "assistant", "content": reply.output_text},
                {"role": "user", "content": prose((mark, turn), 50)},
            ]
    keys = arrived_keys(simulator, mark)
    assert len(set(keys)) == 1 and keys[0]
    assert reply.usage.input_tokens_details.cached_tokens > 1_400


def test_the_callers_own_key_and_options_stay(cached, simulator, mark):
    own = {"prompt_cache_key": "mine", "prompt_cache_options": {"mode": "explicit"}}
    with openai_client_of(cached, mark, x_weir_session="s") as client:
        for _ in range(2):
            client.chat.completions.create(model="gpt-5.6-sol", messages=chat_turns(mark, 0), extra_body=own)
    for received in simulator.received(mark):
        body = json.loads(received.body)
        assert {name: body[name] for name in own} == own
        assert received.body.count(b"prompt_cache_") == 2
    for row in cached.rows(2):
        assert row["prompt_cache"]["decision"] == "caller_marked" and row["prompt_cache"]["marks"] is None


def test_models_that_refuse_options_get_none(cached, simulator, mark):
    with openai_client_of(cached, mark, x_weir_session=mark) as client:
        for turn in range(3):
            client.responses.create(
                model="gpt-5.4-mini", instructions=prose(mark, 1_500), input=prose((mark, turn), 30)
            )
    bodies = [received.body for received in simulator.received(mark)]
    assert len(bodies) == 3 and not any(b"prompt_cache_options" in body for body in bodies)
