"""Answers from memory: identical requests, in both shapes, with the real SDKs."""

import json
import threading
import time

import anthropic
import openai
import pytest
from support.bodies import chat, events
from support.bodies import message as short_message
from support.processes import KEY
from support.scripted import ScriptedProvider
from support.waiting import eventually


def message(text="What is a weir?", **members):
    """One whose answer ends by itself: what is cut at its limit is not kept."""
    return short_message(text, **({"model": "claude-haiku-4-5", "max_tokens": 1000} | members))


ALWAYS = "cache: {mode: exact}\nretry: {attempts: 1}\nfallback: off\n"


@pytest.fixture
def cached(start_weir, start_simulator):
    simulator = start_simulator()
    weir = start_weir(simulator.url, config=ALWAYS)
    weir.simulator = simulator
    return weir


def asked(weir) -> int:
    """Requests that reached the provider."""
    return len(weir.simulator.received())


def post(weir, body, path="/v1/messages", **headers):
    with weir.client(headers=headers) as client:
        return client.post(path, json=body)


def test_an_identical_request_is_answered_from_memory(cached):
    first = post(cached, message(temperature=0))
    second = post(cached, message(temperature=0))
    assert first.headers["x-weir-cache"] == "miss" and second.headers["x-weir-cache"] == "hit-exact"
    assert asked(cached) == 1
    assert first.json()["content"] == second.json()["content"] and first.json()["id"] != second.json()["id"]
    assert first.json()["usage"] == second.json()["usage"]
    assert float(second.headers["x-weir-saved-usd"]) == float(first.headers["x-weir-cost-usd"]) > 0
    assert int(second.headers["x-weir-cache-age"]) < 10 and second.headers["x-weir-cost-usd"] == "0"
    row, original = cached.row(second.headers["x-weir-request-id"]), cached.row(first.headers["x-weir-request-id"])
    assert row["provider"] == "cache" and row["cost_usd"] == 0 and row["attempts"] == []
    assert row["response_cache"]["outcome"] == "hit_exact"
    assert row["response_cache"]["original_request_id"] == original["id"]
    assert row["savings"][0]["source"] == "exact_cache" and row["savings"][0]["amount_usd"] == original["cost_usd"]
    assert original["response_cache"]["stored"] == row["response_cache"]["entry"]


def test_spelling_does_not_matter_and_meaning_does(cached):
    post(cached, message(temperature=0))
    body = json.dumps(dict(reversed(message(temperature=0).items())), indent=3).replace('"temperature": 0', '"temperature": 0.0')
    with cached.client(headers={"content-type": "application/json"}) as client:
        same = client.post("/v1/messages", content=body.replace("weir?", "w\\u0065ir?"))
    assert same.headers["x-weir-cache"] == "hit-exact"
    assert post(cached, message("What is a dam?", temperature=0)).headers["x-weir-cache"] == "miss"
    assert post(cached, message(temperature=0, max_tokens=999)).headers["x-weir-cache"] == "miss"
    assert asked(cached) == 3


def test_the_query_of_the_address_is_in_the_key(cached):
    outcomes = [post(cached, message(), path=f"/v1/messages{query}").headers["x-weir-cache"] for query in ("?v=1", "?v=2", "?v=1", "")]
    assert outcomes == ["miss", "miss", "hit-exact", "miss"]


def test_by_default_only_temperature_zero_is_answered_from_memory(start_weir, simulator):
    weir = start_weir(simulator.url)
    for _ in range(2):
        sampled = post(weir, message("sampled"))
        assert "x-weir-cache" not in sampled.headers
    assert [post(weir, message("greedy", temperature=0)).headers["x-weir-cache"] for _ in range(2)] == [
        "miss",
        "hit-exact",
    ]


