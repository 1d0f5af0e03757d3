"""JSON from a file; documents of the API on stdout, masked unless --reveal is given."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from reconciler.cli import output
from reconciler.config.yaml.files import STDIN, STDIN_NAME
from reconciler.errors import UsageError
from reconciler.inputs import read_bytes
from reconciler.resources.secret_names import looks_secret, wrapped

DESCRIBED = frozenset({"configurations"})
"""Keys whose value maps names of configuration keys to schemas, not to values."""

FORMATS = ("json", "yaml")
reveal_option = click.option("--reveal", is_flag=True, help="Print secrets as they are.")


def read_body(path: str) -> Any:
    """The JSON of a file, or of stdin for `-`; a value under a key that looks secret becomes a `Secret`."""
    return guarded(read_json(path))


def read_json(path: str) -> Any:
    """The JSON of a file, or of stdin for `-`. Raises `UsageError`."""
    name = STDIN_NAME if path == STDIN else path
    try:
        text = _stdin() if path == STDIN else read_bytes(path).decode()
        return json.loads(text.removeprefix("\ufeff"))
    except OSError as error:
        msg = f"{name}: cannot be read: {error.strerror or error}; check the path"
    except RecursionError:
        msg = f"{name}: is nested too deeply; flatten it"
    except json.JSONDecodeError as error:
        msg = f"{name}:{error.lineno}:{error.colno}: is not JSON: {error.msg}"
    except UnicodeDecodeError:
        msg = f"{name}: is not UTF-8 text; save it as UTF-8"
    raise UsageError(msg)


def _stdin() -> str:
    """JSON is UTF-8, whatever the machine has set."""
    buffer = getattr(sys.stdin, "buffer", None)
    return sys.stdin.read() if buffer is None else bytes(buffer.read()).decode()


def guarded(value: Any) -> Any:
    """The value, with a `Secret` under each key that looks secret."""
    return wrapped(value, looks_secret)


def masked_document(document: Any, *, reveal: bool) -> Any:
    """The document as it may be shown."""
    from reconciler.render.json import masked  # noqa: PLC0415 - only where something is shown

    return document if reveal else masked(document, looks_secret, DESCRIBED)


def show_document(document: Any, *, form: str = "json", reveal: bool = False, indent: int | None = 2) -> None:
    """The document on stdout."""
    from reconciler.render.json import json_text  # noqa: PLC0415 - only where something is shown
    from reconciler.render.yaml import value_text  # noqa: PLC0415 - only where something is shown

    document = masked_document(document, reveal=reveal)
    if form == "yaml":
        output.emit(value_text(document, quoted=output.needs_ascii()).rstrip("\n"), form)
    else:
        output.emit(json_text(document, indent=indent), form)
