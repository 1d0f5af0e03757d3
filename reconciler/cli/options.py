"""The options that commands share, for commands that read files, that connect, or both."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.complete import FILE
from reconciler.cli.request_log import LEVELS
from reconciler.cli.seconds import Seconds
from reconciler.cli.session import Session, SessionSettings
from reconciler.cli.write_counter import WriteCounter

if TYPE_CHECKING:
    from collections.abc import Callable


_READING: tuple[Callable[[Any], Any], ...] = (
    click.argument("paths", nargs=-1, type=FILE),
    click.option(
        "--var", "variables", multiple=True, metavar="NAME=VALUE", help="Set a variable of the files."
    ),
    click.option(
        "--var-file", "var_files", multiple=True, metavar="FILE", type=FILE, help="YAML mapping of variables."
    ),
)


_LOCK: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--lock",
        metavar="LOCK",
        type=FILE,
        help="The lock: a file, git:REMOTE/BRANCH, or s3://BUCKET/KEY (gs, az)  "
        "[default: gbsync.lock in the first path's folder]",
    ),
    click.option(
        "--lock-timeout",
        type=Seconds(min=0),
        default=0.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait if another run is applying with the same lock.",
    ),
)


_ORGANIZATION = click.option(
    "--organization",
    envvar=["GBSYNC_ORGANIZATION", "GITBOOK_ORGANIZATION"],
    help="The organization's id, if the files do not name one.",
)


_COLOR = click.option("--color/--no-color", default=None, help="Colour  [default: on a terminal]")


_CONNECTION: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--sandbox",
        metavar="[=FILE]",
        type=FILE,
        help="Run on the sandbox, without a network; FILE keeps its state and lock.",
    ),
    click.option(
        "--endpoint", envvar=["GBSYNC_ENDPOINT", "GITBOOK_ENDPOINT"], help="The address of the API."
    ),
    _ORGANIZATION,
    click.option(
        "--timeout",
        type=Seconds(min=0, min_open=True),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="Limit of one call with its retries; waits for the rate limit do not count.",
    ),
    click.option(
        "--max-wait",
        type=Seconds(min=0, min_open=True),
        default=600.0,
        show_default=True,
        metavar="SECONDS",
        help="Give up a step if the rate limit lets nothing of it through for so long.",
    ),
    click.option("--insecure-http", is_flag=True, help="Allow http:// to a host that is not this machine."),
    click.option(
        "--log",
        type=click.Choice(LEVELS),
        default="warning",
        show_default=True,
        help="What to show on stderr; debug: each request.",
    ),
    _COLOR,
)


expand_option = click.option(
    "--expand", is_flag=True, help="Show every change by itself, and every list whole."
)
"""For commands that show changes which several resources share as one."""


def session_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that commands share; the command gets a `Session` as its first argument."""
    return _with_session(command, (*_READING, *_LOCK, *_CONNECTION))


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """As `session_options`, for a command that only reads files."""
    return _with_session(command, (*_READING, _ORGANIZATION, _COLOR))


def connection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """As `session_options`, for a command that reads no files."""
    return _with_session(command, _CONNECTION)


def _with_session(
    command: Callable[..., Any], options: tuple[Callable[[Any], Any], ...]
) -> Callable[..., Any]:
    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        paths = given.pop("paths", ()) or (".",)
        shared = {name: given.pop(name) for name in shared_names() if name in given}
        sent = click.get_current_context().find_object(WriteCounter) or WriteCounter()
        return command(Session(SessionSettings(paths=tuple(paths), **shared), sent=sent), **given)

    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def shared_names() -> tuple[str, ...]:
    """The options that commands share, by the names of `SessionSettings`."""
    return tuple(name for name in SessionSettings.__dataclass_fields__ if name != "paths")
