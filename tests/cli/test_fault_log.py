"""`--log debug` in the real program: a kind with a fault in it leaves a traceback, and no secret."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from reconciler.sandbox import ORGANIZATION
from tests.program import CLEAN, ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
from reconciler.cli import main
from reconciler.gitbook.kinds.table import KINDS

async def write(self, client, handle, body):
    raise KeyError("oops the-very-secret-value")

type(KINDS["installation"].calls).write = write
main(sys.argv[1:])
"""
FILE = f"""
version: 1
organization: {ORGANIZATION}
installations:
  slack: {{configuration: {{default_channel: "${{{{ secret.CHANNEL }}}}"}}}}
"""


def failing(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The program with a fault in one kind's write."""
    (folder / "gbsync.yaml").write_text(FILE, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, "apply", str(folder), "--sandbox", "--auto-approve", *options],
        cwd=ROOT,
        env={**CLEAN, "CHANNEL": "the-very-secret-value"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_with_log_debug_the_traceback_is_on_stderr_and_holds_no_secret(tmp_path: Path) -> None:
    done = failing(tmp_path, "--log", "debug")

    assert "installation/slack: update: gbsync itself failed\nTraceback (most recent" in done.stderr
    assert "in write\n" in done.stderr
    # What is live at that key is too short to be cut out of a text for sure, so the text is withheld.
    assert "KeyError: (its message is withheld" in done.stderr
    assert "the-very-secret-value" not in done.stdout + done.stderr
    assert done.returncode == 1


def test_without_it_the_report_names_the_step_and_says_what_to_do(tmp_path: Path) -> None:
    done = failing(tmp_path)

    assert "Traceback" not in done.stdout + done.stderr
    assert "gbsync itself failed here (KeyError at __main__:" in done.stdout
    assert "`--log debug`" in " ".join(done.stdout.split())
    assert "installation/slack" in done.stdout
