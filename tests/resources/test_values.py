"""Values: one equality, one text for equal values, and secrets that stay in."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.resources.values import (
    MASK,
    FileText,
    SealedText,
    Secret,
    Source,
    canonical,
    has_secret,
    is_known,
    reveal,
    same,
    unset,
)

if TYPE_CHECKING:
    from collections.abc import Callable

HUSH = "hush-4711"
SCALARS = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, 1.5]) | st.text(max_size=2)
)


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
        max_leaves=4,
    )


VALUES = nested(SCALARS)
WITH_SECRETS = nested(SCALARS | SCALARS.map(Secret))
OPAQUE = Secret(parts=(Source("secret", "TOKEN"),), known=False)


@given(VALUES, VALUES)
def test_two_values_are_the_same_exactly_where_their_texts_are(one: Any, other: Any) -> None:
    assert same(one, one)
    assert same(one, other) == same(other, one) == (canonical(one) == canonical(other))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ("", None, False),
        ([1], (1,), True),
        ([], {}, False),
    ],
)
def test_a_number_is_its_value_and_a_boolean_is_no_number(one: Any, other: Any, *, expected: bool) -> None:
    assert same(one, other) is expected
    assert same({"k": [one]}, {"k": [other]}) is expected


@given(WITH_SECRETS)
def test_a_value_is_the_same_as_itself_in_clear(value: Any) -> None:
    assert same(value, reveal(value))
    assert canonical(value) == canonical(reveal(value))
    assert not has_secret(reveal(value))


@given(VALUES)
def test_what_has_no_secret_is_known_and_reveals_itself(value: Any) -> None:
    assert not has_secret(value)
    assert is_known(value)
    assert reveal(value) == value
    assert unset(value) == frozenset()


@given(VALUES)
def test_an_opaque_secret_is_found_wherever_it_stands(value: Any) -> None:
    held = {"a": value, "b": [value, {"c": OPAQUE}]}

    assert has_secret(held)
    assert not is_known(held)
    assert unset(held) == {"secret.TOKEN"}


@pytest.mark.parametrize("shown", [repr, str, "{}".format, "%s".__mod__, "{!r}".format])
@pytest.mark.parametrize("value", [Secret(HUSH), [Secret(HUSH)], {"k": Secret({"t": HUSH})}], ids=range(3))
def test_no_way_to_text_shows_a_secret(shown: Callable[[Any], str], value: Any) -> None:
    assert HUSH not in shown(value)
    assert MASK in shown(value)


def test_a_secret_is_padded_as_its_mask_is() -> None:
    assert f"{Secret(HUSH):>10}" == f"{MASK:>10}"


def test_a_secret_cannot_leave_the_process_by_accident() -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Secret(HUSH))


def test_an_opaque_secret_says_what_is_not_set_instead_of_a_value() -> None:
    with pytest.raises(LookupError, match=r"secret\.TOKEN is not set"):
        OPAQUE.reveal()


def test_secrets_are_equal_by_value_and_opaque_ones_by_their_source() -> None:
    again = Secret(parts=(Source("secret", "TOKEN"),), known=False)

    assert Secret(1) == Secret(1.0)
    assert Secret(1) != Secret(True)  # noqa: FBT003 - the value itself
    assert again == OPAQUE
    assert Secret(known=False) != OPAQUE
    assert Secret(None, parts=OPAQUE.parts) != OPAQUE
    assert Secret("text") != "text"
    assert hash(again) == hash(OPAQUE)


def test_sources_are_named_as_a_file_says_them() -> None:
    made = Secret("a-b", parts=("a-", Source("env", "B"), Source("yaml", "f.yaml", ("k", 0))))

    assert made.sources == ("env.B", "yaml.f.yaml")


def test_text_from_a_file_is_text_that_knows_its_file() -> None:
    source = Source("file", "dist/index.js")
    text = FileText.of("export {}", source)

    assert text == "export {}"
    assert text.source is source
    assert isinstance(text, SealedText)
    assert same(text, "export {}")