def test_the_environment_sets_the_policy(start_weir, simulator):
    off = start_weir(simulator.url, environment={"WEIR_CACHE": "off"})
    assert "x-weir-cache" not in post(off, message("off", temperature=0)).headers
    exact = start_weir(simulator.url, environment={"WEIR_CACHE": "exact"})
    assert [post(exact, message("always")).headers["x-weir-cache"] for _ in range(2)] == ["miss", "hit-exact"]


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("second", [False, True])
def test_the_anthropic_sdk_reads_the_same_message_from_a_hit(cached, first, second):
    body = message("Tell me of rivers and weirs", max_tokens=300)

    def ask(client, streamed):
        if streamed:
            with client.messages.stream(**body) as stream:
                text = "".join(stream.text_stream)
                final = stream.get_final_message()
            assert text == final.content[0].text
            return final
        return client.messages.create(**body)

    with anthropic.Anthropic(base_url=cached.url, api_key=KEY, max_retries=0) as client:
        one, two = ask(client, first), ask(client, second)
    assert asked(cached) == 1
    assert one.id != two.id and two.id.startswith("msg_")
    assert one.model_dump(exclude={"id"}) == two.model_dump(exclude={"id"})


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("second", [False, True])
def test_the_openai_sdk_reads_the_same_completion_from_a_hit(cached, first, second):
    body = chat("Tell me of rivers and weirs")

    def ask(client, streamed):
        if not streamed:
            reply = client.chat.completions.create(**body)
            return reply.choices[0].message.content, reply.choices[0].finish_reason, reply.usage
        text, reason, usage = "", None, None
        for chunk in client.chat.completions.create(**body, stream=True, stream_options={"include_usage": True}):
            for choice in chunk.choices:
                text += choice.delta.content or ""
                reason = choice.finish_reason or reason
            usage = chunk.usage or usage
        return text, reason, usage

    with openai.OpenAI(base_url=f"{cached.url}/v1", api_key=KEY, max_retries=0) as client:
        one, two = ask(client, first), ask(client, second)
    assert asked(cached) == 1 and one == two and one[0]


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("second", [False, True])
def test_the_openai_sdk_reads_the_same_response_from_a_hit(cached, first, second):
    body = {"model": "gpt-5.4-mini", "input": "Tell me of rivers", "store": False}

    def ask(client, streamed):
        if not streamed:
            return client.responses.create(**body)
        with client.responses.stream(**body) as stream:
            for _ in stream:
                pass
            return stream.get_final_response()

    with openai.OpenAI(base_url=f"{cached.url}/v1", api_key=KEY, max_retries=0) as client:
        one, two = ask(client, first), ask(client, second)
    assert asked(cached) == 1 and one.id != two.id
    assert one.output_text == two.output_text and one.usage == two.usage and one.status == two.status


def test_embeddings_are_answered_from_memory_by_default(start_weir, start_simulator):
    simulator = start_simulator()
    weir = start_weir(simulator.url)
    with openai.OpenAI(base_url=f"{weir.url}/v1", api_key=KEY, max_retries=0) as client:
        vectors = [
            client.embeddings.create(model="text-embedding-3-small", input="a weir").data[0].embedding for _ in range(2)
        ]
    assert vectors[0] == vectors[1] and len(simulator.received()) == 1


def test_the_caller_may_go_past_memory_or_want_nothing_else(cached):
    only = post(cached, message(), **{"x-weir-cache": "only"})
    assert only.status_code == 504 and only.json()["error"]["type"] == "invalid_request_error"
    assert "x-weir-cache: only" in only.json()["error"]["message"] and asked(cached) == 0
    post(cached, message())
    assert post(cached, message(), **{"x-weir-cache": "only"}).headers["x-weir-cache"] == "hit-exact"
    assert post(cached, message(), **{"x-weir-cache": "bypass"}).headers["x-weir-cache"] == "bypass"
    assert post(cached, message(), **{"x-weir-cache": "refresh"}).headers["x-weir-cache"] == "refresh"
    assert asked(cached) == 3
    wrong = post(cached, message(), **{"x-weir-cache": "bypas"})
    assert wrong.status_code == 400 and "bypass, refresh or only" in wrong.json()["error"]["message"]
    assert asked(cached) == 3


