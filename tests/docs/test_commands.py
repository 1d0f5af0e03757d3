"""The page of commands is what the program says of itself, and no command or option is without help."""

from __future__ import annotations

import click
import pytest

from reconciler.cli import COMMANDS, gbsync
from scripts.commands_page import page
from tests.conftest import ROOT


def test_the_page_of_commands_is_up_to_date() -> None:
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")

    assert written == page(), "run: python -m scripts.commands_page"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help(name: str) -> None:
    command = gbsync.get_command(click.Context(gbsync), name)

    assert command is not None
    assert command.help
    assert [item.name for item in command.params if isinstance(item, click.Option) and not item.help] == []
