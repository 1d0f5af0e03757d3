"""The page of operations is what the table says, and the command that each row names does exist."""

from __future__ import annotations

import pytest

from reconciler.cli import COMMANDS
from reconciler.gitbook.operations.table import OPERATIONS
from scripts.operations_page import PAGE, page


def test_the_page_of_operations_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m scripts.operations_page"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_has_its_row(operation: str) -> None:
    assert page().count(f"\n| `{operation}`") == 1


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_the_command_of_a_row_exists(operation: object) -> None:
    assert operation.command in COMMANDS  # type: ignore[attr-defined] # a row of the table
