"""Conversations with signed thinking that move between providers and back, driven by the real SDKs."""

import json

import anthropic
import openai
import pytest
from support.bodies import marker
from support.processes import KEY
from support.reliability import provider, yaml

TOOL = {
    "name": "gauge",
    "description": "Reads a gauge.",
    "input_schema": {"type": "object", "properties": {"where": {"type": "string"}}},
}


@pytest.fixture
def two(start_weir, start_simulator):
    """left serves, right is its fallback; each signs for itself."""

    def start(dialect: str, model: str):
        left, right = start_simulator(), start_simulator()
        config = {
            "fallback": "off",
            "retry": {"attempts": 3, "backoff": "10ms", "longest_backoff": "20ms"},
            "health": {"failures_in_a_row": 100, "min_outcomes": 100},
            "providers": provider("left", left.url, dialect, ["kl"])
            | provider("right", right.url, dialect, ["kr"]),
            "routes": {
                "m": {
                    "targets": [
                        {"provider": "left", "model": model},
                        {"provider": "right", "model": model, "weight": 0},
                    ]
                }
            },
        }
        return start_weir(None, config=yaml(config)), left, right

    return start


class Talk:
    """A Messages conversation that keeps every block it gets, as the API wants it."""

    def __init__(self, weir, **options):
        self.client = anthropic.Anthropic(base_url=weir.url, api_key=KEY, max_retries=0)
        self.options = {"model": "m", "max_tokens": 3_000, **options}
        self.messages: list[dict] = []
        self.signatures: list[set[str]] = []

    def say(self, text: str, streamed: bool = False) -> list[dict]:
        self.messages.append({"role": "user", "content": text})
        return self.go_on(streamed)

    def go_on(self, streamed: bool = False) -> list[dict]:
        if streamed:
            with self.client.messages.stream(messages=self.messages, **self.options) as stream:
                reply = stream.get_final_message()
        else:
            reply = self.client.messages.create(messages=self.messages, **self.options)
        blocks = [block.model_dump(exclude_none=True) for block in reply.content]
        self.messages.append({"role": "assistant", "content": blocks})
        self.signatures.append({block[name] for block in blocks for name in ("signature", "data") if name in block})
        return blocks

    def use_tool(self) -> None:
        results = [
            {"type": "tool_result", "tool_use_id": block["id"], "content": "12 cm"}
            for block in self.messages[-1]["content"]
            if block["type"] == "tool_use"
        ]
        assert results
        self.messages.append({"role": "user", "content": results})


def sent(simulator) -> dict:
    """The last body that it got."""
    return json.loads(simulator.received()[-1].body)


def signatures_in(body: dict) -> set[str]:
    found = set()
    for turn in body["messages"]:
        if isinstance(turn["content"], list):
            found |= {block[name] for block in turn["content"] for name in ("signature", "data") if name in block}
    return found


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_a_conversation_goes_to_another_provider_and_comes_back(two, streamed):
    weir, left, right = two("anthropic", "claude-sonnet-5-5")
    talk = Talk(weir, thinking={"type": "adaptive", "display": "summarized"})
    homes = "left left right right left right left".split()
    for turn, home in enumerate(homes):
        left.condition(**({"status": 529} if home == "right" else {}))
        # Every second turn has a redacted block, too.
        text = f"Turn {turn}. " + ("redacted_thinking" if turn % 2 else "What now?")
        talk.say(text, streamed)
        served = left if home == "left" else right
        own = {s for n, home_of in enumerate(homes[:turn]) if home_of == home for s in talk.signatures[n]}
        # Its own blocks are all there, and nobody else's.
        assert signatures_in(sent(served)) == own, (turn, home)
    for simulator in (left, right):
        assert "400" not in simulator.counts()["statuses"]
    assert all(talk.signatures), "each turn had signed thinking"


