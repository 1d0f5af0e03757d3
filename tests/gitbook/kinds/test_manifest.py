"""gitbook-manifest.yaml as GitBook's own CLI reads it."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.diagnostics import Severity
from reconciler.gitbook.kinds.images import ICON_MAX, PREVIEW_MAX
from reconciler.resources.values import FileText, Secret, reveal
from tests.config.files import HEAD, attributes, problems, read, write

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.config import Config

PNG = b"\x89PNG\r\n\x1a\n\x00\x00"
MANIFEST = "name: acme\ntitle: Acme\norganization: o\nscript: ./src/index.ts\nscopes: [site:metadata:read]\n"
REAL = ("amplitude", "github", "gitlab", "googleanalytics", "intercom", "mermaid", "plausible", "segment",
        "sentry", "slack", "va-okta", "webhook")  # fmt: skip


def project(folder: Path, manifest: str, beside: str = "", **files: str | bytes) -> Path:
    """A project that publishes a manifest with a built script."""
    entry = f"integrations:\n  acme:\n    manifest: app/gitbook-manifest.yaml\n    script: built();\n{beside}"
    named = {f"app/{name.replace('__', '.')}": content for name, content in files.items()}
    return write(folder, {"gbsync.yaml": HEAD + entry, "app/gitbook-manifest.yaml": manifest, **named})


def published(
    folder: Path, manifest: str, beside: str = "", environ: Any = None, **files: str | bytes
) -> Any:
    """What would be published."""
    config: Config = read(project(folder, manifest, beside, **files), environ=environ or {})
    return attributes(config, "integration/acme")


def test_what_it_leaves_out_is_compared_as_empty_and_visibility_stays(tmp_path: Path) -> None:
    assert published(tmp_path, MANIFEST) == {
        "title": "Acme",
        "description": "",
        "summary": "",
        "target": "all",
        "scopes": ["site:metadata:read"],
        "categories": [],
        "blocks": [],
        "contentSources": [],
        "externalLinks": [],
        "configurations": {},
        "contentSecurityPolicy": "",
        "icon": "",
        "previewImages": [],
        "secrets": {},
        "script": "built();",
    }


def test_what_it_leaves_out_is_not_sent_but_for_what_the_cli_sends_empty(tmp_path: Path) -> None:
    (resource,) = read(
        project(tmp_path, MANIFEST + "categories: []\n", "    secrets: {}\n")
    ).resources.values()

    assert resource.declaration is not None
    assert resource.declaration.left_out == {
        *("summary", "target", "blocks", "contentSources", "externalLinks", "configurations"),
        *("contentSecurityPolicy", "icon"),
    }


def test_neither_its_name_nor_its_organization_nor_its_script_is_published(tmp_path: Path) -> None:
    found = published(tmp_path, MANIFEST)

    assert not {"name", "organization", "envs", "manifest", "env"} & found.keys()
    assert found["script"] == "built();"


def test_what_stands_beside_it_wins_whole(tmp_path: Path) -> None:
    manifest = f"{MANIFEST}visibility: public\nsecrets: {{A: a, B: b}}\n"
    found = published(
        tmp_path, manifest, "    secrets: {C: c}\n    visibility: private\n    organization: other\n"
    )

    assert reveal(found["secrets"]) == {"C": "c"}
    assert (found["visibility"], found["organization"]) == ("private", "other")


ENVS = (
    "visibility: private\nsecrets: {A: base, B: base}\n"
    "envs:\n  default: {visibility: unlisted}\n  staging: {secrets: {A: staging}, organization: s}\n"
)


@pytest.mark.parametrize(
    ("beside", "visibility", "secrets"),
    [
        ("", "unlisted", {"A": "base", "B": "base"}),
        ("    env: default\n", "unlisted", {"A": "base", "B": "base"}),
        ("    env: staging\n", "private", {"A": "staging"}),
    ],
)
def test_an_environment_replaces_whole_keys_and_default_is_laid_unasked(
    tmp_path: Path, beside: str, visibility: str, secrets: dict[str, str]
) -> None:
    found = published(tmp_path, MANIFEST + ENVS, beside)

    assert found["visibility"] == visibility
    assert reveal(found["secrets"]) == secrets


def test_secrets_are_filled_in_from_the_environment_and_are_secret_whatever_wrote_them(
    tmp_path: Path,
) -> None:
    manifest = f"{MANIFEST}secrets: {{A: '${{{{ env.X }}}}', B: 'a-${{{{env.X}}}}-b', C: literal}}\n"
    found = published(tmp_path, manifest, environ={"X": "value"})["secrets"]

    assert all(isinstance(item, Secret) for item in found.values())
    assert reveal(found) == {"A": "value", "B": "a-value-b", "C": "literal"}


def test_a_secret_that_is_declared_beside_needs_nothing_of_the_manifest(tmp_path: Path) -> None:
    manifest = f"{MANIFEST}secrets: {{A: '${{{{ env.GONE }}}}', B: '${{{{ \"op://v/i/f\" }}}}'}}\n"
    found = published(tmp_path, manifest, "    secrets: {A: here}\n")

    assert reveal(found["secrets"]) == {"A": "here"}


def test_outside_secrets_text_is_published_as_it_stands(tmp_path: Path) -> None:
    found = published(tmp_path, f"{MANIFEST}summary: 'by $${{{{ x }}}} {{{{ y }}}}'\n")

    assert found["summary"] == "by $${{ x }} {{ y }}"


def test_images_are_relative_to_the_manifest_and_become_base64(tmp_path: Path) -> None:
    manifest = f"{MANIFEST}icon: ./icon.png\npreviewImages: [a.png, ./b.png]\n"
    found = published(tmp_path, manifest, icon__png=PNG, a__png=PNG + b"a", b__png=PNG + b"b")

    assert base64.b64decode(found["icon"]) == PNG
    assert [base64.b64decode(image)[-1:] for image in found["previewImages"]] == [b"a", b"b"]
    assert isinstance(found["icon"], FileText)
    assert found["icon"].source.name.endswith("app/icon.png")


def test_missing_previews_do_not_matter_where_others_stand_beside(tmp_path: Path) -> None:
    found = published(tmp_path, f"{MANIFEST}previewImages: [gone.png]\n", "    previewImages: []\n")

    assert found["previewImages"] == []


@pytest.mark.parametrize(
    ("field", "limit"), [("icon: x.png", ICON_MAX), ("previewImages: [x.png]", PREVIEW_MAX)]
)
def test_an_image_may_be_as_large_as_gitbooks_cli_lets_it(tmp_path: Path, field: str, limit: int) -> None:
    image = PNG + b"\0" * (limit - len(PNG))
    project(tmp_path, f"{MANIFEST}{field}\n", x__png=image)

    assert not problems(tmp_path)
    (tmp_path / "app" / "x.png").write_bytes(image + b"\0")
    assert [problem.rule for problem in problems(tmp_path)] == ["GB045"]


def test_each_value_stands_where_the_manifest_or_the_entry_has_it(tmp_path: Path) -> None:
    beside = "    env: staging\n    title: Better\n"
    config = read(
        project(tmp_path, MANIFEST + ENVS.replace("{secrets", "{visibility: public, secrets"), beside)
    )
    (resource,) = config.resources.values()

    assert resource.declaration is not None
    places = {path: place for path, place in resource.declaration.places.items() if len(path) == 1}
    assert places["title",].file.endswith("gbsync.yaml")
    assert (places["scopes",].file.endswith("gitbook-manifest.yaml"), places["scopes",].line) == (True, 5)
    assert places["visibility",].line == 10


def test_settings_of_the_manifest_are_kept_for_the_planner(tmp_path: Path) -> None:
    (resource,) = read(project(tmp_path, MANIFEST + ENVS, "    env: staging\n")).resources.values()

    assert resource.declaration is not None
    assert resource.declaration.extra == {"manifest": "app/gitbook-manifest.yaml", "env": "staging"}


@pytest.mark.parametrize("name", REAL)
def test_a_real_manifest_is_read_whole(tmp_path: Path, shared: Path, name: str) -> None:
    text = (shared / "manifests" / name / "gitbook-manifest.yaml").read_text("utf-8")
    icon = (shared / "manifests" / name / "assets").glob("*.png")
    images = {image.name: image.read_bytes() for image in icon}
    missing = dict.fromkeys(re.findall(r"assets/([\w-]+\.png)", text), PNG)
    files = {f"app/assets/{path}": content for path, content in {**missing, **images}.items()}
    key = re.findall(r"^name: (.*)$", text, re.MULTILINE)[0]
    entry = f"integrations:\n  {key}:\n    manifest: app/gitbook-manifest.yaml\n    script: built();\n"
    write(tmp_path, {"gbsync.yaml": HEAD + entry, "app/gitbook-manifest.yaml": text, **files})
    environ = dict.fromkeys(re.findall(r"env\.(\w+)", text), "set")

    found = attributes(read(tmp_path, environ=environ), f"integration/{key}")

    assert found["title"]
    assert found["icon"]
    assert {problem.rule for problem in problems(tmp_path, environ=environ)} <= {"GB085", "GB093"}


NEWS = """\
summary: A banner
blocks:
- {id: a, title: Aa, type: block, markdown: {codeblock: a, body: b, colour: red}}
configurations:
  account: {componentId: config, properties: {}}
  site:
    properties: {text: {type: string, tytle: Text, callback_url: x}}