def test_a_refresh_replaces_the_kept_answer(cached):
    first = post(cached, message())
    refreshed = post(cached, message(), **{"x-weir-cache": "refresh"})
    hit = post(cached, message())
    row = cached.row(hit.headers["x-weir-request-id"])
    assert row["response_cache"]["original_request_id"] == refreshed.headers["x-weir-request-id"]
    assert row["response_cache"]["original_request_id"] != first.headers["x-weir-request-id"]


@pytest.mark.parametrize(
    "fault", ["error-event", "truncate", "reset-mid-body", "malformed-json", "close-before-body", "error-event-first"]
)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_reply_that_breaks_is_not_kept(cached, fault, streamed):
    body = message(f"{fault} {streamed}", stream=streamed)
    with cached.client(headers={"x-sim-fault": fault}) as client:
        try:
            client.post("/v1/messages", json=body)
        except Exception:  # the connection may be closed; what matters is what is kept
            pass
    after = post(cached, body)
    assert after.status_code == 200 and after.headers["x-weir-cache"] == "miss"


@pytest.mark.parametrize("status", [400, 429, 500, 529])
def test_errors_are_not_kept(cached, status):
    body = message(f"status {status}")
    assert post(cached, body, **{"x-sim-status": str(status)}).status_code >= 400
    after = post(cached, body)
    assert after.status_code == 200 and after.headers["x-weir-cache"] == "miss"


@pytest.mark.parametrize("reason", ["max_tokens", "refusal", "pause_turn"])
def test_replies_that_did_not_end_by_themselves_are_not_kept(cached, reason):
    body = message(f"reason {reason}")
    assert post(cached, body, **{"x-sim-stop-reason": reason}).status_code == 200
    assert post(cached, body).headers["x-weir-cache"] == "miss"


def test_a_stream_that_the_caller_leaves_is_not_kept(cached):
    body = message("a long tale", stream=True)
    with cached.client(headers={"x-sim-event-delay-ms": "20", "x-sim-output-tokens": "200"}) as client:
        with client.stream("POST", "/v1/messages", json=body) as reply:
            next(reply.iter_raw())
    eventually(lambda: [r for r in cached.export() if r["state"] == "aborted"], 10, what="the row of the one who left")
    assert post(cached, body).headers["x-weir-cache"] == "miss"


KEYS = """
cache: {mode: exact}
keys:
  - {name: a1, key: wk_a1_00000000000000000000000000, project: alpha}
  - {name: a2, key: wk_a2_00000000000000000000000000, project: alpha}
  - {name: b1, key: wk_b1_00000000000000000000000000, project: beta}
  - {name: c1, key: wk_c1_00000000000000000000000000, project: walled}
  - {name: c2, key: wk_c2_00000000000000000000000000, project: walled}
projects:
  walled: {cache_scope: key}
"""


def outcome(weir, key, body, **headers):
    with weir.client(headers={"x-api-key": f"wk_{key}_00000000000000000000000000", **headers}) as client:
        return client.post("/v1/messages", json=body).headers["x-weir-cache"]


def test_no_answer_leaves_its_scope(start_weir, simulator):
    weir = start_weir(simulator.url, config=KEYS)
    body = message("scopes")
    assert outcome(weir, "a1", body) == "miss"
    assert outcome(weir, "a2", body) == "hit-exact"
    assert outcome(weir, "b1", body) == "miss"
    # A caller cannot name its project: the key does.
    assert outcome(weir, "b1", message("scopes", metadata={"user_id": "alpha"})) == "hit-exact"
    assert outcome(weir, "c1", body) == "miss"
    assert outcome(weir, "c2", body) == "miss"
    assert outcome(weir, "c1", body) == "hit-exact"


