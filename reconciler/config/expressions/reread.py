"""Values read again from their sources: what a saved plan keeps in place of a secret or a file."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.config.expressions.compose import as_text
from reconciler.config.expressions.scope import secret_value
from reconciler.config.expressions.template import pieces
from reconciler.config.yaml.files import STDIN_NAME
from reconciler.config.yaml.findings import Findings
from reconciler.config.yaml.parser import read
from reconciler.diagnostics import dotted
from reconciler.inputs import read_bytes
from reconciler.resources.values import Source

if TYPE_CHECKING:
    from reconciler.config.options import Options
    from reconciler.config.yaml.nodes import Map

Read = Callable[[tuple[str | Source, ...]], Any]


def reread(options: Options) -> Read:
    """A function that reads the parts of a value again. It raises `LookupError` if one is gone."""
    return _Reader(options).read


class _Reader:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._roots: dict[str, Map | None] = {}

    def read(self, parts: tuple[str | Source, ...]) -> Any:
        values = [part if isinstance(part, str) else self._one(part) for part in parts]
        return values[0] if len(values) == 1 else "".join(map(as_text, values))

    def _one(self, source: Source) -> Any:
        match source.kind:
            case "env":
                return _present(self._options.environ.get(source.name), source)
            case "var":
                return _present(self._options.variables.get(source.name), source)
            case "secret":
                return _present(self._secret(source), source)
            case "file":
                return _content(self._bytes(source))
            case _:
                return self._yaml(source)

    def _secret(self, source: Source) -> str | None:
        try:
            return secret_value(source.name, self._options)
        except (OSError, ValueError) as error:
            msg = f"the file of the secret {source.name} cannot be read"
            raise LookupError(msg) from error

    def _bytes(self, source: Source) -> bytes:
        try:
            return read_bytes(source.name)
        except (OSError, ValueError) as error:
            msg = f"{source.name} cannot be read"
            raise LookupError(msg) from error

    def _yaml(self, source: Source) -> Any:
        if source.name == STDIN_NAME:
            msg = "a secret that was read from the standard input cannot be read again"
            raise LookupError(msg)
        if source.name not in self._roots:
            findings = Findings()
            number = findings.enter(source.name, Path(source.name).parent)
            self._roots[source.name] = read(self._bytes(source), file=number, findings=findings)
        return _walk(self._roots[source.name], source)


def _walk(root: Any, source: Source) -> Any:
    value = root
    for index, step in enumerate(source.path):
        if isinstance(value, str) and isinstance(step, int):
            text_pieces = pieces(value)
            value = text_pieces[step] if step < len(text_pieces) else None
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        elif isinstance(value, dict) and step in value:
            value = value[str(step)]
        else:
            msg = f"{source.name} has no {dotted(source.path[: index + 1])} any more"
            raise LookupError(msg)
    if isinstance(value, str) and source.path and not isinstance(source.path[-1], int):
        text_pieces = pieces(value)
        value = text_pieces[0] if len(text_pieces) == 1 and isinstance(text_pieces[0], str) else value
    if isinstance(value, str | int | float):
        return value
    msg = f"{source.name} has something else at {dotted(source.path)} now"
    raise LookupError(msg)


def _present(value: str | None, source: Source) -> str:
    if not value:
        msg = f"{source.kind}.{source.name} is not set"
        raise LookupError(msg)
    return value


def _content(data: bytes) -> str:
    """The text of a file. A file that is not text is an image, which the API takes as base64."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data).decode("ascii")
