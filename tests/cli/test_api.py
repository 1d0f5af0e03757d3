"""`gbsync api`: every operation, checked before it is sent, masked, asked for where it changes something."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml

from reconciler.cli import gbsync, run
from reconciler.cli.commands.api import ArgumentType, command
from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.sandbox import ORGANIZATION, Behaviour, Fault, Faults, Sandbox, Store
from reconciler.sandbox.records import Binding, Installation
from reconciler.sandbox.server import running
from reconciler.sandbox.world import default

if TYPE_CHECKING:
    from pathlib import Path

SLACK = ("-p", "integrationName=slack")
DEV = {"tunnelUrl": "https://dev.test"}
UNDER_TEST = "getIntegrationByName"


class Terminal(io.StringIO):
    """A terminal at which somebody types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return tmp_path / "world.json"


@pytest.fixture
def installation(world: Path) -> str:
    """The id of Slack's installation, in a state that is kept."""
    store = default()
    store.save(world)
    return next(item.id for item in store.installations.values() if item.integration == "slack")


@pytest.fixture
def banner(world: Path) -> tuple[str, ...]:
    """An integration that the organization itself has published."""
    body = {
        "organization": ORGANIZATION,
        "title": "Banner",
        "description": "",
        "script": "//",
        "scopes": [],
        "secrets": {"KEY": "hunter2"},
    }
    named = ("-p", "integrationName=banner")
    assert run(["api", "publishIntegration", *named, *stdin(body), f"--sandbox={world}"]) == 0
    return named


def stdin(document: Any) -> tuple[str, ...]:
    """Options that read the document from stdin and do not ask."""
    sys.stdin = io.StringIO(json.dumps(document))
    return ("--body", "-", "--auto-approve")


@pytest.fixture(autouse=True)
def _own_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())


def test_a_reply_comes_as_json_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["api", UNDER_TEST, *SLACK, "--sandbox"])

    assert code == 0
    assert json.loads(capsys.readouterr().out)["name"] == "slack"


def test_a_reply_comes_as_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    run(["api", UNDER_TEST, *SLACK, "--sandbox"])
    first = json.loads(capsys.readouterr().out)
    run(["api", UNDER_TEST, *SLACK, "--sandbox", "--format", "yaml"])

    assert yaml.safe_load(capsys.readouterr().out) == first


def test_the_organization_is_filled_in(capsys: pytest.CaptureFixture[str]) -> None:
    run(["api", "listOrganizationInstallations", "--sandbox"])
    filled = capsys.readouterr().out
    run(["api", "listOrganizationInstallations", "--sandbox", "-p", f"organizationId={ORGANIZATION}"])

    assert filled == capsys.readouterr().out


def test_a_list_is_followed_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    run(["api", "listSites", "--sandbox", "-p", "limit=1"])
    one = json.loads(capsys.readouterr().out)["items"]
    run(["api", "listSites", "--sandbox", "-p", "limit=1", "--paginate"])
    every = json.loads(capsys.readouterr().out)["items"]

    assert len(one) == 1
    assert len(every) > 1


def test_paginating_what_has_no_pages_is_a_plain_call(capsys: pytest.CaptureFixture[str]) -> None:
    run(["api", UNDER_TEST, *SLACK, "--sandbox", "--paginate"])

    assert json.loads(capsys.readouterr().out)["name"] == "slack"


def test_secrets_are_masked_unless_revealed(capsys: pytest.CaptureFixture[str]) -> None:
    called = ["api", "listOrganizationInstallations", "--sandbox"]
    run(called)
    masked = capsys.readouterr().out
    run([*called, "--reveal"])
    raw = capsys.readouterr().out

    assert "sandbox-slack-access-token" not in masked
    assert "(secret #1)" in masked
    assert "sandbox-slack-access-token" in raw


def test_the_names_of_a_schema_are_no_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    run(["api", UNDER_TEST, *SLACK, "--sandbox"])

    properties = json.loads(capsys.readouterr().out)["configurations"]["account"]["properties"]
    assert properties["oauth_credentials"]["type"] == "button"


