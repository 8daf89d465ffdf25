"""The fault matrix: each fault, and what the caller is to see of it. Written by hand, not worked out."""

from dataclasses import dataclass

# What a caller sees: the status, and how the reply ends (`whole`, `error`, `cut`).
GOOD = (200, "whole")
BROKEN = (200, "error")


@dataclass(frozen=True)
class Fault:
    """A way for a provider to be sick.

    `always`: what is seen with one target that is always so, plain and streamed, and how many attempts it
    takes (of `ATTEMPTS`). `healed`: attempts where it is so once and one target is there. `passed`: attempts
    where a second target is well. `keys`: attempts where it is so once and the provider has three keys. Each
    of the three ends well unless `None`, which stands for what `always` says, with one attempt.
    """

    name: str
    condition: dict
    plain: tuple[int, str]
    stream: tuple[int, str]
    always: int | None
    healed: int | None
    passed: int | None
    keys: int | None
    # The same for streams where they differ: (always, healed, passed, keys).
    in_streams: tuple | None = None

    @property
    def is_of_key(self) -> bool:
        """The key that met it is not asked again."""
        return self.name in ("401", "402", "403", "429 in a minute", "429 at once", "429 without a time")

    @property
    def settings(self) -> list[str]:
        """Without a condition nobody listens, which does not pass by itself and is the same for every key."""
        return SETTINGS if self.condition else ["one, always", "two targets"]


ATTEMPTS = 3
SETTINGS = ["one, always", "one, once", "two targets", "three keys"]


def retried(name: str, condition: dict, plain, stream=None) -> Fault:
    """One that is tried again here, and elsewhere."""
    return Fault(name, condition, plain, stream or plain, ATTEMPTS, 2, 2, 2)


def once(name: str, condition: dict, plain, stream=None) -> Fault:
    """One that is passed on as it is: nothing else is asked."""
    return Fault(name, condition, plain, stream or plain, None, None, None, None)


def of_key(name: str, condition: dict, status: int) -> Fault:
    """One of the credential: never tried again with the same."""
    return Fault(name, condition, (status, "error"), (status, "error"), 1, None, 2, 2)


def broken_after_bytes(name: str, condition: dict, plain: Fault) -> Fault:
    """Invisible while a plain reply is gathered; of a stream, bytes have passed on."""
    return Fault(
        name, condition, plain.plain, BROKEN, plain.always, plain.healed, plain.passed, plain.keys,
        in_streams=(None, None, None, None),
    )  # fmt: skip


def status(code: int, **members) -> dict:
    return {"status": code, **members}


def wire(name: str, **members) -> dict:
    return {"fault": name, **members}


BAD_GATEWAY = (502, "error")

FAULTS = [
    once("400", status(400), (400, "error")),
    of_key("401", status(401), 502),
    of_key("402", status(402), 503),
    of_key("403", status(403), 502),
    once("404", status(404), (404, "error")),
    retried("408", status(408), (408, "error")),
    retried("409", status(409), (409, "error")),
    once("413", status(413), (413, "error")),
    Fault("429 in a minute", status(429, retry_after="60"), (429, "error"), (429, "error"), 1, None, 2, 2),
    Fault("429 at once", status(429, retry_after="0"), (429, "error"), (429, "error"), ATTEMPTS, 2, 2, 2),
    retried("429 without a time", status(429), (429, "error")),
    retried("500", status(500), (500, "error")),
    retried("502", status(502), (502, "error")),
    retried("503", status(503), (503, "error")),
    retried("504", status(504), (504, "error")),
    retried("529", status(529), (529, "error")),
    Fault("503 in a minute", status(503, retry_after="60"), (503, "error"), (503, "error"), 1, None, 2, None),
    Fault("no answer", {"latency_ms": 60_000}, (504, "error"), (504, "error"), 1, None, 2, None),
    retried("no connection", {}, BAD_GATEWAY),
    retried("reset-before-head", wire("reset-before-head"), BAD_GATEWAY),
    retried("malformed-head", wire("malformed-head"), BAD_GATEWAY),
    retried("close-before-body", wire("close-before-body"), BAD_GATEWAY),
    retried("error-event-first", wire("error-event-first"), (529, "error"), BROKEN),
    broken_after_bytes("reset-mid-body", wire("reset-mid-body"), retried("", {}, BAD_GATEWAY)),
    broken_after_bytes("truncate", wire("truncate"), retried("", {}, BAD_GATEWAY)),
    broken_after_bytes(
        "stall", wire("stall"), Fault("", {}, (504, "error"), BROKEN, 1, None, 2, None)
    ),
    broken_after_bytes("error-event", wire("error-event"), retried("", {}, (529, "error"))),
    once("malformed-json", wire("malformed-json"), (200, "cut"), GOOD),
    once("slow-head", wire("slow-head"), GOOD),
    once("split-utf8", wire("split-utf8"), GOOD),
    once("byte-by-byte", wire("byte-by-byte"), GOOD),
    once("late-end", wire("late-end"), GOOD),
    once("close-after", wire("close-after"), GOOD),
]  # fmt: skip


def expected(fault: Fault, setting: str, surface: str, streamed: bool) -> tuple[tuple[int, str], int]:
    """What the caller is to see, and the attempts it is to take."""
    numbers = (fault.always, fault.healed, fault.passed, fault.keys)
    if streamed and fault.in_streams:
        numbers = fault.in_streams
    number = numbers[SETTINGS.index(setting)]
    seen = fault.stream if streamed else fault.plain
    if surface != "messages" and seen == (529, "error") and fault.name.startswith("error-event"):
        seen = (503, "error")
    if number is None:
        return seen, 1
    return (seen if setting == "one, always" else GOOD), number
