"""Text in an encoding that lacks some of its signs."""

from __future__ import annotations

import html
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.cli.encoding import fit_document, fit_text

CHARSETS = ("ascii", "latin-1", "cp1252", "cp437", "utf-8", "utf-16")
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


@pytest.mark.parametrize(
    ("text", "charset", "expected"),
    [
        ("┌─┐ │é│", "ascii", "+-+ |e|"),
        ("┌─┐ │é│", "cp437", "┌─┐ │é│"),
        ("“x” → …", "cp1252", "“x” -> …"),
        ("“x” → …", "ascii", '"x" -> ...'),
        ("日本 🐎", "latin-1", "?? ?"),
        ("bad\udcff name", "utf-8", "bad? name"),
    ],
)
def test_what_is_lacking_becomes_something_like_it(text: str, charset: str, expected: str) -> None:
    assert fit_text(text, charset) == expected


@given(TEXTS, st.sampled_from(CHARSETS))
def test_every_text_fits_and_what_fits_stays(text: str, charset: str) -> None:
    made = fit_text(text, charset)

    made.encode(charset)
    assert fit_text(made, charset) == made


@given(TEXTS, st.sampled_from(CHARSETS))
def test_a_document_stays_the_same_document(text: str, charset: str) -> None:
    as_json = fit_document(json.dumps({"a": text}, ensure_ascii=False), "json", charset)
    as_html = fit_document(f"<p>{html.escape(text)}</p>", "html", charset)

    assert json.loads(as_json.encode(charset).decode(charset)) == {"a": text}
    if charset != "utf-16":  # whoever takes it for UTF-8 reads the same
        assert json.loads(as_json.encode(charset)) == {"a": text}
        assert "&" in text or html.unescape(as_html.encode(charset).decode()) == f"<p>{text}</p>"


def test_yaml_in_quotes_stays_the_same() -> None:
    made = fit_document('a: "é 日 🐎"\n', "yaml", "cp1252")

    assert made.isascii()
    assert yaml.safe_load(made) == {"a": "é 日 🐎"}


@pytest.mark.parametrize(
    ("form", "expected"), [("dot", "&#26085;"), ("markdown", "&#26085;"), ("mermaid", "#26085;")]
)
def test_languages_with_references_get_them(form: str, expected: str) -> None:
    assert fit_document("日", form, "ascii") == expected
