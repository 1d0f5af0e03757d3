"""What the commands fold and expand, on the sandbox: names, tags in places, edits of the file and drift."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reconciler.cli import run

if TYPE_CHECKING:
    from tests.cli.desk import Desk

SITES = """sites:
  site-10: {id: site_p4Xo1, tags: [public]}
  site-2: {id: site_k2Lm9, tags: [public]}
  odd-one: {id: site_t7Rb3, tags: [public]}
"""


def file(rate: str, *, sites: bool = True) -> str:
    binding = f"    sites:\n      tag:public: {{configuration: {{tracking_id: {rate}}}}}\n" if sites else ""
    return (
        f"prune: managed\n{SITES}installations:\n  googleanalytics:\n    site_selection: selected\n{binding}"
    )


@pytest.fixture
def edited(desk: Desk) -> Desk:
    """Three sites with one key; then the file has another one, and somebody changed one site in GitBook."""
    desk.applied(file("G-1"))
    desk.write(file("G-2"))
    with desk.store() as store:
        (installation,) = store.installations_of(integration="googleanalytics")
        binding = store.bindings(installation.id, "site")["site_t7Rb3"]
        store.put_binding(replace(binding, configuration={"tracking_id": "G-HAND"}))
    return desk


def test_a_plan_names_sites_in_natural_order_and_the_tag_of_the_line(edited: Desk) -> None:
    folded, expanded = edited.run("plan").out, edited.run("plan", "--expand").out

    assert "  ~ 2 sites" in folded
    assert "(tag:public)" in folded
    assert "      site-2, site-10\n" in folded
    assert "  ~ odd-one  installation/googleanalytics/site/site_t7Rb3" in folded
    assert "  ~ site-2  installation/googleanalytics/site/site_k2Lm9" in expanded
    assert expanded.count('"G-1" → "G-2"') == 2


def test_a_saved_plan_shows_the_same_classes_with_the_same_fingerprints(
    edited: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path = edited.saved()
    saved = json.loads(path.read_text("utf-8"))["gbsync"]["classes"]
    code = run(["show", str(path), "--format", "json"])
    shown = json.loads(capsys.readouterr().out)["gbsync"]["classes"]

    assert code == 0
    assert shown == saved
    assert [item["count"] for item in saved] == [2, 1]


def test_the_matrix_tells_an_edit_of_the_file_from_drift(edited: Desk) -> None:
    rows = {
        row["name"]: row["cells"] for row in json.loads(edited.run("matrix", "--format", "json").out)["rows"]
    }

    assert rows["site-2"]["googleanalytics"]["standing"] == "to apply"
    assert rows["odd-one"]["googleanalytics"]["standing"] == "drift"


def test_drift_folds_what_the_same_side_has_moved(edited: Desk) -> None:
    ended = edited.run("drift")

    assert "  ~ 2 sites" in ended.out
    assert ended.out.count("file moved") == 1
    assert "  ~ odd-one  installation/googleanalytics/site/site_t7Rb3" in ended.out


def test_what_is_pruned_has_the_name_that_the_catalogue_still_knows(desk: Desk) -> None:
    desk.applied(file("G-1"))
    desk.write(file("G-1", sites=False))
    ended = desk.run("plan", "--allow-deletes", "3")

    assert "  - 3 sites" in ended.out
    assert "odd-one, site-2, site-10" in ended.out
    assert "Handbook" not in ended.out


def test_the_page_says_where_the_plan_comes_from(edited: Desk) -> None:
    page = edited.run("plan", "--html", "-").out
    crumb = page.split('<p class="crumb">')[1].split("</p>")[0]

    assert " at <code>http" in crumb
    assert crumb.endswith(" UTC")
