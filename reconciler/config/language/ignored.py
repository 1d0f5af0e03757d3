"""`ignore:`: the rules whose warnings a file does not want to see again, each with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.config.rules import RULES, structure
from reconciler.config.yaml.nodes import Map, Seq, value_of
from reconciler.config.yaml.parser import described, shown
from reconciler.diagnostics import Severity
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.config.expressions.fill import Fill
    from reconciler.config.yaml.findings import Findings

KEY = "ignore"
_RULE, _BECAUSE = "rule", "because"
_FORM = "write {rule: GB085, because: REASON}"


def read_ignored(root: Map, *, fill: Fill, findings: Findings) -> Mapping[str, str]:
    """The reasons by rule. An entry with a problem is reported, and ignores nothing."""
    entries = root.get(KEY, Seq())
    if not isinstance(entries, Seq):
        rule = structure.NULL if entries is None else structure.WRONG_TYPE
        message = f"`{KEY}` is {described(entries)}, not a list"
        findings.add(rule, message, f"{_FORM}, in a list", at=value_of(root.marks[KEY]))
        return {}
    reasons: dict[str, str] = {}
    for index, entry in enumerate(entries):
        at = value_of(entries.marks[index])
        values = _texts(entry, fill)
        wrong = _wrong(values, reasons)
        if wrong:
            findings.add(structure.BAD_IGNORE, *wrong, at=at)
        else:
            reasons[values[_RULE]] = values[_BECAUSE]
    return reasons


def _texts(entry: Any, fill: Fill) -> dict[str, str]:
    """The keys of an entry whose values are texts, all others with an empty one."""
    if not isinstance(entry, Map):
        return {}
    values = {key: fill.public(entry, key) for key in entry}
    return {key: value.strip() if isinstance(value, str) else "" for key, value in values.items()}


def _wrong(values: Mapping[str, str], known: Mapping[str, str]) -> tuple[str, str] | None:
    """What is wrong with an entry, and what to do."""
    if values.keys() != {_RULE, _BECAUSE} or not all(values.values()):
        return "this entry does not have a rule and a reason", _FORM
    rule = values[_RULE]
    if rule not in RULES:
        return f"`{shown(rule)}` is no rule", did_you_mean(rule, RULES, "docs/rules.md has all of them")
    if RULES[rule].severity is Severity.ERROR:
        return f"{rule} is an error, and errors cannot be ignored", "mend what it reports"
    if rule in known:
        return f"{rule} is ignored twice", "keep one reason"
    return None
