"""`s3://`, `gs://` and `az://`: the lock as an object, replaced only if it is still what was read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reconciler.errors import LockError, UsageError
from reconciler.lock.stores.documents import Moved, Stored, Unanswered

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMES = ("s3", "gs", "az")
TIMEOUT = timedelta(seconds=30)
QUERY = re.compile(r"\?[^\s)]*")
"""The query of an address in an error: on Azure it may be the credential."""
INSTALL = (
    "it needs obstore; install it with `pip install 'gbsync[remote]'`, or keep the lock in a file or git"
)


@dataclass(slots=True)
class Bucket:
    """A `DocumentStore` in a bucket. The credentials come from where obstore finds them, as the SDKs do."""

    name: str
    """As --lock names it: `s3://BUCKET/KEY`."""
    key: str
    store: Any = field(repr=False)

    @classmethod
    def of(cls, name: str, environ: Mapping[str, str]) -> Bucket:
        """The store of an address. Raises `UsageError` if obstore is not there or refuses the address."""
        parts = urlsplit(name)
        try:
            from obstore.store import from_url  # noqa: PLC0415 - of an extra
        except ImportError:
            msg = f"{name}: {INSTALL}"
            raise UsageError(msg) from None
        options: Any = {"timeout": TIMEOUT, "allow_http": _allows_http(environ)}
        # We send again ourselves: obstore would take the refusal of its second try for the answer.
        retries: Any = {"max_retries": 0, "retry_timeout": TIMEOUT}
        try:
            store = from_url(f"{parts.scheme}://{parts.netloc}", client_options=options, retry_config=retries)
        except Exception as error:  # noqa: BLE001 - obstore has an error for each cause
            msg = (
                f"{name}: cannot be used ({_said(error)}); check the address and the settings of the account"
            )
            raise UsageError(msg) from None
        return cls(name, parts.path.lstrip("/"), store)

    @property
    def conditional(self) -> bool:
        """False. Some servers that speak S3 ignore the conditions."""
        return False

    def read(self, key: str) -> Stored | None:
        """The object as it is now."""
        try:
            result = self.store.get(key)
            text = bytes(result.bytes()).decode(errors="replace")
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - of Rust's errors some are told apart below
            raise self._failure(error) from None
        return Stored(text, _revision(result.meta), result.meta["last_modified"].timestamp())

    def write(self, key: str, text: str, revision: str | None) -> str:
        """One PUT with the condition that the revision is still this one, or that there is no object."""
        return self._put(key, text, _version(revision) if revision else "create")

    def others(self) -> tuple[str, ...]:
        """None: an earlier version of gbsync kept nothing in buckets."""
        return ()

    def now(self) -> float | None:
        """The store's clock: when it says that an object was written that is written now."""
        key = f"{self.key}.clock"
        self._put(key, "Written to learn the time of the store.\n", "overwrite")
        stored = self.read(key)
        return stored.written if stored else None

    def _put(self, key: str, text: str, mode: Any) -> str:
        try:
            return _revision(self.store.put(key, text.encode(), mode=mode, use_multipart=False))
        except FileNotFoundError as error:
            msg = f"{self.name}: is not there ({_said(error)}); create the bucket first"
            raise LockError(msg) from None
        except Exception as error:  # noqa: BLE001 - of Rust's errors some are told apart below
            raise self._failure(error) from None

    def _failure(self, error: Exception) -> Exception:
        from obstore import exceptions  # noqa: PLC0415 - of an extra

        if isinstance(error, exceptions.AlreadyExistsError | exceptions.PreconditionError):
            return Moved(_said(error))
        if isinstance(error, exceptions.PermissionDeniedError | exceptions.UnauthenticatedError):
            return LockError(f"{self.name}: access is refused ({_said(error)}); check the credentials")
        if isinstance(error, exceptions.NotSupportedError):
            return LockError(
                f"{self.name}: cannot write with a condition ({_said(error)}); take another store"
            )
        return Unanswered(_said(error))


def _allows_http(environ: Mapping[str, str]) -> bool:
    """Whether the user has allowed plain HTTP: for a store on this machine, as the SDKs' variables say."""
    return any(environ.get(name, "").lower() == "true" for name in ("AWS_ALLOW_HTTP", "GBSYNC_INSECURE_HTTP"))


def _revision(meta: Mapping[str, Any]) -> str:
    """The version that the store gives: S3 and Azure an ETag, Google a generation beside it."""
    return f"{meta.get('e_tag') or ''} {meta.get('version') or ''}"


def _version(revision: str) -> dict[str, str]:
    e_tag, _, version = revision.partition(" ")
    return {name: value for name, value in (("e_tag", e_tag), ("version", version)) if value}


def _said(error: Exception) -> str:
    """The first line of an error: what follows is for whoever writes Rust."""
    first = str(error).split("\n\nDebug source", 1)[0]
    return QUERY.sub("", " ".join(first.split()))[:300]
