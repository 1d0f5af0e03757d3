r"""Characters that JSON writes as two escapes, `\ud83d\ude00`, and YAML as one, `\U0001F600`."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import defaultdict

_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_ESCAPE = re.compile(rf"{_PAIR.pattern}|\\.", re.IGNORECASE | re.DOTALL)
_SHORTER = len(r"\ud83d\ude00") - len(r"\U0001F600")

Columns = dict[int, list[int]]
"""By line, the columns in the joined text at which a pair was joined."""


def joined(text: str) -> tuple[str, Columns]:
    """A JSON text with each pair as one escape of YAML. Other text stays: a backslash may be one there."""
    columns: Columns = defaultdict(list)
    if not text.lstrip().startswith("{") or not _PAIR.search(text) or not _is_json(text):
        return text, columns
    parts: list[str] = []
    for number, line in enumerate(text.split("\n")):
        joined_line, shorter = _line(line)
        parts.append(joined_line)
        if shorter:
            columns[number] = shorter
    return "\n".join(parts), columns


def column_before(columns: Columns, line: int, column: int) -> int:
    """Where a column of the joined text stood before."""
    return column + _SHORTER * bisect_left(columns.get(line, ()), column)


def _line(line: str) -> tuple[str, list[int]]:
    pieces, end, length = [], 0, 0
    at: list[int] = []
    for escape in _ESCAPE.finditer(line):
        if escape[1]:
            pieces += [line[end : escape.start()], f"\\U{_code(escape[1], escape[2]):08X}"]
            length += escape.start() - end
            at.append(length)
            length, end = length + len(pieces[-1]), escape.end()
    return "".join([*pieces, line[end:]]), at


def _code(high: str, low: str) -> int:
    return 0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
