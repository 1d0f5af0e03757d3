"""The lock of `--lock git:…` and of `--lock s3://…`, with what it needs of the environment."""

from __future__ import annotations

import os
from pathlib import Path

from reconciler.cli.owner import owner
from reconciler.cli.sandbox_lock import tell
from reconciler.lock.stores.address import document_store
from reconciler.lock.stores.remote import RemoteLock


def remote_lock(name: str, section: str, timeout: float) -> RemoteLock:
    """The lock in the store of this name. Remotes of git are those of the current folder."""
    store = document_store(name, environ=os.environ, folder=str(Path.cwd()))
    return RemoteLock(store, section, owner(os.environ), timeout, tell)
