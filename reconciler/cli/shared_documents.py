"""Documents beside the lock, on a branch or in a bucket: a snapshot that other jobs plan from."""

from __future__ import annotations

import os
from pathlib import Path

from reconciler.lock.stores.address import GIT, document_store
from reconciler.lock.stores.documents import Moved, pauses, read_surely, write_surely

SNAPSHOT = "gbsync.snapshot.json"
"""The file of a snapshot on a branch."""


def read_shared(name: str) -> str | None:
    """The text at this address; `None` if there is none. Raises `UsageError` or `LockError`."""
    store = document_store(name, environ=os.environ, folder=str(Path.cwd()))
    stored = read_surely(store, _key(name, store.key))
    return stored.text if stored else None


def write_shared(name: str, text: str) -> None:
    """Replaces the text at this address: the last writer wins. Raises `UsageError` or `LockError`."""
    store = document_store(name, environ=os.environ, folder=str(Path.cwd()))
    key = _key(name, store.key)
    for _ in pauses():
        stored = read_surely(store, key)
        try:
            write_surely(store, key, text, stored.revision if stored else None)
        except Moved:
            continue
        return


def _key(name: str, key: str) -> str:
    return SNAPSHOT if name.startswith(GIT) else key
