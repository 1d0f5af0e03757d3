"""Which operations of integrations' own tokens a person's token may use too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.gitbook.operations.table import OPERATIONS

if TYPE_CHECKING:
    from reconciler.gitbook.probe.calls import Calls
    from reconciler.gitbook.probe.own import Own


async def observe(calls: Calls, own: Own, id_: str) -> dict[str, int]:
    """The status that each read answers, by operation. The reference gives them to integrations alone."""
    params = own.installation(id_)
    statuses: dict[str, int] = {}
    for row in OPERATIONS.values():
        if "user" in row.tokens or row.writes:
            continue
        wanted = {param.name for param in row.params if param.in_ == "path"}
        if wanted <= params.keys():
            answer = await calls(row, {name: params[name] for name in wanted})
            statuses[row.id] = answer.status
    return statuses
