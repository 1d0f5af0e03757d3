"""The findings of `gbsync probe`, as settings of the sandbox's switches."""

from __future__ import annotations

import json
from typing import Any

from reconciler.errors import UsageError
from reconciler.sandbox.behaviour import NAMES

FORMAT = 1


def settings_of(content: bytes, name: str) -> tuple[list[str], list[str]]:
    """`key=value` of each switch that the findings give a value, and switches that this gbsync lacks.

    Raises `UsageError` for what are no findings.
    """
    switches = _switches(content, name)
    values = {key: item["value"] for key, item in switches.items() if item["value"] is not None}
    known = [f"{key}={value}" for key, value in values.items() if key in NAMES]
    return known, sorted(values.keys() - {*NAMES})


def _switches(content: bytes, name: str) -> dict[str, Any]:
    how = "write them with `gbsync probe --json FILE`"
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        msg = f"{name}: is not JSON; {how}"
        raise UsageError(msg) from None
    match document:
        case {"format": 1, "switches": dict(switches)} if all(map(_is_finding, switches.values())):
            return switches
        case {"format": int(number), "switches": _} if number > FORMAT:
            msg = f"{name}: was written by a newer gbsync (format {number}); upgrade gbsync"
            raise UsageError(msg)
    msg = f"{name}: has no findings of the API; {how}"
    raise UsageError(msg)


def _is_finding(item: Any) -> bool:
    if not isinstance(item, dict) or "value" not in item:
        return False
    value = item["value"]
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))
