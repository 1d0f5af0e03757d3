"""Drift for people, programs and issues: who moved what, and nothing in it acts on its reader."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

from reconciler.diagnostics import Place
from reconciler.plan.drift import Drift, Item, Move, What, Who
from reconciler.plan.step import Notice
from reconciler.render.clean import is_visible
from reconciler.render.drift.json import drift_document
from reconciler.render.drift.markdown import drift_markdown
from reconciler.render.drift.sentences import summary
from reconciler.render.drift.text import drift_text
from reconciler.render.json import json_text
from reconciler.resources.digest import Salt
from reconciler.resources.resource import Address
from reconciler.resources.values import ABSENT, Secret
from tests.render.hostile import every_text, through_each

if TYPE_CHECKING:
    from collections.abc import Callable

SITE = Address("installation/googleanalytics/site/site_p4Xo1")
SLACK = Address("installation/slack")
PLACE = Place("gbsync.yaml", 14, 7)
DRIFT = Drift(
    "org",
    "https://api.gitbook.com",
    (
        Item(
            SITE,
            What.CHANGED,
            Who.LIVE,
            (Move(("configuration", "tracking_id"), "G-1", "G-HAND", Who.LIVE, PLACE),),
            "handbook",
            PLACE,
        ),
        Item(Address("installation/intercom"), What.APPEARED, Who.LIVE, label="Intercom"),
        Item(
            SLACK,
            What.CHANGED,
            Who.BOTH,
            (
                Move(("configuration", "token"), Secret("one"), Secret("two"), Who.BOTH),
                Move(("configuration", "text"), "a" * 60, "b" * 60, Who.FILE),
                Move(("script",), "// new", ABSENT, Who.LIVE, unknown=True),
            ),
        ),
        Item(Address("installation/slack/space/gone"), What.VANISHED, Who.LIVE, reason="because"),
    ),
    unmanaged=2,
    uncompared=(Notice(SLACK, path=("configuration", "key"), note="its secret is not set"),),
)
TEXT = f"""\
googleanalytics
  ~ handbook  {SITE}        gbsync.yaml:14
      live moved  configuration.tracking_id  file "G-1", live "G-HAND"

intercom
  + Intercom  installation/intercom
      (is live since the last apply, and no file wants it)