def test_a_session_may_be_a_scope_of_its_own(start_weir, simulator):
    weir = start_weir(simulator.url, config="cache: {mode: exact, scope: session}")
    body = message("sessions")
    for session, wanted in [("one", "miss"), ("two", "miss"), ("one", "hit-exact"), ("two", "hit-exact")]:
        assert post(weir, body, **{"x-weir-session": session}).headers["x-weir-cache"] == wanted, session
    # Who names none shares with those who name none.
    assert [post(weir, body).headers["x-weir-cache"] for _ in range(2)] == ["miss", "hit-exact"]


def test_requests_under_way_are_not_shared_across_scopes(start_weir, start_simulator):
    simulator = start_simulator()
    weir = start_weir(simulator.url, config=KEYS)
    body, outcomes = message("at the same time"), {}

    def ask(key):
        outcomes[key] = outcome(weir, key, body, **{"x-sim-latency-ms": "1500"})

    threads = [threading.Thread(target=ask, args=(key,)) for key in ("a1", "a2", "b1", "c1", "c2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(simulator.received()) == 4
    assert sorted([outcomes["a1"], outcomes["a2"]]) == ["coalesced", "miss"]
    assert {outcomes[key] for key in ("b1", "c1", "c2")} == {"miss"}


def entries(weir, *filters) -> list[dict]:
    return json.loads(weir.command("cache", "list", "--json", *filters, "--at", weir.admin_url).stdout)["entries"]


def lifetime(entry) -> int:
    """Seconds."""
    return round((entry["expires_at"] - entry["created_at"]) / 1_000_000)


def test_how_long_an_answer_is_given(start_weir, simulator):
    weir = start_weir(
        simulator.url,
        config="""
            cache: {mode: exact, tags: {feature=faq: 10m}}
            projects: {default: {cache_ttl: 2h}}
        """,
    )
    post(weir, message("a"))
    post(weir, message("b"), **{"x-weir-tags": "feature=faq"})
    post(weir, message("c"), **{"x-weir-tags": "feature=faq", "x-weir-cache-ttl": "90"})
    # The request's word goes before the tag's, the tag's before the project's; those listed last came first.
    assert [lifetime(entry) for entry in entries(weir)] == [90, 600, 7200]
    with weir.client(headers={"x-weir-cache-ttl": "5"}) as client:
        refused = client.post("/v1/messages", json=message("d"))
    assert refused.status_code == 400 and "x-weir-cache-ttl" in refused.text and "60" in refused.text


def test_a_version_stands_for_the_text_of_the_system_prompt(cached):
    def ask(system, version):
        headers = {"x-weir-cache-version": version} if version else {}
        return post(cached, message("templated", system=system), **headers).headers["x-weir-cache"]

    assert ask("Today is Monday.", "v1") == "miss"
    assert ask("Today is Tuesday.", "v1") == "hit-exact"
    assert ask("Today is Tuesday.", "v2") == "miss"
    assert ask("Today is Tuesday.", None) == "miss"
    assert ask("Today is Wednesday.", None) == "miss"


CALLS = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [{"type": "tool_use", "id": "toolu_1", "name": "look_up", "input": {"word": "weir"}}],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 9, "output_tokens": 20},
}


@pytest.mark.parametrize("kept", [False, True])
def test_answers_that_call_tools_are_kept_where_the_policy_says_so(start_weir, kept):
    provider = ScriptedProvider(lambda body, headers: (200, CALLS))
    weir = start_weir(provider.url, config=f"cache: {{mode: exact, tool_calls: {json.dumps(kept)}}}")
    tools = [{"name": "look_up", "input_schema": {"type": "object"}}]
    first, second = (post(weir, message("call", tools=tools)) for _ in range(2))
    provider.stop()
    assert first.headers["x-weir-cache"] == "miss"
    if kept:
        assert second.headers["x-weir-cache"] == "hit-exact" and second.json()["content"] == CALLS["content"]
        assert entries(weir)[0]["uses_tools"] is True
    else:
        assert second.headers["x-weir-cache"] == "miss" and entries(weir) == []
        figures = weir.row(first.headers["x-weir-request-id"])["response_cache"]
        assert figures["obstacle"] == "tool_calls"


