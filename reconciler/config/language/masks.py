"""Names in `mask:` and `unmask:` that are most likely misspelt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.config.expressions.template import has_expression
from reconciler.config.rules import values
from reconciler.config.yaml.nodes import Map, Seq, value_of
from reconciler.config.yaml.parser import shown
from reconciler.resources.secret_names import SecretNames

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from reconciler.config.yaml.findings import Findings


def check_masks(root: Map, *, keys: Collection[tuple[str, str]], findings: Findings) -> None:
    """Warns of each name that no declared key has, where one is nearly called so.

    `keys` are the integrations and keys that the files declare. A name that no declared key is like may be
    there for a key that only the live configuration has.
    """
    for section, name, at in _names(root):
        masks = SecretNames(mask=(name,)).is_masked
        matches = masks if section == "mask" else SecretNames(unmask=(name,)).is_unmasked
        if any(matches(key, integration) for integration, key in keys):
            continue
        near_miss = findings.near(name, _known(name, keys))
        if near_miss:
            message = f"`{section}` names `{shown(name)}`, but no key in the files is called so"
            findings.add(values.NEAR_MASK, message, f"did you mean `{shown(near_miss)}`?", at=at)


def _known(name: str, keys: Collection[tuple[str, str]]) -> Iterator[str]:
    return (f"{integration}/{key}" if "/" in name else key for integration, key in keys)


def _names(root: Map) -> Iterator[tuple[str, str, int]]:
    for section in ("mask", "unmask"):
        names = root.get(section)
        for name, mark in zip(names, names.marks, strict=True) if isinstance(names, Seq) else ():
            if isinstance(name, str) and name.strip() and not has_expression(name):
                yield section, name.strip(), value_of(mark)
