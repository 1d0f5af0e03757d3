"""The endpoint: which addresses a token may be sent to."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from reconciler.errors import UsageError

LABEL, NAME = 63, 253
"""Characters of a part of a name, and of a name (RFC 1035)."""
FORBIDDEN = frozenset('%<>"{}|\\^`')


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the API is: scheme, host, port, and a path if there is one. `/v1` is added to it."""

    url: str
    proxied: bool = True
    """Whether a proxy may be used. Not for `http://localhost`: the proxy would see the token in clear."""

    @property
    def host(self) -> str:
        """Host and port, as messages name them."""
        return urlsplit(self.url).netloc

    def __str__(self) -> str:
        return self.url


def endpoint(text: str, *, insecure_http: bool = False) -> Endpoint:
    """The endpoint that `text` names. Raises `UsageError` for no URL, or one that would expose the token."""
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _unusable(text, "is not a URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise _unusable(text, "is not an http(s) URL with a host")
    if parts.username is not None or parts.password is not None:
        # The text is not repeated: what stands before the @ may be a password.
        msg = "the endpoint: has a user name or password in it, and only the token is sent; remove them"
        raise UsageError(msg)
    wrong = _wrong_name(host)
    if wrong:
        raise _unusable(text, wrong)
    if parts.query or parts.fragment:
        raise _unusable(text, "has a query or fragment")
    plain, local = parts.scheme == "http", is_local(host)
    if plain and not local and not insecure_http:
        msg = f"the endpoint {text}: http:// shows the token to the network; use https://, or --insecure-http"
        raise UsageError(msg)
    url = parts.geturl().rstrip("/")
    return Endpoint(without_version(url), proxied=not (plain and local))


def without_version(url: str) -> str:
    """The address without `/v1` at its end: GitBook's reference writes it, GitBook's own CLI does not."""
    return url.strip().rstrip("/").removesuffix("/v1").rstrip("/")


def _wrong_name(host: str) -> str:
    """What is wrong with the name of a host; empty when nothing is."""
    if any(sign.isspace() or not sign.isprintable() or sign in FORBIDDEN for sign in host):
        return "has a character in its host that no name has"
    labels = host.removesuffix(".").split(".")
    try:
        lengths = [len(label.encode("idna")) if label else 0 for label in labels]
    except UnicodeError:
        return f"has a part in its host that is longer than {LABEL} characters, or that no name may have"
    if 0 in lengths:
        return "has two dots in a row in its host, or one at its start"
    return f"has a host of more than {NAME} characters" if sum(lengths) + len(lengths) - 1 > NAME else ""


def is_local(host: str) -> bool:
    """Whether the host is this machine. Decided by name (RFC 6761) or address, without asking DNS."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unusable(text: str, why: str) -> UsageError:
    return UsageError(f"the endpoint {text!r}: {why}; write one like https://api.gitbook.com")
