"""The command line: the only place with environment variables, prompts, exit codes and output."""

from __future__ import annotations

import gc
import importlib
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from reconciler import __version__
from reconciler.cli.helptext import SectionedGroup
from reconciler.cli.standard_streams import lost_output, prepare
from reconciler.cli.write_counter import WriteCounter
from reconciler.errors import ConfigError, GbsyncError, Incomplete, Stale
from reconciler.inputs import brief

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GROUPS: Final[Mapping[str, Mapping[str, str]]] = {
    "Write files": {
        "init": "Write a first file: an example, or the live organization.",
        "validate": "Check the files; with a token, against GitBook too.",
        "fmt": "Format the files, or check that they are formatted.",
        "schema": "Print the JSON Schema of the files, for editors.",
    },
    "Plan and apply": {
        "plan": "Show what differs between the files and GitBook.",
        "show": "Show a saved plan in any format, or what the files declare in the end.",
        "apply": "Change GitBook to match the files.",
        "graph": "Show the order of a plan, as Mermaid or DOT.",
        "lock": "Show what was applied last, or record what is live as applied.",
    },
    "Look at the organization": {
        "drift": "Show what changed since the last apply, and on which side.",
        "matrix": "Show which site and space has which integration, and its state.",
        "export": "Write the live organization as YAML, or record it.",
        "status": "Show the status of the organization's integrations.",
    },
    "Work on an integration": {
        "events": "Show the events that an integration received, and its logs.",
        "token": "Print a temporary token of an installation.",
        "api": "Call any operation of GitBook's API.",
        "probe": "Try what GitBook's API does where its reference is silent.",
    },
    "Try it without an account": {
        "demo": "Run plan, apply and drift on the sandbox, in a temporary folder.",
        "sandbox": "Serve a stand-in for GitBook's API.",
    },
    "About gbsync": {
        "help": "Show the help of gbsync, or of a command.",
        "version": "Print the version.",
        "completion": "Print the script that completes commands in a shell.",
    },
}
"""Every command with its line of help, in the groups of `gbsync --help`."""

COMMANDS: Final[Mapping[str, str]] = {name: line for group in GROUPS.values() for name, line in group.items()}
"""Every command; `reconciler.cli.commands.NAME:command` is imported when it is used."""

EXAMPLES: Final[Mapping[str, str]] = {
    "gbsync demo": "See how it works: no account, no token.",
    "gbsync init": "Write a first file to edit.",
    "gbsync plan --sandbox": "Plan it on the sandbox in process.",
    "gbsync help apply": "Read about one command.",
}

WIDEST: Final = max(map(len, COMMANDS)) + 2
"""The column of the help texts, the same in all groups."""

FAILED = 1
CHANGES = 2
INTERRUPTED = 130
UNUSED: Final = "httpx._main"
"""httpx imports its own command line if it can, and with it rich and pygments, which gbsync does not need."""
GARBAGE: Final = (50_000, 20, 100)
"""Garbage collection runs rarely: a run makes many values, keeps nearly all of them, and ends soon."""


class Commands(SectionedGroup):
    """Commands that are imported only when they are used, so that `--version` and completion are fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order of the documentation."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, if there is one."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"reconciler.cli.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        _take_variables(command, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The commands in their groups, without importing one of them."""
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()), col_spacing=WIDEST - max(map(len, commands)))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command, or an error with the nearest name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from reconciler.suggest import near  # noqa: PLC0415 - only for a typing mistake

            near_miss = near(args[0], COMMANDS)
            if not near_miss or "did you mean" in error.message.lower():
                raise
            msg = f"{error.message} Did you mean {near_miss}?"
            raise click.UsageError(msg, ctx) from None


def _take_variables(command: click.Command, name: str) -> None:
    """Gives each option its variables: `GBSYNC_PLAN_LOG`, and `GBSYNC_LOG` where commands share it."""
    from reconciler.cli.options import shared_names  # noqa: PLC0415 - only once a command is asked for

    shared = shared_names()
    for option in command.params:
        if isinstance(option, click.Option):
            text = max(option.opts, key=len).removeprefix("--").replace("-", "_").upper()
            own, known = f"GBSYNC_{name.upper()}_{text}", option.envvar or ()
            others = [known] if isinstance(known, str) else [*known]
            common = [f"GBSYNC_{text}"] if option.name in shared else []
            option.envvar = [*dict.fromkeys([own, *common, *others])]


@click.group(
    cls=Commands,
    examples=EXAMPLES,
    context_settings={"auto_envvar_prefix": "GBSYNC", "help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="gbsync", message="%(prog)s %(version)s")
def gbsync() -> None:
    """Keep a GitBook organization's integrations the way YAML files in git say they should be."""


def main(args: Sequence[str] | None = None) -> None:
    """The entry point: runs a command, turns what it raises into a message and an exit code."""
    gc.set_threshold(*GARBAGE)
    sys.modules.setdefault(UNUSED, None)  # type: ignore[arg-type] # None is how Python is told not to import it
    prepare()
    sys.exit(run(list(sys.argv[1:] if args is None else args)))


def run(args: list[str]) -> int:
    """Runs a command and returns its exit code; `docs/exit-codes.md` explains them."""
    sent = WriteCounter()
    code = _exit_code(_run_command(args, sent), sent)
    return Incomplete.exit_code if code == FAILED and sent.writes else code


def _exit_code(code: int, sent: WriteCounter) -> int:
    """The code; or 1 if stdout could not be written (a full disk) and nothing was sent.

    After a write to GitBook the code stays: it says what was done there.
    """
    why = lost_output(sys.stdout)
    if why is None:
        return code
    click.echo(f"Error: stdout: {why.strerror or why}; a part of the output is lost", err=True)
    return FAILED if code in (0, CHANGES) and not sent.writes else code


def _run_command(args: list[str], sent: WriteCounter) -> int:
    try:
        result: Any = gbsync.main(_expand_sandbox(args), prog_name="gbsync", standalone_mode=False, obj=sent)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        error.show()
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except GbsyncError as error:
        _show(error)
        return error.exit_code
    except OSError as error:
        _show(GbsyncError(f"{brief(error.filename or 'the system')}: {error.strerror or error}"))
        return FAILED
    return result if isinstance(result, int) else 0


def _expand_sandbox(args: list[str]) -> list[str]:
    """`--sandbox` alone means the sandbox without a file; a path after it stays a path."""
    return ["--sandbox=" if arg == "--sandbox" else arg for arg in args]


def _show(error: GbsyncError) -> None:
    from reconciler.cli.output import show_error, show_problems  # noqa: PLC0415 - only when something is wrong

    if isinstance(error, ConfigError):
        show_problems(error.problems)
    elif isinstance(error, Stale):
        show_error("\n".join(_reasons(error)))
    else:
        show_error(str(error))


def _reasons(error: Stale) -> tuple[str, ...]:
    """Why a saved plan is refused; with the values, where values are what differs."""
    from reconciler.plan.conflict import ConflictingPlan  # noqa: PLC0415 - only when something is wrong
    from reconciler.render.plan.stale import stale_lines  # noqa: PLC0415 - only when something is wrong

    return stale_lines(error) if isinstance(error, ConflictingPlan) else error.reasons
