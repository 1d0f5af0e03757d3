"""Classes: every step in exactly one, told apart by what it does, and no secret in their fingerprints."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.diagnostics import Place
from reconciler.plan.classes import FEW, Form, StepClass, classes, fingerprint, transition
from reconciler.plan.step import Action, Change, Reason, Step
from reconciler.resources.digest import Digest, Salt
from reconciler.resources.resource import Address
from reconciler.resources.values import ABSENT, SealedText, Secret, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

SALT = Salt("5a17")
LINE, OTHER = Place("gbsync.yaml", 1575, 7), Place("gbsync.yaml", 9, 7)


def update(number: int, before: Any = 25, after: Any = 50, **rest: Any) -> Step:
    change = Change(("configuration", "rate"), before, after, place=rest.pop("line", LINE))
    address = Address(f"installation/plausible/site/id{number:03}")
    return Step(Action.UPDATE, address, (change,), label=f"site-{number}", **rest)


def forms(steps: Sequence[Step]) -> list[tuple[Form, int]]:
    return [(item.form, len(item.steps)) for item in classes(steps)]


def by_member(steps: Sequence[Step]) -> dict[str, StepClass]:
    return {step.address: item for item in classes(steps) for step in item.steps}


VALUES = st.one_of(
    st.sampled_from([ABSENT, None, True, 1, 1.0, 0, "1", "a", [], {}, ["a"], {"a": 1}]),
    st.sampled_from("ab").map(lambda text: Secret(text, weak=True)),
    st.sampled_from("ab").map(SealedText),
    st.sampled_from("ab").map(lambda text: {"key": Secret(text, weak=True)}),
    st.just(Secret(parts=(Source("secret", "A"),), known=False)),
    st.just(Digest("masked:00")),
)
CHANGES = st.builds(
    Change,
    st.sampled_from([("title",), ("configuration", "rate")]),
    VALUES,
    VALUES,
    unknown=st.booleans(),
    place=st.sampled_from([None, LINE, OTHER]),
)
STEPS = st.builds(
    Step,
    st.sampled_from(Action),
    st.builds(
        "installation/{}/{}/{}".format,
        st.sampled_from("pq"),
        st.sampled_from(["site", "space"]),
        st.sampled_from("abcdef"),
    ).map(Address),
    st.lists(CHANGES, max_size=2, unique_by=lambda change: change.path).map(tuple),
    st.sampled_from([Reason.NONE, Reason.LET_GO]),
    st.sampled_from(["", "site-2", "site-10"]),
)
PLANS = st.lists(STEPS, max_size=24, unique_by=lambda step: step.address)


@given(PLANS)
def test_every_step_is_in_exactly_one_class(steps: list[Step]) -> None:
    assert Counter(step.address for item in classes(steps) for step in item.steps) == Counter(
        step.address for step in steps
    )


@given(PLANS, st.randoms())
def test_the_order_of_the_steps_does_not_change_the_classes(steps: list[Step], random: Any) -> None:
    shuffled = random.sample(steps, len(steps))

    assert by_member(shuffled) == by_member(steps)


@given(PLANS)
def test_a_class_is_what_its_form_says(steps: list[Step]) -> None:
    for item in classes(steps):
        done = {transition(step) for step in item.steps}
        fields = {frozenset((change.path, change.symbol) for change in step.changes) for step in item.steps}

        assert len(fields) == 1
        assert (len(done) == 1) is (item.form is not Form.EACH)
        assert (len(item.steps) == 1) is (item.form is Form.ALONE)
        assert {*item.varying, *(change.path for change in item.common)} == {path for path, _ in fields.pop()}
        assert bool(item.varying) is (item.form is Form.EACH)


@given(STEPS, STEPS)
@settings(max_examples=300)
def test_fingerprints_are_equal_if_and_only_if_the_transitions_are(one: Step, other: Step) -> None:
    assert (fingerprint(one, SALT) == fingerprint(other, SALT)) is (transition(one) == transition(other))


@given(STEPS, st.data())
def test_a_fingerprint_changes_with_each_part_of_the_transition_and_with_nothing_else(
    step: Step, data: st.DataObject
) -> None:
    same = replace(
        step, address=Address(f"{step.address}x"), label="other", place=LINE, changes=step.changes[::-1]
    )
    others = [
        replace(
            step, action=data.draw(st.sampled_from([item for item in Action if item is not step.action]))
        ),
        replace(step, reason=Reason.DESTROY),
        replace(step, address=Address(step.address.replace("/site/", "/page/").replace("/space/", "/page/"))),
        replace(step, address=Address(step.address.replace("/p/", "/r/").replace("/q/", "/r/"))),
        replace(step, changes=(*step.changes, Change(("visibility",), "a", "b"))),
        *(replace(step, changes=(replace(change, after="new"),)) for change in step.changes),
        *(replace(step, changes=(replace(change, before="old"),)) for change in step.changes),
        *(
            replace(step, changes=(replace(change, unknown=not change.unknown),))
            for change in step.changes[:1]
        ),
    ]

    assert fingerprint(same, SALT) == fingerprint(step, SALT)
    assert all(fingerprint(other, SALT) != fingerprint(step, SALT) for other in others)


def test_two_values_that_change_places_are_another_class_with_a_value_each() -> None:
    def values(*texts: str) -> StepClass:
        (item,) = classes([update(number, ABSENT, text) for number, text in enumerate(texts)])
        return item

    assert values("a", "b").fingerprint(SALT) == values("a", "b").fingerprint(SALT)
    assert values("a", "b").fingerprint(SALT) != values("b", "a").fingerprint(SALT)


def test_a_secret_is_in_no_fingerprint_but_by_its_salted_digest() -> None:
    step, other = (update(1, Secret("s3cr3t-a"), Secret(after, weak=True)) for after in ("b-long", "c-long"))

    assert fingerprint(step, SALT) != fingerprint(other, SALT)
    assert fingerprint(step, SALT) != fingerprint(step, Salt("another"))
    assert fingerprint(update(1), SALT) == fingerprint(update(1), Salt("another"))


@pytest.mark.parametrize("value", [Secret("s3cr3t"), Secret("s3cr3t", weak=True), SealedText("s3cr3t")])
def test_a_value_that_was_saved_and_read_back_has_the_same_fingerprint(value: Any) -> None:
    bare = str(value) if isinstance(value, SealedText) else value

    assert fingerprint(update(1, 1, value), SALT) == fingerprint(
        update(1, 1, Digest(SALT.digest(bare))), SALT
    )


def test_of_three_hundred_the_five_that_had_another_value_stand_by_themselves() -> None:
    steps = [update(number, before=10 if number % 60 == 0 else 25) for number in range(300)]
    crowd, five = classes(steps)

    assert (crowd.form, len(crowd.steps), crowd.unlike) == (Form.EQUAL, 295, 0)
    assert ([step.name for step in five.steps], five.unlike) == (
        ["site-0", "site-60", "site-120", "site-180", "site-240"],
        295,
    )


def test_deviants_that_had_a_value_each_are_one_class_that_deviates() -> None:
    steps = [update(number, before=number if number < 5 else 25) for number in range(40)]

    assert [(item.form, len(item.steps), item.unlike) for item in classes(steps)] == [
        (Form.EQUAL, 35, 0),
        (Form.EACH, 5, 35),
    ]


def test_steps_of_one_line_with_a_value_each_are_one_class_and_another_line_is_another() -> None:
    steps = [update(number, ABSENT, f"G-{number}") for number in range(20)]
    others = [update(number, ABSENT, f"G-{number}", line=Place("gbsync.yaml", number)) for number in (30, 31)]

    assert forms([*steps, *others]) == [(Form.EACH, 20), (Form.EACH, 2)]
    assert forms([*steps, others[0]]) == [(Form.EACH, 20), (Form.ALONE, 1)]


def test_a_few_equal_ones_among_values_of_their_own_stay_in_the_line() -> None:
    values = ["a", "a", "b", "c"]

    assert forms([update(number, 0, value) for number, value in enumerate(values)]) == [(Form.EACH, 4)]
    assert forms([update(number, 0, "a") for number in range(FEW - 1)]) == [(Form.EQUAL, FEW - 1)]


def test_of_three_the_one_that_deviates_stands_alone() -> None:
    steps = [update(1), update(2), update(3, before=10)]

    assert [(item.form, item.unlike) for item in classes(steps)] == [(Form.EQUAL, 0), (Form.ALONE, 2)]


def test_what_all_have_in_common_is_told_apart_from_the_values_of_each() -> None:
    common = Change(("configuration", "on"), ABSENT, after=True)
    steps = [update(number, ABSENT, f"G-{number}") for number in range(4)]
    (item,) = classes([replace(step, changes=(common, *step.changes)) for step in steps])

    assert (item.common, item.varying) == ((common,), (("configuration", "rate"),))


def test_names_stand_in_their_natural_order_and_places_once() -> None:
    steps = [update(number, line=LINE if number > 1 else OTHER) for number in (10, 2, 1)]
    (item,) = classes(steps)

    assert [step.name for step in item.steps] == ["site-1", "site-2", "site-10"]
    assert item.places == (OTHER, LINE)
