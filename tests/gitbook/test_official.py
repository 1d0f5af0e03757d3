"""GitBook's own command line and client against the sandbox, and the requests of both programs compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.gitbook.client.login import stored_login
from reconciler.sandbox import ORGANIZATION, Sandbox
from reconciler.sandbox.server import running
from reconciler.sandbox.world import empty
from tests.conftest import NIGHTLY, SHARED
from tests.gitbook.official import Official, Project, install
from tests.program import gbsync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import CompletedProcess

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("official")]

MANIFESTS = sorted(path.parent.name for path in (SHARED / "manifests").glob("*/gitbook-manifest.yaml"))
EACH_TIME = ("mermaid", "slack")
"""A block, and a component form with secrets. The night publishes all of them."""
CHOSEN = [name for name in MANIFESTS if NIGHTLY or name in EACH_TIME]
BUILT = ("script",)
"""The command line bundles the script before it sends it."""
SESSION = """
import { GitBookAPI } from "@gitbook/api";
const api = new GitBookAPI({ endpoint: process.env.GITBOOK_ENDPOINT, authToken: process.env.GITBOOK_TOKEN });
const organization = process.env.GITBOOK_ORGANIZATION;
const said = {};
said.user = (await api.user.getAuthenticatedUser()).data.displayName;
const mine = (await api.orgs.listOrganizationsForAuthenticatedUser()).data;
said.organizations = mine.items.map((item) => item.id);
said.title = (await api.orgs.getOrganizationById(organization)).data.title;
said.site = (await api.orgs.getSiteById(organization, "site_p4Xo1")).data.title;
said.space = (await api.spaces.getSpaceById("7fQm2WvA91bXcR0tYk3L")).data.title;
const made = (await api.integrations.installIntegration("plausible", { organization })).data;
await api.integrations.updateIntegrationInstallation("plausible", made.id, { site_selection: "selected" });
await api.integrations.installIntegrationOnSite("plausible", made.id, { siteId: "site_p4Xo1" });
const bound = await api.integrations.updateIntegrationSiteInstallation(
  "plausible", made.id, "site_p4Xo1", { configuration: { domain: "docs.example" } });
said.configuration = bound.data.configuration;
said.onSpace = (await api.spaces.listSpaceIntegrations("7fQm2WvA91bXcR0tYk3L")).data.items.length;
said.blocks = (await api.spaces.listSpaceIntegrationsBlocks("7fQm2WvA91bXcR0tYk3L")).data.length;
said.gone = (await api.integrations.uninstallIntegration("plausible", made.id)).status;
console.log(JSON.stringify(said));
"""


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Official:
    return install(tmp_path_factory.mktemp("npm"))


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(empty())


@pytest.fixture
def environ(sandbox: Sandbox) -> Iterator[dict[str, str]]:
    """What points a program at the sandbox."""
    with running(sandbox) as url:
        yield {
            "GITBOOK_ENDPOINT": url,
            "GITBOOK_TOKEN": sandbox.token,
            "GITBOOK_ORGANIZATION": ORGANIZATION,
        }


def published(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The bodies of the publishes, without what the command line builds."""
    bodies = [entry.body for entry in sandbox.log if entry.operation == "publishIntegration"]
    return [{key: value for key, value in body.items() if key not in BUILT} for body in bodies]


def as_shown(body: dict[str, Any]) -> dict[str, Any]:
    """With the visibility that an integration has if nobody names one: gbsync sends it back as it is."""
    return {"visibility": "private", **body}


def document(sandbox: Sandbox, name: str) -> dict[str, Any]:
    stored = sandbox.store.integrations[name].document
    return {key: value for key, value in stored.items() if key not in BUILT}


@pytest.fixture
def project(request: pytest.FixtureRequest, shared: Path, tmp_path: Path) -> Project:
    """A real manifest, as both programs publish it."""
    project = Project.of(shared / "manifests" / request.param / "gitbook-manifest.yaml", tmp_path / "project")
    project.write_file("acme")
    return project


def succeeded(*processes: CompletedProcess[str]) -> None:
    for process in processes:
        assert process.returncode == 0, process.stdout + process.stderr


@pytest.mark.parametrize("project", CHOSEN or ["none"], indirect=True)
def test_both_programs_send_the_same_and_neither_undoes_the_other(
    project: Project, official: Official, sandbox: Sandbox, environ: dict[str, str]
) -> None:
    given = {**environ, **project.environ}
    ours = (str(project.folder / "gbsync.yaml"),)

    theirs = official.cli("publish", "--organization", "acme", home=project.folder, environ=given)
    if theirs.returncode and not sandbox.log:
        pytest.skip(f"their command line refuses this manifest: {theirs.stderr[-200:]}")
    after_theirs = document(sandbox, project.name)
    adopted = gbsync("lock", "--adopt", *ours, environ=given)
    unchanged = gbsync("plan", *ours, "--detailed-exitcode", environ=given)
    (project.folder / "gbsync.lock").unlink()
    applied = gbsync("apply", *ours, "--auto-approve", environ=given)
    after_ours = document(sandbox, project.name)
    again = official.cli("publish", "--organization", "acme", home=project.folder, environ=given)

    succeeded(theirs, adopted, unchanged, applied, again)
    assert as_shown(after_theirs) == as_shown(after_ours) == as_shown(document(sandbox, project.name))
    first, second, third = published(sandbox)
    assert first == third
    assert as_shown(first) == as_shown(second)


def test_their_login_works_and_is_the_one_that_gbsync_reads(
    official: Official, environ: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    login = ("--token", sandbox.token, "--endpoint", environ["GITBOOK_ENDPOINT"])
    logged_in = official.cli("auth", *login, home=tmp_path, environ={})
    who = official.cli("whoami", home=tmp_path, environ={})

    assert "You are now authenticated as Sandbox User." in logged_in.stdout, logged_in.stderr
    assert "Authenticated as Sandbox User" in who.stdout, who.stderr
    assert stored_login(tmp_path / ".config" / "gitbook-nodejs" / "config.json") == {
        "token": sandbox.token,
        "endpoint": environ["GITBOOK_ENDPOINT"],
    }


def test_their_client_finds_its_way_installs_and_configures(official: Official, tmp_path: Path) -> None:
    sandbox = Sandbox()
    with running(sandbox) as url:
        environ = {
            "GITBOOK_ENDPOINT": url,
            "GITBOOK_TOKEN": sandbox.token,
            "GITBOOK_ORGANIZATION": ORGANIZATION,
        }
        done = official.client(SESSION, home=tmp_path, environ=environ)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "user": "Sandbox User",
        "organizations": [ORGANIZATION],
        "title": "Acme Docs",
        "site": "Handbook",
        "space": "Release Notes",
        "configuration": {"domain": "docs.example"},
        "onSpace": 0,
        "blocks": 0,
        "gone": 205,
    }