def test_every_problem_is_reported_before_anything_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ("categori=x", "blocks=maybe", "limit=2000", "page=1", "page=2", "nothing", "category=analytic")

    code = run(["api", "listIntegrations", "--sandbox", *(item for text in wrong for item in ("-p", text))])

    said = capsys.readouterr()
    assert code == 1
    assert said.out == ""
    assert len(said.err.splitlines()) == 6
    for part in ("did you mean `category`", "true or false", "at most 1000", "given 2 times", "NAME=VALUE"):
        assert part in said.err
    assert "did you mean `analytics`" in said.err


@pytest.mark.parametrize(
    ("operation", "texts", "said"),
    [
        ("getIntegrationByName", [], "integrationName=…: is required"),
        ("getIntegrationByName", ["integrationName=.."], "is no name"),
        ("getIntegrationByName", ["integrationName=a/b"], "must match"),
        ("getIntegrationByName", ["integrationName=a\n"], "must match"),
        ("getIntegrationByName", [f"integrationName={'a' * 101}"], "at most 100 characters"),
        ("listIntegrations", ["limit=-1"], "at least 0"),
        ("listIntegrations", ["limit=nan"], "must be a number"),
        ("listIntegrations", ["limit=many"], "must be a number"),
        ("listSites", ["organizationId=o", "type=best"], "is none of its values"),
        ("listSites", [], "organizationId=…: is required"),
    ],
)
def test_a_parameter_beyond_its_limits_is_refused(
    operation: str, texts: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setenv("GITBOOK_TOKEN", "gb_api_x")

    code = run(["api", operation, *(item for text in texts for item in ("-p", text))])

    assert code == 1
    assert said in capsys.readouterr().err


def test_a_body_is_checked_key_by_key(capsys: pytest.CaptureFixture[str]) -> None:
    body = {"titel": "x", "title": "S", "scopes": ["fly"], "script": 1, "secrets": {"KEY": "hunter2"}}

    code = run(["api", "publishIntegration", *SLACK, *stdin(body), "--sandbox"])

    said = capsys.readouterr().err
    assert code == 1
    for part in (
        "body.titel: this gbsync knows no such key; did you mean `title`",
        "body.title: must have at least 2",
        "body.scopes.0: ",
        "body.script: ",
        "body.organization: is required",
    ):
        assert part in said
    assert "hunter2" not in said


PUBLISHED = {
    "organization": ORGANIZATION,
    "title": "Acme",
    "description": "",
    "script": "//",
    "scopes": [],
    "blocks": [{"id": "a", "title": "Aa", "type": "block"}],
}
NEW = ["publishIntegration", "-p", "integrationName=acme"]


def test_a_key_that_is_not_known_is_sent_with_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["api", *NEW, *stdin(PUBLISHED), "--sandbox", "--auto-approve"])

    shown = capsys.readouterr()
    assert code == 0
    assert shown.err == (
        "Warning: publishIntegration: body.blocks.0.type: this gbsync knows no such key; "
        "it is sent as it is\n"
    )
    assert json.loads(shown.out)["blocks"] == PUBLISHED["blocks"]


