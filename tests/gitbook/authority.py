"""Certificates for servers on this machine: good ones, and those with one thing wrong."""

from __future__ import annotations

import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path


class Authority:
    """A certificate authority that only a test trusts; `file` is for SSL_CERT_FILE."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self._good: trustme.LeafCert | None = None
        self.file = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(self.file)

    def hashed(self, folder: Path) -> Path:
        """A folder with the authority's certificate, under the name by which OpenSSL finds it there."""
        folder.mkdir()
        asked = ["openssl", "x509", "-hash", "-noout", "-in", str(self.file)]
        name = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
        (folder / f"{name}.0").write_bytes(self.file.read_bytes())
        return folder

    def good(self) -> ssl.SSLContext:
        if self._good is None:
            self._good = self._authority.issue_cert("localhost", "127.0.0.1")
        return self._context(self._good)

    def for_another_host(self) -> ssl.SSLContext:
        return self._context(self._authority.issue_cert("elsewhere.example"))

    def expired(self) -> ssl.SSLContext:
        now = datetime.now(UTC)
        return self._between(now - timedelta(days=60), now - timedelta(days=30))

    def not_yet_valid(self) -> ssl.SSLContext:
        now = datetime.now(UTC)
        return self._between(now + timedelta(days=30), now + timedelta(days=60))

    def _between(self, begin: datetime, end: datetime) -> ssl.SSLContext:
        return self._context(self._authority.issue_cert("localhost", not_before=begin, not_after=end))

    def self_signed(self, folder: Path) -> ssl.SSLContext:
        """A certificate that is its own authority, and that nobody was told of."""
        alone, path = trustme.CA(), folder / "alone.pem"
        path.write_bytes(alone.private_key_pem.bytes() + alone.cert_pem.bytes())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _context(self, issued: trustme.LeafCert) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(context)
        return context
