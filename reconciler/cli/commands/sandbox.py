"""`gbsync sandbox`: serve the stand-in for GitBook's API on a port of this machine."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click

from reconciler.cli.complete import FILE
from reconciler.cli.helptext import Sections
from reconciler.cli.seconds import Seconds
from reconciler.errors import UsageError
from reconciler.inputs import read_bytes
from reconciler.sandbox import ORGANIZATION, Behaviour, Fault, Faults, Sandbox, Store, world
from reconciler.sandbox.behaviour import NAMES
from reconciler.sandbox.like import settings_of

WORLDS = {"default": world.default, "empty": world.empty, "large": world.large}
STARTED = """\
# The sandbox serves {what}; Ctrl-C ends it.
export GITBOOK_ENDPOINT={url}
export GITBOOK_TOKEN={token}
export GITBOOK_ORGANIZATION={organization}
# An integration's own token is {integration}NAME"""


def _switches() -> str:
    hints = get_type_hints(Behaviour)
    lines = []
    for name in NAMES:
        choices = "|".join(map(str, get_args(hints[name]))) or "NUMBER"
        lines.append(f"  {name}={choices}  [{getattr(Behaviour(), name)}]")
    return "\n".join(lines)


EPILOG = f"""\b
Faults, as KIND=RATE (a share of the requests), all=RATE or KIND@NUMBER (exactly that request):
  {", ".join(list(Fault)[:10])},
  {", ".join(list(Fault)[10:])}

\b
Behaviour, with its default; docs/sandbox.md says what each switch does:
{_switches()}
"""


@click.command(
    "sandbox",
    cls=Sections,
    epilog=EPILOG,
    examples={
        "gbsync sandbox": "Serve an organization on a free port.",
        "gbsync sandbox --port 8080 --file acme.json --fault 429-seconds=0.1": "Answer 429 at times.",
    },
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="The port to listen on  [default: a free port]"
)
@click.option(
    "--file", metavar="FILE", type=FILE, help="Keep the state in FILE; if it exists, start with it."
)
@click.option("--world", "start", type=click.Choice(list(WORLDS)), default="default", show_default=True,
              help="The organization to start with, if FILE does not exist.")  # fmt: skip
@click.option("--fault", "faults", multiple=True, metavar="KIND=RATE", help="Make requests fail; see below.")
@click.option("--behaviour", multiple=True, metavar="KEY=VALUE", help="How the sandbox behaves; see below.")
@click.option("--like", metavar="FILE", type=FILE,
              help="Behave as `gbsync probe --json FILE` found the API to behave.")  # fmt: skip
@click.option("--latency", type=Seconds(min=0), metavar="MS", help="Delay each reply.")
@click.option("--rate-limit", type=click.IntRange(min=0), metavar="N",
              help="Allow so many requests per second, then answer 429.")  # fmt: skip
@click.option("--rate-burst", type=click.IntRange(min=0), metavar="N",
              help="Make the rate limit a bucket that holds so many requests.")  # fmt: skip
@click.option("--rate-at-once", type=click.IntRange(min=0), metavar="N",
              help="Allow so many requests at the same time, then answer 429.")  # fmt: skip
@click.option("--rate-told", type=click.Choice(get_args(get_type_hints(Behaviour)["rate_told"])),
              help="What replies say about the limit.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Decides which requests fail.")
def command(
    *,
    port: int,
    file: str | None,
    start: str,
    faults: tuple[str, ...],
    behaviour: tuple[str, ...],
    like: str | None,
    latency: float | None,
    seed: int,
    **limits: Any,
) -> None:
    """Serve a stand-in for GitBook's API, on this machine only.

    It prints the variables with which gbsync, or another program, uses it. Its token works nowhere else.
    """
    from reconciler.sandbox.server import serve  # noqa: PLC0415 - the server only where it serves

    switches = Behaviour.parse([*(_like(like) if like else ()), *behaviour])
    if latency is not None:
        switches = replace(switches, latency=latency / 1000)
    switches = replace(switches, **{name: value for name, value in limits.items() if value is not None})
    path = Path(file) if file else None
    if path and not os.access(path.parent, os.W_OK):
        msg = f"{file}: cannot be written; name another file for the sandbox's state"
        raise UsageError(msg)
    store = Store.load(path) if path and os.path.lexists(path) else WORLDS[start]()
    sandbox = Sandbox(store, behaviour=switches, faults=Faults.parse(faults, seed=seed))

    def started(url: str) -> None:
        what = f"the state in {file}" if file else f"the {start} world, in memory"
        values = {
            "token": sandbox.token,
            "organization": ORGANIZATION,
            "integration": world.INTEGRATION_TOKEN,
        }
        click.echo(STARTED.format(what=what, url=url, **values))

    with suppress(KeyboardInterrupt):
        serve(sandbox, port=port, file=path, started=started)


def _like(path: str) -> list[str]:
    """The settings that the findings in a file stand for."""
    try:
        settings, lacking = settings_of(read_bytes(path), path)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}; check the path"
        raise UsageError(msg) from None
    try:
        Behaviour.parse(settings)
    except UsageError as error:
        msg = f"{path}: {error}"
        raise UsageError(msg) from None
    if lacking:
        click.echo(f"{path}: this gbsync's sandbox has no {', '.join(lacking)}", err=True)
    return settings
