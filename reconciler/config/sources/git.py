"""The files of a commit, read with git's plumbing: no hook, filter or driver of the repository is run."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from reconciler.config.sources.disk import DISK
from reconciler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

Parts = tuple[str, ...]
"""A path in the tree of a commit."""
HOPS: Final = 40
"""The most links that lead from one path to a file, as on Linux."""
FOLDER: Final = "tree"
LINK_MODE: Final = stat.S_IFLNK
LFS: Final = b"version https://git-lfs.github.com/spec/"
"""How a file begins that stands for one in Git LFS: its content is not in the repository."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder of the tree."""

    mode: int
    type: str
    id: str

    @property
    def is_link(self) -> bool:
        """Whether it leads somewhere else."""
        return stat.S_IFMT(self.mode) == LINK_MODE


ROOT: Final = Entry(stat.S_IFDIR, FOLDER, "")


@dataclass(frozen=True, slots=True)
class Repository:
    """The git repository that a folder is in."""

    top: Path

    @classmethod
    def around(cls, folder: Path) -> Repository:
        """The repository that the folder is in. Raises `UsageError` where there is none."""
        where = folder if folder.is_dir() else Path()
        done = _git(where, "rev-parse", "--show-toplevel")
        if done.returncode:
            msg = f"{where}: is in no git repository that can be read: {_why(done)}; leave --against out"
            raise UsageError(msg)
        return cls(Path(os.fsdecode(done.stdout).removesuffix("\n")))

    def commit(self, ref: str) -> str:
        """The id of the commit that a ref names. Raises `UsageError` where it names none."""
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        done = _git(self.top, *asked)
        if done.returncode or not ref:
            shallow = (
                " (in a shallow clone: `git fetch --depth=1 origin BRANCH` first)" if self._shallow else ""
            )
            msg = (
                f"--against {ref}: names no commit of this repository{shallow}; name a branch, tag or commit"
            )
            raise UsageError(msg)
        return done.stdout.decode("ascii").strip()

    def fork_point(self, commit: str) -> str:
        """The commit where the current branch has left `commit`; empty where this clone does not know it."""
        if commit in self._parents_of_head():
            return commit
        done = _git(self.top, "merge-base", "HEAD", commit)
        return "" if done.returncode else done.stdout.decode("ascii").strip()

    def _parents_of_head(self) -> frozenset[str]:
        """HEAD and its parents, as its commit names them: a shallow clone has their names alone."""
        done = _git(self.top, "cat-file", "commit", "HEAD")
        head = done.stdout.split(b"\n\n", 1)[0].decode("utf-8", errors="replace")
        parents = [line.removeprefix("parent ") for line in head.splitlines() if line.startswith("parent ")]
        named = _git(self.top, "rev-parse", "HEAD").stdout.decode("ascii", errors="replace").strip()
        return frozenset((*parents, named))

    @property
    def _shallow(self) -> bool:
        return _git(self.top, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"


@dataclass(frozen=True, slots=True)
class GitFiles:
    """The files of one commit, under the paths that they have in the work tree.

    What is outside the repository has no commit, and is read as it is.
    """

    top: Path
    commit: str
    as_is: frozenset[str] = frozenset()
    """Paths that are read as they are now: what the command line adds to the files."""
    _folders: dict[Parts, dict[str, Entry]] = field(default_factory=dict)
    _known: dict[Path, bool] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """A commit does not hold what a build makes."""
        return False

    def read(self, path: str | Path, *, largest: int) -> bytes:
        """The bytes of the file in the commit."""
        parts = self._parts(path)
        if parts is None:
            return DISK.read(path, largest=largest)
        _, entry = self._follow(parts, path)
        if entry is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        if entry.type == FOLDER:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if entry.type != "blob":
            raise OSError(errno.EINVAL, "it is in a submodule", str(path))
        data = _output(self.top, "cat-file", "blob", entry.id)
        if len(data) > largest:
            raise OSError(errno.EFBIG, "it is too large", str(path))
        if data.startswith(LFS):
            raise OSError(errno.EINVAL, "it is kept in Git LFS, not in the commit", str(path))
        return data

    def is_there(self, path: str | Path) -> bool:
        """Whether the commit has something under the name."""
        return self._entry(path) is not None if self._parts(path) is not None else DISK.is_there(path)

    def is_folder(self, path: str | Path) -> bool:
        """Whether the commit has a folder under the name."""
        if self._parts(path) is None:
            return DISK.is_folder(path)
        entry = self._entry(path)
        return entry is not None and entry.type == FOLDER

    def resolved(self, path: str | Path) -> Path:
        """The path without the links of the commit; one that leads out of the repository stays outside."""
        parts = self._parts(path)
        if parts is None:
            return DISK.resolved(path)
        try:
            return self.top.joinpath(*self._follow(parts, path)[0])
        except OSError:
            return DISK.resolved(self.top.parent)

    def names(self, folder: str | Path) -> Iterable[str]:
        """The names in a folder of the commit."""
        parts = self._parts(folder)
        if parts is None:
            return DISK.names(folder)
        try:
            real, entry = self._follow(parts, folder)
        except OSError:
            return ()
        return self._listed(real) if entry is not None and entry.type == FOLDER else ()

    def _entry(self, path: str | Path) -> Entry | None:
        try:
            return self._follow(self._parts(path) or (), path)[1]
        except OSError:
            return None

    def _parts(self, path: str | Path) -> Parts | None:
        """The path in the repository; `None` for one outside of it, and for what is read as it is."""
        if str(path) in self.as_is:
            return None
        absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links are those of the commit, not of the disk
        for folder in (absolute, *absolute.parents):
            if self._is_top(folder):
                return absolute.relative_to(folder).parts
        return None

    def _is_top(self, folder: Path) -> bool:
        """Whether it is the top of the repository, under whatever name."""
        if folder not in self._known:
            self._known[folder] = DISK.resolved(folder) == self.top
        return self._known[folder]

    def _follow(self, parts: Parts, path: str | Path) -> tuple[Parts, Entry | None]:
        """Where a path leads in the tree, and what is there. Raises `OSError` for a link that leads out."""
        done: Parts = ()
        rest, hops, entry = list(parts), 0, ROOT
        while rest:
            name = rest.pop(0)
            held = self._listed(done).get(name) if entry.type == FOLDER else None
            if held is None:
                return (*done, name, *rest), None
            if held.is_link:
                hops += 1
                rest = [*_joined(done, self._target(held), path, hops), *rest]
                done, entry = (), ROOT
            else:
                done, entry = (*done, name), held
        return done, entry

    def _target(self, link: Entry) -> str:
        return os.fsdecode(_output(self.top, "cat-file", "blob", link.id))

    def _listed(self, folder: Parts) -> dict[str, Entry]:
        if folder not in self._folders:
            tree = f"{self.commit}:{'/'.join(folder)}"
            lines = _output(self.top, "ls-tree", "-z", tree).split(b"\0")
            self._folders[folder] = dict(map(_entry_of, filter(None, lines)))
        return self._folders[folder]


def _entry_of(line: bytes) -> tuple[str, Entry]:
    """`100644 blob ID<tab>NAME` of a listing."""
    head, _, name = line.partition(b"\t")
    mode, kind, object_id = head.decode("ascii").split()
    return os.fsdecode(name), Entry(int(mode, 8), kind, object_id)


def _joined(folder: Parts, target: str, path: str | Path, hops: int) -> Parts:
    """The path that a link in a folder leads to. Raises `OSError` where that is outside the repository."""
    pure = PurePosixPath(target)
    parts = list(folder)
    for name in pure.parts:
        if name == ".." and parts:
            parts.pop()
        elif name == ".." or pure.is_absolute():
            raise OSError(errno.EINVAL, "it is a link out of the repository", str(path))
        else:
            parts.append(name)
    if hops > HOPS:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return tuple(parts)


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Runs git. Raises `UsageError` where there is no git."""
    command = ("git", "--no-replace-objects", "--no-pager", *arguments)
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - a list, no shell
    except FileNotFoundError:
        msg = "--against needs git, which is not installed; install it, or leave --against out"
        raise UsageError(msg) from None


def _output(folder: Path, *arguments: str) -> bytes:
    """What git prints. Raises `OSError` where it fails: the object is missing in a partial clone."""
    done = _git(folder, *arguments)
    if done.returncode:
        raise OSError(errno.EIO, f"git cannot read it: {_why(done)}")
    return done.stdout


def _why(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else f"git ended with {done.returncode}"
