"""What callers may ask for: refusals the official SDKs understand, and act on."""

import concurrent.futures
import contextlib
from datetime import datetime, timezone

import anthropic
import httpx
import openai
import pytest
from support.bodies import MODEL, chat, message
from support.processes import KEY
from support.waiting import eventually


def limits(**values) -> str:
    """A configuration with limits for everyone."""
    return "caller_limits:\n" + "".join(f"  {name}: {value}\n" for name, value in values.items())


def at_once(count: int, send) -> list[int]:
    """Statuses of requests that are sent at one time."""
    with concurrent.futures.ThreadPoolExecutor(min(count, 50)) as pool:
        return sorted(pool.map(lambda _: send(), range(count)))


def test_the_anthropic_sdk_raises_and_reads_the_figures(start_weir, simulator, mark):
    weir = start_weir(simulator.url, config=limits(requests_per_minute=2, tokens_per_minute=100000))
    with anthropic.Anthropic(base_url=weir.url, api_key=KEY, max_retries=0) as client:
        good = client.messages.with_raw_response.create(**message(), extra_headers={"x-test": mark})
        assert good.headers.get_list("anthropic-ratelimit-requests-limit") == ["2"]
        assert good.headers["anthropic-ratelimit-requests-remaining"] == "1"
        assert "anthropic-ratelimit-input-tokens-limit" not in good.headers
        used = good.parse().usage
        remaining = int(good.headers["anthropic-ratelimit-tokens-remaining"])
        assert 100000 - used.input_tokens - used.output_tokens <= remaining <= 100000
        client.messages.create(**message(), extra_headers={"x-test": mark})
        with pytest.raises(anthropic.RateLimitError) as caught:
            client.messages.create(**message(), extra_headers={"x-test": mark})
    error = caught.value
    assert error.body["error"]["type"] == "rate_limit_error"
    assert "limit of 2 requests a minute: 2 are used" in error.body["error"]["message"]
    headers = error.response.headers
    assert 1 <= int(headers["retry-after"]) <= 30 and headers["x-should-retry"] == "true"
    assert headers["anthropic-ratelimit-requests-remaining"] == "0"
    reset = datetime.fromisoformat(headers["anthropic-ratelimit-requests-reset"])
    assert -1 <= (reset - datetime.now(timezone.utc)).total_seconds() <= 61
    assert len(simulator.received(mark)) == 2
    row = weir.exported(headers["x-weir-request-id"])
    assert (row["state"], row["reason"], row["status"]) == ("refused", "caller_limited", 429)


def test_the_openai_sdk_raises_and_reads_the_figures(start_weir, simulator, mark):
    weir = start_weir(simulator.url, config=limits(requests_per_minute=1))
    options = dict(base_url=f"{weir.url}/v1", api_key=KEY, max_retries=0, default_headers={"x-test": mark})
    with openai.OpenAI(**options) as client:
        good = client.chat.completions.with_raw_response.create(**chat())
        assert good.headers.get_list("x-ratelimit-limit-requests") == ["1"]
        assert good.headers["x-ratelimit-remaining-requests"] == "0"
        assert "x-ratelimit-limit-tokens" not in good.headers, "the provider's are about its account"
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(**chat())
        with pytest.raises(openai.RateLimitError):
            client.responses.create(model=chat()["model"], input="hello")
    headers = caught.value.response.headers
    assert caught.value.code == "caller_limited"
    assert 0 < int(headers["retry-after-ms"]) <= 60000
    assert int(headers["retry-after"]) * 1000 - int(headers["retry-after-ms"]) in range(1000)
    assert headers["x-ratelimit-reset-requests"].endswith("s")
    assert len(simulator.received(mark)) == 1


@pytest.mark.parametrize("streamed", [False, True])
def test_the_anthropic_sdks_own_retry_gets_through(start_weir, simulator, mark, streamed):
    weir = start_weir(simulator.url, config=limits(requests_per_minute=60, burst=1))
    with anthropic.Anthropic(
        base_url=weir.url, api_key=KEY, max_retries=2, default_headers={"x-test": mark}
    ) as client:
        for _ in range(3):
            if streamed:
                with client.messages.stream(**message()) as stream:
                    assert stream.get_final_message().content
            else:
                assert client.messages.create(**message()).content
    assert len(simulator.received(mark)) == 3, "what was refused did not go out"
    rows = weir.rows(3)
    refused = [row for row in rows if row["reason"] == "caller_limited"]
    # The SDK waited as long as it was told: not one try came too early.
    assert len(rows) == 3 + len(refused) and 1 <= len(refused) <= 2


def test_the_openai_sdks_own_retry_gets_through(start_weir, simulator, mark):
    weir = start_weir(simulator.url, config=limits(requests_per_minute=120, burst=1))
    options = dict(base_url=f"{weir.url}/v1", api_key=KEY, max_retries=2, default_headers={"x-test": mark})
    with openai.OpenAI(**options) as client:
        for _ in range(3):
            assert client.chat.completions.create(**chat()).choices
    assert len(simulator.received(mark)) == 3


def test_hundreds_of_requests_at_once_pass_where_nothing_is_limited(weir):
    with weir.client(limits=httpx.Limits(max_connections=200)) as client:
        assert at_once(200, lambda: client.post("/v1/messages", json=message()).status_code) == [200] * 200


