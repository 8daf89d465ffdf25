"""Request bodies like those of a coding agent: compact JSON, a system prompt, tools, long messages."""

import json
import random

WORDS = (
    "the weir keeps the level of the river above it steady while water passes over at its own pace and every "
    "gauge along the bank shows what went through so that nobody downstream has to guess how much came and why"
).split()


def text(rng: random.Random, characters: int) -> str:
    """Prose and code with line ends, quotes and some non-ASCII, as real conversations have."""
    parts, length = [], 0
    while length < characters:
        kind = rng.random()
        if kind < 0.72:
            piece = " ".join(rng.choices(WORDS, k=12)) + ".\n"
        elif kind < 0.9:
            piece = f'    let {rng.choice(WORDS)} = "{rng.choice(WORDS)}\\t{rng.randrange(1000)}"\n'
        else:
            piece = f"• {rng.choice(WORDS)} → {rng.choice(WORDS)} 🌊 — {rng.randrange(10**6)}\n"
        parts.append(piece)
        length += len(piece)
    return "".join(parts)[:characters]


def tool(rng: random.Random, index: int, characters: int) -> dict:
    return {
        "name": f"tool_{index}",
        "description": text(rng, characters),
        "input_schema": {
            "type": "object",
            "properties": {
                name: {"type": "string", "description": " ".join(rng.choices(WORDS, k=6))}
                for name in ("path", "pattern", "content")
            },
            "required": ["path"],
        },
    }


def make(size: int, marked: bool = True) -> bytes:
    """An Anthropic Messages body of about `size` bytes; the same for the same size.

    `marked`: with a cache marker on a large system prompt, as of a client that marks for itself.
    """
    rng = random.Random(size)
    body = {
        "model": "claude-sonnet-5-5",
        "messages": [],
        "system": [],
        "tools": [],
        "metadata": {"user_id": json.dumps({"device_id": "0" * 64, "session_id": "bench"})},
        "max_tokens": 32000,
        "stream": False,
    }
    budget = size - 420
    if size > 8_000:
        body["system"] = [{"type": "text", "text": text(rng, budget // 8)}]
        if marked:
            body["system"][0]["cache_control"] = {"type": "ephemeral"}
        body["tools"] = [tool(rng, i, budget // 40) for i in range(8)]
    else:
        body["system"] = "You are a careful assistant."
        del body["tools"]
    turn = 0
    while (left := size - len(encode(body))) > 150:
        part = text(rng, min(max(left - 260, 40), max(400, budget // 12)))
        if turn % 2 == 0:
            content = (
                [{"type": "text", "text": part}]
                if turn == 0
                else [{"type": "tool_result", "tool_use_id": f"toolu_{turn:024d}", "content": part}]
            )
            body["messages"].append({"role": "user", "content": content})
        else:
            body["messages"].append(
                {
                    "role": "assistant",
                    "content": [
                        {"type": "text", "text": part},
                        {
                            "type": "tool_use",
                            "id": f"toolu_{turn + 1:024d}",
                            "name": "tool_1",
                            "input": {"path": "a"},
                        },
                    ],
                }
            )
        turn += 1
    if body["messages"][-1]["role"] == "assistant":
        body["messages"].append({"role": "user", "content": "go on"})
    return encode(body)


def numbered(body: bytes) -> bytes:
    """The same with another number in its last message each time it is sent; see load.c."""
    parsed = json.loads(body)
    parsed["messages"][-1]["content"] = "serial 0000000000: go on"
    return encode(parsed)


def encode(body: dict) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
