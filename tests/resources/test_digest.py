"""Digests: one text for equal values, and for a secret one slow derivation, as seldom as it can be."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.resources import digest
from reconciler.resources.digest import SLOW, Salt
from reconciler.resources.values import Secret
from tests.config import files
from tests.planning import World, world

if TYPE_CHECKING:
    from pathlib import Path

MANY = 5
INTEGRATIONS = "integrations:\n" + "".join(
    f"  acme-{number}: {{title: Acme {number}, script: '// x', scopes: [], "
    f"secrets: {{A: one-{number}, B: two-{number}, C: '${{{{ secret.C }}}}'}}}}\n"
    for number in range(MANY)
)
BINDINGS = """
installations:
  segment:
    sites:
      site_p4Xo1: {configuration: {write_key: "${{ secret.C }}"}}
      site_k2Lm9: {configuration: {write_key: "${{ secret.D }}"}}
"""


def derived() -> int:
    """How many slow derivations were made."""
    return digest._slow.cache_info().misses


class Counted:
    """Counts what is derived while it is entered, as a process of its own would: nothing is cached before."""

    count = 0

    def __enter__(self) -> Self:
        digest._slow.cache_clear()
        return self

    def __exit__(self, *_: object) -> None:
        self.count = derived()


@pytest.fixture
def acme(tmp_path: Path) -> World:
    return world(tmp_path, {"files": INTEGRATIONS + BINDINGS, "with": {"env": {"C": "c", "D": "d"}}})


async def test_a_publish_takes_one_derivation_however_many_secrets_it_has(acme: World) -> None:
    (acme.folder / "gbsync.yaml").write_text(
        (acme.folder / "gbsync.yaml").read_text("utf-8").split("installations")[0], "utf-8"
    )
    with Counted() as publishing:
        report = await acme.apply()
    with Counted() as planning:
        again = await acme.plan()

    assert report.complete
    assert again.plan.steps == ()
    assert publishing.count == MANY
    assert planning.count == MANY


async def test_a_changed_secret_takes_one_more_for_its_own_integration_alone(acme: World) -> None:
    await acme.apply()
    text = (acme.folder / "gbsync.yaml").read_text("utf-8")
    (acme.folder / "gbsync.yaml").write_text(text.replace("one-3,", "another,"), "utf-8")
    with Counted() as counted:
        planned = await acme.plan()
        await acme.apply(planned)

    assert [step.address for step in planned.plan.steps] == ["integration/acme-3"]
    assert counted.count == MANY


async def test_a_secret_key_costs_nothing_while_file_and_live_agree(acme: World) -> None:
    (acme.folder / "gbsync.yaml").write_text(
        (acme.folder / "gbsync.yaml").read_text("utf-8").split("integrations")[0] + BINDINGS, "utf-8"
    )
    with Counted() as first:
        await acme.apply()
    with Counted() as second:
        planned = await acme.plan()
        await acme.apply(planned)

    assert first.count == 2
    assert second.count == 0


@given(
    st.recursive(st.none() | st.booleans() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=2))
)
def test_equal_values_have_one_digest_and_a_secret_another_kind(value: Any) -> None:
    salt = Salt("s")

    assert salt.digest(value) == Salt("other").digest(value)
    assert salt.digest([1, value]) == salt.digest([1.0, value])
    assert salt.digest(Secret(value)) == salt.digest(value, secret=True)
    assert salt.digest(Secret(value)) != Salt("other").digest(Secret(value))
    assert salt.digest(Secret(value)).startswith(SLOW)
    assert salt.matches(value, salt.digest(Secret(value)))
    assert not salt.matches([value], salt.digest(Secret(value)))


@pytest.mark.parametrize("forged", ["", "é", "\ud800", "scrypt:", "scrypt:é", "sha256:00"])
def test_what_is_no_digest_matches_nothing(forged: str) -> None:
    assert not Salt("\ud800").matches("value", forged)


@pytest.mark.slow_digests
def test_the_digest_of_a_secret_costs_whoever_guesses_at_it_16_mb_and_30_ms_a_guess() -> None:
    digest._slow.cache_clear()
    found = Salt("s").digest(Secret("value"))
    digest._slow.cache_clear()

    expected = hashlib.scrypt(b'"value"', salt=b"s", n=2**14, r=8, p=1, dklen=24)
    assert found == f"{SLOW}{expected.hex()}"


def test_no_two_lock_files_share_their_salt() -> None:
    assert Salt() != Salt()


async def test_a_thousand_literal_keys_cost_no_derivation(tmp_path: Path) -> None:
    sites = "".join(
        f"      site_{number}: {{configuration: {{auth_token: made-up-{number}}}}}\n"
        for number in range(1000)
    )
    config = files.declared(tmp_path, f"installations:\n  sentry:\n    sites:\n{sites}")
    salt = Salt()
    with Counted() as counted:
        found = [
            salt.digest(item.attributes["configuration"])
            for item in config.resources.values()
            if item.attributes
        ]

    assert counted.count == 0
    assert len(found) == 1000
    assert all(text.startswith("masked:") for text in found)


def test_a_masked_value_is_known_by_its_digest_of_any_sort() -> None:
    salt, weak = Salt(), Secret("shh", weak=True)

    assert salt.matches("shh", salt.digest(weak))
    assert salt.matches(weak, salt.digest("shh"))
    assert salt.matches(weak, salt.digest(Secret("shh")))
    assert not salt.matches("other", salt.digest(weak))
    assert salt.digest(weak) != Salt().digest(weak)
