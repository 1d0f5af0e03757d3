"""Problems that one line of a file makes of many resources: said once, with how many they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.render.plan.classes import counted_members
from reconciler.resources.resource import Address

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconciler.diagnostics import Problem


def folded(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems in order; those that differ only in their address as one, about `298 sites of slack`."""
    alike: dict[object, list[Problem]] = {}
    for problem in problems:
        address = Address(problem.address)
        bare = replace(problem, address="")
        alike.setdefault((bare, address.root, address.kind), []).append(problem)
    return tuple(_one(group) for group in alike.values())


def _one(group: Sequence[Problem]) -> Problem:
    addresses = [Address(address) for address in dict.fromkeys(problem.address for problem in group)]
    if len(addresses) == 1:
        return group[0]
    return replace(group[0], address=f"{counted_members(addresses)} of {addresses[0].root.key}")
