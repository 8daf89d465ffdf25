"""`weir savings`, `weir cache` and the reports of the admin plane, over rows written by a second connection."""

import csv
import io
import json
import sqlite3
from decimal import Decimal

import httpx
import pytest
from support.bodies import message

CACHES = (
    "request, conversation, fingerprint, prefix, common_blocks, common_bytes, blocks, bytes, caller_markers,"
    " decision, observed_lower, observed_upper, change_kind, change_path, change_cost"
)


@pytest.fixture
def used(start_weir, simulator):
    """Three settled requests, whose savings and figures are put into the running Weir's database."""
    weir = start_weir(simulator.url)
    with weir.client() as client:
        weir.ids = [
            client.post("/v1/messages", json=message()).headers["x-weir-request-id"] for _ in range(3)
        ]
    first, second, third = (row["sequence"] for row in weir.rows(3))
    connection = sqlite3.connect(weir.data / "ledger.sqlite", timeout=10)
    with connection:
        # What the requests themselves left here gives way to known figures.
        connection.execute("DELETE FROM savings")
        connection.execute("DELETE FROM prompt_caches")
        connection.executemany(
            "INSERT INTO savings VALUES (?, ?, ?, ?)",
            [
                (first, "prompt_cache", -7_500_000, 30_030_000),
                (second, "prompt_cache", 138_000_000, 163_530_000),
                (second, "native_cache", 22_500_000, 186_030_000),
                (third, "prompt_cache", None, None),
            ],
        )
        connection.executemany(
            f"INSERT INTO prompt_caches ({CACHES}) VALUES (?, 1, 2, ?, 1, 1, 2, 2, 0, ?, ?, ?, ?, ?, ?)",
            [
                (first, "new", "observed", 1_000, 5_000, None, None, None),
                (second, "broken", "marked", None, None, "timestamp", "system[1]", 25_000_000),
                (third, "broken", "marked", None, None, "ttl_elapsed", None, None),
            ],
        )
    connection.close()
    return weir


def admin(weir, path: str) -> httpx.Response:
    return httpx.get(weir.admin_url + path, trust_env=False)


def test_savings_show_the_arithmetic_and_the_rows_behind_it(used):
    shown = used.command("savings", "--by", "source").stdout
    # -0.0075 + 0.138, of 0.03003 + 0.16353
    assert "prompt_cache: $0.19356 without it − $0.06306 with it = $0.1305 saved, over 2 rows; 1 more" in shown
    assert "reads × (input price − read price) − writes × (write price − input price)" in shown
    assert "native_cache: $0.18603 without it − $0.16353 with it = $0.0225 saved, over 1 row" in shown
    assert "In all: $0.153 saved; requests with a saving: 3." in shown
    rows = used.command("savings", "--rows").stdout
    assert all(identifier in rows for identifier in used.ids)


@pytest.mark.parametrize("by", ["day", "project", "caller", "model", "source"])
def test_the_sums_of_every_form_equal_the_sums_over_rows(used, by):
    listed = [
        json.loads(x, parse_float=Decimal)
        for x in used.command("savings", "--rows", "--format", "ndjson").stdout.splitlines()
    ]
    assert len(listed) == 4
    over_rows = sum(row["amount_usd"] or 0 for row in listed)
    whole = json.loads(used.command("savings", "--by", by, "--format", "json").stdout, parse_float=Decimal)
    assert whole["saved_usd"] == over_rows == Decimal("0.153")
    assert sum(group["amount_usd"] for group in whole["groups"]) == over_rows
    table = list(
        csv.DictReader(io.StringIO(used.command("savings", "--by", by, "--format", "csv").stdout))
    )
    assert sum(Decimal(line["amount_usd"]) for line in table) == over_rows
    assert sum(int(line["unknown"]) for line in table) == 1
    served = json.loads(admin(used, f"/weir/v1/savings?by={by}").text, parse_float=Decimal)
    assert served == whole
    exported = used.export()
    of_rows = [saving for row in exported for saving in row["savings"]]
    assert len(of_rows) == 4 and [row["savings"] for row in exported][2][0]["amount_usd"] is None


def test_filters_narrow_savings(used):
    assert json.loads(used.command("savings", "--since", "1h", "--format", "json").stdout)["rows"] == 3
    assert json.loads(used.command("savings", "--project", "none", "--format", "json").stdout)["rows"] == 0
    assert "No row here has a saving." in used.command("savings", "--until", "2001-01-01").stderr
    assert admin(used, "/weir/v1/savings?until=2001-01-01").json()["groups"] == []


def test_breaks_name_place_request_and_remedy(used):
    shown = used.command("cache", "breaks").stdout
    lines = shown.splitlines()
    assert "timestamp" in lines[1] and "system[1]" in lines[1] and used.ids[1] in lines[1]
    assert "0.025" in lines[1] and "ttl_elapsed" in lines[2] and lines[2].split()[0] == "-"
    assert "timestamp: A date or time stands in the cached part" in shown
    assert "In all: $0.025 more paid; requests with a break: 2, of unknown cost: 1." in shown
    served = admin(used, "/weir/v1/cache/breaks?limit=1").json()
    assert [one["kind"] for one in served["breaks"]] == ["timestamp"] and served["rows"] == 2
    assert served == json.loads(
        used.command("cache", "breaks", "--limit", "1", "--format", "json").stdout
    )


def test_observations_are_shown_by_model(used):
    shown = used.command("cache", "observe").stdout
    assert "claude-sonnet-5-5" in shown and "0.000001" in shown and "0.000005" in shown
    served = admin(used, "/weir/v1/cache/observe").json()
    assert served["models"][0]["upper_usd"] == 0.000005 and served["rows"] == 1


def test_a_parameter_that_cannot_be_read_is_refused_with_its_remedy(used):
    reply = admin(used, "/weir/v1/savings?by=week")
    assert reply.status_code == 400
    assert "by is \"week\". Write one of day, project" in reply.json()["error"]["message"]
    assert admin(used, "/weir/v1/cache/breaks?limit=0").status_code == 400
    assert admin(used, "/weir/v1/nothing").status_code == 404
    assert used.command("savings", "--by", "week", check=False).returncode != 0
    assert used.command("savings", "--since", "soon", check=False).returncode != 0
    assert used.command("cache", "breaks", "--limit", "0", check=False).returncode != 0
