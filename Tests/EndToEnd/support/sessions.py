"""Conversations that grow turn by turn, of clients that place no cache markers."""

import random

WORDS = "water river weir stream flow gate level bank rain spring source delta current depth channel".split()
AGENT_MODEL = "claude-sonnet-5-5"


def prose(seed: object, tokens: int) -> str:
    """Text of about that many tokens that no other seed has."""
    source = random.Random(repr(seed))
    text = f"[{seed}]"
    while len(text) < tokens * 4:
        text += " " + source.choice(WORDS)
    return text


def tools(seed: object, count: int = 4, tokens: int = 400) -> list[dict]:
    return [
        {
            "name": f"tool{number}",
            "description": prose((seed, "tool", number), tokens),
            "input_schema": {"type": "object", "properties": {"command": {"type": "string"}}},
        }
        for number in range(count)
    ]


class AgentSession:
    """A Messages client with tools and a system prompt; every turn adds a tool call and its result."""

    def __init__(self, seed: object, system_tokens: int = 2_000, model: str = AGENT_MODEL):
        self.seed, self.turn = seed, 0
        self.body = {
            "model": model,
            "max_tokens": 32,
            "system": prose((seed, "system"), system_tokens),
            "tools": tools(seed),
            "messages": [{"role": "user", "content": prose((seed, "task"), 60)}],
        }

    def work(self, width: int = 1) -> None:
        self.turn += 1
        calls = [f"toolu_{self.turn}_{number}" for number in range(width)]
        self.body["messages"] += [
            {
                "role": "assistant",
                "content": [{"type": "text", "text": prose((self.seed, "reply", self.turn), 20)}]
                + [
                    {"type": "tool_use", "id": call, "name": "tool0", "input": {"command": call}}
                    for call in calls
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": call, "content": prose((self.seed, call), 80)}
                    for call in calls
                ],
            },
        ]


def chat_turns(seed: object, turns: int, tokens: int = 1_500) -> list[dict]:
    """Messages of a Chat conversation at that turn."""
    messages = [{"role": "system", "content": prose((seed, "system"), tokens)}]
    for turn in range(turns + 1):
        messages.append({"role": "user", "content": prose((seed, "question", turn), 40)})
        if turn < turns:
            messages.append({"role": "assistant", "content": prose((seed, "answer", turn), 40)})
    return messages
