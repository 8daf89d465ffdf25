"""Configuration: checked as a whole, reloaded without dropping a request."""

import json
import os
import socket
import time

from support.bodies import HEADERS, message
from support.processes import Weir
from support.raw import RawConnection, request_bytes
from support.waiting import eventually


def served_model(weir) -> str:
    with weir.client() as client:
        return client.post("/v1/messages", json=message(model="m")).headers["x-weir-model"]


def config(model: str) -> str:
    return f"routes:\n  m:\n    targets:\n      - provider: anthropic\n        model: {model}\n"


def test_sighup_loads_the_changed_file_and_open_streams_go_on(start_weir, simulator):
    weir = start_weir(simulator.url, config=config("claude-sonnet-5-5"))
    assert served_model(weir) == "claude-sonnet-5-5"
    with RawConnection(weir.port) as connection:
        connection.send(
            request_bytes(
                "/v1/messages",
                json.dumps(message(model="m", stream=True)).encode(),
                [*HEADERS, ("x-sim-event-delay-ms", "40"), ("x-sim-output-tokens", "30")],
            )
        )
        connection.read_head()
        weir.config_path.write_text(config("claude-haiku-5-5"))
        weir.reload()
        eventually(lambda: served_model(weir) == "claude-haiku-5-5", 5, what="the new route is used")
        connection.take_until(b"message_stop")


def test_a_changed_file_is_noticed_without_a_signal(start_weir, simulator):
    weir = start_weir(simulator.url, config=config("claude-sonnet-5-5"))
    time.sleep(0.02)  # another modification time
    weir.config_path.write_text(config("claude-opus-5-5"))
    eventually(lambda: served_model(weir) == "claude-opus-5-5", 8, 0.1, "the changed file is used")


def test_a_bad_file_keeps_the_old_configuration_and_says_why(start_weir, simulator):
    weir = start_weir(simulator.url, config=config("claude-sonnet-5-5"))
    weir.config_path.write_text("routs:\n  m: 1\n")
    weir.reload()
    eventually(lambda: "routs" in weir.log, 5, what="the problem is logged")
    assert served_model(weir) == "claude-sonnet-5-5"
    weir.config_path.write_text(config("claude-haiku-5-5"))
    weir.reload()
    eventually(lambda: served_model(weir) == "claude-haiku-5-5", 5, what="the repaired file is used")


def test_a_reload_asked_for_right_after_the_start_does_not_end_weir(start_weir, simulator):
    for _ in range(3):
        weir = start_weir(simulator.url, ready=False, config=config("claude-sonnet-5-5"))
        weir.launch()
        eventually(lambda: listens(weir.port), 20, 0.001, "the port is open")
        weir.reload()
        eventually(lambda: weir.answers(f"{weir.url}/readyz"), 5, what="Weir is ready")
        assert served_model(weir) == "claude-sonnet-5-5"


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_weights_share_the_requests(start_weir, simulator):
    weir = start_weir(
        simulator.url,
        config="""
routes:
  m:
    targets:
      - provider: anthropic
        model: claude-sonnet-5-5
        weight: 3
      - provider: anthropic
        model: claude-haiku-5-5
        weight: 1
      - provider: anthropic
        model: claude-opus-5-5
        weight: 0
""",
    )
    served = [served_model(weir) for _ in range(160)]
    assert "claude-opus-5-5" not in served
    assert 80 < served.count("claude-sonnet-5-5") < 150


BROKEN = """listen: 127.0.0.1
timeouts:
  conect: 1s
  silence: 5
routes:
  m:
    targets:
      - provider: nobody
keys:
  - name: a
    key: ${NOT_SET_ANYWHERE}
"""


def test_check_reports_every_problem_of_a_broken_file_at_once(tmp_path):
    path = tmp_path / "weir.yaml"
    path.write_text(BROKEN)
    weir = Weir(None)
    done = weir.command("check", str(path), check=False)
    text = done.stdout + done.stderr
    assert done.returncode == 1
    for words in (
        f"{path}:1:",
        f"{path}:3:",
        f"{path}:4:",
        f"{path}:8:",
        f"{path}:11:",
        "connect",
        "nobody",
        "NOT_SET_ANYWHERE",
    ):
        assert words in text, f"{words}\n{text}"
    weir.remove()


def test_check_accepts_a_good_file(tmp_path):
    path = tmp_path / "weir.yaml"
    path.write_text("providers:\n  anthropic:\n    credential: k\n" + config("claude-sonnet-5-5"))
    weir = Weir(None)
    assert weir.command("check", str(path)).returncode == 0
    weir.remove()


def test_serve_does_not_start_on_a_broken_file(start_weir):
    weir = start_weir(None, ready=False, config=BROKEN)
    weir.launch()
    assert weir.process.wait(10) != 0
    assert "conect" in weir.log


def test_a_route_that_would_need_translation_is_refused_at_the_check(tmp_path):
    path = tmp_path / "weir.yaml"
    path.write_text("""
providers:
  anthropic: {credential: k}
  openai: {credential: k}
routes:
  mixed:
    targets:
      - provider: anthropic
      - provider: openai
""")
    weir = Weir(None)
    done = weir.command("check", str(path), check=False)
    weir.remove()
    assert done.returncode == 1 and "mixed" in done.stdout + done.stderr


def test_secrets_come_from_files_and_variables(start_weir, simulator, mark, tmp_path):
    (tmp_path / "key").write_text("sk-from-a-file\n")
    weir = start_weir(
        None,
        environment={"SOME_URL": simulator.url},
        config=f"""
providers:
  anthropic:
    url: ${{SOME_URL}}
    credential: ${{file:{tmp_path}/key}}
""",
    )
    with weir.client(headers={"x-test": mark}) as client:
        assert client.post("/v1/messages", json=message()).status_code == 200
    assert simulator.received(mark)[0].values("x-api-key") == ["sk-from-a-file"]
    assert os.path.exists(tmp_path / "key")
