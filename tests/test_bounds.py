"""What a stranger's pull request or a broken proxy can send ends with a message, in bounded time and memory.

Each runs in a process of its own that may use 20 seconds of CPU and 512 MB, and is killed beyond that.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 20
BYTES = 512 * 1024 * 1024
HEAD = "version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\n"
SLACK = "installations:\n  slack:\n    configuration: {default_channel: TEXT}\n"


def bounded(*args: str, folder: Path) -> tuple[int, str]:
    """The exit code of a Python program, and all that it said."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))

    ended = subprocess.run(
        [sys.executable, *args],
        cwd=folder,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def validated(folder: Path, text: str, *args: str) -> tuple[int, str]:
    (folder / "gbsync.yaml").write_text(text, encoding="utf-8")
    return bounded("-m", "reconciler", "validate", "--offline", *args, folder=folder)


def doubling(count: int) -> str:
    lines = [
        f'  v{number}: "${{{{ var.v{number - 1} }}}}${{{{ var.v{number - 1} }}}}"'
        for number in range(1, count)
    ]
    return "\n".join(["variables:", "  v0: text", *lines, ""])


def chain(count: int) -> str:
    lines = [f'  v{number}: "${{{{ var.v{number - 1} }}}}"' for number in range(1, count)]
    return "\n".join(["variables:", "  v0: text", *lines, ""])


FILES = {
    "variables that double": (HEAD + doubling(60) + SLACK.replace("TEXT", '"${{ var.v59 }}"'), "GB122"),
    "a chain of variables": (HEAD + chain(20_000), "GB121"),
    "a loop of variables": (HEAD + chain(20_000).replace("v0: text", 'v0: "${{ var.v19999 }}"'), "GB038"),
    "an expression that is never closed": (HEAD + SLACK.replace("TEXT", f'"{"${{" * 200_000}"'), "GB030"),
    "an expression that is closed at last": (
        HEAD + SLACK.replace("TEXT", f'"{"${{" * 200_000}}}}}"'),
        "GB030",
    ),
    "a glob that backtracks": (HEAD + f"protect: ['{'*' * 40}x/acme', 'installation/{'*a' * 4000}']\n", ""),
    "many unset variables": (
        HEAD
        + "variables:\n"
        + "".join(f"  name{number}: a\n" for number in range(20_000))
        + "installations:\n  slack:\n    configuration:\n"
        + "".join(f'      k{number}: "${{{{ var.nome{number} }}}}"\n' for number in range(20_000)),
        "more than 1,000 problems",
    ),
    "many values of a megabyte": (
        HEAD
        + f"variables: {{big: {'x' * 900_000}}}\n"
        + "sites:\n"
        + "".join(f"  s{number}: {{id: site_{number}, vars: {{n: {number}}}}}\n" for number in range(1_000))
        + "installations:\n  plausible:\n    sites:\n"
        + '      "*": {configuration: {t: "${{ var.big }}${{ site.n }}"}}\n',
        "GB122",
    ),
    "a comment of spaces": (HEAD + "#" + " " * 1_000_000 + "x\n", ""),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_made_to_take_for_ever_does_not(tmp_path: Path, name: str) -> None:
    text, said = FILES[name]
    code, out = validated(tmp_path, text)

    assert code in (0, 1)
    assert said in out
    assert "Traceback" not in out


def test_a_file_that_is_made_to_be_formatted_for_ever_is_formatted(tmp_path: Path) -> None:
    (tmp_path / "gbsync.yaml").write_text(FILES["a comment of spaces"][0], encoding="utf-8")
    code, out = bounded("-m", "reconciler", "fmt", "--check", "gbsync.yaml", folder=tmp_path)

    assert code in (0, 2), out


GLOB = """
from reconciler.resources.targets import matches
assert not matches("*" * 50 + "x", "installation/acme")
assert not matches("installation/" + "*a" * 5000 + "b", "installation/" + "a" * 10000)
assert not matches("**/" * 3000 + "x", "a/" * 100 + "y")
"""
TITLE = """
from reconciler.gitbook.client.message import SecretScrubber, message_in
for page in (b"<title>" * 15000, b"<title" * 15000, b"<title></titl" * 8000):
    assert SecretScrubber().scrubbed(message_in(page)) == "an HTML page"
"""
REPLY = """
from reconciler.gitbook.client.response import MANY, Response, TransientError, classify
from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.gitbook.client.message import SecretScrubber
from reconciler.gitbook.client.request import request
row = OPERATIONS["listOrganizationInstallations"]
asked = request(row, {"organizationId": "o"}, None, scrubber=SecretScrubber())
for item in (b"{}", b"[]", b'{"a":1}', b"1", b'""'):
    content = b'{"items":[' + (item + b",") * (48_000_000 // (len(item) + 1)) + item + b"]}"
    try:
        classify(asked, Response(200, {}, content))
    except TransientError as error:
        assert MANY in error.reason and error.final
    else:
        raise AssertionError(item)
"""


@pytest.mark.parametrize("program", [GLOB, TITLE, REPLY], ids=["globs", "titles", "replies"])
def test_what_a_server_or_a_pattern_may_hold_ends(tmp_path: Path, program: str) -> None:
    code, out = bounded("-c", program, folder=tmp_path)

    assert code == 0, out
