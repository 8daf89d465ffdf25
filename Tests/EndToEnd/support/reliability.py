"""Configurations of several providers and keys, callers under load, and what came of it."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from .bodies import events
from .processes import KEY

# What each surface is called with; `responses` and `chat` share a dialect family but not their streams' ends.
SURFACES = {
    "messages": ("/v1/messages", "anthropic", "claude-sonnet-5-5"),
    "chat": ("/v1/chat/completions", "chat", "gpt-5.4-mini"),
    "responses": ("/v1/responses", "responses", "gpt-5.4-mini"),
}


def body_of(surface: str, model: str, text: str, stream: bool, tokens: int = 60) -> dict:
    turn = [{"role": "user", "content": text}]
    if surface == "messages":
        return {"model": model, "max_tokens": tokens, "messages": turn, "stream": stream}
    if surface == "chat":
        return {"model": model, "max_completion_tokens": tokens, "messages": turn, "stream": stream}
    return {"model": model, "max_output_tokens": max(16, tokens), "input": turn, "stream": stream}


def provider(name: str, url: str, dialect: str, keys: list[str], **options) -> dict:
    """A provider's part of a configuration; OpenAI's base paths end in /v1."""
    credentials = [{"name": f"{index + 1}", "key": key} for index, key in enumerate(keys)]
    base = url if dialect == "anthropic" else url + "/v1"
    return {name: {"url": base, "dialects": [dialect], "credentials": credentials, **options}}


def yaml(config: dict) -> str:
    """JSON is YAML."""
    return json.dumps(config, indent=1)


@dataclass
class Seen:
    """What a caller saw of one request."""

    status: int = 0
    # `whole`: the reply as the API ends it; `error`: an error body or event; `cut`: neither.
    end: str = "cut"
    request_id: str = ""
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytes = b""
    took: float = 0
    failure: str = ""

    @property
    def is_good(self) -> bool:
        return self.status == 200 and self.end == "whole"


def ask(client: httpx.Client, surface: str, body: dict, headers: dict | None = None) -> Seen:
    seen, began = Seen(), time.monotonic()
    try:
        with client.stream("POST", SURFACES[surface][0], json=body, headers=headers) as reply:
            seen.status, seen.headers = reply.status_code, reply.headers
            seen.request_id = reply.headers.get("x-weir-request-id", "")
            pieces = []
            try:
                for piece in reply.iter_bytes():
                    pieces.append(piece)
            finally:
                seen.body = b"".join(pieces)
    except httpx.HTTPError as error:
        seen.failure = type(error).__name__
    seen.took = time.monotonic() - began
    seen.end = ending(surface, seen, body.get("stream", False))
    return seen


def ending(surface: str, seen: Seen, is_stream: bool) -> str:
    if seen.failure:
        return "cut"
    if seen.status != 200 or not is_stream:
        try:
            return "error" if "error" in json.loads(seen.body) and seen.status != 200 else "whole"
        except ValueError:
            return "cut"
    found = events(seen.body)
    if not found:
        return "cut"
    name, data = found[-1]
    if surface == "messages":
        return {"message_stop": "whole", "error": "error"}.get(name, "cut")
    if surface == "chat":
        return "whole" if data == "[DONE]" else "error" if isinstance(data, dict) and "error" in data else "cut"
    if name in ("response.completed", "response.incomplete"):
        return "whole"
    return "error" if name in ("error", "response.failed") else "cut"


def new_client(weir, **options) -> httpx.Client:
    """A caller of any surface."""
    headers = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
    options.setdefault("timeout", 20)
    return httpx.Client(base_url=weir.url, headers=headers, trust_env=False, **options)


class Load:
    """Callers that ask one request after another until they are stopped; what each saw is kept."""

    def __init__(self, weir, surface: str, model: str, callers: int = 4, pause: float = 0, **options):
        self.weir, self.surface, self.model, self.pause = weir, surface, model, pause
        self.streams = options.pop("stream", None)
        self.make_body = options.pop("body", None)
        # What was seen: all of it, or only what was not good where so much would be a burden.
        self.keeps_good = options.pop("keeps_good", True)
        self.seen: list[Seen] = []
        self.statuses: Counter = Counter()
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,), daemon=True) for n in range(callers)]

    def run(self, caller: int) -> None:
        with new_client(self.weir) as client:
            number = 0
            while not self.over.is_set():
                number += 1
                if self.make_body:
                    body = self.make_body(caller, number)
                else:
                    stream = number % 2 == 0 if self.streams is None else self.streams
                    text = f"caller {caller} asks {number} at {time.time_ns()}"
                    body = body_of(self.surface, self.model, text, stream, tokens=20)
                seen = ask(client, self.surface, body)
                if seen.is_good:
                    seen.body, seen.headers = b"", httpx.Headers()
                with self.lock:
                    self.statuses[seen.status, seen.end] += 1
                    if self.keeps_good or not seen.is_good:
                        self.seen.append(seen)
                if self.pause:
                    self.over.wait(self.pause)

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a caller hangs"

    @property
    def bad(self) -> list[Seen]:
        return [one for one in self.seen if not one.is_good]

    @property
    def count(self) -> int:
        return self.statuses.total()


def assert_no_gaps(rows: list[dict]) -> None:
    """Sequence numbers from 1 without gaps, and no id twice."""
    numbers = sorted(row["sequence"] for row in rows)
    assert numbers == list(range(1, len(rows) + 1))
    assert len({row["id"] for row in rows}) == len(rows)


def failures_at(name: str, rows: list[dict]) -> tuple[int, int]:
    """Attempts that failed at a provider, and those besides that met a dead pooled connection and were resent."""
    failed = [
        attempt
        for row in rows
        for attempt, after in zip(row["attempts"], [*row["attempts"][1:], {}])
        if attempt["provider"] == name and attempt["reason"] and not is_resent(attempt, after)
    ]
    resent = [
        attempt
        for row in rows
        for attempt, after in zip(row["attempts"], row["attempts"][1:])
        if attempt["provider"] == name and is_resent(attempt, after)
    ]
    return len(failed), len(resent)


def is_resent(attempt: dict, after: dict) -> bool:
    """Whether the attempt failed for its pooled connection alone, and `after` is the same on a fresh one."""
    return (
        attempt["reason"] == "upstream_broke"
        and attempt["status"] is None
        and attempt["reused_connection"]
        and after.get("kind") == "retry"
        and not after["reused_connection"]
    )


def dollars(row: dict) -> float | None:
    return row.get("cost_usd")


def assert_costs_add_up(row: dict) -> None:
    """A row's cost is the sum of its attempts'; unknown is not zero."""
    costs = [attempt.get("cost_usd") for attempt in row["attempts"]]
    known = [cost for cost in costs if cost is not None]
    if known or row.get("cost_usd") is not None:
        assert abs((row.get("cost_usd") or 0) - sum(known)) < 1e-9, (row.get("cost_usd"), costs)
