"""What publishing showed: what comes back as sent, what is left out, what is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.gitbook.probe.conclusions.finding import Finding, Question, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.probe.answer import Answer

STEP = "documents"
REFERENCE_LIMIT = 100
KNOWN = frozenset(
    {
        "blocks",
        "categories",
        "configurations",
        "contentSecurityPolicy",
        "contentSources",
        "description",
        "externalLinks",
        "name",
        "object",
        "owner",
        "permissions",
        "previewImages",
        "scopes",
        "summary",
        "target",
        "title",
        "urls",
        "verified",
        "version",
        "visibility",
    }
)
"""The fields that the reference gives an integration."""
NEVER_SENT = ("summary", "blocks", "contentSources")
STRANGER = "gbsyncProbe"
"""A key that no reference has."""
NEW_SCOPE = "gbsync:probe:none"
"""A scope that no reference has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """Answers to publishing one integration in several forms."""

    sent: Mapping[str, Any] = field(repr=False)
    """The first document."""
    as_read: Answer
    """How it reads."""
    stranger: Answer
    """Publishing it with a key that the reference does not have, in a property of its configuration."""
    stranger_as_read: Answer | None
    scope: Answer
    """Publishing it with a scope that the reference does not have."""
    scope_as_read: Answer | None
    longest: int | None
    """The longest description that was accepted; `None` if even an empty one was not."""
    lean_as_read: Answer
    """How it reads after it was published again with fields left out."""


def _text(seen: Documents) -> Finding:
    sent, as_read = list(seen.sent["scopes"]), seen.as_read.object.get("scopes")
    policy, policy_as_read = (
        seen.sent["contentSecurityPolicy"],
        seen.as_read.object.get("contentSecurityPolicy"),
    )
    forms = {tuple(sent): "kept", tuple(sent[::-1]): "kept"}
    forms |= {tuple(sorted(sent)): "normal", tuple(sorted(sent, reverse=True)): "normal"}
    order = forms.get(tuple(map(str, as_read))) if isinstance(as_read, list) else None
    trimmed = (
        "kept" if policy_as_read == policy else "normal" if policy_as_read == policy.strip(" ;\n") else None
    )
    if order == trimmed and order is not None:
        return Finding(order)
    return unknown(f"scopes: {order or 'another form'}, policy: {trimmed or 'another form'}")


def _sets(seen: Documents) -> Finding:
    sent, as_read = list(seen.sent["scopes"]), seen.as_read.object.get("scopes")
    if as_read in (sent, sorted(sent)):
        return Finding("kept")
    if as_read in (sent[::-1], sorted(sent, reverse=True)):
        return Finding("reversed")
    return unknown("in an order of its own")


def _absent(seen: Documents) -> Finding:
    as_read = seen.as_read.object
    states = {
        ("null" if as_read[key] is None else "empty") if key in as_read else "left-out" for key in NEVER_SENT
    }
    if states in ({"null"}, {"left-out"}):
        return Finding(states.pop())
    return unknown(f"some are {', others '.join(sorted(states))}")


def _extra(seen: Documents) -> Finding:
    new = sorted(key for key in seen.as_read.object if key not in KNOWN)
    if not new:
        return Finding("none")
    names = ", ".join(key for key in new[:8] if key.isidentifier() and len(key) < 40)  # noqa: PLR2004 - a name
    return Finding("fields", f"of an integration: {names}" if names else "")


def _numbers(seen: Documents) -> Finding:
    version = seen.as_read.object.get("version")
    if isinstance(version, bool) or not isinstance(version, int | float):
        return unknown("an integration has no version")
    return Finding("floats" if isinstance(version, float) else "as-sent")


def _unknown_keys(seen: Documents) -> Finding:
    if seen.stranger.is_refusal:
        return Finding("refused", f"with {seen.stranger.status}")
    if seen.stranger_as_read is None:
        return unknown(f"publishing answers {seen.stranger.status}")
    return Finding(
        "kept" if STRANGER in str(seen.stranger_as_read.object.get("configurations")) else "dropped"
    )


def _unknown_values(seen: Documents) -> Finding:
    if seen.scope.is_refusal:
        return Finding("refused", f"with {seen.scope.status}")
    if seen.scope_as_read is None:
        return unknown(f"publishing answers {seen.scope.status}")
    scopes = seen.scope_as_read.object.get("scopes")
    if isinstance(scopes, list) and NEW_SCOPE in scopes:
        return Finding("kept")
    return unknown("taken, and not there when it is read")


def _description_limit(seen: Documents) -> Finding:
    if seen.longest is None:
        return unknown("no description was accepted")
    more = "; more was not tried" if seen.longest == REFERENCE_LIMIT else ""
    return Finding(seen.longest, f"{seen.longest} characters are accepted{more}")


def forms(seen: Documents) -> list[tuple[str, str]]:
    """In which form each text or list comes back that a server may normalise."""
    sent, as_read = seen.sent, seen.as_read.object
    scopes, policy, links = list(sent["scopes"]), sent["contentSecurityPolicy"], sent["externalLinks"]
    return [
        ("Scopes come back", _form(as_read.get("scopes"), {"as sent": scopes, "sorted": sorted(scopes)})),
        (
            "A policy that ends in `; ` comes back",
            _form(as_read.get("contentSecurityPolicy"), {"as sent": policy, "trimmed": policy.strip("; ")}),
        ),
        (
            "A link whose host has capitals comes back",
            _form(as_read.get("externalLinks"), {"as sent": links, "in lower case": _lower(links)}),
        ),
    ]


def _form(value: Any, known: Mapping[str, Any]) -> str:
    return next((name for name, form in known.items() if value == form), "in another form")


def _lower(links: list[Mapping[str, str]]) -> list[dict[str, str]]:
    return [{**link, "url": link["url"].lower()} for link in links]


def left_out(seen: Documents) -> str:
    """What becomes of a field that a later publish leaves out."""
    policy = seen.lean_as_read.object.get("contentSecurityPolicy")
    return "removed" if not policy else "stays"


QUESTIONS = (
    Question("text", "Scopes and policies come back", STEP, _text),
    Question("sets", "Scopes come back in their order, or", STEP, _sets),
    Question("absent", "A field that an integration does not have is", STEP, _absent),
    Question("extra", "Fields beyond the reference", STEP, _extra),
    Question("numbers", "Whole numbers come back", STEP, _numbers),
    Question("unknown_keys", "A key beyond the reference in a body is", STEP, _unknown_keys),
    Question("unknown_values", "A scope beyond the reference is", STEP, _unknown_values),
    Question("description_limit", "The longest description", STEP, _description_limit),
)
