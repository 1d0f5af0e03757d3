"""Which operations of integrations' own tokens a person's token may use too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.gitbook.operations.table import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.probe.calls import Calls
    from reconciler.gitbook.probe.own import Own

WRITES: Mapping[str, Any] = {"createIntegrationInstallationToken": None, "queueIntegrationTask": {"task": {}}}
"""Writes that are tried too, with their bodies: a token that nobody keeps, and work that is none."""


async def observe(calls: Calls, own: Own, id_: str) -> dict[str, int]:
    """The status that each answers, by operation. The reference gives them to integrations alone."""
    params = own.installation(id_)
    statuses: dict[str, int] = {}
    for row in OPERATIONS.values():
        wanted = {param.name for param in row.params if param.in_ == "path"}
        is_tried = wanted <= params.keys() and (not row.writes or row.id in WRITES)
        if is_tried and "user" not in row.tokens:
            answer = await calls(row, {name: params[name] for name in wanted}, WRITES.get(row.id))
            statuses[row.id] = answer.status
    return statuses
