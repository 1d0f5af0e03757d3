"""The table of GitBook's operations: the client, `gbsync api`, the sandbox and the docs use it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from reconciler.gitbook.operations import bindings, directory, installations, integrations, organization

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.operations.operation import Operation


def table(*rows: Operation) -> Mapping[str, Operation]:
    """Operations by id."""
    return MappingProxyType({row.id: row for row in rows})


OPERATIONS: Mapping[str, Operation] = table(
    *integrations.ROWS, *installations.ROWS, *bindings.ROWS, *organization.ROWS, *directory.ROWS
)


def operation_at(
    method: str, path: str, operations: Mapping[str, Operation] = OPERATIONS
) -> Operation | None:
    """The operation with this method and path template, if there is one."""
    return next((row for row in operations.values() if (row.method, row.path) == (method, path)), None)