externalLinks: [{label: Docs, url: https://docs.example, icon: null}]
"""


def test_keys_that_the_cli_drops_at_any_depth_are_said_and_left_out(tmp_path: Path) -> None:
    folder = project(tmp_path, MANIFEST + NEWS)
    said = [str(item).partition("GB083 integration/acme: ")[2] for item in problems(folder)]
    read_back = attributes(read(folder, environ={}), "integration/acme")

    assert said == [
        "`type` is not known in a manifest under `blocks.0`; GitBook's CLI ignores it",
        "`colour` is not known in a manifest under `blocks.0.markdown`; GitBook's CLI ignores it",
        "`properties` is not known in a manifest under `configurations.account`; GitBook's CLI ignores it",
        (
            "`tytle` is not known in a manifest under `configurations.site.properties.text`; "
            "did you mean `title`?"
        ),
        (
            "`callback_url` is not known in a manifest under `configurations.site.properties.text`; "
            "GitBook's CLI ignores it"
        ),
        "`icon` is not known in a manifest under `externalLinks.0`; GitBook's CLI ignores it",
    ]
    assert read_back["blocks"] == [{"id": "a", "title": "Aa", "markdown": {"codeblock": "a", "body": "b"}}]
    assert read_back["configurations"] == {
        "account": {"componentId": "config"},
        "site": {"properties": {"text": {"type": "string"}}},
    }
    assert read_back["externalLinks"] == [{"label": "Docs", "url": "https://docs.example"}]


def test_a_scope_that_is_new_is_published_with_a_warning(tmp_path: Path) -> None:
    manifest = MANIFEST.replace("site:metadata:read", "site:tomorrow")

    assert published(tmp_path, manifest)["scopes"] == ["site:tomorrow"]
    (problem,) = problems(tmp_path)
    assert (problem.rule, problem.severity) == ("GB110", Severity.WARNING)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("secrets: {A: null}\n", "6:14: GB021 integration/acme: a secret is null"),
        ("secrets: {A: }\n", "GB021 integration/acme: a secret is null"),
        ("secrets: null\n", "GB021 integration/acme: `secrets` is null"),
        ("envs: null\n", "GB021 integration/acme: `envs` is null, not a mapping"),
        ("envs: []\n", "GB018 integration/acme: `envs` is a list, not a mapping"),
        ("envs: {default: null}\n", "GB021 integration/acme: `default` is null, not a mapping"),
        ("envs: {prod: 3}\n", "GB018 integration/acme: `prod` is a number, not a mapping"),
    ],
)
def test_what_has_no_sense_in_a_manifest_is_an_error_where_it_stands(
    tmp_path: Path, more: str, said: str
) -> None:
    (problem,) = problems(project(tmp_path, MANIFEST + more))

    assert said in str(problem)


@pytest.mark.parametrize("name", ["[x]", "3", "null", "{}"])
def test_a_name_that_is_no_text_is_an_error(tmp_path: Path, name: str) -> None:
    (problem,) = problems(project(tmp_path, MANIFEST.replace("name: acme", f"name: {name}")))

    assert "GB018 integration/acme: `name` is" in str(problem)
