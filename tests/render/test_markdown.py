"""Text from outside in Markdown stays text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reconciler.render.markdown import code, fenced, marker
from reconciler.render.plan.markdown import plan_markdown
from tests.render.situations import (
    PLANS,
)


def test_the_marker_finds_the_comment_again_and_is_not_seen() -> None:
    text = plan_markdown(PLANS["one of each"](), name="plan production")

    assert text.startswith("<!-- gbsync plan-production-b1Xq7 -->\n")
    assert marker("--> <b>x") == "<!-- gbsync b-x -->"


@given(st.text())
def test_code_is_one_span_of_code(text: str) -> None:
    (block,) = MarkdownIt("commonmark").parse(f"x{code(text)}x")[1:2]

    assert block.children is not None
    assert [child.type for child in block.children] == ["text", "code_inline", "text"]


@given(st.lists(st.text(st.characters(exclude_categories=("C", "Z"))), max_size=6))
def test_a_block_ends_where_it_ends(lines: list[str]) -> None:
    tokens = MarkdownIt("commonmark").parse(f"{fenced(lines)}\nafter")

    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
