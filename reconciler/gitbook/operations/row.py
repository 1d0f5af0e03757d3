"""How a row of the table is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from reconciler.gitbook.operations import tokens as token_sorts
from reconciler.gitbook.operations.operation import Method, Operation, Param
from reconciler.gitbook.operations.parameters import IN_PATH

if TYPE_CHECKING:
    from pydantic import BaseModel

    from reconciler.gitbook.operations.operation import ResponseSpec


def row(  # noqa: PLR0913 - a row of a table has many columns
    id_: str,
    call: str,
    subject: str,
    reply: ResponseSpec,
    summary: str,
    *params: Param,
    body: type[BaseModel] | None = None,
    tokens: frozenset[str] = token_sorts.ANY,
    command: str = "api",
    beyond_reference: bool = False,
) -> Operation:
    """One operation. `call` is method and path; `params` has the query's parameters.

    Parameters in the path that several operations share are known by their names; `params` may define others.
    """
    method, path = call.split(" ", 1)
    known = {**IN_PATH} | {param.name: param for param in params if param.in_ == "path"}
    in_path = tuple(known[name] for name in re.findall(r"{(\w+)}", path))
    return Operation(
        id=id_,
        method=cast("Method", method),
        path=path,
        subject=subject,
        params=(*in_path, *(param for param in params if param.in_ == "query")),
        body=body,
        reply=reply,
        tokens=tokens,
        summary=summary,
        command=command,
        beyond_reference=beyond_reference,
    )
