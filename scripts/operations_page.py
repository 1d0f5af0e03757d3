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

This page is generated from the table `reconciler/gitbook/operations/table.py`; a test compares it with the
vendor's OpenAPI document field by field. `gbsync api OPERATION --help` shows the parameters and the body of
each operation. [Calling the API](api.md) has examples.

- **token**: which token it takes.
{tokens}
- **repeated**: what happens if a call fails and may succeed later. `yes`: it is sent again. `rebuilt`:
  `apply` reads the object again, builds the PATCH from it and sends that. `if not made`: a POST is sent again
  only if it certainly had no effect (429, no connection); otherwise gbsync checks whether it took effect.
- **command**: the command that uses it. `gbsync api` calls every operation.
- †: not in the reference of integrations, but in the vendor's public API.

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
