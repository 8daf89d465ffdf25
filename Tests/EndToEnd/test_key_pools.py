"""Several keys of one provider: their sum is used, and no conversation loses its prompt cache by it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.bodies import marker
from support.reliability import ask, assert_no_gaps, body_of, new_client, provider, yaml
from support.scripted import ScriptedProvider, anthropic_message
from support.sessions import AgentSession
from support.waiting import eventually
from test_metrics import metrics, value

KEYS = ["key-one", "key-two", "key-three"]
WINDOW = 20


def pool(simulator, keys=KEYS, dialect="anthropic", model="claude-sonnet-5-5", **options) -> str:
    return yaml(
        {
            "fallback": "off",
            "retry": {"backoff": "10ms", "longest_backoff": "50ms"},
            "providers": provider("pool", simulator.url, dialect, keys),
            "routes": {"m": {"targets": [{"provider": "pool", "model": model}]}},
            **options,
        }
    )


def wait_for_a_window(needed: float) -> None:
    """Until the simulator's current window has that many seconds left; windows begin at multiples of WINDOW."""
    left = WINDOW - time.time() % WINDOW
    if left < needed:
        time.sleep(left + 0.05)


def messages(count: int) -> list[dict]:
    return [body_of("messages", "m", marker(), stream=n % 3 == 0, tokens=20) for n in range(count)]


@pytest.mark.parametrize("callers", [1, 6])
def test_three_keys_of_fifty_serve_a_hundred_and_fifty_to_one_caller(start_weir, start_simulator, callers):
    simulator = start_simulator("--requests-per-minute", "50", "--rate-window", str(WINDOW))
    weir = start_weir(None, config=pool(simulator))
    wait_for_a_window(12)
    with new_client(weir) as client, ThreadPoolExecutor(callers) as threads:
        seen = list(threads.map(lambda body: ask(client, "messages", body), messages(150)))
        statuses = sorted({one.status for one in seen})
        assert statuses == [200], statuses
        counts = simulator.counts()
        assert all(counts["keys"][key] >= 30 for key in KEYS)
        used = [row["attempts"][-1]["credential"] for row in weir.rows(150)]
        assert sorted(used.count(name) for name in ("1", "2", "3")) == [50, 50, 50]
        # Not more is asked of a key than it has, but for what was under way when it was used up.
        assert counts["statuses"].get("429", 0) <= 3 * (callers - 1)
        if WINDOW - time.time() % WINDOW < 2:
            pytest.skip("the window ended too soon to look at its end")
        # Now the sum is used up, and says so.
        refused = ask(client, "messages", body_of("messages", "m", "more", False))
        left = WINDOW - time.time() % WINDOW
        assert refused.status == 429, refused.body
        assert abs(int(refused.headers["retry-after"]) - left) <= 1.5
    assert_no_gaps(weir.export())


def test_an_openai_pool_is_used_up_as_well(start_weir, start_simulator):
    simulator = start_simulator("--requests-per-minute", "20", "--rate-window", str(WINDOW))
    weir = start_weir(None, config=pool(simulator, dialect="chat", model="gpt-5.4-mini"))
    wait_for_a_window(8)
    with new_client(weir) as client:
        bodies = [body_of("chat", "m", marker(), False, tokens=20) for _ in range(60)]
        assert {ask(client, "chat", body).status for body in bodies} == {200}
    assert all(simulator.counts()["keys"][key] >= 20 for key in KEYS)


@pytest.mark.parametrize("state", ["rejected", "forbidden", "out_of_money", "spend_limit"])
def test_a_key_that_cannot_be_used_is_taken_out_and_the_others_serve_on(start_weir, start_simulator, state):
    simulator = start_simulator()
    simulator.account("key-two", state)
    weir = start_weir(None, config=pool(simulator))
    with new_client(weir) as client:
        seen = [ask(client, "messages", body) for body in messages(40)]
    assert all(one.is_good for one in seen)
    counts = simulator.counts()["keys"]
    assert counts["key-two"] == 1 and counts["key-one"] > 5 and counts["key-three"] > 5
    rows = weir.rows(40)
    assert sum(len(row["attempts"]) for row in rows) == 41
    reasons = {attempt["reason"] for row in rows for attempt in row["attempts"] if attempt.get("reason")}
    expected = "upstream_out_of_money" if state in ("out_of_money", "spend_limit") else "upstream_rejected_key"
    assert reasons == {expected}
    # Loud, once, and without the key itself.
    loud = [line for line in weir.log.splitlines() if " error credential: " in line]
    assert len(loud) == 1 and "credential=2 provider=pool" in loud[0] and "key-two" not in weir.log
    text = metrics(weir)
    usable = [value(text, "weir_credential_usable", credential=name) for name in ("1", "2", "3")]
    assert usable == [1, 0, 1]


