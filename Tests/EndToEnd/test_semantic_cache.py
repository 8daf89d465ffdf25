"""Answers to requests that mean the same: text key, guarded neighbour, verified paraphrase, and what a judge finds."""

import json

import httpx
import pytest
from support.bodies import message as short_message
from support.processes import KEY
from support.scripted import ScriptedProvider, anthropic_message
from support.waiting import eventually


class Judge(ScriptedProvider):
    """A provider of the Anthropic dialect that says what `verdict` makes of the prompt."""

    def __init__(self, verdict):
        self.asked = []

        def answer(body, headers):
            prompt = body["messages"][0]["content"]
            self.asked.append((body, headers["x-api-key"]))
            return 200, anthropic_message(body["model"], verdict(prompt))

        super().__init__(answer)

    def config(self, **cache) -> str:
        # JSON is YAML.
        return json.dumps(
            {
                "cache": {"judge": "judge/claude-haiku-4-5", **cache},
                "providers": {
                    "anthropic": {"credential": "sk-main"},
                    "judge": {
                        "url": self.url,
                        "dialects": ["anthropic"],
                        "credential": "sk-judge",
                    },
                },
                "routes": {"claude-haiku-4-5": {"targets": ["anthropic"]}},
            }
        )


@pytest.fixture
def judge():
    made = []

    def make(verdict):
        made.append(Judge(verdict))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def ask(weir, text, **headers):
    body = short_message(text, model="claude-haiku-4-5", max_tokens=1000)
    with weir.client(headers=headers) as client:
        reply = client.post("/v1/messages", json=body)
    assert reply.status_code == 200, reply.text
    return reply


def figures(weir, reply) -> dict:
    return weir.row(reply.headers["x-weir-request-id"])["response_cache"]


@pytest.fixture
def semantic(start_weir, simulator):
    return start_weir(simulator.url, environment={"WEIR_CACHE": "semantic"})


def test_politeness_and_case_do_not_matter(semantic):
    first = ask(semantic, "How do I reset my password?")
    hit = ask(semantic, "hello, could you please tell me how do I reset my password")
    assert hit.headers["x-weir-cache"] == "hit-text" and hit.json()["content"] == first.json()["content"]
    row = semantic.row(hit.headers["x-weir-request-id"])
    assert row["provider"] == "cache" and row["savings"][0]["source"] == "semantic_cache"
    assert row["response_cache"]["original_request_id"] == first.headers["x-weir-request-id"]


def test_a_near_question_is_answered_and_its_near_misses_are_not(semantic):
    ask(semantic, "How do I cancel my subscription before the renewal date?")
    hit = ask(semantic, "Before the renewal date, how do I cancel my subscription?")
    ask(semantic, "What is the boiling point of water at sea level in degrees Celsius?")
    seen = figures(semantic, hit)
    assert hit.headers["x-weir-cache"] == "hit-semantic", seen
    assert seen["similarity"] >= 0.95 and seen["threshold"] == 0.95 and seen["vetoes"] is None
    for near, veto in [
        ("What is the boiling point of water at sea level in degrees Fahrenheit?", "units"),
        ("What is the boiling point of ethanol at sea level in degrees Celsius?", "substitution"),
        ("What is not the boiling point of water at sea level in degrees Celsius?", "negation"),
    ]:
        miss = ask(semantic, near)
        assert miss.headers["x-weir-cache"] == "miss", near
        assert veto in (figures(semantic, miss)["vetoes"] or ""), figures(semantic, miss)


def test_direction_is_not_lost(semantic):
    ask(semantic, "Is it a 10 minute walk from the station to the museum?")
    miss = ask(semantic, "Is it a 10 minute walk from the museum to the station?")
    assert miss.headers["x-weir-cache"] == "miss" and "order" in figures(semantic, miss)["vetoes"]


