"""Help that teaches: every command has examples that parse, the variables it reads, its own options first."""

from __future__ import annotations

import shlex

import click
import pytest

from reconciler.cli import COMMANDS, EXAMPLES, GROUPS, _expand_sandbox, gbsync
from reconciler.cli.helptext import Sections
from reconciler.gitbook.operations.table import OPERATIONS
from tests.program import gbsync as started

SHELL = {">", "|", "<", "&&"}


def command_of(*words: str) -> tuple[click.Context, Sections]:
    """A command by its words, with its context."""
    context = click.Context(gbsync, info_name="gbsync", **gbsync.context_settings)
    for word in words:
        assert isinstance(context.command, click.Group)
        found = context.command.get_command(context, word)
        assert found is not None
        context = click.Context(found, context, info_name=word)
    assert isinstance(context.command, Sections)
    return context, context.command


EVERY = [(), *((name,) for name in COMMANDS), *(("api", name) for name in OPERATIONS)]


def parsed(line: str) -> str:
    """The command that a line of a shell runs, its arguments checked as they would be."""
    program, *args = shlex.split(line)
    end = next((number for number, arg in enumerate(args) if arg in SHELL), len(args))
    args = _expand_sandbox(args[:end])
    context: click.Context = gbsync.make_context(program, args, resilient_parsing=args == ["--version"])
    while isinstance(context.command, click.Group) and (rest := [*context._protected_args, *context.args]):
        name, found, left = context.command.resolve_command(context, rest)
        assert found is not None
        context = found.make_context(name, left, parent=context)
    return context.command_path


@pytest.mark.parametrize("words", EVERY, ids=lambda words: " ".join(words) or "gbsync")
def test_every_command_has_two_examples_that_parse_and_are_of_it(words: tuple[str, ...]) -> None:
    _, command = command_of(*words)

    assert len(command.examples) >= 2
    assert all(command.examples.values())
    for line in command.examples:
        assert line.startswith(" ".join(["gbsync", *words])) or "--version" in line
        assert parsed(line)


@pytest.mark.parametrize("line", ["gbsync plna", "gbsync plan --tarjet x", "gbsync api listSite"])
def test_an_example_that_does_not_parse_would_be_found(line: str) -> None:
    with pytest.raises(click.UsageError):
        parsed(line)


def sections(text: str) -> dict[str, str]:
    """The sections of a help text by their titles."""
    found: dict[str, str] = {}
    title = ""
    for line in text.splitlines():
        if line and not line.startswith(" ") and line.endswith(":"):
            title = line[:-1]
        else:
            found[title] = f"{found.get(title, '')}{line}\n"
    return found


CALLING = [name for name in COMMANDS if any(param.name == "endpoint" for param in command_of(name)[1].params)]
VARIABLES = ("GITBOOK_TOKEN", "GITBOOK_ORGANIZATION", "GITBOOK_ENDPOINT", "HTTPS_PROXY", "GBSYNC_LOG")


@pytest.mark.parametrize("name", CALLING)
def test_a_command_that_calls_gitbook_names_the_variables(name: str) -> None:
    context, command = command_of(name)
    shown = sections(command.get_help(context))

    for variable in VARIABLES:
        assert variable in shown["Variables"]


def test_own_options_come_first_and_shared_ones_have_a_group() -> None:
    context, command = command_of("plan")
    shown = sections(command.get_help(context))

    assert list(shown)[-4:] == ["Options", "Shared options", "Examples", "Variables"]
    assert "--detailed-exitcode" in shown["Options"]
    assert "--endpoint" not in shown["Options"]
    assert "--endpoint" in shown["Shared options"]
    assert "GBSYNC_PLAN_TARGET" in shown["Variables"]


def test_a_command_without_requests_names_no_token() -> None:
    context, command = command_of("fmt")

    assert "GITBOOK" not in command.get_help(context)
    assert "Shared options" not in command.get_help(context)


def test_commands_stand_in_groups() -> None:
    shown = sections(started("--help").stdout)

    for title, commands in GROUPS.items():
        assert [line.split()[0] for line in shown[title].splitlines() if line[:3].strip()] == list(commands)
    assert all(line in shown["Examples"] for line in EXAMPLES)
    assert "GITBOOK_TOKEN" in shown["Variables"]
