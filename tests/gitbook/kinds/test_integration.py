"""What GitBook would refuse, or take and not do, seen before it is asked."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, get_args

import pytest

from reconciler.gitbook.kinds.images import ICON_MAX
from reconciler.gitbook.kinds.integration import INTERNAL_SCOPES, RENAMED_SCOPES
from reconciler.gitbook.kinds.policy import DIRECTIVES
from reconciler.gitbook.kinds.shapes import Scope
from reconciler.gitbook.kinds.table import KINDS
from tests.config.files import faults

if TYPE_CHECKING:
    from pathlib import Path

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 20).decode()
BIG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * ICON_MAX).decode()


@pytest.mark.parametrize(
    ("field", "rules"),
    [
        ("scopes: [site:script:inject, site:metadata:read]", ["GB085"]),
        (f"icon: {PNG}", []),
        (f"icon: {BIG}", ["GB087"]),
        ("icon: ''", []),
        ("icon: not base64 at all", ["GB087"]),
        ("icon: '${{ secret.NOWHERE }}'", []),
        (f"previewImages: [{PNG}, ./a.png]", ["GB087"]),
        ("script: 'addEventListener(); // index.js'", []),
        ("script: dist/index.mjs", ["GB088"]),
        ("contentSecurityPolicy: {default-src: self, img-src: self, default: self}", ["GB089"]),
        ("contentSecurityPolicy: whatever it is", []),
        ("externalLinks: [{label: A, url: https://a.example}, {label: B, url: 'javascript:x'}]", ["GB092"]),
        ("externalLinks: [{label: A, url: '${{ secret.NOWHERE }}'}]", []),
        ("configurations: {site: {componentId: x}}", []),
        ("configurations: {site: {properties: {a: {type: string}}, required: [a, b]}}", ["GB090"]),
        ("configurations: {site: {properties: {a: {type: string, enum: [x], default: y}}}}", ["GB091"]),
        ("configurations: {site: {properties: {a: {type: string, enum: [x], default: x}}}}", []),
    ],
)
def test_an_integration_is_looked_over(tmp_path: Path, field: str, rules: list[str]) -> None:
    found = faults(tmp_path, f"integrations:\n  acme:\n    {field}\n")

    assert [line.split(": ")[1].split(" ")[0] for line in found] == rules


@pytest.mark.parametrize(
    ("organization", "odd"),
    [
        ("Qm4TzvXb81LkWc0sYhEo", False),
        ("-LxYz1234567890abcde", False),
        ("aaaaaaaaaaaaaaaaaaaa", False),
        ("gitbook", True),
        ("acme-docs", True),
        ("acme.gitbook.io", True),
        ("https://app.gitbook.com/o/Qm4TzvXb81LkWc0sYhEo", True),
        ("my organization", True),
    ],
)
def test_an_organization_is_an_id(organization: str, *, odd: bool) -> None:
    assert bool(KINDS["installation"].file.owner_advice(organization)) == odd


def test_scopes_are_those_of_the_reference() -> None:
    scopes = set(get_args(Scope))

    assert scopes >= INTERNAL_SCOPES
    assert set(RENAMED_SCOPES.values()) <= scopes
    assert not scopes & RENAMED_SCOPES.keys()


def test_policy_directives_are_those_of_the_reference(shared: Path) -> None:
    text = (shared / "openapi" / "gitbook-integrations.json").read_text("utf-8")

    assert len(DIRECTIVES) == 31
    assert all(f'"{name}"' in text for name in DIRECTIVES)


@pytest.mark.parametrize(
    ("kind", "id_", "usual"),
    [
        ("installation_site", "site_p4Xo1", True),
        ("installation_site", "handbook", False),
        ("installation_space", "7fQm2WvA91bXcR0tYk3L", True),
        ("installation_space", "-LxYz12345678_90abcd", True),
        ("installation_space", "release-notes", False),
    ],
)
def test_ids_of_sites_and_spaces_look_so(kind: str, id_: str, *, usual: bool) -> None:
    import re  # noqa: PLC0415 - this test alone

    assert bool(re.fullmatch(KINDS[kind].file.id_pattern, id_)) == usual