def test_purges_by_each_criterion(start_weir, simulator):
    weir = start_weir(simulator.url, config=KEYS)
    outcome(weir, "a1", message("1"), **{"x-weir-session": "s1", "x-weir-tags": "feature=faq"})
    outcome(weir, "a2", message("2"), **{"x-weir-session": "s2"})
    outcome(weir, "b1", message("3", model="claude-sonnet-5-5"), **{"x-weir-session": "s3"})
    outcome(weir, "b1", message("4"), **{"x-weir-session": "s4", "x-weir-tags": "team=x,user=ada"})
    outcome(weir, "c1", message("5"), **{"x-weir-session": "s5"})
    all_of_them = entries(weir)
    assert len(all_of_them) == 5

    def purge(*filters) -> set[str]:
        """Sessions whose entries went."""
        before = {entry["session"] for entry in entries(weir)}
        said = weir.command("cache", "purge", *filters, "--at", weir.admin_url).stdout
        gone = before - {entry["session"] for entry in entries(weir)}
        assert f"purged: {len(gone)}" in said
        return gone

    assert purge("--project", "nobody") == set()
    assert purge("--key", next(e["key"] for e in all_of_them if e["session"] == "s2")) == {"s2"}
    assert purge("--tag", "feature=faq") == {"s1"}
    assert purge("--model", "claude-sonnet-5-5") == {"s3"}
    assert purge("--session", "s4") == {"s4"}
    assert purge("--project", "walled") == {"s5"}
    assert outcome(weir, "c1", message("5"), **{"x-weir-session": "s5"}) == "miss"
    assert purge("--everything") == {"s5"}
    record = json.loads(weir.command("cache", "purges", "--json", "--at", weir.admin_url).stdout)["purges"]
    assert [one["count"] for one in record] == [1, 1, 1, 1, 1, 1, 0]


def test_credentials_that_pass_through_share_nothing(start_weir, simulator):
    weir = start_weir(
        simulator.url,
        config="cache: {mode: exact}\nroutes:\n  claude-haiku-4-5: {targets: [anthropic], auth: passthrough}\n",
    )
    body = message("passing through")
    for key, wanted in [("sk-one", "miss"), ("sk-two", "miss"), ("sk-one", "hit-exact"), (KEY, "miss")]:
        with weir.client(headers={"x-api-key": key}) as client:
            assert client.post("/v1/messages", json=body).headers["x-weir-cache"] == wanted, key


def test_answers_outlive_a_kill(start_weir, start_simulator):
    simulator = start_simulator()
    weir = start_weir(simulator.url, config=ALWAYS)
    post(weir, message("kept on disk"))
    time.sleep(1)
    weir.kill()
    weir.start()
    assert post(weir, message("kept on disk")).headers["x-weir-cache"] == "hit-exact"
    assert len(simulator.received()) == 1


