"""Rows with several attempts: their money, their metrics, and a kill in the middle of one."""

import json
import re

import httpx
import pytest
from support.bodies import HEADERS, message
from support.raw import RawConnection, request_bytes
from support.waiting import eventually
from test_metrics import metrics, value

CONFIG = """
providers:
  sick:
    url: {sick}
    dialects: [anthropic]
    credential: sk-sick
  well:
    url: {well}
    dialects: [anthropic]
    credential: sk-well
routes:
  claude-sonnet-5-5:
    targets:
      - provider: sick
        model: claude-sonnet-5-5
        weight: 1
      - provider: well
        model: claude-sonnet-5-5
        weight: 0
"""


@pytest.fixture
def outage(start_weir, start_simulator):
    """A Weir whose first choice answers every request with 529, and whose second one serves."""
    sick = start_simulator("--error-rate", "1", "--error-status", "529")
    well = start_simulator()
    return start_weir(None, config=CONFIG.format(sick=sick.url, well=well.url))


def test_what_callers_did_not_see_is_in_rows_sums_and_metrics(outage):
    with outage.client() as client:
        replies = [client.post("/v1/messages", json=message(model="claude-sonnet-5-5")) for _ in range(8)]
    assert [reply.status_code for reply in replies] == [200] * 8
    rows = outage.rows(8)
    first = rows[0]
    assert first["provider"] == "well" and first["state"] == "settled"
    assert first["attempts"][0]["kind"] == "first" and first["attempts"][0]["provider"] == "sick"
    assert first["attempts"][0]["reason"] == "upstream_overloaded"
    assert first["attempts"][-1]["kind"] == "failover" and first["attempts"][-1]["reason"] is None
    for row in rows:
        assert [attempt["number"] for attempt in row["attempts"]] == list(range(1, len(row["attempts"]) + 1))
        assert row["cost_usd"] == pytest.approx(sum(a["cost_usd"] or 0 for a in row["attempts"]))
    report = json.loads(
        outage.command("ledger", "attempts", "--by", "provider", "--format", "json").stdout
    )
    by_provider = {group["key"]: group for group in report["groups"]}
    cost = sum(row["cost_usd"] for row in rows)
    assert by_provider["well"]["cost_usd"] == pytest.approx(cost) and cost > 0
    assert not by_provider["sick"]["cost_usd"]
    assert by_provider["sick"]["failed"] == by_provider["sick"]["attempts"] >= 1
    text = eventually(
        lambda: t if value(t := metrics(outage), "weir_requests_total") == 8 else None, 5, what="eight rows"
    )
    rescued = len([row for row in rows if len(row["attempts"]) > 1])
    assert value(text, "weir_rescued_requests_total", kind="failover") == rescued
    assert value(text, "weir_cost_dollars_total", provider="well") == pytest.approx(cost)
    assert value(text, "weir_attempts_total", provider="sick", reason="upstream_overloaded") == (
        by_provider["sick"]["attempts"]
    )


def test_a_sick_target_is_shown_as_refusing(outage):
    with outage.client() as client:
        for _ in range(12):
            assert client.post("/v1/messages", json=message(model="claude-sonnet-5-5")).status_code == 200
    page = httpx.get(outage.admin_url + "/weir/v1/targets", trust_env=False).json()
    states = {target["provider"]: target["state"] for target in page["targets"]}
    assert states == {"sick": "refusing", "well": "admitting"}
    assert page["targets"][0]["provider"] == "sick", "the sick ones come first"
    assert re.search(r"^sick +claude-sonnet-5-5 +refusing ", outage.command("targets").stdout, re.M)
    text = metrics(outage)
    assert value(text, "weir_target_state", provider="sick", state="refusing") == 1
    assert value(text, "weir_target_state", provider="well", state="admitting") == 1
    assert value(text, "weir_target_open") == 0


def test_a_kill_in_the_middle_of_a_second_attempt_leaves_one_crashed_row(outage):
    with RawConnection(outage.port) as connection:
        body = json.dumps(message(model="claude-sonnet-5-5", stream=True, max_tokens=900)).encode()
        connection.send(
            request_bytes("/v1/messages", body, [*HEADERS, ("x-sim-event-delay-ms", "50")])
        )
        _, headers = connection.read_head()
        request_id = dict((n.lower(), v) for n, v in headers)["x-weir-request-id"]
        connection.take_until(b"content_block_delta")
        outage.kill()
    outage.start()
    rows = outage.rows(1)
    assert [(row["id"], row["state"], row["cost_usd"], row["attempts"]) for row in rows] == [
        (request_id, "crashed", None, [])
    ]