def test_hundreds_of_requests_at_once_pass_within_a_minutes_worth(start_weir, simulator):
    weir = start_weir(simulator.url, config=limits(requests_per_minute=200))
    with weir.client(limits=httpx.Limits(max_connections=200)) as client:
        statuses = at_once(220, lambda: client.post("/v1/messages", json=message()).status_code)
    # Some more come back while they are sent.
    assert 200 <= statuses.count(200) < 220 and set(statuses) == {200, 429}


def test_a_burst_of_counts_passes_while_no_request_may(start_weir, simulator):
    weir = start_weir(simulator.url, config=limits(requests_per_minute=1, concurrent=1))
    body = {"model": MODEL, "messages": message()["messages"]}
    with weir.client() as client:
        assert client.post("/v1/messages", json=message()).status_code == 200
        assert client.post("/v1/messages", json=message()).status_code == 429
        counts = at_once(25, lambda: client.post("/v1/messages/count_tokens", json=body).status_code)
        assert counts == [200] * 25
        assert at_once(25, lambda: client.get("/v1/models").status_code) == [200] * 25
        assert client.post("/v1/messages", json=message()).status_code == 429


def test_what_is_used_survives_reloads_and_changed_limits(start_weir, simulator):
    weir = start_weir(simulator.url, config=limits(requests_per_minute=1, burst=3))
    with weir.client() as client:

        def ask() -> httpx.Response:
            return client.post("/v1/messages", json=message())

        assert [ask().status_code for _ in range(4)] == [200, 200, 200, 429]
        weir.config_path.write_text(limits(requests_per_minute=1, burst=5))
        weir.reload()
        eventually(lambda: ask().status_code == 200, 5, what="the wider limit is used")
        # One of the two that are new is used; three were before.
        assert [ask().status_code for _ in range(2)] == [200, 429]
        weir.config_path.write_text(limits(requests_per_minute=1, burst=2))
        weir.reload()
        eventually(lambda: "(2 at once): 5 are used" in ask().text, 5, what="the narrower limit is used")


def test_keys_that_weir_made_have_limits_of_their_own(start_weir, simulator):
    weir = start_weir(simulator.url, config=limits(requests_per_minute=1000))
    flags = ["--requests-per-minute", "2", "--tokens-per-minute", "90000", "--concurrent", "7"]
    limited = weir.command("keys", "create", "--name", "alice", *flags).stdout.strip()
    free = weir.command("keys", "create", "--name", "bob").stdout.strip()
    listed = {line.split()[1]: line.split() for line in weir.command("keys", "list").stdout.splitlines()}
    titles = listed["NAME"]
    shown = {name: dict(zip(titles, cells)) for name, cells in listed.items()}
    columns = ["REQUESTS/MIN", "TOKENS/MIN", "CONCURRENT"]
    assert [shown["alice"][column] for column in columns] == ["2", "90000", "7"]
    assert [shown["bob"][column] for column in columns] == ["-", "-", "-"]
    with weir.client() as client:

        def ask(key: str) -> httpx.Response:
            return client.post("/v1/messages", json=message(), headers={"x-api-key": key})

        eventually(lambda: ask(free).status_code == 200, 5, what="the new keys are known")
        statuses = [ask(limited).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert '"alice\\"' in ask(limited).text
        assert ask(free).headers["anthropic-ratelimit-requests-limit"] == "1000"


@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_limit_that_is_none_is_refused_by_the_command(start_weir, simulator, value):
    weir = start_weir(simulator.url, ready=False)
    done = weir.command("keys", "create", "--name", "x", f"--requests-per-minute={value}", check=False)
    assert done.returncode != 0 and done.stdout == ""


def test_a_project_and_a_model_are_walls_of_their_own(start_weir, simulator):
    weir = start_weir(
        simulator.url,
        config=f"""
keys:
  - name: one
    key: wk_one
    project: blue
  - name: two
    key: wk_two
    project: blue
projects:
  blue:
    limits:
      requests_per_minute: 3
models:
  {MODEL}:
    limits:
      requests_per_minute: 1
""",
    )

    def ask(key: str, model: str) -> httpx.Response:
        with weir.client(headers={"x-api-key": key}) as client:
            return client.post("/v1/messages", json=message(model=model))

    assert ask("wk_one", MODEL).status_code == 200
    refused = ask("wk_one", MODEL)
    assert refused.status_code == 429 and f'for the model \\"{MODEL}\\"' in refused.text
    assert ask("wk_two", MODEL).status_code == 200, "each key by itself"
    assert ask("wk_one", "claude-haiku-5-5").status_code == 200
    refused = ask("wk_two", "claude-haiku-5-5")
    assert refused.status_code == 429 and 'project \\"blue\\"' in refused.text
    assert ask(KEY, "claude-haiku-5-5").status_code == 200, "of another project"


def test_places_are_free_again_after_streams_that_callers_left(start_weir, simulator):
    weir = start_weir(simulator.url, config=limits(concurrent=2))
    body, silent = message(stream=True), {"x-sim-fault": "stall"}
    with weir.client() as client:
        for _ in range(3):
            with contextlib.ExitStack() as open_streams:
                pieces = []
                for _ in range(2):
                    stream = client.stream("POST", "/v1/messages", json=body, headers=silent)
                    reply = open_streams.enter_context(stream)
                    pieces.append(reply.iter_raw())
                    assert reply.status_code == 200 and next(pieces[-1])
                refused = client.post("/v1/messages", json=message())
                assert refused.status_code == 429 and "2 are open" in refused.text
                assert refused.headers["retry-after"] == "1"
            eventually(
                lambda: client.post("/v1/messages", json=message()).status_code == 200, 5, what="a place"
            )
