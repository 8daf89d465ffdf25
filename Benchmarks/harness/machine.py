"""Processes of a run: the mock, nginx and Weir, pinned to cores; what the machine is."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

GATEWAY_CORE, LOAD_CORE = "0", "1"
ROOT = Path(__file__).resolve().parents[2]
CALLER_KEY = "wk_bench00000000000000000000000000000000000000"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def many_files() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def pinned(core: str, command: list[str]) -> list[str]:
    return ["taskset", "-c", core, *command]


def wait_port(port: int, process: subprocess.Popen, seconds: float = 15) -> None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if process.poll() is not None:
            raise SystemExit(f"bench: {process.args} ended with status {process.returncode}")
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise SystemExit(f"bench: nothing listens on port {port}")


class Process:
    """One started program; `command` and `environment` can be used again for a cold start."""

    def __init__(self, name: str, port: int, command: list[str], core: str, environment: dict | None = None):
        self.name, self.port, self.command, self.core = name, port, command, core
        self.environment = {**os.environ, **(environment or {})}
        self.folder = tempfile.mkdtemp(prefix=f"weir-bench-{name}-")
        self.process: subprocess.Popen | None = None

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def start(self, patience: float = 15) -> "Process":
        with open(Path(self.folder) / "log", "ab") as log:
            self.process = subprocess.Popen(
                pinned(self.core, self.command),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=many_files,
            )
        wait_port(self.port, self.process, patience)
        return self

    def stop(self) -> None:
        if not self.process:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def mock(tools: Path) -> Process:
    port = free_port()
    return Process("mock", port, [str(tools / "mock"), str(port)], LOAD_CORE)


def nginx(upstream: int) -> Process:
    found = shutil.which("nginx") or next(
        (str(p) for p in (ROOT / ".venv/tools/nginx", Path("/usr/sbin/nginx")) if p.exists()), None
    )
    if not found:
        raise SystemExit("bench: no nginx; run `make bench-setup`")
    port = free_port()
    process = Process("nginx", port, [], GATEWAY_CORE)
    conf = Path(process.folder) / "nginx.conf"
    conf.write_text(f"""
daemon off; master_process off; worker_processes 1; pid {process.folder}/pid; error_log {process.folder}/log crit;
worker_rlimit_nofile 65536;
events {{ worker_connections 8192; }}
http {{
    access_log off; keepalive_requests 100000000; client_max_body_size 0;
    client_body_temp_path {process.folder}/body; proxy_temp_path {process.folder}/proxy;
    fastcgi_temp_path {process.folder}/f; uwsgi_temp_path {process.folder}/u; scgi_temp_path {process.folder}/s;
    upstream provider {{ server 127.0.0.1:{upstream}; keepalive 2048; keepalive_requests 100000000; }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_buffering off; proxy_request_buffering off;
        }}
    }}
}}
""")
    process.command = [found, "-p", process.folder, "-c", str(conf)]
    return process


def weir(binary: str, upstream: int, **environment: str) -> Process:
    """Weir with caller auth, prices, the ledger and prompt caches on, one event loop."""
    port = free_port()
    process = Process("weir", port, [binary, "serve"], GATEWAY_CORE)
    keep = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY") and not k.startswith("WEIR_")}
    process.environment = {
        **keep,
        "WEIR_CALLER_KEY": CALLER_KEY,
        "WEIR_ANTHROPIC_URL": f"http://127.0.0.1:{upstream}",
        "WEIR_LISTEN": f"127.0.0.1:{port}",
        "WEIR_ADMIN_LISTEN": f"127.0.0.1:{free_port()}",
        "WEIR_DATA_DIR": str(Path(process.folder) / "data"),
        "WEIR_THREADS": "1",
        "WEIR_LOG": "error",
        **environment,
    }
    return process


def cpu_ticks(pid: int) -> tuple[int, int]:
    """What a process has used: itself, and the kernel for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]), int(fields[12])


def rss_mb(pid: int) -> float | None:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return None


def description() -> str:
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "unknown processor",
    )
    load = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} cores, Linux {os.uname().release}, load average before the run {load:.2f}"
    )