@pytest.mark.parametrize(
    "change",
    [
        {"system": "Answer in French."},
        {"tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"}}]},
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]},
        {"stop_sequences": ["x"]},
        {"max_tokens": 999},
    ],
)
def test_all_but_the_question_must_be_the_same(semantic, change):
    ask(semantic, "Who painted the Mona Lisa?")
    body = short_message("Please tell me who painted the Mona Lisa?", model="claude-haiku-4-5", max_tokens=1000)
    for name, value in change.items():
        body[name] = value + body["messages"] if name == "messages" else value
    with semantic.client() as client:
        assert client.post("/v1/messages", json=body).headers["x-weir-cache"] == "miss"


def test_observing_serves_nothing_and_says_what_it_would_have_saved(start_weir, simulator):
    weir = start_weir(simulator.url, environment={"WEIR_CACHE": "exact"})
    first = ask(weir, "Which planet is the largest in the solar system?")
    seen = ask(weir, "Hi! Which planet is the largest in the solar system?")
    assert seen.headers["x-weir-cache"] == "miss"
    row = figures(weir, seen)
    assert row["would_hit"] == "hit_text" and row["would_save_usd"] == float(first.headers["x-weir-cost-usd"])
    report = json.loads(weir.command("cache", "hits", "--format", "json").stdout)
    assert sum(group["would_hit"] for group in report["groups"]) == 1


def test_the_caller_may_ask_for_another_threshold(semantic):
    ask(semantic, "How do I cancel my subscription before the renewal date?")
    strict = ask(
        semantic,
        "Before the renewal date, how do I cancel my subscription?",
        **{"x-weir-cache-threshold": "1"},
    )
    assert strict.headers["x-weir-cache"] == "miss" and figures(semantic, strict)["threshold"] == 1


def test_questions_are_found_again_after_a_restart(start_weir, simulator):
    weir = start_weir(simulator.url, environment={"WEIR_CACHE": "semantic"})
    ask(weir, "How do I cancel my subscription before the renewal date?")
    weir.terminate()
    weir.start()
    hit = ask(weir, "Before the renewal date, how do I cancel my subscription?")
    assert hit.headers["x-weir-cache"] == "hit-semantic"


def test_an_answer_asked_for_anew_is_found_by_its_meaning_too(semantic):
    refreshed = ask(semantic, "How do I cancel my subscription before the renewal date?", **{"x-weir-cache": "refresh"})
    assert refreshed.headers["x-weir-cache"] == "refresh"
    hit = ask(semantic, "Hi! how do I cancel my subscription before the renewal date")
    assert hit.headers["x-weir-cache"] == "hit-text"
    near = ask(semantic, "Before the renewal date, how do I cancel my subscription?")
    assert near.headers["x-weir-cache"] == "hit-semantic", figures(semantic, near)
    assert near.json()["content"] == refreshed.json()["content"]


def test_what_was_purged_is_forgotten_by_the_index(semantic):
    ask(semantic, "How do I cancel my subscription before the renewal date?")
    at = ["--at", semantic.admin_url]
    assert "purged: 1" in semantic.command("cache", "purge", "--everything", *at).stdout
    miss = ask(semantic, "Before the renewal date, how do I cancel my subscription?")
    assert miss.headers["x-weir-cache"] == "miss" and figures(semantic, miss)["nearest"] is None


def test_who_wants_an_answer_from_memory_or_none_is_not_sampled(start_weir, simulator, judge):
    one = judge(lambda prompt: "yes")
    weir = start_weir(simulator.url, config=one.config(mode="semantic", judge_share=100))
    ask(weir, "How do I reset my password?")
    hit = ask(weir, "Hello, how do I reset my password?", **{"x-weir-cache": "only"})
    assert hit.headers["x-weir-cache"] == "hit-text"


PARAPHRASE = ("How can I get my money back for an order?", "What do I do to obtain a refund on a purchase?")