@pytest.mark.parametrize(
    ("operation", "params", "advice"),
    [
        ("listSites", [], "--paginate reads all pages"),
        ("listSiteIntegrations", ["-p", "siteId=site_w8Yn5"], "GitBook has no parameter to ask for the rest"),
    ],
)
def test_a_part_of_a_list_is_said_to_be_one(
    operation: str,
    params: list[str],
    advice: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sandbox = Sandbox(behaviour=Behaviour(unpaged="cut", page_size=1))
    sandbox.store.put_installation(Installation("second", "plausible", ORGANIZATION))
    sandbox.store.put_binding(Binding("second", "site", "site_w8Yn5"))
    with running(sandbox) as url:
        monkeypatch.setenv("GITBOOK_ENDPOINT", url)
        monkeypatch.setenv("GITBOOK_TOKEN", sandbox.token)
        code = run(["api", operation, "-p", f"organizationId={ORGANIZATION}", *params])

    shown = capsys.readouterr()
    assert code == 0
    assert len(json.loads(shown.out)["items"]) == 1
    assert f"{operation}: there are more items than these; {advice}" in shown.err


def test_with_strict_nothing_unknown_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    body = run(["api", *NEW, *stdin(PUBLISHED), "--sandbox", "--auto-approve", "--strict"])
    query = run(["api", "listIntegrations", "-p", "scope=site:tomorrow", "--sandbox", "--strict"])

    assert (body, query) == (1, 1)
    said = capsys.readouterr().err
    assert "body.blocks.0.type: this gbsync knows no such key" in said
    assert "-p scope=site:tomorrow: this gbsync knows no such value" in said


@pytest.mark.parametrize(
    ("args", "text", "said"),
    [
        (["publishIntegration", *SLACK], None, "needs a body: --body FILE"),
        (["updateIntegrationInstallation", *SLACK, "-p", "installationId=x"], None, "any of configuration"),
        ([UNDER_TEST, *SLACK], "{}", "takes no body"),
        ([UNDER_TEST, *SLACK], "{", "body.json:1:2: is not JSON"),
        ([UNDER_TEST, *SLACK], "[" * 100_000, "nested too deeply"),
        ([UNDER_TEST, *SLACK], "\udcff", "is not UTF-8"),
        ([UNDER_TEST, *SLACK, "--body", "nowhere.json"], None, "nowhere.json: cannot be read"),
    ],
    ids=range(7),
)
def test_a_body_that_cannot_be_used_is_said_to_be_so(
    args: list[str], text: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        (tmp_path / "body.json").write_bytes(text.encode("utf-8", "surrogateescape"))
        args = [*args, "--body", str(tmp_path / "body.json")]

    code = run(["api", *args, "--sandbox"])

    assert code == 1
    assert said in capsys.readouterr().err


def test_a_change_without_a_terminal_needs_to_be_approved(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["api", "unpublishIntegration", *SLACK, "--sandbox"])

    said = capsys.readouterr().err
    assert code == 1
    assert "--auto-approve" in said
    assert "unpublishIntegration (DELETE) integration/slack" in said


@pytest.mark.parametrize(("typed", "there"), [("yes\n", 0), ("y\n", 1), ("", 1)])
def test_a_change_on_a_terminal_is_asked_for(
    typed: str, there: int, world: Path, installation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sys.stdin = Terminal(typed)

    code = run(
        ["api", "uninstallIntegration", *SLACK, "-p", f"installationId={installation}", f"--sandbox={world}"]
    )

    said = capsys.readouterr()
    assert code == there
    assert [*Store.load(world).installations].count(installation) == there
    assert "Only 'yes' will be accepted" in said.err
    assert said.err.count("not approved; nothing was done") == there
    assert said.out == ""


def test_a_change_without_a_reply_says_so_on_stderr(
    world: Path, banner: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    code = run(["api", "setIntegrationDevelopmentMode", *banner, *stdin(DEV), f"--sandbox={world}"])

    assert code == 0
    assert capsys.readouterr() == ("", "setIntegrationDevelopmentMode: 204, done\n")


@pytest.mark.parametrize(
    ("token", "operation", "said"),
    [
        ("gb_api_x", "listIntegrationInstallations", "the integration's own token"),
        ("eyJh.eyJz.c2ln", "uninstallIntegration", "a personal access token"),
    ],
)
def test_the_wrong_sort_of_token_is_told_before_anything_is_sent(
    token: str, operation: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setenv("GITBOOK_TOKEN", token)
    monkeypatch.setenv("GITBOOK_ENDPOINT", "http://127.0.0.1:9")
    params = [f"{param.name}=x" for param in OPERATIONS[operation].params if param.required]

    code = run(["api", operation, *(item for text in params for item in ("-p", text))])

    shown = capsys.readouterr().err
    assert code == 1
    assert said in shown
    assert "nothing was sent" in shown
    assert token not in shown


def test_a_task_is_queued_with_the_integrations_own_token(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["api", "queueIntegrationTask", *SLACK, *stdin({"task": {"do": "it"}}), f"--sandbox={world}"])

    assert code == 0, capsys.readouterr().err
    assert Store.load(world).tasks[0].task == {"do": "it"}


def test_a_component_is_rendered_from_a_file_both_ways(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {
        "componentId": "configure",
        "props": {"title": "Größe 🎉"},
        "context": {"type": "configuration_account", "organizationId": ORGANIZATION, "theme": "light"},
    }
    file = tmp_path / "render.json"
    file.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    same = [*SLACK, "--sandbox", "--body", str(file)]

    assert run(["api", "renderIntegrationUIWithGet", *same]) == 0
    got = json.loads(capsys.readouterr().out)
    assert run(["api", "renderIntegrationUIWithPost", *same, "--auto-approve"]) == 0
    posted = json.loads(capsys.readouterr().out)

    assert got == posted
    assert got["props"] == {"title": "Größe 🎉"}


def test_a_request_to_be_compressed_is_checked_too(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["api", "renderIntegrationUIWithGet", *SLACK, "--sandbox", *stdin({"componentId": 1})])

    said = capsys.readouterr().err
    assert code == 1
    assert "body.componentId" in said
    assert "body.context: is required" in said


def test_a_request_that_is_compressed_already_is_sent_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["api", "renderIntegrationUIWithGet", *SLACK, "--sandbox", "-p", "request=nonsense"])

    assert code == 1
    assert "LZ-string" in capsys.readouterr().err


def test_a_typing_mistake_gets_the_nearest_operation(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["api", "listsite"]) == 1
    assert "did you mean `listSites`" in capsys.readouterr().err
    assert run(["api", "zzz"]) == 1
    assert "`gbsync api` lists them" in capsys.readouterr().err


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_help_of_an_operation_says_all_that_it_takes(
    operation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = OPERATIONS[operation]

    assert run(["api", operation, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"{row.method} {row.path}" in shown
    assert "Token: " in shown
    assert all(param.name in shown for param in row.params)
    assert row.body is None or all(name in shown for name in row.body.model_fields)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_help_of_an_operation_offers_no_option_that_it_has_no_use_for(
    operation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = OPERATIONS[operation]
    run(["api", operation, "--help"])
    shown = capsys.readouterr().out

    assert ("--paginate" in shown) is row.pages
    assert ("--auto-approve" in shown) is row.writes
    assert ("--body" in shown) is (row.body is not None or operation == "renderIntegrationUIWithGet")


def test_a_body_may_begin_with_a_byte_order_mark(
    tmp_path: Path, installation: str, world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "body.json").write_bytes(b'\xef\xbb\xbf{"externalIds": ["T1"]}')
    named = (*SLACK, "-p", f"installationId={installation}", "--body", str(tmp_path / "body.json"))

    code = run(["api", "updateIntegrationInstallation", *named, "--auto-approve", f"--sandbox={world}"])

    assert code == 0
    assert json.loads(capsys.readouterr().out)["externalIds"] == ["T1"]


def test_a_body_from_stdin_that_is_no_json_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    sys.stdin = io.StringIO("{")

    assert run(["api", "installIntegration", *SLACK, "--sandbox", "--body", "-"]) == 1
    assert "<stdin>:1:2: is not JSON" in capsys.readouterr().err


def test_a_missing_request_names_the_way_to_make_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["api", "renderIntegrationUIWithGet", *SLACK, "--sandbox"]) == 1
    assert "request=…: is required; it is the request as JSON" in capsys.readouterr().err


def test_operations_and_their_parameters_complete() -> None:
    context = click.Context(command, click.Context(gbsync, **gbsync.context_settings))
    names = [item.value for item in command.shell_complete(context, "listS")]
    row = OPERATIONS["listIntegrations"]
    texts = [
        item.value
        for start in ("ca", "blocks=", "category=an")
        for item in ArgumentType(row).shell_complete(context, click.Option(["-p"]), start)
    ]

    assert names == [
        "listSiteIntegrationScripts",
        "listSiteIntegrations",
        "listSites",
        "listSpacesInOrganizationById",
        "listSpaceIntegrations",
        "listSpaceIntegrationsBlocks",
    ]
    assert texts[0] == "category=analytics"
    assert texts[-3:] == ["blocks=true", "blocks=false", "category=analytics"]


@pytest.mark.parametrize(
    ("name", "fault", "code"), [("slack", "", 1), ("nowhere", "", 1), ("webhook", "502-after", 5)]
)
def test_the_code_of_a_change_says_whether_it_may_have_been_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, fault: str, code: int
) -> None:
    """A refusal changes nothing; a lost reply leaves it open."""
    rates = {Fault(fault): 1.0} if fault else {}
    sandbox = Sandbox(faults=Faults(rates=rates))
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"organization": ORGANIZATION}))
    with running(sandbox) as url:
        monkeypatch.setenv("GITBOOK_ENDPOINT", url)
        monkeypatch.setenv("GITBOOK_TOKEN", sandbox.token)
        given = ("-p", f"integrationName={name}", "--auto-approve")
        ended = run(["api", "installIntegration", *given, "--body", str(body)])

    assert ended == code
