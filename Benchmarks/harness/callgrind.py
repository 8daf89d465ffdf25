"""Instructions a request, counted by Valgrind: they do not depend on how busy the machine is."""

import re
import shutil
import subprocess
from pathlib import Path

from . import machine


def is_there() -> bool:
    return shutil.which("callgrind_control") is not None


def count(process: machine.Process, load, body: str, seconds: float, **how) -> float:
    """Instructions of a process that was not started yet, for each request of that body; removes it."""
    folder = Path(process.folder)
    try:
        # Valgrind does not read the compiler's debug information.
        subprocess.run(["strip", "--strip-debug", "-o", folder / "weir", process.command[0]], check=True)
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder / 'callgrind'}"]
        process.command = [*command, str(folder / "weir"), *process.command[1:]]
        process.start(patience=120)
        load("rate", process.port, body, 8, 1, 0, 50, **how)
        # Counts from here on, until the dump.
        control("--zero", process.pid)
        run = load("closed", process.port, body, 32, seconds, 0, **how)
        control("--dump", process.pid)
        (dump,) = folder.glob("callgrind.*")
        totals = re.search(r"^totals: (\d+)", dump.read_text(), re.M)
        return int(totals.group(1)) / run["total"]
    finally:
        process.remove()


def added(before: float, after: float, cpu: float, own_share: float) -> dict[str, float]:
    """What was added, in instructions, and as CPU µs at the pace of what was there before.

    - `cpu`: µs a request before.
    - `own_share`: how much of that is the process's own time and not the kernel's, since its instructions are
      counted alone.
    """
    more = after - before
    return {"instructions": more, "instructions as cpu": more * cpu * own_share / before}


def control(order: str, pid: int) -> None:
    subprocess.run(["callgrind_control", order, str(pid)], check=True, capture_output=True)
