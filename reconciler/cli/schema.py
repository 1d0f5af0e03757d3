"""`gbsync schema`: the JSON Schema of the files, for editors."""

from __future__ import annotations

import json

import click

from reconciler.cli import output
from reconciler.cli.complete import FILE
from reconciler.gitbook.kinds import KINDS


@click.command("schema")
@click.option("--out", metavar="FILE", type=FILE, default="-", help="Write it there  [default: stdout]")
def command(*, out: str) -> None:
    """Print the JSON Schema of the files.

    An editor with a YAML language server completes and checks a file whose first line names it:
    `# yaml-language-server: $schema=gbsync.schema.json`
    """
    from reconciler.config.schema import json_schema  # noqa: PLC0415 - only where it is printed

    output.write(out, json.dumps(json_schema(KINDS), indent=2, ensure_ascii=False), "json")
