"""Writes docs/operations.md from the table of operations: `python -m scripts.operations_page`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.gitbook.client.tokens import MEANING, takes
from reconciler.gitbook.operations.operation import Repeat
from reconciler.gitbook.operations.table import OPERATIONS

if TYPE_CHECKING:
    from reconciler.gitbook.operations.operation import Operation

PAGE = Path(__file__).resolve().parent.parent / "docs" / "operations.md"
SHORT = {"user": "user", "integration": "integration", "integration-installation": "installation"}
REPEATED = {
    Repeat.FREELY: "yes",
    Repeat.REBUILT: "rebuilt",
    Repeat.NEVER: "if not made",
}
HEAD = """# The API's operations

Made from the program's table `reconciler/gitbook/operations/table.py`, which a test holds to the vendor's
OpenAPI document field by field. `gbsync api OPERATION --help` shows the parameters and the body of each; what
no other command serves has [a recipe](api.md).

- **token**: whose token it takes.
{tokens}
- **repeated**: what the client does when a call fails in a way that may pass. `yes`: it is made again.
  `rebuilt`: a PATCH with a configuration is built again from a fresh read, by `apply`. `if not made`: a POST
  is made again only where it was certainly not made (429, no connection); else it is looked up what became
  of it.
- **command**: what serves its purpose. `gbsync api` reaches every one.
- † is beyond the reference of integrations, in the vendor's public API.

| operation | call | what it does | token | repeated | command |
|---|---|---|---|---|---|
"""


def page() -> str:
    """The page as Markdown."""
    tokens = "\n".join(f"    - *{SHORT[sort]}*: {meaning}." for sort, meaning in MEANING.items())
    return HEAD.format(tokens=tokens) + "".join(map(_row, OPERATIONS.values()))


def _row(operation: Operation) -> str:
    cells = (
        f"`{operation.id}`{' †' if operation.beyond_reference else ''}",
        f"`{operation.method} {operation.path}`",
        operation.summary,
        ", ".join(SHORT[sort] for sort in takes(operation)),
        REPEATED[operation.repeat],
        f"`{operation.command}`",
    )
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