def test_a_paraphrase_is_answered_where_the_judge_says_yes_and_learned(start_weir, simulator, judge):
    one = judge(lambda prompt: "yes")
    weir = start_weir(simulator.url, config=one.config(mode="semantic", verify=True, judge_share=0))
    first = ask(weir, PARAPHRASE[0])
    hit = ask(weir, PARAPHRASE[1])
    assert hit.headers["x-weir-cache"] == "hit-verified", figures(weir, hit)
    assert hit.json()["content"] == first.json()["content"]
    body, key = one.asked[0]
    assert key == "sk-judge" and all(text in body["messages"][0]["content"] for text in PARAPHRASE)
    rows = weir.rows(3)
    call = next(row for row in rows if row["response_cache"]["judged_request_id"])
    assert call["response_cache"]["judged_request_id"] == hit.headers["x-weir-request-id"]
    assert call["cost_usd"] > 0 and call["savings"][0]["amount_usd"] == -call["cost_usd"]
    assert figures(weir, hit)["judged"] == "right" and figures(weir, hit)["judge_cost_usd"] == call["cost_usd"]
    # The same words again need no judge; they stay an answer by their text, with all that holds for those.
    same = ask(weir, PARAPHRASE[1])
    assert same.headers["x-weir-cache"] == "hit-text", figures(weir, same)
    assert ask(weir, PARAPHRASE[1], **{"x-weir-cache": "bypass"}).headers["x-weir-cache"] == "bypass"
    again = ask(weir, "Hello! " + PARAPHRASE[1])
    assert again.headers["x-weir-cache"] == "hit-text" and len(one.asked) == 1


def test_a_paraphrase_goes_to_the_provider_where_the_judge_says_no(start_weir, simulator, judge):
    one = judge(lambda prompt: "no")
    weir = start_weir(simulator.url, config=one.config(mode="semantic", verify=True, judge_share=0))
    ask(weir, PARAPHRASE[0])
    miss = ask(weir, PARAPHRASE[1])
    assert miss.headers["x-weir-cache"] == "miss" and figures(weir, miss)["judged"] == "wrong"


def test_a_judge_that_takes_too_long_is_a_miss(start_weir, simulator, judge):
    import time

    one = judge(lambda prompt: time.sleep(3) or "yes")
    weir = start_weir(
        simulator.url, config=one.config(mode="semantic", verify=True, judge_share=0, judge_timeout="300ms")
    )
    ask(weir, PARAPHRASE[0])
    began = time.monotonic()
    miss = ask(weir, PARAPHRASE[1])
    assert miss.headers["x-weir-cache"] == "miss" and time.monotonic() - began < 2.5
    assert figures(weir, miss)["judged"] == "failed"


GREETED = ("Which town is {} km from the sea in Utopia?", "Hello, which town is {} km from the sea in Utopia?")
MOVED = ("Which town is {} km from the sea in Utopia?", "In Utopia, which town is {} km from the sea?")


@pytest.mark.parametrize(
    ("wordings", "step", "alert", "metric"),
    [
        (GREETED, "hit_text", "it is switched off", "2"),
        (MOVED, "hit_semantic", "the threshold is raised", "0.96"),
    ],
    ids=["text", "neighbour"],
)
def test_false_hits_are_found_and_have_consequences(start_weir, simulator, judge, wordings, step, alert, metric):
    one = judge(lambda prompt: "no")
    weir = start_weir(simulator.url, config=one.config(mode="semantic", judge_share=100))
    for n in range(20):
        ask(weir, wordings[0].format(n + 100))
        sampled = ask(weir, wordings[1].format(n + 100))
        # Sampled: a fresh answer, and the judge compares it with the kept one afterwards.
        assert sampled.headers["x-weir-cache"] == "miss"
        assert figures(weir, sampled)["would_hit"] == step, figures(weir, sampled)
    eventually(lambda: len(one.asked) == 20, 10, what="twenty verdicts")
    assert "<fresh_answer>" in one.asked[0][0]["messages"][0]["content"]
    eventually(lambda: alert in weir.log, 5, what="an alert")
    report = json.loads(weir.command("cache", "hits", "--format", "json").stdout)
    assert sum(group["wrong"] for group in report["groups"]) == 20
    metrics = httpx.get(f"{weir.admin_url}/metrics", trust_env=False).text
    assert f'weir_cache_semantic_threshold{{project="default"}} {metric}' in metrics
    # A restart does not forgive.
    weir.terminate()
    weir.start()
    ask(weir, wordings[0].format(7))
    later = figures(weir, ask(weir, wordings[1].format(7)))
    if metric == "2":
        assert later["obstacle"] == "switched_off", later
    else:
        assert later["threshold"] == 0.96, later


