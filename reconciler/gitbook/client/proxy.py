"""The proxy that the environment names for an endpoint, as curl reads it: HTTPS_PROXY, ALL_PROXY, NO_PROXY.

A proxy's address may hold a password, and in one that is written wrongly the password may stand anywhere. So
no message repeats an address that cannot be read, and none shows the user name or password of one that can.
"""

from __future__ import annotations

import base64
import ipaddress
import platform
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from reconciler.errors import UsageError
from reconciler.gitbook.client.endpoint import NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

PORTS = {"http": 80, "https": 443}
EXAMPLE = "http://proxy.example:8080"
SYSTEM = "the system's proxy settings"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that connections go through."""

    variable: str
    """The variable that names it, for messages."""
    url: str
    """Scheme, host and port."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Headers that only the proxy gets: our user name and password for it."""

    def is_at(self, host: str, port: int | None) -> bool:
        """Whether this host and port are the proxy's."""
        parts = urlsplit(self.url)
        return (parts.hostname, parts.port) == (host.lower(), port)

    def __str__(self) -> str:
        return f"the proxy {self.url} of {self.variable}"


def proxy_for(url: str, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy for an endpoint, if there is one. Raises `UsageError` when it cannot be used."""
    parts = urlsplit(url)
    variable, text = _named(parts.scheme, environ)
    if not text:
        return _of_the_system(parts)
    if _is_exempt(parts, _either("no_proxy", environ)[1]):
        return None
    return _parsed(variable, text)


def _named(scheme: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """The variable that names the proxy, and its value."""
    for name in (f"{scheme}_proxy", "all_proxy"):
        variable, text = _either(name, environ)
        # In a CGI script the visitor's header `Proxy:` becomes HTTP_PROXY ("httpoxy"), so curl ignores it
        # there.
        if text and not (variable == "HTTP_PROXY" and "REQUEST_METHOD" in environ):
            return variable, text
    return "", ""


def _either(name: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """A variable in lower case wins over the same in upper case, as it does for curl."""
    variable = name if name in environ else name.upper()
    return variable, environ.get(variable, "").strip()


def _of_the_system(parts: SplitResult) -> Proxy | None:
    """The proxy of the settings of macOS or Windows, which no variable shows."""
    if platform.system() not in ("Darwin", "Windows"):
        return None
    text = urllib.request.getproxies().get(parts.scheme, "")
    if not text or urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    return _parsed(SYSTEM, text)


def _parsed(variable: str, text: str) -> Proxy:
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _unusable(variable, "is no address with a host and a port from 1 to 65535") from None
    if parts.scheme.startswith("socks"):
        raise _unusable(variable, "names a SOCKS proxy, which gbsync does not speak to; name an HTTP proxy")
    if parts.scheme not in PORTS:
        raise _unusable(variable, "is no http:// or https:// address")
    if not host or port == 0 or not _is_name(host):
        raise _unusable(variable, "is no address with a host and a port from 1 to 65535")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        # Not "is no address": with a / in the password, half of the password was taken for the host.
        raise _unusable(
            variable, "has more after its host and port; in a password, write / ? # as %2F %3F %23"
        )
    bracketed = f"[{host}]" if ":" in host else host
    return Proxy(variable, f"{parts.scheme}://{bracketed}:{port or PORTS[parts.scheme]}", _headers(parts))


def _is_name(host: str) -> bool:
    """Whether it can be a host's name or address at all."""
    try:
        return len(host.encode("idna")) <= NAME and not any(
            sign.isspace() or sign in "%<>\\" for sign in host
        )
    except UnicodeError:
        return False


def _headers(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _unusable(variable: str, why: str) -> UsageError:
    return UsageError(f"{variable}: {why}; write it like {EXAMPLE}, or unset it")


def _is_exempt(parts: SplitResult, text: str) -> bool:
    """Whether NO_PROXY lists the endpoint: by name, suffix, address, network or `*`, perhaps with a port."""
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or PORTS[parts.scheme]
    return any(_covers(entry, host, port) for entry in text.replace(",", " ").split())


def _covers(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    name, number = _host_and_port(entry)
    if number and number != str(port):
        return False
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(name, strict=False)
    except ValueError:
        suffix = name.removeprefix("*").strip(".").lower()
        return bool(suffix) and (host == suffix or host.endswith(f".{suffix}"))


def _host_and_port(entry: str) -> tuple[str, str]:
    """The host of an entry, and its port or an empty text: `[::1]:443`, `::1`, `api.example:443`."""
    if entry.startswith("["):
        host, _, rest = entry[1:].partition("]")
        return (host + rest, "") if rest.startswith("/") else (host, rest.removeprefix(":"))
    return (entry, "") if entry.count(":") != 1 else tuple(entry.split(":"))  # type: ignore[return-value]
