"""The certificates that are trusted: the operating system's, and those of SSL_CERT_FILE and SSL_CERT_DIR."""

from __future__ import annotations

import os
import platform
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import certifi

from reconciler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE, FOLDER, KEYS = "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""The files of Debian, Fedora, older Red Hats, SUSE and Alpine. certifi's file is used when there is none."""


def trusted(environ: Mapping[str, str]) -> ssl.SSLContext:
    """The context of every TLS connection. Raises `UsageError` that names an unusable variable."""
    context = _of_the_system()
    context.set_alpn_protocols(["http/1.1"])
    if file := environ.get(FILE):
        _load(context, file)
    if folder := environ.get(FOLDER):
        _look_into(context, folder)
    _log_keys(context, environ)
    return context


def untrusting(environ: Mapping[str, str]) -> ssl.SSLContext:
    """A context for `http://`, which trusts nobody. A wrong SSLKEYLOGFILE is an error here as well."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _log_keys(context, environ)
    return context


def _of_the_system() -> ssl.SSLContext:
    """A context with the system's certificates.

    On macOS and Windows the system itself verifies: truststore asks it to. Elsewhere certificates are files,
    and truststore would read them again for each connection, which takes a tenth of a second.
    """
    if platform.system() in ("Darwin", "Windows"):
        import truststore  # noqa: PLC0415 - only where it is used

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    file, folder = _files()
    context.load_verify_locations(file, folder)
    return context


def _files() -> tuple[Path | None, Path | None]:
    """The file and the folder of the system's certificates; certifi's file when it has none.

    Not `set_default_verify_paths`: with it SSL_CERT_FILE would replace the system's certificates, here it
    adds to them.
    """
    paths = ssl.get_default_verify_paths()
    file, folder = Path(paths.openssl_cafile), Path(paths.openssl_capath)
    hashed = folder if folder.is_dir() and any(folder.glob("*.0")) else None
    if not file.is_file() and hashed is None:
        # This Python's OpenSSL was built for another system, or the system has none.
        file = next((bundle for bundle in map(Path, BUNDLES) if bundle.is_file()), Path(certifi.where()))
    return file if file.is_file() else None, hashed


def _load(context: ssl.SSLContext, file: str) -> None:
    if Path(file).is_dir():
        msg = f"{FILE}: {file} is a folder; name a file of certificates in PEM, or the folder in {FOLDER}"
        raise UsageError(msg)
    try:
        context.load_verify_locations(file)
    except ssl.SSLError:
        msg = f"{FILE}: {file} has no certificate in PEM; name a file that has, or unset it"
    except OSError as error:
        msg = f"{FILE}: {file}: {error.strerror or error}; name a file that can be read, or unset it"
    else:
        return
    raise UsageError(msg)


def _look_into(context: ssl.SSLContext, folder: str) -> None:
    """Adds the folders. OpenSSL reads them only when it verifies, so it would not report a wrong name."""
    for name in folder.split(os.pathsep):
        if not Path(name).is_dir():
            msg = f"{FOLDER}: {name} is no folder; name one of certificates by their hash, or unset it"
            raise UsageError(msg)
        context.load_verify_locations(capath=name)


def _log_keys(context: ssl.SSLContext, environ: Mapping[str, str]) -> None:
    """Has the keys of connections written to SSLKEYLOGFILE. Raises `UsageError` when it cannot be written."""
    file = environ.get(KEYS)
    if not file:
        return
    try:
        context.keylog_filename = file
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        msg = f"{KEYS}: {file}: {why}; name a file that can be written, or unset it"
    else:
        return
    raise UsageError(msg)
