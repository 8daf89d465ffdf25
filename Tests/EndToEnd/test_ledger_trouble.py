"""A ledger that can not write: loud, bounded, and nothing acknowledged is lost."""

import os
import sqlite3
import subprocess
from pathlib import Path

import httpx
import pytest
from support.bodies import message
from support.waiting import eventually

# Rows grow with these, so that fewer requests fill a journal.
LONG = {"x-weir-tags": "t" * 400, "user-agent": "u" * 400, "x-weir-session": "s" * 200}
SMALL_JOURNAL = "ledger:\n  journal: 1MiB\n"


def ask(weir, count: int) -> list[httpx.Response]:
    with weir.client() as client:
        return [client.post("/v1/messages", json=message()) for _ in range(count)]


def ids(replies: list[httpx.Response]) -> list[str]:
    return [reply.headers["x-weir-request-id"] for reply in replies if reply.status_code == 200]


def lock(weir) -> sqlite3.Connection:
    connection = sqlite3.connect(weir.data / "ledger.sqlite", isolation_level=None, timeout=5)
    connection.execute("BEGIN EXCLUSIVE")
    return connection


def test_a_locked_database_stops_no_request_and_loses_no_row(start_weir, simulator):
    weir = start_weir(simulator.url)
    ended = ids(ask(weir, 3))
    weir.rows(3)
    lock_holder = lock(weir)
    locked = ask(weir, 60)
    assert {reply.status_code for reply in locked} == {200}
    ended += ids(locked)
    lock_holder.execute("ROLLBACK")
    rows = weir.rows(len(ended), 10)
    assert [row["id"] for row in rows] == ended


def test_rows_written_while_the_database_was_locked_survive_kill_9(start_weir, simulator):
    weir = start_weir(simulator.url)
    ended = ids(ask(weir, 2))
    weir.rows(2)
    lock_holder = lock(weir)
    ended += ids(ask(weir, 40))
    weir.kill()
    lock_holder.execute("ROLLBACK")
    lock_holder.close()
    weir.start()
    assert [row["id"] for row in weir.rows(len(ended), 10)] == ended


def fill(weir) -> tuple[list[str], httpx.Response]:
    """Asks until the journal is full; the ids of what was answered, and the refusal."""
    answered = []
    with weir.client(headers=LONG) as client:
        for _ in range(20_000):
            reply = client.post("/v1/messages", json=message(max_tokens=1))
            if reply.status_code != 200:
                return answered, reply
            answered.append(reply.headers["x-weir-request-id"])
    raise AssertionError("20,000 requests did not fill a journal of 1 MiB")


def test_a_full_journal_refuses_loudly_and_recovers_with_every_acknowledged_row(start_weir, simulator):
    weir = start_weir(simulator.url, config=SMALL_JOURNAL)
    ask(weir, 1)
    first = weir.rows(1)[0]["id"]
    lock_holder = lock(weir)
    answered, refusal = fill(weir)
    assert refusal.status_code == 503 and refusal.headers["x-should-retry"] == "true"
    assert "ledger" in refusal.json()["error"]["message"]
    assert httpx.get(weir.url + "/readyz", trust_env=False).status_code == 503
    assert httpx.get(weir.url + "/healthz", trust_env=False).status_code == 200
    lock_holder.execute("ROLLBACK")
    eventually(
        lambda: httpx.get(weir.url + "/readyz", trust_env=False).status_code == 200, 15, 0.1, "ready again"
    )
    assert ask(weir, 1)[0].status_code == 200
    acknowledged = [first, *answered]
    found = {row["id"] for row in weir.rows(len(acknowledged) + 1, 15)}
    assert found >= set(acknowledged)


def test_a_ledger_that_may_be_missed_lets_requests_through(start_weir, simulator):
    weir = start_weir(simulator.url, config=SMALL_JOURNAL + "  when_unavailable: serve\n")
    lock_holder = lock(weir)
    with weir.client(headers=LONG) as client:
        statuses = {client.post("/v1/messages", json=message(max_tokens=1)).status_code for _ in range(1500)}
    assert httpx.get(weir.url + "/readyz", trust_env=False).status_code == 503, "the journal did fill"
    lock_holder.execute("ROLLBACK")
    assert statuses == {200}


def fill_disk(ballast: Path) -> None:
    try:
        with open(ballast, "wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
    except OSError:
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small file system")
def test_a_full_disk_refuses_loudly_and_recovers_without_losing_a_row(start_weir, simulator, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", disk], capture_output=True
    ).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        weir = start_weir(simulator.url, config=SMALL_JOURNAL, data=disk / "data")
        answered = ids(ask(weir, 5))
        weir.rows(5)
        ballast = disk / "ballast"
        fill_disk(ballast)
        more, refusal = fill(weir)
        answered += more
        assert refusal.status_code == 503
        assert weir.process.poll() is None, "a full disk does not end Weir"
        ballast.unlink()
        eventually(
            lambda: httpx.get(weir.url + "/readyz", trust_env=False).status_code == 200,
            15,
            0.1,
            "ready again",
        )
        answered += ids(ask(weir, 1))
        rows = weir.rows(len(answered) + 1, 15)  # and the refusal
        assert {row["id"] for row in rows} >= set(answered)
        weir.terminate()
    finally:
        subprocess.run(["umount", "-l", disk], check=False)
