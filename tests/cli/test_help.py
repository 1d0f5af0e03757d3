"""`gbsync help`, `version` and `completion`: what people type first."""

from __future__ import annotations

import pytest

from tests.program import gbsync, process


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        (("help",), ("--help",)),
        (("help", "plan"), ("plan", "--help")),
        (("help", "help"), ("help", "--help")),
        (("help", "api", "listSites"), ("api", "listSites", "--help")),
        (("version",), ("--version",)),
    ],
)
def test_a_word_says_what_the_option_says(typed: tuple[str, ...], same: tuple[str, ...]) -> None:
    said, meant = gbsync(*typed), gbsync(*same)

    assert said.returncode == meant.returncode == 0
    assert said.stdout == meant.stdout
    assert said.stdout


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        (("help", "aply"), "Did you mean apply?"),
        (("help", "api", "listSite"), "listSites"),
        (("help", "plan", "more"), "plan has no command more"),
        (("completion",), "SHELL"),
        (("completion", "csh"), "'bash', 'zsh', 'fish'"),
        (("version", "now"), "unexpected extra argument"),
    ],
)
def test_a_slip_is_one_message(typed: tuple[str, ...], advice: str) -> None:
    ended = gbsync(*typed)

    assert ended.returncode == 1
    assert advice in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_the_one_that_clicks_variable_gives(shell: str) -> None:
    said = gbsync("completion", shell)
    known = process("--help", environ={"_GBSYNC_COMPLETE": f"{shell}_source"})

    assert said.returncode == 0
    assert said.stdout == known.stdout
