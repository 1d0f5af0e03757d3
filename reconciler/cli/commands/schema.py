"""`gbsync schema`: the JSON Schema of the files, for editors."""

from __future__ import annotations

import json

import click

from reconciler.cli import output
from reconciler.cli.complete import FILE
from reconciler.cli.helptext import Sections
from reconciler.gitbook.kinds.table import KINDS


@click.command(
    "schema",
    cls=Sections,
    examples={
        "gbsync schema --out gbsync.schema.json": "Write it where an editor finds it.",
        "gbsync schema > gbsync.schema.json": "The same by the shell.",
    },
)
@click.option("--out", metavar="FILE", type=FILE, default="-", help="Write it to FILE  [default: stdout]")
def command(*, out: str) -> None:
    """Print the JSON Schema of the files.

    `# yaml-language-server: $schema=gbsync.schema.json` as the first line of a file lets an editor with a
    YAML language server complete and check it; `init` and `export` write a line that works anywhere.
    """
    from reconciler.config.format.schema import json_schema  # noqa: PLC0415 - only where it is printed

    output.write(out, json.dumps(json_schema(KINDS), indent=2, ensure_ascii=False), "json")
