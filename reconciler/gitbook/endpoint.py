"""Which addresses a token may be sent to."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from reconciler.errors import UsageError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the API is: scheme, host and port, perhaps a path; `/v1` comes after it."""

    url: str
    proxied: bool = True
    """Whether a proxy may be asked: what goes to this machine in clear is nobody else's to see."""

    def __str__(self) -> str:
        return self.url


def endpoint(text: str, *, insecure_http: bool = False) -> Endpoint:
    """The endpoint that `text` names. Raises `UsageError` where a token would not be safe on its way."""
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _unusable(text, "is not a URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise _unusable(text, "is not an http(s) URL with a host")
    if parts.username is not None or parts.password is not None:
        # The text is not repeated: what stands before the @ may be a password.
        msg = "the endpoint: has a user name or password in it; a token alone is sent"
        raise UsageError(msg)
    if parts.query or parts.fragment:
        raise _unusable(text, "has a query or fragment")
    plain, local = parts.scheme == "http", is_local(host)
    if plain and not local and not insecure_http:
        msg = f"the endpoint {text}: http:// shows the token to the network; use https://, or --insecure-http"
        raise UsageError(msg)
    url = parts.geturl().rstrip("/")
    return Endpoint(without_version(url), proxied=not (plain and local))


def without_version(url: str) -> str:
    """The address less a `/v1` at its end: GitBook's reference has it with, its own CLI without."""
    return url.strip().rstrip("/").removesuffix("/v1").rstrip("/")


def is_local(host: str) -> bool:
    """Whether the host is this machine by its very name (RFC 6761) or address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unusable(text: str, why: str) -> UsageError:
    return UsageError(f"the endpoint {text!r}: {why}; write one like https://api.gitbook.com")
