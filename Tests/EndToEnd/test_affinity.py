"""One conversation stays with the provider account that holds its cache."""

import pytest
from support.bodies import marker, message
from support.waiting import eventually

TOOLS = [
    {
        "name": "look",
        "description": "Looks at the water. " * 400,
        "input_schema": {"type": "object", "properties": {"where": {"type": "string"}}},
    }
]


def config(names: list[str], urls: dict[str, str]) -> str:
    lines = ["providers:"]
    for name, url in urls.items():
        lines += [f"  {name}:", f"    url: {url}", "    dialects: [anthropic]", f"    credential: sk-ant-{name}"]
    lines += ["routes:", "  m:", "    targets:"]
    for name in names:
        lines += [f"      - provider: {name}", "        model: claude-opus-5-5", "        weight: 1"]
    return "\n".join(lines) + "\n"


def turns(name: str, count: int) -> list[dict]:
    """A conversation's messages up to the user's `count`th."""
    found = []
    for turn in range(count):
        found.append({"role": "user", "content": f"{name}: question {turn}. " + "How high is it? " * 30})
        found.append({"role": "assistant", "content": f"{name}: answer {turn}."})
    return found[:-1]


@pytest.fixture
def pair(start_weir, start_simulator):
    """A route with two providers of equal weight, each a simulator of its own."""
    simulators = {name: start_simulator() for name in ("left", "right")}
    urls = {name: simulator.url for name, simulator in simulators.items()}
    weir = start_weir(None, config=config(["left", "right"], urls))
    return weir, simulators, urls


def ask(client, name: str, count: int) -> str:
    """Sends a conversation's turn; the request's id."""
    body = message(model="m", tools=TOOLS, messages=turns(name, count))
    reply = client.post("/v1/messages", json=body)
    assert reply.status_code == 200, reply.text
    return reply.headers["x-weir-request-id"]


def test_turns_stay_with_the_first_ones_provider_and_conversations_spread(pair):
    weir, simulators, _ = pair
    names = [marker() for _ in range(24)]
    ids = {name: [] for name in names}
    with weir.client() as client:
        for count in range(1, 5):
            for name in names:
                ids[name].append(ask(client, name, count))
    rows = {row["id"]: row for row in weir.rows(96)}
    homes = {}
    for name in names:
        served = [rows[id]["provider"] for id in ids[name]]
        assert len(set(served)) == 1, served
        homes[name] = served[0]
        assert [weir.row(id)["prompt_cache"].get("affinity") for id in ids[name]] == [None] + 3 * ["kept"]
    shares = [list(homes.values()).count(name) for name in simulators]
    assert sum(shares) == 24 and min(shares) >= 3, shares
    for name, simulator in simulators.items():
        bodies = [request.body.decode() for request in simulator.received() if "messages" in request.uri]
        for conversation, home in homes.items():
            assert sum(conversation in body for body in bodies) == (4 if home == name else 0)


def test_callers_that_mark_for_themselves_keep_their_account_without_weirs_markers(start_weir, start_simulator):
    simulators = {name: start_simulator() for name in ("left", "right")}
    urls = {name: simulator.url for name, simulator in simulators.items()}
    weir = start_weir(None, config=config(["left", "right"], urls) + "prompt_cache: off\n")
    tools = [{**TOOLS[0], "cache_control": {"type": "ephemeral"}}]
    names = [marker() for _ in range(12)]
    with weir.client() as client:
        for count in range(1, 4):
            for name in names:
                # Tools of its own: what is shared is cached at both.
                own = [{**tools[0], "description": name + tools[0]["description"]}]
                body = message(model="m", tools=own, messages=turns(name, count))
                assert client.post("/v1/messages", json=body).status_code == 200
    received = {name: [r.body.decode() for r in one.received() if "messages" in r.uri] for name, one in simulators.items()}
    for name in names:
        asked = [sum(name in body for body in bodies) for bodies in received.values()]
        assert sorted(asked) == [0, 3], asked
    assert all("cache_control" in body and body.count("cache_control") == 1 for bodies in received.values() for body in bodies)


def test_the_row_says_when_a_conversation_had_to_move(pair):
    weir, simulators, urls = pair
    with weir.client() as client:
        homes = {}
        while set(homes.values()) != {"left", "right"}:
            name = marker()
            homes[name] = weir.row(ask(client, name, 1))["provider"]
            assert len(homes) < 60
        kept = next(name for name, home in homes.items() if home == "right")
        moved = next(name for name, home in homes.items() if home == "left")
        weir.config_path.write_text(config(["right"], {"right": urls["right"]}))
        weir.reload()

        def is_taken_up():
            return all(weir.row(ask(client, marker(), 1))["provider"] == "right" for _ in range(8))

        eventually(is_taken_up, 10, what="the provider is gone")
        row = weir.row(ask(client, moved, 2))
        assert row["provider"] == "right" and row["prompt_cache"]["affinity"] == "moved"
        # Nothing to choose from, and nothing lost.
        row = weir.row(ask(client, kept, 2))
        assert row["provider"] == "right" and row["prompt_cache"].get("affinity") is None
        assert row["prompt_cache"]["prefix"] == "extended"
