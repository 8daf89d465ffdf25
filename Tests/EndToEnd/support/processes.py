"""Weir and its simulator as real processes on free ports, with their own data folders."""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import httpx

from .waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
BINARY = os.environ.get("WEIR_BIN", str(ROOT / ".build/debug/weir"))
KEY = "wk_test_caller_key_0123456789abcdefghijklmnopqrstuv"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def clean_environment(extra: dict | None = None) -> dict:
    """This process's environment without anything that would configure Weir or reach a real provider."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WEIR_", "ANTHROPIC_", "OPENAI_"))
        and not name.endswith("_API_KEY")
        and not name.lower().endswith("_proxy")
    }
    return {**kept, **(extra or {})}


class Process:
    """A started program whose output is kept."""

    def __init__(self, arguments: list[str], environment: dict, name: str):
        self.arguments, self.environment, self.name = arguments, environment, name
        self.folder = Path(tempfile.mkdtemp(prefix=f"weir-test-{name}-"))
        self.log_path = self.folder / "log"
        self.process: subprocess.Popen | None = None

    def launch(self) -> None:
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [BINARY, *self.arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def answers(self, url: str) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with status {self.process.returncode}:\n{self.log}")
        try:
            return httpx.get(url, timeout=2, trust_env=False, verify=False).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """kill -9."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def terminate(self, seconds: float = 15) -> int:
        """SIGTERM, then the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"{self.name} did not end within {seconds} s of SIGTERM:\n{self.log[-3000:]}"
            )

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def rss_mb(self) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no VmRSS")


class Received:
    """One request as the simulator got it."""

    def __init__(self, entry: dict):
        self.number, self.at, self.method, self.uri = (
            entry["number"],
            entry["at"],
            entry["method"],
            entry["uri"],
        )
        self.headers = [(name, value) for name, value in entry["headers"]]
        self.body = base64.b64decode(entry["body_base64"])

    def values(self, name: str) -> list[str]:
        return [value for n, value in self.headers if n.lower() == name.lower()]


class Simulator(Process):
    def __init__(self, *flags: str):
        self.port = free_port()
        super().__init__(["simulate", "--port", str(self.port), *flags], clean_environment(), "simulator")
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> "Simulator":
        self.launch()
        eventually(lambda: self.answers(f"{self.url}/sim/replies"), 20, what="the simulator answers")
        return self

    def received(self, marker: str | None = None) -> list[Received]:
        """What arrived, oldest first; only requests whose x-test header is `marker`."""
        entries = httpx.get(f"{self.url}/sim/requests?limit=1000", trust_env=False, timeout=30).json()[
            "requests"
        ]
        found = [Received(entry) for entry in entries]
        return found if marker is None else [r for r in found if r.values("x-test") == [marker]]

    def replies(self) -> dict:
        return httpx.get(f"{self.url}/sim/replies", trust_env=False, timeout=30).json()

    def clear(self) -> None:
        """Forgets what arrived and what was counted."""
        self.tell("DELETE", "requests")

    def tell(self, method: str, path: str, body: dict | None = None) -> dict:
        reply = httpx.request(method, f"{self.url}/sim/{path}", json=body, trust_env=False, timeout=30)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def condition(self, **members) -> None:
        """How requests are answered from now on; none takes it back."""
        if members:
            self.tell("PUT", "condition", members)
        else:
            self.tell("DELETE", "condition")

    def account(self, key: str, state: str, **limits) -> None:
        """How the account behind a key stands: ok, rejected, forbidden, out_of_money, spend_limit."""
        self.tell("PUT", f"keys/{key}", {"state": state, **limits})

    def counts(self) -> dict:
        return self.tell("GET", "counts")


class Weir(Process):
    """`weir serve` in front of a simulator, by environment alone or with a configuration file."""

    def __init__(
        self,
        upstream: str | None,
        config: str | None = None,
        environment: dict | None = None,
        scheme: str = "http",
        data: Path | None = None,
    ):
        self.port, self.admin_port = free_port(), free_port()
        settings = {
            "WEIR_LISTEN": f"127.0.0.1:{self.port}",
            "WEIR_ADMIN_LISTEN": f"127.0.0.1:{self.admin_port}",
            "WEIR_CALLER_KEY": KEY,
        }
        if upstream:
            settings |= {
                "WEIR_ANTHROPIC_URL": upstream,
                "WEIR_OPENAI_URL": upstream + "/v1",
                "ANTHROPIC_API_KEY": "sk-ant-provider-key",
                "OPENAI_API_KEY": "sk-openai-provider-key",
            }
        super().__init__(["serve"], clean_environment(settings | (environment or {})), "weir")
        self.data = data or self.folder / "data"
        self.environment.setdefault("WEIR_DATA_DIR", str(self.data))
        self.config_path = self.folder / "weir.yaml"
        if config is not None:
            self.config_path.write_text(config)
            self.environment["WEIR_CONFIG"] = str(self.config_path)
        self.url, self.admin_url = f"{scheme}://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.admin_port}"

    def start(self) -> "Weir":
        self.launch()
        eventually(lambda: self.answers(f"{self.url}/readyz"), 20, what="Weir is ready")
        return self

    def client(self, **options) -> httpx.Client:
        """An HTTP client with the caller key of the Anthropic kind and no retries."""
        headers = {"x-api-key": KEY, "anthropic-version": "2023-06-01"} | options.pop("headers", {})
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, **({"timeout": 30} | options))

    def row(self, request_id: str) -> dict:
        """The ledger row of a request, by Weir's own endpoint."""
        with self.client() as client:

            def look():
                reply = client.get(f"/weir/v1/requests/{request_id}")
                return reply.json() if reply.status_code == 200 else None

            return eventually(look, 5, what=f"a row for {request_id}")

    def command(self, *arguments: str, check: bool = True, **options) -> subprocess.CompletedProcess:
        """Another `weir` command on the same data folder."""
        done = subprocess.run(
            [BINARY, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
            **options,
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"weir {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done

    def export(self) -> list[dict]:
        """All rows, by `weir ledger export`."""
        lines = self.command("ledger", "export", "--format", "ndjson").stdout.splitlines()
        return [json.loads(line) for line in lines if line.strip()]

    def exported(self, request_id: str) -> dict:
        """One row by `weir ledger export`: also of requests without a caller, or of another project's."""
        return eventually(
            lambda: next((row for row in self.export() if row["id"] == request_id), None),
            5,
            0.1,
            f"an exported row for {request_id}",
        )

    def rows(self, count: int, seconds: float = 5) -> list[dict]:
        """All rows, once there are at least `count`."""

        def look():
            rows = self.export()
            return rows if len(rows) >= count else None

        return eventually(look, seconds, 0.1, f"{count} rows")

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)
