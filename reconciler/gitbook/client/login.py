"""The login of GitBook's own command line, for people who have logged in with it already."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.inputs import read_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = "config.json"


def stored_login(path: Path | None = None) -> dict[str, str]:
    """Its `token` and the `endpoint` that the token is for; empty when nobody has logged in."""
    try:
        document = json.loads(read_bytes(path or login_file()))
    except (OSError, ValueError, RecursionError):
        return {}
    for login in _logins(document):
        token, endpoint = login.get("token"), login.get("endpoint")
        if isinstance(token, str) and token.strip():
            stored = {"token": token.strip()}
            return {**stored, "endpoint": endpoint} if isinstance(endpoint, str) and endpoint else stored
    return {}


def login_file() -> Path:
    """The file in which that command line stores its login on this system."""
    home = Path.home()
    match sys.platform:
        case "darwin":
            folder = home / "Library" / "Preferences" / "gitbook-nodejs"
        case "win32":
            folder = home / "AppData" / "Roaming" / "gitbook-nodejs" / "Config"
        case _:
            folder = Path(os.path.expandvars("$XDG_CONFIG_HOME/gitbook-nodejs"))
            if not folder.is_absolute():
                folder = home / ".config" / "gitbook-nodejs"
    return folder / _FILE


def _logins(document: Any) -> list[Mapping[str, Any]]:
    """The login of the default environment, then the one that earlier versions stored at the top."""
    top = document if isinstance(document, dict) else {}
    environments = top.get("envs")
    default = environments.get("default") if isinstance(environments, dict) else None
    return [login for login in (default, top) if isinstance(login, dict)]
