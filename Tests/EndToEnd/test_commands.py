"""The other commands."""

import json
import re
import subprocess
import sys

import pytest
from support.processes import BINARY, KEY, Weir, clean_environment


def weir(*arguments: str, environment: dict | None = None, check: bool = True) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [BINARY, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env=clean_environment(environment),
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["serve"],
        ["run"],
        ["simulate"],
        ["keys"],
        ["keys", "create"],
        ["keys", "list"],
        ["keys", "revoke"],
        ["ledger"],
        ["ledger", "tail"],
        ["ledger", "show"],
        ["ledger", "export"],
        ["check"],
        ["doctor"],
        ["version"],
    ],
)
def test_every_command_explains_itself(command):
    text = weir(*command, "--help").stdout
    assert "USAGE" in text and "OVERVIEW" in text


def test_version_is_a_number():
    assert re.search(r"\d+\.\d+\.\d+", weir("version").stdout)


def test_run_starts_a_command_with_the_variables_that_point_it_at_weir(tmp_path):
    script = (
        "import json, os, urllib.request as u; e = os.environ; r = u.Request(e['ANTHROPIC_BASE_URL'] + "
        "'/v1/models', headers={'x-api-key': e['ANTHROPIC_API_KEY'], 'anthropic-version': '2023-06-01'}); "
        "print(json.dumps({k: v for k, v in e.items() if k.startswith(('ANTHROPIC', 'OPENAI'))})); "
        "print(u.urlopen(r).status)"
    )
    done = weir("run", "--data-dir", str(tmp_path), "--", sys.executable, "-c", script)
    variables, status = done.stdout.strip().splitlines()[-2:]
    variables = json.loads(variables)
    assert status == "200"
    assert variables["OPENAI_BASE_URL"] == variables["ANTHROPIC_BASE_URL"] + "/v1"
    assert variables["ANTHROPIC_API_KEY"] == variables["OPENAI_API_KEY"]


def test_run_ends_with_the_status_of_its_command(tmp_path):
    assert weir("run", "--data-dir", str(tmp_path), "--", "sh", "-c", "exit 7", check=False).returncode == 7


def test_run_uses_the_server_that_already_runs(start_weir, simulator):
    server = start_weir(simulator.url)
    done = server.command("run", "--", "env")
    assert f"ANTHROPIC_BASE_URL={server.url}" in done.stdout


def test_doctor_passes_on_a_working_weir(working_weir):
    server = working_weir
    done = server.command("doctor", server.url, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"[1-9]\d* passed", done.stdout) and not re.search(r"\bfail\b", done.stdout), done.stdout


@pytest.fixture
def working_weir(start_weir, simulator):
    return start_weir(simulator.url)


def test_doctor_fails_where_nothing_listens():
    server = Weir(None)
    done = server.command("doctor", server.url, check=False)
    server.remove()
    assert done.returncode != 0


def test_doctor_fails_with_a_wrong_key(start_weir, simulator):
    server = start_weir(simulator.url)
    server.environment["WEIR_CALLER_KEY"] = "wk_wrong"
    done = server.command("doctor", server.url, check=False)
    assert done.returncode != 0 and KEY not in done.stdout


def test_serve_without_any_provider_answers_from_the_simulator_and_shows_a_key_once(start_weir):
    import httpx

    from support.bodies import message

    server = start_weir(None, ready=False)
    del server.environment["WEIR_CALLER_KEY"]
    server.start()
    key = re.search(r"ANTHROPIC_API_KEY=(wk_\S+)", server.log).group(1)
    assert f"ANTHROPIC_BASE_URL={server.url}" in server.log and "simulator" in server.log
    reply = httpx.post(
        server.url + "/v1/messages",
        json=message(),
        trust_env=False,
        headers={"x-api-key": key, "anthropic-version": "2023-06-01"},
    )
    assert reply.status_code == 200
    server.terminate()
    shown = server.log
    server.start()
    assert key not in server.log[len(shown) :], "the key is shown once"


def test_an_unknown_option_is_refused_with_usage():
    done = weir("serve", "--no-such-option", check=False)
    assert done.returncode != 0 and "no-such-option" in done.stderr
