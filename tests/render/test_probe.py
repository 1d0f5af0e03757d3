"""The findings as a table: a setting, a sentence, and a mark where the sandbox does otherwise."""

from __future__ import annotations

from reconciler.render.probe import ProbeLine, probe_document, probe_text

LINES = (
    ProbeLine("patch", "Configuring", "A PATCH of a configuration", "merges", is_usual=False),
    ProbeLine("nulls", "Configuring", "A key that is set to null is", "refused", "with 400"),
    ProbeLine("page_cap", "Lists", "Items on a page at most", None, "at least 11", is_usual=False),
    ProbeLine("token_life", "Not asked", "", None, "only its code can make one"),
)
BESIDE = (("A POST that installs answers 201", "with configuration"),)
TEXT = """\
Configuring
~ patch=merges   A PATCH of a configuration: merges
  nulls=refused  A key that is set to null is: refused (with 400)

Lists
  page_cap=?     Items on a page at most: not known, at least 11

Not asked
  token_life=?   only its code can make one

No switch imitates:
  A POST that installs answers 201: with configuration

~ differs from what the sandbox does by default."""


def test_a_row_has_the_setting_and_a_sentence() -> None:
    assert probe_text(LINES, BESIDE, width=80) == TEXT


def test_a_long_sentence_is_folded_under_itself() -> None:
    text = probe_text(LINES[:2], (), width=44)

    assert "  nulls=refused  A key that is set to null is:\n                 refused (with 400)\n" in text


def test_the_document_has_each_switch_once_and_says_where_nothing_was_seen() -> None:
    document = probe_document(LINES, BESIDE, program="1.0")

    assert document["switches"]["patch"] == {"value": "merges"}
    assert document["switches"]["page_cap"] == {"value": None, "note": "at least 11"}
    assert document["beside"] == [
        {"what": "A POST that installs answers 201", "answer": "with configuration"}
    ]
