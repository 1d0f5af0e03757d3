"""What a token must be allowed to do for a plan: listed, and asked for before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.errors import AccessError, ApiError
from reconciler.gitbook.client.tokens import MEANING, OAUTH_SCOPES, SORTS, VARIABLE
from reconciler.gitbook.kinds.table import KINDS
from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.plan.permissions import needed_operations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.gitbook.client.client import Client
    from reconciler.plan.step import Plan

WHO_AM_I = "getAuthenticatedUser"


def permission_lines(plan: Plan) -> Iterator[str]:
    """The operations that carrying out the plan may call, each with its call and the number of its steps."""
    needed = needed_operations(plan, KINDS)
    if not needed:
        yield "Permissions: nothing to send, so none are needed."
        return
    yield f"Permissions: apply may call these {len(needed)} operations, with {MEANING['user']}."
    width = max(map(len, needed))
    for name in sorted(needed, key=lambda name: (not OPERATIONS[name].writes, list(OPERATIONS).index(name))):
        row, number = OPERATIONS[name], len(needed[name])
        steps = f"{number} step{'s' if number > 1 else ''}"
        yield f"  {name:{width}}  {row.method:6} {row.path}  {steps}"
    barred = sorted(name for name in needed if name not in OAUTH_SCOPES)
    if barred:
        yield f"The session of an application (OAuth) may not call {', '.join(barred)}."


async def preflight(client: Client, plan: Plan) -> None:
    """Raises `AccessError` before anything is sent if the token is no person's, and its form did not show it.

    One request asks whose token it is. A personal access token shows by its form what it is, and costs none.
    """
    writes = [name for name in needed_operations(plan, KINDS) if OPERATIONS[name].writes]
    if not writes or client.token_sorts != frozenset(SORTS):
        return
    try:
        await client.call(WHO_AM_I, {})
    except AccessError as error:
        msg = (
            f"{VARIABLE} belongs to no user, or to an application without the scope user:read ({error}); "
            f"the plan needs {', '.join(writes)}, which take {MEANING['user']}; nothing was sent"
        )
        raise AccessError(msg) from None
    except ApiError:
        return  # what stands between us and GitBook may not know the operation: the plan itself will show
