"""An export in which what is shared stands once declares what the plain one does, and stays as it is."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config.format.export import export
from reconciler.config.format.factor import factored
from reconciler.config.format.fmt import formatted
from reconciler.gitbook.kinds.binding import with_titles
from reconciler.gitbook.kinds.table import KINDS
from reconciler.live.fetch_all import fetch_all
from reconciler.render.yaml import document_text
from reconciler.resources.values import reveal
from reconciler.sandbox import ORGANIZATION, Sandbox, Store
from reconciler.sandbox.records import Binding
from tests.config.format.estates import alike, changed, configuration, estate, organization
from tests.config.format.test_export import NAMED, client, loaded, planned, redacted
from tests.organizations import stores

if TYPE_CHECKING:
    from reconciler.config import Config

NIGHTLY = bool(os.environ.get("GBSYNC_NIGHTLY"))


async def texts(store: Store, config: Config | None = None, *, references: bool = False) -> tuple[str, str]:
    """The plain export of an organization, and the one in which what is shared stands once."""
    declared = config.resources if config else {}
    async with client(Sandbox(store)) as opened:
        live = await fetch_all(opened, declared, table=with_titles(KINDS), organization=ORGANIZATION)
    document = export(
        live,
        declared,
        table=KINDS,
        organization=ORGANIZATION,
        redactor=redacted(live, config),
        references=references,
    )
    return document_text(document), document_text(factored(document, table=KINDS))


def declares(config: Config) -> dict[str, Any]:
    """What a config declares, secrets revealed."""
    return {address: reveal(dict(resource.attributes)) for address, resource in config.resources.items()}


async def checked(store: Store) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, shared = await texts(store)
        expected = declares(loaded(plain, folder))
        config = loaded(shared, folder)
        made = await planned(config, Sandbox(store))
        _, again = await texts(store, config)

    assert declares(config) == expected
    assert made.plan.steps == ()
    assert again == shared
    assert formatted(shared, table=KINDS) == shared


@given(st.one_of(alike(), stores()))
async def test_it_declares_what_the_plain_export_does_plans_empty_and_is_the_same_again(store: Store) -> None:
    await checked(store)


@given(alike())
async def test_with_references_each_member_has_its_own_secret(store: Store) -> None:
    plain, shared = await texts(store, references=True)
    with tempfile.TemporaryDirectory() as name:
        dummies = {secret: f"value of {secret}" for secret in NAMED.findall(plain)}
        expected = declares(loaded(plain, Path(name), dummies))
        declared = declares(loaded(shared, Path(name), dummies))

    assert declared == expected


def catalogue(text: str) -> list[str]:
    """The lines of the members in a file."""
    sections = re.findall(r"^(?:sites|spaces):\n((?:  .*\n)+)", text, re.MULTILINE)
    return [line for section in sections for line in section.splitlines()]


@pytest.mark.parametrize("bindings", [500, *([10_000] if NIGHTLY else [])])
async def test_of_a_grown_organization_little_is_left_beside_the_catalogue(bindings: int) -> None:
    store = estate(bindings)
    plain, shared = await texts(store)

    await checked(store)

    beside = len(shared.splitlines()) - len(catalogue(shared))
    assert len(catalogue(shared)) == len(catalogue(plain)) == 2 * bindings // 5
    assert beside <= (0.05 if bindings > 500 else 0.1) * len(plain.splitlines())


def moved(before: str, after: str) -> int:
    """How many lines of a file are others than before; one that is new, gone or changed counts once."""
    old, new = Counter(before.splitlines()), Counter(after.splitlines())
    return max((old - new).total(), (new - old).total())


CHANGES: dict[str, dict[str, Any] | None] = {
    "another id of its own": {"tracking_id": "G-NEW"},
    "a value that nobody has": {"region": "JP"},
    "a key that nobody has": {"rules": {"a": [1]}},
    "the values of the others": {"region": "US", "sample_rate": 100, "anonymize": None},
    "a key less": {"region": None},
    "no binding any more": None,
}
TWO_LINES = "a key less"
"""No selector can take a key away: the member leaves its tag, and what it still has stands by itself."""


@pytest.mark.parametrize("change", CHANGES)
@given(st.integers(0, 29), st.sampled_from([0, 2, 3]))
@settings(max_examples=60 if NIGHTLY else 6)
async def test_what_one_member_changes_is_one_line(change: str, member: int, number: int) -> None:
    store = estate(150)
    values = CHANGES[change]
    after = None
    if values is not None:
        merged = {**configuration(store, member, number), **values}
        after = {key: value for key, value in merged.items() if value is not None}
    _, before = await texts(store)
    _, now = await texts(changed(store, member, number, after))

    assert moved(before, now) <= (2 if change == TWO_LINES else 1), before


async def test_a_file_of_one_way_to_configure_reads_as_a_person_would_write_it() -> None:
    ways = [{"tracking_id": f"G-{number}", "sample_rate": 50 if number == 1 else 25} for number in range(4)]
    bindings = [Binding("inst0", "site", f"site_{number:05}", way) for number, way in enumerate(ways)]

    _, shared = await texts(organization(1, 4, bindings, ("Handbook", "API Docs", "Blog", "Changelog")))

    assert shared.partition("\n\n")[2] == (
        "sites:\n"
        "  api-docs: {id: site_00001, tags: [analytics], vars: {tracking_id: G-1}}\n"
        "  blog: {id: site_00002, tags: [analytics], vars: {tracking_id: G-2}}\n"
        "  changelog: {id: site_00003, tags: [analytics], vars: {tracking_id: G-3}}\n"
        "  handbook: {id: site_00000, tags: [analytics], vars: {tracking_id: G-0}}\n"
        "\n"
        "installations:\n"
        "  analytics:\n"
        "    site_selection: selected\n"
        "    sites:\n"
        '      tag:analytics: {configuration: {tracking_id: "${{ site.tracking_id }}", sample_rate: 25}}\n'
        "      api-docs: {configuration: {sample_rate: 50}}\n"
    )


async def test_a_secret_is_one_comment_at_its_set_and_never_in_the_file() -> None:
    bindings = [
        Binding("inst0", "site", f"site_{number:05}", {"region": "EU", "auth_token": f"hush-{number}"})
        for number in range(4)
    ]
    store = organization(1, 4, bindings)

    plain, shared = await texts(store)
    _, referred = await texts(store, references=True)

    assert "hush" not in plain + shared + referred
    assert shared.count("# auth_token: left out, it is a secret; --secret-references writes a reference") == 1
    assert 'auth_token: "${{ site.auth_token }}"' in referred
    assert 'vars: {auth_token: "${{ secret.ANALYTICS_DOCS_1_AUTH_TOKEN }}"}' in referred
