"""The README's first request, as pasted.

The code block that follows `<!-- test: NAME -->` is run as it stands, with the variables that `weir serve`
prints.
"""

import os
import re
import subprocess
import sys

import pytest
from support.processes import BINARY, ROOT, clean_environment

README = ROOT / "README.md"
BLOCK = re.compile(r"<!--\s*test:\s*([\w-]+)\s*-->\s*\n+```(\w*)\n(.*?)```", re.DOTALL)


def blocks() -> list[tuple[str, str, str]]:
    return BLOCK.findall(README.read_text(encoding="utf-8")) if README.exists() else []


def test_the_readme_has_a_first_request_for_curl_and_python():
    assert {"sh" if kind in ("sh", "bash", "console") else kind for _, kind, _ in blocks()} >= {
        "sh",
        "python",
    }


@pytest.mark.parametrize("name,kind,text", blocks(), ids=[name for name, _, _ in blocks()])
def test_a_code_block_of_the_readme_works_as_pasted(start_weir, tmp_path, name, kind, text):
    weir = start_weir(None, ready=False)
    del weir.environment["WEIR_CALLER_KEY"]
    weir.start()
    exported = dict(re.findall(r"export (\w+)=(\S+)", weir.log))
    environment = clean_environment(exported) | {
        "PATH": os.path.dirname(sys.executable) + ":" + os.path.dirname(BINARY) + ":" + os.environ["PATH"]
    }
    command = [sys.executable, "-c", text] if kind == "python" else ["bash", "-euo", "pipefail", "-c", text]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error" not in done.stdout.lower() and done.stdout.strip()
