"""A desk to work at: files and a sandbox in one folder, and commands that run there in process."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reconciler.cli import run
from reconciler.sandbox import ORGANIZATION, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

HEAD = f"version: 1\norganization: {ORGANIZATION}\n"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


class Desk:
    """One person's folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.world = folder / "world.json"

    def write(self, text: str, name: str = "gbsync.yaml") -> Path:
        """A file; one of ours gets its head."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + text if name.endswith("gbsync.yaml") else text, encoding="utf-8")
        return path

    def run(self, *args: str, path: Path | None = None) -> Ended:
        """`gbsync` with the folder, or another path, on the sandbox."""
        command, *rest = args
        code = run([command, str(path or self.folder), *rest, f"--sandbox={self.world}"])
        said = self.capsys.readouterr()

        assert "Traceback" not in said.err
        return Ended(code, said.out, said.err)

    def said(self) -> str:
        """What is on stderr since it was read last."""
        return self.capsys.readouterr().err

    def applied(self, text: str) -> None:
        """The file says this, and it is so."""
        self.write(text)
        ended = self.run("apply", "--auto-approve", "--allow-empty")

        assert ended.code == 0, ended.out + ended.err

    def saved(self, *args: str) -> Path:
        """A saved plan of the folder."""
        path = self.folder / "plan.json"
        ended = self.run("plan", "--out", str(path), *args)

        assert path.exists(), ended.err
        return path

    @contextmanager
    def store(self) -> Iterator[Store]:
        """What the sandbox holds, to be changed by hand."""
        store = Store.load(self.world)
        yield store
        store.save(self.world)

    def live(self, name: str) -> dict[str, Any]:
        """The configuration of an installation."""
        return dict(Store.load(self.world).installations_of(integration=name)[0].configuration)

    def configure(self, name: str, **keys: Any) -> None:
        """Somebody writes keys into an installation."""
        with self.store() as store:
            old = store.installations_of(integration=name)[0]
            store.put_installation(replace(old, configuration={**old.configuration, **keys}))