@pytest.mark.parametrize("streamed", [False, True])
def test_two_hundred_identical_requests_make_one_upstream_call(cached, streamed):
    body = message("all at once", stream=streamed)
    replies = [None] * 200

    def ask(n):
        with cached.client(headers={"x-sim-latency-ms": "5000"}) as client:
            replies[n] = client.post("/v1/messages", json=body)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(replies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked(cached) == 1
    assert {r.status_code for r in replies} == {200}
    if streamed:
        assert len({r.content for r in replies if r.headers["x-weir-cache"] != "hit-exact"}) == 1
    outcomes = [r.headers["x-weir-cache"] for r in replies]
    assert outcomes.count("miss") == 1 and outcomes.count("coalesced") > 100, {o: outcomes.count(o) for o in set(outcomes)}
    rows = cached.rows(200, seconds=15)
    assert sum(float(r["cost_usd"]) for r in rows) == pytest.approx(max(float(r["cost_usd"]) for r in rows))
    assert sorted(r["sequence"] for r in rows) == list(range(1, 201))


@pytest.mark.parametrize("moment", ["before", "within"])
def test_others_are_served_when_the_one_that_leads_leaves(cached, moment):
    body = message(f"leaving {moment}", stream=True)
    pace = {"x-sim-latency-ms": "1500", "x-sim-event-delay-ms": "40"}
    replies = [None] * 50

    def ask(n):
        with cached.client(headers=pace) as client:
            replies[n] = client.post("/v1/messages", json=body)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(replies))]
    with cached.client(headers=pace, timeout=0.8 if moment == "before" else 30) as leader:
        if moment == "before":

            def leave():
                with pytest.raises(Exception):
                    leader.post("/v1/messages", json=body)

            leading = threading.Thread(target=leave)
            leading.start()
            time.sleep(0.3)
            for thread in threads:
                thread.start()
            leading.join()
        else:
            with leader.stream("POST", "/v1/messages", json=body) as reply:
                # The head came with the first event; the others join a stream that has begun.
                pieces = reply.iter_raw()
                next(pieces)
                for thread in threads:
                    thread.start()
                eventually(lambda: cached_open(cached) >= 40, 5, what="the others have joined")
    for thread in threads:
        thread.join()
    assert {r.status_code for r in replies} == {200}
    for reply in replies:
        assert events(reply.content)[-1][0] == "message_stop", reply.headers["x-weir-cache"]
    assert len({r.content for r in replies if r.headers["x-weir-cache"] == "coalesced"}) == 1
    rows = cached.rows(51, seconds=15)
    assert asked(cached) == (2 if moment == "before" else 1), [(r["state"], r["response_cache"]["outcome"], r["received_at"] - rows[0]["received_at"], r["settled_after"]) for r in rows]
    assert sum(r["state"] == "aborted" for r in rows) == 1
    assert sorted(r["sequence"] for r in rows) == list(range(1, len(rows) + 1))


def cached_open(weir) -> int:
    import httpx

    for line in httpx.get(f"{weir.admin_url}/metrics", trust_env=False).text.splitlines():
        if line.startswith("weir_open_requests "):
            return int(line.split()[1])
    return 0


def test_requests_that_fail_fail_together(cached):
    body = message("down", stream=True)
    replies = [None] * 30

    def ask(n):
        with cached.client(headers={"x-sim-latency-ms": "800", "x-sim-status": "529"}) as client:
            replies[n] = client.post("/v1/messages", json=body)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(replies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {r.status_code for r in replies} == {529}
    assert asked(cached) <= 3


def test_a_hit_is_paced_where_the_configuration_says_so(start_weir, simulator):
    weir = start_weir(simulator.url, config="cache: {mode: exact, pace: 20ms}\n")
    body = message("paced", stream=True)
    first = post(weir, body)
    with weir.client() as client, client.stream("POST", "/v1/messages", json=body) as reply:
        assert reply.headers["x-weir-cache"] == "hit-exact"
        pieces = list(reply.iter_raw())
    assert len(pieces) > 3
    assert events(b"".join(pieces))[-1][0] == "message_stop"
    assert first.headers["x-weir-cache"] == "miss"


def test_the_example_of_the_documentation_works_as_pasted(start_weir):
    import re
    import subprocess

    from support.processes import ROOT, clean_environment

    page = (ROOT / "docs/response-cache.md").read_text()
    script = re.search(r"<!-- test: cache-curl -->\n```sh\n(.*?)```", page, re.S)[1]
    weir = start_weir(None)
    environment = clean_environment({"ANTHROPIC_BASE_URL": weir.url, "ANTHROPIC_API_KEY": KEY})
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    lines = [line.strip() for line in done.stdout.splitlines()]
    names = [line.split(":")[0] for line in lines]
    assert names == ["x-weir-cache", "x-weir-cost-usd", "x-weir-cache", "x-weir-cache-age", "x-weir-cost-usd", "x-weir-saved-usd"], lines
    assert lines[0] == "x-weir-cache: miss" and lines[2] == "x-weir-cache: hit-exact"
