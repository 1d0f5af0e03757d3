from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.render.masks import Masks, is_hidden
from reconciler.resources.digest import Digest
from reconciler.resources.values import Secret, Source
from tests.render.situations import config, plan, update

values = st.one_of(st.text(), st.integers(), st.booleans(), st.lists(st.integers(), max_size=3))


@given(st.lists(values, max_size=12))
def test_equal_secrets_have_equal_numbers_and_others_do_not(found: list[Any]) -> None:
    masks = Masks()
    numbers = [masks.number(Secret(value)) for value in found]

    for one, first in zip(numbers, found, strict=True):
        for other, second in zip(numbers, found, strict=True):
            assert (one == other) == (Secret(first) == Secret(second))


def test_numbers_follow_the_order_of_appearance_in_the_plan() -> None:
    steps = update(config("a", Secret("z"), Secret("y"))), update(config("b", Secret("y"), Secret("x")))
    masks = Masks.of(plan(*steps))

    assert [masks.text(Secret(value)) for value in "zyx"] == ["(secret #1)", "(secret #2)", "(secret #3)"]


def test_secrets_deep_in_a_value_are_numbered() -> None:
    masks = Masks()
    masks.meet({"a": [{"b": Secret("one")}, (Secret("two"),)]}, Secret("one"))

    assert masks.number(Secret("two")) == 2


def test_where_a_secret_comes_from_does_not_matter_once_it_is_known() -> None:
    masks = Masks()
    read = Secret("one", parts=(Source("secret", "ONE"),))

    assert masks.number(read) == masks.number(Secret("one"))


def test_unset_secrets_are_told_apart_by_their_source() -> None:
    masks = Masks()
    one, other = (Secret(parts=(Source("secret", name),), known=False) for name in ("ONE", "OTHER"))

    assert masks.number(one) != masks.number(other)
    assert masks.number(one) == masks.number(Secret(parts=one.parts, known=False))


def test_the_digest_of_a_secret_is_hidden_and_another_digest_is_not() -> None:
    assert is_hidden(Digest("scrypt:ab"))
    assert not is_hidden(Digest("sha256:ab"))
    assert Masks().text(Digest("scrypt:ab")) == "(secret #1)"
