"""`weir ledger` and `weir keys` beside a running server."""

import csv
import io
import json
import re

import httpx
import pytest
from support.bodies import chat, message
from support.waiting import eventually


@pytest.fixture
def used(start_weir, simulator):
    """A Weir with three rows."""
    weir = start_weir(simulator.url)
    with weir.client() as client:
        weir.ids = [
            client.post("/v1/messages", json=message()).headers["x-weir-request-id"],
            client.post("/v1/chat/completions", json=chat(model="unknown-price")).headers[
                "x-weir-request-id"
            ],
            client.post("/v1/messages", content=b"{").headers["x-weir-request-id"],
        ]
    weir.rows(3)
    return weir


def test_the_three_forms_of_export_hold_the_same_rows(used):
    lines = [
        json.loads(x) for x in used.command("ledger", "export", "--format", "ndjson").stdout.splitlines()
    ]
    whole = json.loads(used.command("ledger", "export", "--format", "json").stdout)
    table = list(csv.DictReader(io.StringIO(used.command("ledger", "export", "--format", "csv").stdout)))
    assert [row["id"] for row in lines] == used.ids
    assert whole == lines
    assert [row["id"] for row in table] == used.ids
    assert {row["requested_model"] for row in table} >= {"unknown-price"}


def test_unknown_costs_are_empty_or_a_dash_and_never_zero(used):
    table = list(csv.DictReader(io.StringIO(used.command("ledger", "export", "--format", "csv").stdout)))
    cost = next(name for name in table[0] if name.startswith("cost"))
    assert float(table[0][cost]) > 0 and table[1][cost] == ""
    assert re.search(r"unknown-price.*\s-(\s|$)", used.command("ledger", "tail").stdout)


def test_tail_shows_the_last_rows_and_show_shows_one(used):
    shown = used.command("ledger", "tail", "-n", "2").stdout
    assert "claude-sonnet-5-5" not in shown and "unknown-price" in shown
    one = used.command("ledger", "show", used.ids[0]).stdout
    assert used.ids[0] in one and "claude-sonnet-5-5" in one
    missing = used.command("ledger", "show", "req_" + "0" * 32, check=False)
    assert missing.returncode != 0


def test_export_writes_a_file_and_takes_a_span(used, tmp_path):
    target = tmp_path / "rows.ndjson"
    used.command("ledger", "export", "--format", "ndjson", "--since", "1h", "--output", str(target))
    assert len(target.read_text().splitlines()) == 3
    assert (
        used.command("ledger", "export", "--format", "ndjson", "--until", "2001-01-01T00:00:00Z").stdout == ""
    )


def test_attempts_are_added_up_from_the_rows(used):
    rows = [
        json.loads(x) for x in used.command("ledger", "export", "--format", "ndjson").stdout.splitlines()
    ]
    attempts = [attempt for row in rows for attempt in row["attempts"]]
    assert attempts and attempts[0]["kind"] == "first" and "credential" in attempts[0]
    for by in ("kind", "provider", "model"):
        report = json.loads(used.command("ledger", "attempts", "--by", by, "--format", "json").stdout)
        counted = {group["key"]: group["attempts"] for group in report["groups"]}
        assert counted == {key: [a[by] for a in attempts].count(key) for key in {a[by] for a in attempts}}
        assert report["requests"] == len([row for row in rows if row["attempts"]])
        served = httpx.get(f"{used.admin_url}/weir/v1/attempts?by={by}", trust_env=False)
        assert served.json() == report
    cost = sum(attempt["cost_usd"] or 0 for attempt in attempts)
    assert abs(report["total"]["cost_usd"] - cost) < 1e-9 and cost > 0
    table = used.command("ledger", "attempts").stdout
    assert re.search(r"^KIND +ATTEMPTS +FAILED +UNKNOWN +COST \$ +FAILED \$$", table, re.M)
    assert re.search(rf"^total +{len(attempts)} ", table, re.M)


def test_targets_are_shown_as_tables_and_as_json(used):
    page = httpx.get(used.admin_url + "/weir/v1/targets", trust_env=False).json()
    assert set(page) == {"at", "targets", "credentials"}
    shown = json.loads(used.command("targets", used.admin_url, "--json").stdout)
    assert shown["targets"] == page["targets"] and shown["at"] >= page["at"]
    tables = used.command("targets", used.admin_url).stdout
    for one in page["targets"]:
        assert re.search(rf"^{one['provider']} +{one['model'] or '-'} +{one['state']} ", tables, re.M)
    for one in page["credentials"]:
        assert re.search(rf"^{one['provider']} +{one['name']} +(usable|set aside)", tables, re.M)
    assert page["targets"] and page["credentials"]
    wrong = used.command("targets", used.url, check=False)
    assert wrong.returncode != 0 and "admin_listen" in wrong.stderr


def test_a_key_is_made_shown_once_used_listed_and_revoked_while_weir_runs(start_weir, simulator):
    weir = start_weir(simulator.url)
    made = weir.command(
        "keys", "create", "--name", "ci", "--project", "river", "--allow-model", "claude-haiku-*"
    ).stdout
    secret = re.search(r"wk_[A-Za-z0-9_-]{20,}", made).group(0)
    listed = weir.command("keys", "list").stdout
    assert "ci" in listed and "river" in listed and secret not in listed
    headers = {"authorization": f"Bearer {secret}", "anthropic-version": "2023-06-01"}

    def ask(model: str) -> httpx.Response:
        return httpx.post(
            weir.url + "/v1/messages", json=message(model=model), headers=headers, trust_env=False
        )

    good = eventually(
        lambda: r if (r := ask("claude-haiku-5-5")).status_code == 200 else None,
        4,
        what="the new key works without a restart",
    )
    row = weir.exported(good.headers["x-weir-request-id"])
    assert row["project"] == "river" and row["caller"].startswith("key_")
    refused = ask("claude-opus-5-5")
    assert refused.status_code == 403 and refused.headers["x-should-retry"] == "false"
    assert "claude-haiku-*" in refused.json()["error"]["message"]
    weir.command("keys", "revoke", "ci")
    revoked = eventually(
        lambda: r if (r := ask("claude-haiku-5-5")).status_code == 401 else None,
        4,
        what="the revoked key is refused without a restart",
    )
    assert revoked.headers["x-should-retry"] == "false"
    for path in weir.data.rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes(), f"{path} holds the key"


def test_rows_of_two_projects_are_told_apart(start_weir, simulator):
    weir = start_weir(simulator.url)
    secrets = [
        re.search(
            r"wk_[A-Za-z0-9_-]{20,}", weir.command("keys", "create", "--name", name, "--project", name).stdout
        ).group(0)
        for name in ("alpha", "beta")
    ]
    ids = {}
    for name, secret in zip(("alpha", "beta"), secrets):
        headers = {"x-api-key": secret, "anthropic-version": "2023-06-01"}

        def ask():
            reply = httpx.post(weir.url + "/v1/messages", json=message(), headers=headers, trust_env=False)
            return reply if reply.status_code == 200 else None

        ids[name] = eventually(ask, 4).headers["x-weir-request-id"]
    alpha, beta = (weir.exported(ids[name]) for name in ("alpha", "beta"))
    assert (alpha["project"], beta["project"]) == ("alpha", "beta")
    assert alpha["caller"] != beta["caller"]
    other = httpx.get(
        f"{weir.url}/weir/v1/requests/{ids['alpha']}", trust_env=False, headers={"x-api-key": secrets[1]}
    )
    assert other.status_code in (403, 404)
