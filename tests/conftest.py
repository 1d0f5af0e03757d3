"""What every test stands on: a clean environment, and as much time as the run has."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    import httpx

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
OURS = ("GBSYNC_", "GITBOOK_", "GITHUB_")
REACH_A_SANDBOX = {"reconciler.cli", "reconciler.sandbox"}
"""Without one of these a test has no sandbox; commands import the sandbox only when they are told to."""
NETWORK = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSLKEYLOGFILE",
)
NIGHTLY = bool(os.environ.get("GBSYNC_NIGHTLY"))

# A change is judged by the same examples every time, on a busy machine too; the night looks for new ones.
settings.register_profile(
    "default",
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.register_profile("nightly", settings.get_profile("default"), max_examples=2000, derandomize=False)
settings.load_profile("nightly" if NIGHTLY else "default")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of the machine that runs the tests: no settings, no token, no home, no CI."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS", *NETWORK, *map(str.lower, NETWORK)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(autouse=True)
def _lawful(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the client sends to a sandbox in process is checked against the OpenAPI document.

    The sandbox's own tests send what no client should, and so do those that are marked as lawless. A test of
    a pure module pays nothing: the document is read when the first request is checked.
    """
    if request.path.parent.name == "sandbox" or request.node.get_closest_marker("lawless"):
        return
    if not sys.modules.keys() & REACH_A_SANDBOX:
        return
    from reconciler.sandbox import Sandbox  # noqa: PLC0415 - only where it may be used

    plain = Sandbox.transport

    def transport(self: Sandbox) -> httpx.AsyncBaseTransport:
        from tests.contract.forbidden import Refusing  # noqa: PLC0415 - only where something is sent

        return Refusing(plain(self))

    monkeypatch.setattr(Sandbox, "transport", transport)


@pytest.fixture(autouse=True)
def _quick_digests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest of a secret is slow on purpose: at its real cost it would be a tenth of a run's CPU."""
    if not request.node.get_closest_marker("slow_digests"):
        monkeypatch.setattr("reconciler.resources.digest._COST", 2)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the explorer has searched: its scopes, and how many different behaviours it has met in all."""
    parts = [
        json.loads(value)
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "explored"
    ]
    if parts:
        met = {item for part in parts for item in part["behaviours"]}
        stories, scopes = sum(part["stories"] for part in parts), [part["scopes"] for part in parts]
        terminalreporter.write_sep("-", "explored")
        terminalreporter.write_line(f"{stories} stories, {len(met)} distinct behaviours, complete for:")
        for line in sorted(line for lines in scopes for line in lines):
            terminalreporter.write_line(f"  {line}")


@pytest.fixture(scope="session")
def nightly() -> bool:
    """Whether this run has the whole night: many seeds rather than a few."""
    return NIGHTLY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout that has the reference, the OpenAPI document and real manifests."""
    if not SHARED.is_dir():
        pytest.skip(
            "../shared is not here: it has the API reference and real manifests, which are not ours to copy"
        )
    return SHARED
