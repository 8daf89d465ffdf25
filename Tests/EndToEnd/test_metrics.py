"""`/metrics` on the admin listener."""

import re
import shutil
import subprocess

import httpx
import pytest
from support.bodies import chat, message
from support.waiting import eventually


def metrics(weir) -> str:
    reply = httpx.get(weir.admin_url + "/metrics", trust_env=False)
    assert reply.status_code == 200 and reply.headers["content-type"].startswith("text/plain")
    return reply.text


def value(text: str, name: str, **labels) -> float:
    """The sum of a metric's lines with these labels."""
    total, found = 0.0, False
    for line in text.splitlines():
        if match := re.match(rf"{name}(?:{{(.*)}})? (\S+)$", line):
            have = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match.group(1) or ""))
            if all(have.get(k) == v for k, v in labels.items()):
                total, found = total + float(match.group(2)), True
    return total if found else 0.0


@pytest.fixture
def used(start_weir, simulator):
    weir = start_weir(simulator.url)
    with weir.client() as client:
        weir.replies = [client.post("/v1/messages", json=message()) for _ in range(3)]
        client.post("/v1/messages", json=message(stream=True))
        client.post("/v1/chat/completions", json=chat(model='odd"name\\with escapes'))
        client.post("/v1/messages", json=message(), headers={"x-sim-status": "429"})
        client.post("/v1/messages", content=b"{")
    eventually(lambda: value(metrics(weir), "weir_requests_total") == 7, 5, what="seven requests are counted")
    return weir


def test_promtool_accepts_the_metrics(used):
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.fail("promtool is missing; `make setup-test` fetches it")
    done = subprocess.run([promtool, "check", "metrics"], input=metrics(used), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_requests_tokens_and_cost_add_up_to_the_rows(used):
    text = metrics(used)
    rows = used.rows(7)
    assert value(text, "weir_requests_total", status="200", provider="anthropic") == 4
    assert value(text, "weir_requests_total", status="429") == 1
    output = sum(row["usage"]["output_tokens"] or 0 for row in rows)
    assert value(text, "weir_tokens_total", kind="output") == output > 0
    cost = sum(row["cost_usd"] or 0 for row in rows)
    assert abs(value(text, "weir_cost_dollars_total") - cost) < 1e-9 and cost > 0
    assert value(text, "weir_errors_total", reason="malformed_request") == 1
    assert value(text, "weir_unpriced_requests_total") == 1


def test_histograms_count_every_request(used):
    text = metrics(used)
    for name in ("weir_request_duration_seconds", "weir_overhead_seconds"):
        assert value(text, f"{name}_count") == 7
    assert value(text, "weir_time_to_first_byte_seconds_count") >= 5
    assert value(text, "weir_overhead_seconds_sum") < value(text, "weir_request_duration_seconds_sum")


def test_the_data_plane_does_not_serve_metrics(used):
    assert httpx.get(used.url + "/metrics", trust_env=False).status_code == 404


def test_open_streams_are_a_gauge_that_goes_up_and_down(start_weir, simulator):
    import json

    from support.bodies import HEADERS
    from support.raw import RawConnection, request_bytes

    # A Weir of its own: behind another's 429 the only key would be set aside.
    weir = start_weir(simulator.url)
    names = [
        line.split("{")[0].split(" ")[0] for line in metrics(weir).splitlines() if not line.startswith("#")
    ]
    gauge = next(name for name in names if "open_streams" in name)
    with RawConnection(weir.port) as connection:
        connection.send(
            request_bytes(
                "/v1/messages",
                json.dumps(message(stream=True)).encode(),
                [*HEADERS, ("x-sim-event-delay-ms", "100")],
            )
        )
        connection.read_head()
        eventually(lambda: value(metrics(weir), gauge) == 1, 3)
    eventually(lambda: value(metrics(weir), gauge) == 0, 3)
