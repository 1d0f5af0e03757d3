"""The page of the sandbox has every switch with its values, and every fault."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest

from reconciler.sandbox import Behaviour, Fault
from reconciler.sandbox.behaviour import NAMES
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_switch_has_its_values_with_the_default_first(name: str) -> None:
    default = str(getattr(Behaviour(), name))
    choices = [str(choice) for choice in get_args(get_type_hints(Behaviour)[name])]
    values = "\\|".join(sorted(choices, key=lambda choice: choice != default)) or default

    assert f"`{name}={values}`" in PAGE


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_named(fault: Fault) -> None:
    assert f"`{fault}`" in PAGE
