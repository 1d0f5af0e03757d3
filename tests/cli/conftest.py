"""Commands run in process are held to the OpenAPI document, request by request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.sandbox import Sandbox
from tests.cli.desk import Desk
from tests.contract.validator import Validating

if TYPE_CHECKING:
    from pathlib import Path

    import httpx


@pytest.fixture(autouse=True)
def _lawful(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command sends to the sandbox in process goes through the validator."""
    plain = Sandbox.transport

    def transport(self: Sandbox) -> httpx.AsyncBaseTransport:
        return Validating(plain(self))

    monkeypatch.setattr(Sandbox, "transport", transport)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A folder of its own."""
    return Desk(tmp_path, capsys)
