"""What installing and configuring showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.gitbook.probe.conclusions.finding import Finding, Question, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.probe.answer import Answer, Lag

INSTALLED, CONFIGURED = "installed", "configured"
DEFAULT = "gbsync-probe-default"
"""The schema's default of one property."""
OUTSIDE = "gbsync_outside"
"""A key that is not in the schema."""
FIRST: Mapping[str, Any] = {
    "needed": "a",
    "text": "a",
    "number": 3,
    "padded": "  padded  ",
    "probe_token": "gbsync-probe-value",
}
SECOND: Mapping[str, Any] = {"needed": "a", "text": "b"}
SENT = frozenset({*FIRST, OUTSIDE, "filled"})
CONFLICT = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """Installing, and installing again."""

    reply: Answer
    lag: Lag | None
    """Until it could be read."""
    as_read: Answer
    again: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """PATCHes one after the other, and how the installation reads after each."""

    first: Answer
    first_as_read: Answer
    second_as_read: Answer
    null: Answer
    null_as_read: Answer
    outside: Answer
    outside_as_read: Answer
    wrong: Answer
    """A text where the schema has a number."""
    query: Answer
    """A read with a parameter that the reference does not have."""


def _second_install(seen: Installed) -> Finding:
    if seen.again.status == CONFLICT:
        return Finding("conflict", "409")
    if not seen.again.ok:
        return unknown(f"answers {seen.again.status}")
    is_same = seen.again.object.get("id") == seen.reply.object.get("id")
    return Finding("same" if is_same else "second", f"answers {seen.again.status}")


def _selection(seen: Installed) -> Finding:
    values = {seen.as_read.object.get(key) for key in ("site_selection", "space_selection")}
    if values in ({"all"}, {"selected"}):
        return Finding(str(values.pop()))
    return unknown("sites and spaces differ")


def _defaults(seen: Installed) -> Finding:
    return Finding("filled" if seen.as_read.configuration.get("filled") == DEFAULT else "left")


def _read_lag(seen: Installed) -> Finding:
    return lag(seen.lag)


def lag(seen: Lag | None) -> Finding:
    """A lag as a switch counts it: in requests."""
    if seen is None:
        return unknown("it did not appear while the probe waited")
    return Finding(seen.requests, f"seen after {seen.seconds:.1f} s" if seen.requests else "at once")


def _patch(seen: Configured) -> Finding:
    return Finding("merges" if "number" in seen.second_as_read.configuration else "replaces")


def _nulls(seen: Configured) -> Finding:
    if seen.null.is_refusal:
        return Finding("refused", f"with {seen.null.status}")
    configuration = seen.null_as_read.configuration
    if "text" not in configuration:
        return Finding("removed")
    return Finding("kept") if configuration["text"] is None else unknown("the value before it stays")


def _outside(seen: Configured) -> Finding:
    if seen.outside.is_refusal:
        return Finding("refused", f"with {seen.outside.status}")
    return Finding("kept" if OUTSIDE in seen.outside_as_read.configuration else "dropped")


def _checked(seen: Configured) -> Finding:
    if seen.wrong.is_refusal:
        return Finding("checked", f"refused with {seen.wrong.status}")
    return Finding("free") if seen.wrong.ok else unknown(f"answers {seen.wrong.status}")


def _values(seen: Configured) -> Finding:
    as_read, sent = seen.first_as_read.configuration.get("padded"), FIRST["padded"]
    if as_read in (sent, sent.strip()):
        return Finding("kept" if as_read == sent else "trimmed")
    return unknown()


def _masks(seen: Configured) -> Finding:
    as_read = seen.first_as_read.configuration.get("probe_token")
    if as_read == FIRST["probe_token"]:
        return Finding("none")
    is_mask = isinstance(as_read, str) and len(set(as_read)) == 1
    return Finding("secrets") if is_mask else unknown("neither the value nor a mask comes back")


def _status(seen: Configured) -> Finding:
    at_once, later = seen.first.object.get("status"), seen.first_as_read.object.get("status")
    if later != "active":
        return unknown("it did not become active")
    return Finding("at-once" if at_once == later else "later")


def _own_keys(seen: Configured) -> Finding:
    first, second = _foreign(seen.first_as_read), _foreign(seen.second_as_read)
    if not second:
        return Finding(
            "none", "the probe's own code writes nothing, so this says nothing of other integrations"
        )
    changed = any(first.get(key) != value for key, value in second.items())
    return Finding("always" if changed else "once")


def _foreign(answer: Answer) -> dict[str, Any]:
    """The keys that nobody sent."""
    return {key: value for key, value in answer.configuration.items() if key not in SENT}


def _unknown_query(seen: Configured) -> Finding:
    if seen.query.is_refusal:
        return Finding("refused", f"with {seen.query.status}")
    return Finding("ignored") if seen.query.ok else unknown(f"answers {seen.query.status}")


QUESTIONS = (
    Question("second_install", "Installing again gives", INSTALLED, _second_install),
    Question("selection", "A new installation works on sites that are", INSTALLED, _selection),
    Question("defaults", "A schema's defaults are", INSTALLED, _defaults),
    Question("read_lag", "Requests until a new object can be read", INSTALLED, _read_lag),
    Question("patch", "A PATCH of a configuration", CONFIGURED, _patch),
    Question("nulls", "A key that is set to null is", CONFIGURED, _nulls),
    Question("outside_schema", "A key that is not in the schema is", CONFIGURED, _outside),
    Question("configuration", "A configuration against its schema is", CONFIGURED, _checked),
    Question("values", "Texts of a configuration are", CONFIGURED, _values),
    Question("masks", "What reads back as a mask", CONFIGURED, _masks),
    Question("status", "The reply to a PATCH has the new status", CONFIGURED, _status),
    Question("own_keys", "Keys that something else writes after a PATCH", CONFIGURED, _own_keys),
    Question("unknown_query", "A parameter beyond the reference is", CONFIGURED, _unknown_query),
)
