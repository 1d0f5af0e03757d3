"""How everything stands: each site and space by each integration, and the value of one key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler import pipeline as reconcile
from reconciler.gitbook.kinds.table import KINDS
from reconciler.live.fetch_all import fetch_all
from reconciler.live.snapshot import pinned
from reconciler.plan.matrix import WHOLE, Cell, Matrix, Member, Standing, matrix, narrowed
from reconciler.resources.resource import Address
from reconciler.resources.values import ABSENT, Secret
from reconciler.sandbox import ORGANIZATION
from tests.planning import ENDPOINT, World, world

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = """\
sites:
  handbook: {id: site_p4Xo1, tags: [public]}
  api-docs: {id: site_k2Lm9, tags: [public, dev]}
"""
ANALYTICS = "installations:\n  googleanalytics:\n    sites:\n"


async def seen(made: World, show: str = "", edited: frozenset[Address] = frozenset()) -> Matrix:
    """The matrix, as the command makes it."""
    config = made.config()
    async with made.client() as client:
        found = await fetch_all(
            client, config.resources, table=KINDS, organization=config.organization, keys=True
        )
    live = pinned(found, config.resources)
    planned = await reconcile.plan(
        config,
        None,
        made.lock_store,
        table=KINDS,
        endpoint=ENDPOINT,
        folder=made.folder,
        choice=reconcile.Choice(read_only=True),
        live=replace(live, snapshot=True),
    )
    members = {
        section: {member.id: Member(member.name, member.tags) for member in found.values()}
        for section, found in config.catalogue.sections.items()
    }
    return matrix(
        planned.plan,
        live,
        config.resources,
        table=KINDS,
        members=members,
        names=config.names,
        show=show,
        edited=edited,
    )


async def of(
    folder: Path, files: str, live: dict[str, Any], show: str = "", edited: frozenset[Address] = frozenset()
) -> Matrix:
    return await seen(world(folder, {"files": files, "live": {"installations": live}}), show, edited)


def standings(found: Matrix) -> dict[str, dict[str, str]]:
    """Per row that has cells how each stands."""
    return {
        row.name: {column: cell.standing.value for column, cell in row.cells.items()}
        for row in found.rows
        if row.cells
    }


async def test_a_cell_says_how_a_binding_stands(tmp_path: Path) -> None:
    files = CATALOGUE + ANALYTICS + "      tag:public: {configuration: {tracking_id: G-1}}\n"
    sites: dict[str, Any] = {
        "site_p4Xo1": {"configuration": {"tracking_id": "G-1"}},
        "site_t7Rb3": {"configuration": {"tracking_id": "G-9"}},
        "site_w8Yn5": {},
    }

    found = await of(tmp_path, files + "      site_w8Yn5: {}\n", {"googleanalytics": {"sites": sites}})

    assert standings(found) == {
        WHOLE: {"googleanalytics": "ok"},
        "handbook": {"googleanalytics": "ok"},
        "api-docs": {"googleanalytics": "missing"},
        "Help Center": {"googleanalytics": "unmanaged"},
        "Changelog": {"googleanalytics": "pending"},
    }


async def test_what_differs_is_drift(tmp_path: Path) -> None:
    files = ANALYTICS + "      site_p4Xo1: {configuration: {tracking_id: G-1}}\n"
    sites = {"site_p4Xo1": {"configuration": {"tracking_id": "G-2"}}}

    found = await of(tmp_path, files, {"googleanalytics": {"sites": sites}}, show="tracking_id")

    handbook = next(row for row in found.rows if row.key == "site_p4Xo1")
    assert handbook.cells == {"googleanalytics": Cell(Standing.DRIFT, "G-2", "G-1")}
    assert handbook.deviates


async def test_the_row_of_the_organization_has_the_installations(tmp_path: Path) -> None:
    files = "installations:\n  slack: {configuration: {default_channel: C1}}\n  plausible: {}\n"
    live = {"slack": {"configuration": {"default_channel": "C1"}}, "mermaid": {}}

    found = await of(tmp_path, files, live)

    assert standings(found) == {WHOLE: {"mermaid": "unmanaged", "plausible": "missing", "slack": "pending"}}


async def test_a_row_without_a_title_that_one_sees_has_its_id(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": "installations: {}\n", "live": {"installations": {}}})
    sites = made.sandbox.store.sites
    sites["site_k2Lm9"] = replace(sites["site_k2Lm9"], title="  ")

    found = await seen(made)

    assert "site_k2Lm9" in {row.name for row in found.rows}


async def test_every_site_and_space_of_the_organization_has_a_row(tmp_path: Path) -> None:
    found = await of(tmp_path, CATALOGUE, {})

    assert [(row.word, row.name) for row in found.rows] == [
        ("installation", WHOLE),
        ("space", "Engineering"),
        ("space", "Product"),
        ("space", "Release Notes"),
        ("space", "Support"),
        ("site", "api-docs"),
        ("site", "Changelog"),
        ("site", "handbook"),
        ("site", "Help Center"),
    ]
    assert found.columns == ()


async def test_where_an_integration_is_everywhere_each_site_has_it(tmp_path: Path) -> None:
    live = {"googleanalytics": {"site_selection": "all", "space_selection": "all"}}

    declared = await of(tmp_path, "installations:\n  googleanalytics: {site_selection: all}\n", live)
    foreign = await of(tmp_path, "installations: {}\n", live)

    assert standings(declared)["Changelog"] == {"googleanalytics": "ok"}
    assert standings(foreign)["Changelog"] == {"googleanalytics": "unmanaged"}
    assert "Engineering" not in standings(declared)


async def test_what_should_be_gone_is_drift(tmp_path: Path) -> None:
    sites = {"sites": {"site_p4Xo1": {"configuration": {"tracking_id": "G-1"}}, "site_k2Lm9": {}}}
    files = "prune: all\n" + ANALYTICS + "      site_p4Xo1: {absent: true}\n"

    found = await of(tmp_path, files, {"googleanalytics": sites})

    assert standings(found)["Handbook"] == {"googleanalytics": "drift"}
    assert standings(found)["API Docs"] == {"googleanalytics": "drift"}


async def test_a_secret_is_shown_as_one(tmp_path: Path) -> None:
    files = (
        "mask: [segment/write_key]\ninstallations:\n  segment:\n"
        "    sites: {site_p4Xo1: {configuration: {write_key: abc}}}\n"
    )
    sites = {"site_p4Xo1": {"configuration": {"write_key": "abc"}}}

    found = await of(tmp_path, files, {"segment": {"sites": sites}}, show="write_key")

    cell = next(row for row in found.rows if row.key == "site_p4Xo1").cells["segment"]
    assert isinstance(cell.value, Secret)
    assert isinstance(cell.wanted, Secret)


async def test_what_is_a_secret_on_one_site_is_one_on_all(tmp_path: Path) -> None:
    sites = {site: {"configuration": {"tracking_id": "G-1"}} for site in ("site_p4Xo1", "site_k2Lm9")}
    case = {
        "files": ANALYTICS + '      site_p4Xo1: {configuration: {tracking_id: "${{ secret.GA }}"}}\n',
        "live": {"installations": {"googleanalytics": {"sites": sites}}},
        "with": {"env": {"GA": "G-1"}},
    }

    found = await seen(world(tmp_path, case), show="tracking_id")

    values = [row.cells["googleanalytics"].value for row in found.rows if row.key in sites]
    assert len(values) == 2
    assert all(isinstance(value, Secret) for value in values)


async def test_a_secret_that_is_not_set_is_not_compared(tmp_path: Path) -> None:
    files = ANALYTICS + '      site_p4Xo1: {configuration: {tracking_id: "${{ secret.GA }}"}}\n'
    sites = {"site_p4Xo1": {"configuration": {"tracking_id": "G-2"}}}

    found = await of(tmp_path, files, {"googleanalytics": {"sites": sites}}, show="tracking_id")

    cell = next(row for row in found.rows if row.key == "site_p4Xo1").cells["googleanalytics"]
    assert found.uncompared == 1
    assert cell.standing is Standing.OK
    assert isinstance(cell.value, Secret)


async def test_a_field_can_be_shown_too(tmp_path: Path) -> None:
    live = {"googleanalytics": {"site_selection": "all"}}

    found = await of(
        tmp_path,
        "installations:\n  googleanalytics: {site_selection: selected}\n",
        live,
        show="site_selection",
    )

    assert found.rows[0].cells["googleanalytics"] == Cell(Standing.DRIFT, "all", "selected")
    assert all(cell.value is ABSENT for row in found.rows[1:] for cell in row.cells.values())


async def test_rows_are_chosen_by_tag_and_by_whether_they_deviate(tmp_path: Path) -> None:
    files = CATALOGUE + ANALYTICS + "      tag:public: {configuration: {tracking_id: G-1}}\n"
    sites = {"site_p4Xo1": {"configuration": {"tracking_id": "G-1"}}}
    whole = await of(tmp_path, files, {"googleanalytics": {"sites": sites}, "mermaid": {}})

    tagged, deviating = narrowed(whole, tags=["dev", "internal"]), narrowed(whole, deviating=True)

    assert [row.name for row in tagged.rows] == ["api-docs"]
    assert tagged.columns == ("googleanalytics",)
    assert [row.name for row in deviating.rows] == [WHOLE, "api-docs"]
    assert narrowed(whole, tags=["public"], deviating=True).rows == tagged.rows
    assert narrowed(whole) == whole


async def test_totals_count_the_cells_of_each_column(tmp_path: Path) -> None:
    sites = {"site_p4Xo1": {"configuration": {"tracking_id": "G-1"}}, "site_k2Lm9": {}}
    found = await of(
        tmp_path, "installations:\n  googleanalytics: {}\n", {"googleanalytics": {"sites": sites}}
    )

    assert found.totals() == {"googleanalytics": {Standing.OK: 1, Standing.UNMANAGED: 2}}
    assert found.organization == ORGANIZATION


async def test_what_only_the_file_has_changed_is_to_be_applied_and_no_drift(tmp_path: Path) -> None:
    files = ANALYTICS + "      site_p4Xo1: {configuration: {tracking_id: G-1}}\n"
    sites = {"site_p4Xo1": {"configuration": {"tracking_id": "G-2"}}}
    edited = frozenset({Address("installation/googleanalytics/site/site_p4Xo1")})

    found = await of(tmp_path, files, {"googleanalytics": {"sites": sites}}, edited=edited)

    handbook = next(row for row in found.rows if row.key == "site_p4Xo1")
    assert handbook.cells == {"googleanalytics": Cell(Standing.APPLY)}