def test_paraphrases_are_no_longer_verified_where_too_many_were_wrong(start_weir, simulator, judge):
    # Lets every paraphrase through, and says of each that the fresh answer is another one.
    one = judge(lambda prompt: "no" if "<fresh_answer>" in prompt else "yes")
    weir = start_weir(simulator.url, config=one.config(mode="semantic", verify=True, judge_share=100))
    for n in range(24):
        reply = ask(weir, f"Which bus goes to the stop with the number {n + 100} in Utopia?")
        assert reply.headers["x-weir-cache"] == "miss"
    eventually(lambda: "no longer verified" in weir.log, 10, what="an alert")
    metrics = httpx.get(f"{weir.admin_url}/metrics", trust_env=False).text
    assert 'weir_cache_semantic_verify{project="default"} 0' in metrics
    assert "weir_cache_semantic_threshold{" not in metrics
    before = len(one.asked)
    ask(weir, "Which bus goes to the stop with the number 999 in Utopia?")
    assert len(one.asked) == before
    # What needs no judge is still answered, but for the share that is compared.
    assert figures(weir, ask(weir, "Hello, which bus goes to the stop with the number 999 in Utopia?"))["would_hit"] == "hit_text"


def test_a_project_has_a_limit_of_its_own(start_weir, simulator, judge):
    one = judge(lambda prompt: "no")
    config = json.loads(one.config(mode="semantic", judge_share=100))
    config["projects"] = {"default": {"cache_false_hit_limit": 100}}
    weir = start_weir(simulator.url, config=json.dumps(config))
    for n in range(21):
        for wording in GREETED:
            ask(weir, wording.format(n + 100))
    eventually(lambda: len(one.asked) == 21, 10, what="verdicts")
    assert "semantic cache: too many false hits" not in weir.log


def test_the_curve_tells_what_other_thresholds_would_have_done(start_weir, simulator):
    weir = start_weir(simulator.url, config="cache: {mode: exact}\n")
    # Slower than the encoder, which opens its image first: where nothing is to be answered by meaning, nothing waits.
    ask(weir, "What is a weir?", **{"x-sim-latency-ms": "5000"})
    for n in range(3):
        for wording in MOVED:
            ask(weir, wording.format(n + 100), **{"x-sim-latency-ms": "1000"})
    curve = json.loads(weir.command("cache", "curve", "--format", "json").stdout)
    points = {point["threshold"]: point for point in curve["points"]}
    assert curve["lookups"] == 7 and min(points) == 0.75 and max(points) == 0.99
    assert points[0.95]["hits"] == 3 and points[0.95]["saved_usd"] > 0, points[0.95]
    assert 0.42 < points[0.95]["hit_rate"] < 0.43, points[0.95]
    assert "THRESHOLD" in weir.command("cache", "curve").stdout
    page = httpx.get(f"{weir.admin_url}/weir/v1/cache/curve", trust_env=False).json()
    assert page["points"] == curve["points"]


