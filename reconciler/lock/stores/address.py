"""What --lock names: a file, a branch or an object."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reconciler.errors import UsageError
from reconciler.lock.stores.objects import SCHEMES, Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.lock.stores.documents import DocumentStore

GIT = "git:"
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
REMOTE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
BRANCH = re.compile(
    r"(?!.*(?:\.\.|//|@\{|/\.|\.lock(?:/|$)))[^\x00-\x20\x7f~^:?*\[\\/.-][^\x00-\x20\x7f~^:?*\[\\]*(?<![/.])"
)
"""What git takes as a name of a branch."""


def is_remote(name: str) -> bool:
    """Whether this names a store that machines share, and no file."""
    return name.startswith(GIT) or SCHEME.fullmatch(name) is not None


def document_store(name: str, *, environ: Mapping[str, str], folder: str) -> DocumentStore:
    """The store of an address. `folder` is in the repository whose remotes count. Raises `UsageError`."""
    if name.startswith(GIT):
        return _branch(name, environ, folder)
    match = SCHEME.fullmatch(name)
    scheme, rest = (match[1], match[2]) if match else ("", "")
    if scheme not in SCHEMES:
        forms = "git:REMOTE/BRANCH or s3://BUCKET/KEY (gs, az)"
        msg = f"--lock {name}: is no place for a lock; name a file, {forms}"
        raise UsageError(msg)
    bucket, _, key = rest.partition("/")
    if not bucket or not key.strip("/") or key.endswith("/") or "?" in rest or "#" in rest or "@" in bucket:
        msg = f"--lock {scheme}://…: has the form {scheme}://BUCKET/KEY, without a query or a user"
        raise UsageError(msg)
    return Bucket.of(name, environ)


def _branch(name: str, environ: Mapping[str, str], folder: str) -> DocumentStore:
    from reconciler.lock.stores.git import GitBranch  # noqa: PLC0415 - only for such a lock
    from reconciler.lock.stores.git_process import GitProcess  # noqa: PLC0415 - only for such a lock

    remote, slash, branch = name.removeprefix(GIT).partition("/")
    if not slash or not REMOTE.fullmatch(remote) or not BRANCH.fullmatch(branch):
        msg = f"--lock {name}: has the form git:REMOTE/BRANCH, as in git:origin/gbsync-lock"
        raise UsageError(msg)
    return GitBranch(GitProcess(remote, folder, environ), branch)
