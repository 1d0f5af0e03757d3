"""`export --only`: a part that stands beside the files, and changes nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from reconciler.config import Config, Options, load
from reconciler.config.format.export import export
from reconciler.config.format.part import part_of
from reconciler.errors import UsageError
from reconciler.gitbook.kinds.binding import with_titles
from reconciler.gitbook.kinds.table import KINDS
from reconciler.live.fetch_all import fetch_all
from reconciler.render.yaml import document_text
from reconciler.sandbox import ORGANIZATION, Sandbox, Store
from reconciler.sandbox.world import default
from tests.config.format.test_export import client, planned, redacted
from tests.organizations import stores

HEAD = f"version: 1\norganization: {ORGANIZATION}\n"


def in_folder(folder: str) -> Config:
    return load([folder], table=KINDS, options=Options(environ={}))


async def part(sandbox: Sandbox, globs: list[str], config: Config | None = None) -> str:
    """What is written for the globs, beside a config or alone."""
    declared = config.resources if config else {}
    async with client(sandbox) as opened:
        live = await fetch_all(opened, declared, table=with_titles(KINDS), organization=ORGANIZATION)
    members = config.catalogue.sections if config else {}
    chosen = part_of(
        live,
        globs,
        declared=declared,
        names={
            section: {member.id: member.name for member in named.values()}
            for section, named in members.items()
        },
        table=KINDS,
        organization=ORGANIZATION,
        beside=config is not None,
    )
    document = export(
        live,
        declared,
        table=KINDS,
        organization=ORGANIZATION,
        redactor=redacted(live, config),
        part=chosen,
    )
    return document_text(document)


@given(stores())
@settings(max_examples=15)
async def test_everything_can_be_taken_over_one_after_the_other_and_no_plan_has_a_step(store: Store) -> None:
    sandbox = Sandbox(store)
    async with client(sandbox) as opened:
        live = await fetch_all(opened, {}, table=KINDS, organization=ORGANIZATION)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "gbsync.yaml").write_text(HEAD)
        for number, address in enumerate(live.state):
            config = in_folder(folder)
            try:
                text = await part(sandbox, [address], config)
            except UsageError:
                continue  # declared as the parent of another, or published by somebody else
            (Path(folder) / f"{number}.gbsync.yaml").write_text(text, encoding="utf-8")
        config = in_folder(folder)
        made = await planned(config, sandbox)

    assert made.plan.steps == ()
    assert not [address for address in config.resources if address not in live.state]


async def test_it_is_only_what_was_asked_for_under_the_names_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "gbsync.yaml").write_text(f"{HEAD}sites: {{news: {{id: site_w8Yn5}}}}\n")

    text = await part(Sandbox(default()), ["installation/*/site/*"], in_folder(str(tmp_path)))

    assert text == (
        "installations:\n  googleanalytics:\n    sites:\n      news: {configuration: {tracking_id: G-OLD}}\n"
    )


async def test_a_new_name_is_none_that_the_files_have(tmp_path: Path) -> None:
    (tmp_path / "gbsync.yaml").write_text(f"{HEAD}sites: {{changelog: {{id: site_p4Xo1}}}}\n")

    text = await part(Sandbox(default()), ["installation/*/site/*"], in_folder(str(tmp_path)))

    assert "sites:\n  changelog-site_w8Yn5: {id: site_w8Yn5}\n" in text


async def test_a_glob_that_writes_nothing_is_an_error_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "gbsync.yaml").write_text(f"{HEAD}installations: {{slack: {{}}}}\n")
    config = in_folder(str(tmp_path))

    with pytest.raises(UsageError) as error:
        await part(Sandbox(default()), ["installation/slack", "installation/mermaidd", "", "**/x"], config)

    assert str(error.value).splitlines() == [
        (
            "--only installation/slack: installation/slack is in the files already, "
            f"at {tmp_path}/gbsync.yaml:3:17; change it there"
        ),
        "--only installation/mermaidd: matches nothing that is live; did you mean `installation/mermaid`?",
        "--only '': matches nothing that is live; write an address as a plan shows it",
        "--only **/x: matches nothing that is live; write an address as a plan shows it",
    ]