def test_purges_and_why_by_command(semantic):
    first = ask(semantic, "How do I reset my password?", **{"x-weir-tags": "feature=faq,user=ada"})
    ask(semantic, "Which files should I back up before an upgrade of the database?")
    miss = ask(semantic, "Which files should I back up after an upgrade of the database?")
    at = ["--at", semantic.admin_url]
    listed = json.loads(semantic.command("cache", "list", "--json", *at).stdout)["entries"]
    assert [e["question"] for e in listed] == [
        "Which files should I back up after an upgrade of the database?",
        "Which files should I back up before an upgrade of the database?",
        "How do I reset my password?",
    ]
    assert listed[2]["request_id"] == first.headers["x-weir-request-id"] and listed[2]["user"] == "ada"
    assert "before an upgrade" in semantic.command("cache", "list", *at).stdout
    shown = json.loads(semantic.command("cache", "show", str(listed[0]["id"]), *at).stdout)
    assert shown["answer"]["type"] == "message" and shown["encoder"].startswith("all-MiniLM-L6-v2")
    why = json.loads(
        semantic.command("cache", "why", miss.headers["x-weir-request-id"], "--json", *at).stdout
    )
    assert why["outcome"] == "miss" and why["first_difference"] == "messages", why
    assert why["nearest_question"] == "Which files should I back up before an upgrade of the database?" and why["vetoes"] == "functionWords"
    assert semantic.command("cache", "purge", check=False, *at).returncode != 0
    assert "purged: 1" in semantic.command("cache", "purge", "--user", "ada", "--by", "tester", *at).stdout
    assert "purged: 2" in semantic.command("cache", "purge", "--pattern", "*BACK UP*", *at).stdout
    assert ask(semantic, "Hi, how do I reset my password?").headers["x-weir-cache"] == "miss"
    record = json.loads(semantic.command("cache", "purges", "--json", *at).stdout)["purges"]
    assert [p["count"] for p in record] == [2, 1]
    assert record[1]["who"] == "tester" and record[1]["what"] == {"user": "ada"}


def with_remote_embedder(start_weir, provider, url):
    embedder = {"url": f"{url}/v1", "model": "text-embedding-3-small", "key": "k"}
    # One thread: each has connections of its own.
    config = {"threads": 1, "cache": {"mode": "semantic", "embedder": embedder}}
    return start_weir(provider.url, config=json.dumps(config))


def test_a_remote_embedder_takes_the_place_of_the_built_in_one(start_weir, simulator):
    weir = with_remote_embedder(start_weir, simulator, simulator.url)
    first = ask(weir, "What is the boiling point of water at sea level?")
    other = ask(weir, "At sea level, what is the boiling point of water?")
    assert figures(weir, other)["threshold"] == 0.95
    received = [r for r in simulator.received() if r.uri == "/v1/embeddings" and b"boiling" in r.body]
    assert len(received) == 2 and received[0].values("authorization") == ["Bearer k"]
    # Each question has a row of its own, whose cost is booked against what was saved.
    calls = [row for row in weir.rows(4) if row["tags"] == "cache-embedder"]
    assert [c["response_cache"]["original_request_id"] for c in calls] == [
        reply.headers["x-weir-request-id"] for reply in (first, other)
    ]
    for call in calls:
        assert call["provider"] == "embedder" and call["served_model"] == "text-embedding-3-small"
        assert call["endpoint"] == "embeddings" and call["caller"] is None and call["usage"]["input_tokens"] > 0
        assert call["cost_usd"] > 0 and call["settled_after"] > 0
        assert call["savings"] == [{"source": "cache_embedder", "amount_usd": -call["cost_usd"], "baseline_usd": 0}]
    # The connection of the first is used again.
    assert [c["attempts"][0]["reused_connection"] for c in calls] == [False, True]


def test_a_remote_embedder_that_is_not_there_is_a_miss(start_weir, simulator):
    weir = with_remote_embedder(start_weir, simulator, "http://127.0.0.1:9")
    reply = ask(weir, "What is the boiling point of water at sea level?")
    assert reply.headers["x-weir-cache"] == "miss"
    assert figures(weir, reply)["obstacle"] == "encoder_failed"
    call = next(row for row in weir.rows(2) if row["tags"] == "cache-embedder")
    assert call["cost_usd"] == 0 and call["reason"] == "upstream_unreachable"
