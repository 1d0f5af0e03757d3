"""What a failed request means: whether it was sent, whether to try again, and in words what to look at.

Nothing is decided on an error's text, which changes with versions. The exception's class, errno and OpenSSL's
codes say why there is no connection.
"""

from __future__ import annotations

import errno
import socket
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import aiohttp

from reconciler.gitbook.client.response import TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.gitbook.client.proxy import Proxy

EXPIRED, NOT_YET = 10, 9
SELF_SIGNED = 18
UNKNOWN_CA = (2, 19, 20, 21)
OTHER_NAME = (62, 64)
"""OpenSSL's codes for what is wrong with a certificate (X509_V_ERR_...)."""
NOT_TLS = frozenset(
    {
        "WRONG_VERSION_NUMBER",
        "PACKET_LENGTH_TOO_LONG",
        "RECORD_LAYER_FAILURE",
        "HTTP_REQUEST",
        "UNKNOWN_PROTOCOL",
    }
)
"""OpenSSL's reasons when the other side does not answer with TLS."""
LATER = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
"""The statuses with which a proxy says that it cannot reach the host now."""
UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})

E = TypeVar("E", bound=Exception)


def lost(failure: Exception, *, sent: bool, host: str, proxy: Proxy | None) -> TransientError:
    """What the failure of a request to `host` means."""
    if isinstance(failure, aiohttp.InvalidURL):
        return TransientError("its parameters make no usable URL", certain=True, final=True)
    if sent:
        # Not `certain`: whatever broke, the server may have read the request before.
        slow = isinstance(failure, TimeoutError)
        return TransientError("no answer in time" if slow else "the connection broke")
    if isinstance(failure, aiohttp.ClientHttpProxyError) and proxy:
        return _refused_by(proxy, failure.status, host)
    certificate = _first(failure, ssl.SSLCertVerificationError)
    if certificate is not None:
        whose = _whose(failure, host, proxy)
        return TransientError(f"{whose}: {_distrust(certificate)}", certain=True, final=True)
    if proxy and _is_at(failure, proxy):
        return _no_proxy(failure, proxy)
    return _no_connection(failure, host, proxy)


def refused_by_proxy(status: int, proxy: Proxy | None, host: str) -> TransientError | None:
    """The failure that a 407 is: only a proxy sends that, never the host behind it."""
    if proxy is None or status != HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return None
    return _refused_by(proxy, status, host)


def _refused_by(proxy: Proxy, status: int, host: str) -> TransientError:
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        what = "user name and password"
        does = f"does not take the {what} given" if proxy.headers else f"asks for a {what}"
        how = "write http://USER:PASSWORD@HOST:PORT, with @ : / in them as %40 %3A %2F"
        reason = f"{proxy} {does} (HTTP 407); {how}"
        return TransientError(reason, status=status, certain=True, final=True)
    reason = f"{proxy} does not connect to {host} (HTTP {status}); look at {proxy.variable} and NO_PROXY"
    return TransientError(reason, status=status, certain=True, final=status not in LATER)


def _whose(failure: Exception, host: str, proxy: Proxy | None) -> str:
    """Whose certificate it is: an https:// proxy has one of its own."""
    return f"{proxy}" if proxy and _is_at(failure, proxy) else host


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    code = error.verify_code
    if code == EXPIRED:
        return "its certificate has expired; whoever runs it has to renew it (is this machine's clock right?)"
    if code == NOT_YET:
        return "its certificate is not valid yet; is this machine's clock right?"
    if code == SELF_SIGNED:
        return "its certificate is self-signed; where you trust it, name its file in SSL_CERT_FILE"
    if code in OTHER_NAME:
        return (
            "its certificate is for another host; look at the name in --endpoint, or who answers in its place"
        )
    if code in UNKNOWN_CA:
        return (
            "its certificate is from an authority that this machine does not know; "
            "where it is a company's own, name its certificate in SSL_CERT_FILE"
        )
    return (
        f"its certificate is not trusted (OpenSSL's code {code}); "
        "where it is a company's own, name it in SSL_CERT_FILE"
    )


def _is_at(failure: Exception, proxy: Proxy) -> bool:
    """Whether it happened on the way to the proxy or in talking to it, and not behind the proxy."""
    if isinstance(failure, aiohttp.ClientProxyConnectionError):
        return True
    if isinstance(failure, aiohttp.ClientConnectorError):
        return proxy.is_at(failure.host, failure.port)
    return not isinstance(failure, TimeoutError) and _first(failure, ssl.SSLError) is None


def _no_proxy(failure: Exception, proxy: Proxy) -> TransientError:
    tls = _first(failure, ssl.SSLError)
    if tls is not None and tls.reason in NOT_TLS:
        reason = (
            f"no connection through {proxy}: it does not answer with TLS; write it with http:// for https://"
        )
        return TransientError(reason, certain=True, final=True)
    where = _where(failure) or ", which gives no usable answer"
    reason = f"no connection through {proxy}{where}; look at {proxy.variable}"
    # A proxy is a setting of this machine: where its port is closed, the address is usually an old one. A
    # server that refuses a connection is more often one that is being restarted, so that is waited for.
    absent = _is_unknown_name(failure) or _first(failure, ConnectionRefusedError) is not None
    return TransientError(reason, certain=True, misconfigured=absent)


def _no_connection(failure: Exception, host: str, proxy: Proxy | None) -> TransientError:
    through = f" through {proxy}" if proxy else ""
    look = (
        f"--endpoint and {proxy.variable}" if proxy else "the network and at --endpoint or GITBOOK_ENDPOINT"
    )
    tls = _first(failure, ssl.SSLError)
    code = (tls.reason if tls is not None else "") or ""
    if code in NOT_TLS:
        reason = (
            f"no connection to {host}{through}: it does not answer with TLS; is its port one for http://?"
        )
        return TransientError(reason, certain=True, final=True)
    if tls is not None:
        why = code.replace("_", " ").lower() or "it hung up"
        reason = f"no connection to {host}{through}: TLS could not be set up ({why}); look at {look}"
        return TransientError(reason, certain=True)
    if isinstance(failure, TimeoutError):
        return TransientError(f"no connection to {host}{through} in time; look at {look}", certain=True)
    reason = f"no connection to {host}{through}{_where(failure)}; look at {look}"
    return TransientError(reason, certain=True, misconfigured=_is_unknown_name(failure))


def _is_unknown_name(failure: Exception) -> bool:
    return _first(failure, socket.gaierror) is not None


def _where(failure: Exception) -> str:
    if _is_unknown_name(failure):
        return ", a name that nobody knows here"
    if _first(failure, ConnectionRefusedError) is not None:
        return ", where nobody listens"
    if any(isinstance(cause, OSError) and cause.errno in UNREACHABLE for cause in _causes(failure)):
        return ", to which there is no way from here"
    if any(
        isinstance(cause, ConnectionError | aiohttp.ServerDisconnectedError) for cause in _causes(failure)
    ):
        return ", which hung up"
    return ""


def _first(failure: Exception, kind: type[E]) -> E | None:
    """The first error of this kind that is the system's or OpenSSL's own.

    aiohttp's errors are of the same classes, and lack errno and OpenSSL's codes.
    """
    original = (cause for cause in _causes(failure) if not isinstance(cause, aiohttp.ClientError))
    return next((cause for cause in original if isinstance(cause, kind)), None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and its causes. aiohttp keeps the system's error in `os_error`, not in `__cause__`."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        under = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
        if under is not None:
            yield from (cause for cause in _causes(under) if id(cause) not in seen)
        error = error.__cause__ or error.__context__