@pytest.mark.parametrize("state", ["rejected", "spend_limit"])
def test_each_key_of_a_large_pool_is_asked_before_a_caller_is_refused(start_weir, start_simulator, state):
    simulator = start_simulator()
    keys = [f"key-{n}" for n in range(8)]
    for key in keys[:-1]:
        simulator.account(key, state)
    weir = start_weir(None, config=pool(simulator, keys, retry={"attempts": 1}))
    with new_client(weir) as client:
        assert all(ask(client, "messages", body).is_good for body in messages(6))
    counts = simulator.counts()["keys"]
    assert counts["key-7"] == 6 and all(counts.get(key, 0) <= 1 for key in keys[:-1])


def test_a_key_without_access_to_a_model_leaves_that_model_to_the_others(start_weir):
    def answer(body, headers):
        if headers["x-api-key"] == "key-two" and "opus" in body["model"]:
            words = f"Your API key does not have permission to use the model {body['model']}."
            return 403, {"type": "error", "error": {"type": "permission_error", "message": words}}
        return 200, anthropic_message(body["model"], "Fine.")

    one = ScriptedProvider(answer)
    weir = start_weir(None, config=pool(one, model="claude-opus-5-5"))
    try:
        with new_client(weir) as client:
            seen = [ask(client, "messages", body_of("messages", "m", marker(), False)) for _ in range(30)]
    finally:
        one.stop()
    assert all(one.is_good for one in seen), {one.status for one in seen}
    rows = weir.rows(30)
    refused = [a for row in rows for a in row["attempts"] if a["status"] == 403]
    assert refused and {(a["credential"], a["reason"]) for a in refused} == {("2", "upstream_rejected_key")}
    # It stays in use for what it may do.
    assert value(metrics(weir), "weir_credential_usable", credential="2") == 1


def test_a_key_of_which_all_are_rejected_is_weirs_own_trouble_and_not_the_callers(start_weir, start_simulator):
    simulator = start_simulator()
    for key in KEYS:
        simulator.account(key, "rejected")
    weir = start_weir(None, config=pool(simulator))
    with new_client(weir) as client:
        one = ask(client, "messages", body_of("messages", "m", "hello", False))
    # 401 would make the caller throw away its own key.
    assert one.status in (502, 503) and b"pool" in one.body
    for key in KEYS:
        assert key.encode() not in one.body


def test_conversations_stay_on_their_account_and_keep_their_cache(start_weir, start_simulator):
    """A pool that goes round destroys every cache; this one may not move a conversation once."""
    simulator = start_simulator()
    weir = start_weir(None, config=pool(simulator))
    sessions = [AgentSession(marker(), model="m") for _ in range(9)]
    ids = {session.seed: [] for session in sessions}
    with new_client(weir) as client:
        for _ in range(5):
            for session in sessions:
                one = ask(client, "messages", session.body)
                assert one.is_good, one.body
                ids[session.seed].append(one.request_id)
                session.work()
    homes = set()
    for session in sessions:
        rows = [weir.row(id) for id in ids[session.seed]]
        used = {row["attempts"][-1]["credential"] for row in rows}
        assert len(used) == 1, used
        homes |= used
        assert all(row["usage"]["cache_read_tokens"] > 1_500 for row in rows[1:])
    assert homes == {"1", "2", "3"}, "the conversations spread"


def test_a_conversation_moves_once_when_its_account_is_lost(start_weir, start_simulator):
    simulator = start_simulator()
    weir = start_weir(None, config=pool(simulator))
    session = AgentSession(marker(), model="m")
    used, reads = [], []
    with new_client(weir) as client:
        for turn in range(7):
            if turn == 3:
                simulator.account(KEYS[int(used[-1]) - 1], "rejected")
            one = ask(client, "messages", session.body)
            assert one.is_good, one.body
            row = weir.row(one.request_id)
            used.append(row["attempts"][-1]["credential"])
            reads.append(row["usage"]["cache_read_tokens"] or 0)
            session.work()
    assert len(set(used[:3])) == 1 and len(set(used[3:])) == 1 and used[2] != used[3], used
    assert all(read > 1_500 for read in (*reads[1:3], *reads[4:])) and reads[3] == 0, reads


def test_a_limited_key_is_set_aside_for_as_long_as_it_says(start_weir, start_simulator):
    simulator = start_simulator("--rate-window", "3")
    simulator.account("key-one", "ok", requests_per_minute=5)
    weir = start_weir(None, config=pool(simulator, keys=KEYS[:2]))
    with new_client(weir) as client:

        def ask_some(count: int) -> int:
            before = simulator.counts()["keys"].get("key-one", 0)
            assert all(ask(client, "messages", body).is_good for body in messages(count))
            return simulator.counts()["keys"].get("key-one", 0) - before

        time.sleep(3 - time.time() % 3)
        assert ask_some(40) <= 6
        # In the next window it is asked again.
        eventually(lambda: ask_some(10) > 0, 6, 0.2, "the key is used again")
