"""Fixtures: one simulator and one Weir for all tests that do not need their own, and makers for the rest."""

import os
import re
import shutil
import sys
from pathlib import Path

import anthropic
import openai
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support.bodies import marker as make_marker  # noqa: E402
from support.processes import BINARY, KEY, ROOT, Simulator, Weir  # noqa: E402

# What one attempt does, and nothing of what other tests did to the provider before.
ONE_ATTEMPT = """
retry: {attempts: 1}
fallback: off
health: {failures_in_a_row: 1000, min_outcomes: 100000}
"""

KEPT_LOGS = ROOT / ".build" / "test-logs"

# Nothing of this machine's environment may change what the SDKs do.
for name in list(os.environ):
    if (
        name.startswith(("ANTHROPIC_", "OPENAI_", "WEIR_"))
        and name != "WEIR_BIN"
        or name.lower().endswith("_proxy")
    ):
        del os.environ[name]


def pytest_sessionstart(session):
    if not Path(BINARY).exists():
        pytest.exit(f"no weir binary at {BINARY}; run `make test-e2e`, or set WEIR_BIN", returncode=2)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    setattr(item, f"report_{call.when}", outcome.get_result())


def keep_logs(request, process) -> None:
    """Logs of a failed test's processes stay in .build/test-logs and end up in its report."""
    if not getattr(request.node, "report_call", None) or not request.node.report_call.failed:
        return
    KEPT_LOGS.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "_", request.node.name)[:120]
    target = KEPT_LOGS / f"{name}.{process.name}.log"
    if process.log_path.exists():
        shutil.copy(process.log_path, target)
        print(f"\n--- last lines of {target}\n" + "\n".join(process.log.splitlines()[-25:]))


@pytest.fixture(scope="session")
def shared_simulator():
    simulator = Simulator().start()
    yield simulator
    simulator.remove()


@pytest.fixture(scope="session")
def shared_weir(shared_simulator):
    weir = Weir(shared_simulator.url, config=ONE_ATTEMPT).start()
    yield weir
    weir.remove()


@pytest.fixture
def simulator(request, shared_simulator):
    yield shared_simulator
    keep_logs(request, shared_simulator)


@pytest.fixture
def weir(request, shared_weir):
    yield shared_weir
    keep_logs(request, shared_weir)


@pytest.fixture
def start_simulator(request):
    """Makes simulators of this test's own: start_simulator("--flag", ...)."""
    made = []

    def start(*flags: str) -> Simulator:
        made.append(Simulator(*flags))
        return made[-1].start()

    yield start
    for process in made:
        keep_logs(request, process)
        process.remove()


@pytest.fixture
def start_weir(request):
    """Makes Weirs of this test's own; takes what `Weir` takes."""
    made = []

    def start(upstream: str | None, ready: bool = True, **options) -> Weir:
        made.append(Weir(upstream, **options))
        return made[-1].start() if ready else made[-1]

    yield start
    for process in made:
        keep_logs(request, process)
        process.remove()


@pytest.fixture
def own_weir(start_weir, shared_simulator):
    """A Weir that no other test has taught anything, with one attempt for each request."""
    return start_weir(shared_simulator.url, config=ONE_ATTEMPT)


@pytest.fixture
def mark() -> str:
    """A value for x-test that no other request has."""
    return make_marker()


@pytest.fixture
def anthropic_client(weir, mark):
    with anthropic.Anthropic(
        base_url=weir.url, api_key=KEY, max_retries=0, default_headers={"x-test": mark}
    ) as client:
        yield client


@pytest.fixture
def openai_client(weir, mark):
    with openai.OpenAI(
        base_url=f"{weir.url}/v1", api_key=KEY, max_retries=0, default_headers={"x-test": mark}
    ) as client:
        yield client