def test_the_same_history_leaves_as_the_same_bytes_so_that_the_other_ones_cache_works(two):
    weir, left, right = two("anthropic", "claude-sonnet-5-5")
    talk = Talk(weir, thinking={"type": "adaptive"}, system="Answer with care. " * 800)
    talk.say("first")
    left.condition(status=529)
    for turn in range(4):
        talk.say(f"turn {turn}")
    bodies = [json.loads(request.body)["messages"] for request in right.received()]
    for earlier, later in zip(bodies, bodies[1:]):
        strip = json.dumps(earlier[:-1]).replace(', "cache_control": {"type": "ephemeral"}', "")
        assert json.dumps(later).replace(', "cache_control": {"type": "ephemeral"}', "").startswith(strip[:-1])


def test_a_tool_loop_with_manual_thinking_survives_in_both_directions(two):
    weir, left, right = two("anthropic", "claude-sonnet-4-5")
    talk = Talk(weir, thinking={"type": "enabled", "budget_tokens": 1_024}, tools=[TOOL])
    for first, second in ((left, right), (right, left)):
        left.condition(**({"status": 529} if first is right else {}))
        talk.say("Please use the tool.")
        # In the middle of the loop the provider is another one.
        left.condition(**({"status": 529} if second is right else {}))
        talk.use_tool()
        talk.go_on()
        body = sent(second)
        assert body["thinking"]["type"] in ("disabled", "enabled")
        if body["thinking"]["type"] == "enabled":
            last = [turn for turn in body["messages"] if turn["role"] == "assistant"][-1]
            assert last["content"][0]["type"] in ("thinking", "redacted_thinking")
    for simulator in (left, right):
        assert "400" not in simulator.counts()["statuses"]


def test_blocks_of_before_a_restart_are_found_out_by_one_refusal(two, start_weir):
    weir, left, right = two("anthropic", "claude-sonnet-5-5")
    talk = Talk(weir, thinking={"type": "adaptive"})
    talk.say("one")
    left.condition(status=529)
    talk.say("two")
    left.condition()
    weir.terminate()
    weir.start()
    talk.say("three")
    # Weir no longer knew whose they were; the provider said so once, and the caller saw nothing of it.
    assert left.counts()["statuses"]["400"] == 1
    talk.say("four")
    assert left.counts()["statuses"]["400"] == 1, "it is remembered"
    rows = weir.export()
    assert [attempt["kind"] for attempt in rows[2]["attempts"]] == ["first", "mended"]
    assert len(rows[3]["attempts"]) == 1


def test_a_callers_own_invention_is_its_own_fault(two):
    weir, left, right = two("anthropic", "claude-sonnet-5-5")
    talk = Talk(weir, thinking={"type": "adaptive"})
    talk.say("one")
    for block in talk.messages[-1]["content"]:
        if block["type"] == "thinking":
            block["thinking"] += " and something that it never thought"
    # It is taken for foreign: the answer is that of a conversation without it.
    talk.say("two")
    assert left.counts()["statuses"] == {"200": 2, "400": 1}


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_encrypted_reasoning_moves_and_comes_back(two, streamed):
    weir, left, right = two("responses", "gpt-6.1-sol")
    items: list = []
    own: dict[str, set[str]] = {"left": set(), "right": set()}
    with openai.OpenAI(base_url=f"{weir.url}/v1", api_key=KEY, max_retries=0) as client:
        for turn, home in enumerate("left right right left right left".split()):
            left.condition(**({"status": 503} if home == "right" else {}))
            items.append({"role": "user", "content": f"{marker()} turn {turn}"})
            options = dict(
                model="m",
                input=items,
                store=False,
                reasoning={"effort": "low"},
                include=["reasoning.encrypted_content"],
            )
            if streamed:
                with client.responses.stream(**options) as stream:
                    reply = stream.get_final_response()
            else:
                reply = client.responses.create(**options)
            body = sent(left if home == "left" else right)
            got = {item["encrypted_content"] for item in body["input"] if item.get("type") == "reasoning"}
            assert got == own[home], (turn, home)
            made = [item.model_dump(exclude_none=True) for item in reply.output]
            own[home] |= {item["encrypted_content"] for item in made if item["type"] == "reasoning"}
            items += made
    for simulator in (left, right):
        assert "400" not in simulator.counts()["statuses"]
