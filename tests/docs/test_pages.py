"""Every command in the documents is run, and what it prints is what the document says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r'title="([^"]+)"')
END = re.compile(r"^--- (\d+) ends this command ---\n", re.MULTILINE)
PAGES = sorted(
    path
    for path in [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    if "```console" in path.read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Command:
    """A line that a reader types, and what follows it in the document."""

    line: str
    expected: tuple[str, ...]


def commands(block: str) -> list[Command]:
    found: list[Command] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:], ()))
        else:
            last = found.pop()
            found.append(Command(last.line, (*last.expected, line)))
    return found


def script(text: str) -> tuple[str, list[Command]]:
    """The page as a shell script: files with a title are written where they stand, commands run in turn."""
    lines, ran = ["trap 'kill $(jobs -p) 2>/dev/null' EXIT"], []
    for language, options, body in FENCE.findall(text):
        title = TITLE.search(options)
        if title:
            lines.append(f"mkdir -p \"$(dirname '{title[1]}')\"; cat > '{title[1]}' <<'FILE'\n{body}FILE")
        elif language == "console":
            for command in commands(body):
                lines.append(f"{command.line}\nprintf '\\n--- %s ends this command ---\\n' $?")
                ran.append(command)
    return "\n".join(lines), ran


def pattern(expected: tuple[str, ...]) -> str:
    """What is printed must match: `…` on a line of its own stands for any lines, and nothing for nothing."""
    return "".join(r"(?:.*\n)*?" if line == "…" else rf"{re.escape(line.rstrip())} *\n" for line in expected)


def told(expected: tuple[str, ...], output: str) -> bool:
    """Whether a page shows what a command printed, blank lines at either end aside."""
    shown = output.strip("\n")
    return re.fullmatch(pattern(expected), f"{shown}\n" if shown else "") is not None


def environ_of(folder: Path) -> dict[str, str]:
    """What a new user's shell has: a way to the program and a home; no variable of gbsync or GitBook."""
    return {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_commands_of_a_page_succeed_and_print_what_it_says(page: Path, tmp_path: Path) -> None:
    text, ran = script(page.read_text(encoding="utf-8"))
    (tmp_path / "examples").symlink_to(ROOT / "examples")

    ended = subprocess.run(
        ["bash", "-c", text],  # noqa: S607
        cwd=tmp_path,
        env=environ_of(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # a reader's terminal shows both
        text=True,
        timeout=300,
        check=False,
    )

    outputs, codes = END.split(ended.stdout)[0::2], END.split(ended.stdout)[1::2]
    assert len(codes) == len(ran), ended.stdout
    wrong = [
        f"$ {command.line}  # {code}\n{output}"
        for command, code, output in zip(ran, codes, outputs, strict=False)
        if code != "0" or not told(command.expected, output)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("expected", "output", "right"),
    [
        (("one", "…", "four"), "one\ntwo\nthree\nfour\n\n", True),
        (("one",), "\none  \n", True),
        ((), "\n", True),
        ((), "one\n", False),
        (("one",), "", False),
        (("one", "two"), "one\n\ntwo\n", False),
        (("one",), "one\ntwo\n", False),
    ],
)
def test_a_line_more_or_less_is_found(expected: tuple[str, ...], output: str, *, right: bool) -> None:
    assert told(expected, output) == right


MADE = {"commands", "rules"}
"""Pages that a program makes, with tests of their own."""


@pytest.mark.parametrize(
    "page",
    [path for path in sorted((ROOT / "docs").glob("*.md")) if path.stem not in MADE],
    ids=lambda path: path.stem,
)
def test_no_command_stands_where_it_is_not_run(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    languages = {language for language, _, _ in FENCE.findall(page.read_text(encoding="utf-8"))}

    assert not re.findall(r"^ {4,}\$? ?gbsync .*$", text, re.MULTILINE)
    assert not languages & {"sh", "bash", "shell", "zsh"}


LINES = [
    (page.stem, command.line)
    for page in PAGES
    for language, _, body in FENCE.findall(page.read_text(encoding="utf-8"))
    if language == "console"
    for command in commands(body)
]


@pytest.mark.parametrize(("page", "line"), [pair for pair in LINES if "gbsync api " in pair[1]])
def test_a_call_by_hand_can_change_nothing_but_the_sandbox(page: str, line: str) -> None:
    assert "--auto-approve" not in line or "--sandbox" in line, page
    assert "gbsync api update" not in line, f"{page}: a PATCH replaces a whole configuration"


@pytest.mark.parametrize(
    ("page", "line"), [pair for pair in LINES if " apply " in pair[1] and "--sandbox" not in pair[1]]
)
def test_an_apply_without_the_sandbox_names_a_file_of_the_sandboxs_organization(page: str, line: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    file = line.split(" apply ")[1].split(maxsplit=1)[0]

    assert file == "plan.json" or re.search(rf"Qm4TzvXb81LkWc0sYhEo.* > {file}|acme.yaml > {file}", text)
