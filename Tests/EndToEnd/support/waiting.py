"""Waiting with a deadline instead of sleeping blindly."""

import time


def eventually(check, seconds: float = 5, every: float = 0.02, what: str = ""):
    """The first truthy value of `check()`; raises when the deadline passes, with the last value seen."""
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or check}; last seen: {value!r}")
        time.sleep(every)