slack
  ~ installation/slack
      both moved  configuration.token  file (secret #1), live (secret #2)
      file moved  configuration.text
          file "{"a" * 60}"
          live "{"b" * 60}"
      live moved  script  file "// new", live (not readable)
  - installation/slack/space/gone
      (was applied, and is not live any more; because)

* Not compared:
  * installation/slack  configuration.key  (its secret is not set)

2 live resources are unmanaged.

Drift: 4 fields moved (2 live, 1 file, 1 both), 1 resource vanished, 1 resource appeared."""


def test_it_reads_as_what_happened() -> None:
    assert drift_text(DRIFT) == TEXT


def test_without_drift_it_says_so() -> None:
    assert drift_text(Drift("org", "e")) == "No drift."
    assert drift_markdown(Drift("org", "e")).strip().endswith("### No drift.")


def test_without_a_lock_it_says_what_is_missing() -> None:
    unknown = Item(SITE, What.DECLARED, Who.UNKNOWN)
    text = drift_text(Drift("org", "e", (unknown,), remembered=False, partial=True, notes=("A note.",)))

    assert text.startswith("A note.\nNo lock says what was applied last")
    assert "This report is partial: " in text
    assert "(stands in the file, and is not live)" in text


def test_an_issue_has_a_row_for_each_field_and_a_line_for_each_fate() -> None:
    lines = drift_markdown(DRIFT).splitlines()

    assert lines[0] == "<!-- gbsync drift-org -->"
    assert lines[1] == f"### {summary(DRIFT)}"
    what = f"`handbook` `{SITE}` | `configuration.tracking_id`"
    assert f'| live | {what} | `"G-1"` `gbsync.yaml:14` | `"G-HAND"` |' in lines
    assert "| both | `installation/slack` | `configuration.token` | `(secret #1)` | `(secret #2)` |" in lines
    appeared = "is live since the last apply, and no file wants it"
    assert f"- **appeared** `Intercom` `installation/intercom` {appeared}" in lines
    assert "#### Not compared" in lines


def moved(number: int, file: int = 25, live: int = 50) -> Item:
    move = Move(("configuration", "rate"), file, live, Who.LIVE, PLACE)
    address = Address(f"installation/plausible/site/{number:03}")
    return Item(address, What.CHANGED, Who.LIVE, (move,), f"site-{number}", PLACE)


def test_what_moved_alike_is_one_entry_and_the_odd_one_stands_by_itself() -> None:
    found = Drift("org", "e", (*(moved(number) for number in range(299)), moved(299, live=75)))
    text, page, document = drift_text(found), drift_markdown(found), drift_document(found)

    assert len(text.splitlines()) < 16
    assert "  ~ 299 sites " in text
    assert "  ~ site-299  installation/plausible/site/299, unlike 299 others" in text
    assert "live moved  configuration.rate  file 25, live 75" in text
    assert page.count("\n| live |") == 2
    assert [len(item["addresses"]) for item in document["classes"]] == [299, 1]
    assert len(drift_text(found, expand=True).splitlines()) > 600


def test_values_that_moved_to_one_each_are_named_with_both_sides() -> None:
    text = drift_text(Drift("org", "e", tuple(moved(number, live=number) for number in range(30))))

    assert "      site-2\n      live moved  configuration.rate  file 25, live 2\n" in text
    assert "… and 18 more (--expand)" in text


def test_an_issue_stays_within_its_limit_and_counts_what_it_leaves_out() -> None:
    moves = tuple(Move(("configuration", f"key{number}"), "a", "b", Who.LIVE) for number in range(2000))
    gone = tuple(Item(Address(f"installation/i{number}"), What.VANISHED, Who.LIVE) for number in range(2000))
    found = Drift("org", "e", (Item(SLACK, What.CHANGED, Who.LIVE, moves), *gone))

    text = drift_markdown(found, limit=20_000)

    assert len(text.encode()) <= 20_000
    assert "2,000 fields moved" in text
    assert re.search(r"\*1,\d{3} more left out here\.\*", text)
    assert len(drift_markdown(found).encode()) <= 65_536


def test_a_document_says_it_to_programs() -> None:
    document = json.loads(json_text(drift_document(DRIFT)))

    assert document["drift"] is True
    assert document["counts"]["fields"] == {"live": 2, "file": 1, "both": 1, "unknown": 0}
    assert document["items"][0] == {
        "address": SITE,
        "label": "handbook",
        "what": "changed",
        "who": "live",
        "reason": "",
        "place": {"file": "gbsync.yaml", "line": 14, "column": 7},
        "moves": [
            {
                "path": ["configuration", "tracking_id"],
                "who": "live",
                "readable": True,
                "file": "G-1",
                "live": "G-HAND",
                "digests": {"file": Salt("").digest("G-1"), "live": Salt("").digest("G-HAND")},
            }
        ],
    }
    assert "one" not in json.dumps([item["moves"] for item in document["items"] if item["address"] == SLACK])


def hostile(text: str) -> Drift:
    """A drift that has the text wherever text from outside may stand."""
    moves: tuple[Any, ...] = tuple(
        Move((text, text), *pair, who, Place(text))
        for who, pair in zip(
            Who, ((text, f"{text}x"), (ABSENT, text), ({text: text}, ABSENT), (text, 1)), strict=True
        )
    )
    items = tuple(
        Item(Address(f"installation/{text}"), what, Who.LIVE, moves, text, Place(text), text) for what in What
    )
    notice = Notice(Address(f"installation/{text}"), text, (text,), text, text)
    return Drift(text, text, items, 3, (notice,), (text,), remembered=False, partial=True)


SHOWN: dict[str, Callable[[str], str]] = {
    "text": lambda text: drift_text(hostile(text)),
    "narrow": lambda text: drift_text(hostile(text), width=40),
    "json": lambda text: json_text(drift_document(hostile(text))),
    "markdown": lambda text: drift_markdown(hostile(text), name=text),
}


@through_each(SHOWN, "runners")
def test_no_line_acts_on_a_terminal_or_a_runner(make: Callable[[str], str], text: str) -> None:
    output = make(text)

    assert all(is_visible(char) or char == "\n" for char in output)
    assert not re.search(r"^\s*::|##\w*\[", output, re.MULTILINE)


@every_text("markdown", "html")
def test_markdown_has_only_our_structure(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(drift_markdown(hostile(text)))
    spoken = {child.type for token in tokens for child in token.children or ()}
    plain = "".join(
        child.content for token in tokens for child in token.children or () if child.type == "text"
    )
    rows = [token for token in tokens if token.type == "tr_open"]

    assert spoken <= {
        "code_inline",
        "text",
        "softbreak",
        "strong_open",
        "strong_close",
        "em_open",
        "em_close",
    }
    assert len(rows) == 1 + 4
    assert not set("@[]<>") & set(plain)


def test_a_value_that_another_file_sets_names_that_file() -> None:
    other = Place("production.yaml", 4, 1)
    long = "G-" + "1" * 60
    moves = (
        Move(("configuration", "tracking_id"), "G-1", "G-2", Who.LIVE, other),
        Move(("configuration", "long"), long, "G-2", Who.BOTH, other),
        Move(("configuration", "same"), "a", "b", Who.LIVE, PLACE),
    )
    item = Item(SITE, What.CHANGED, Who.BOTH, moves, place=PLACE)
    text = drift_text(replace(DRIFT, items=(item,)))

    assert text.count("production.yaml:4") == 2
    assert text.count("gbsync.yaml:14") == 1
