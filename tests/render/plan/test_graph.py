from __future__ import annotations

import re
from dataclasses import replace

from reconciler.plan.step import Action, Step
from reconciler.render.plan.graph import dot, layers, mermaid, nodes
from reconciler.resources.resource import Address
from tests.render.situations import BANNER, NOTES, PLANS, SLACK, create, crowd, plan, publish, update

HOSTILE = Address('installation/a"]; click n0 "javascript:alert(1)"\n')


def chain() -> tuple[Step, ...]:
    return (
        publish(),
        update(address=Address("installation/acme-banner"), needs=(BANNER,), label=""),
        create(Address("installation/acme-banner/site/one"), needs=(Address("installation/acme-banner"),)),
    )


def test_arrows_lead_from_what_comes_first() -> None:
    text = mermaid(plan(*chain()))

    assert text.startswith("flowchart LR\n")
    assert "  n0 --> n1\n  n1 --> n2\n" in text
    assert '  n1["~ installation/acme-banner"]:::update\n' in text


def test_dot_says_the_same() -> None:
    text = dot(plan(*chain()))

    assert text.startswith("digraph plan {")
    assert "  n0 -> n1;\n  n1 -> n2;\n}" in text
    assert '  n1 [label="~ installation/acme-banner", color="#9a6700"];' in text


def test_steps_that_are_alike_are_one_node_when_folded() -> None:
    made = crowd(30, 2, 0)
    folded = nodes(made, folded=True)

    assert len(nodes(made)) == 32
    assert sum(node.count for node in folded) == 32
    assert "+ 10 spaces of slack" in [node.text for node in folded]


def test_what_something_waits_for_is_never_folded_away() -> None:
    parents = [create(Address(f"installation/p/space/{number}")) for number in range(6)]
    children = [create(Address(f"{parent.address}/space/x"), needs=(parent.address,)) for parent in parents]

    assert len(nodes(plan(*parents, *children), folded=True)) == 12


def test_an_arrow_that_others_imply_is_not_drawn() -> None:
    *first, last = chain()
    made = plan(*first, replace(last, needs=(BANNER, *last.needs)))

    assert [node.needs for node in nodes(made)] == [(), ("n0",), ("n1",)]


def test_a_need_outside_the_plan_is_no_arrow() -> None:
    assert nodes(plan(create(needs=(SLACK,))))[0].needs == ()


def test_layers_are_chains_by_length() -> None:
    found = layers(nodes(plan(*chain(), update())))

    assert [[node.id for node in layer.nodes] for layer in found] == [["n0", "n3"], ["n1"], ["n2"]]


def test_a_circle_has_layers_too() -> None:
    circle = (update(needs=(NOTES,)), create(needs=(SLACK,)))

    assert sum(len(layer.nodes) for layer in layers(nodes(plan(*circle)))) == 2


def test_a_label_cannot_leave_its_quotes() -> None:
    made = plan(update(address=HOSTILE, label='"]; n9["x'))

    assert re.fullmatch(
        r'flowchart LR\n  n0\["[^"\[\]{}()<>]*"\]:::update\n(  classDef .*\n)+', mermaid(made)
    )
    assert dot(made).count('"') - dot(made).count('\\"') == 6


def test_every_action_has_its_colour() -> None:
    text = mermaid(PLANS["one of each"]())

    assert all(f"classDef {action.value} " in text for action in Action)
