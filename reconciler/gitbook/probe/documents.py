"""Publishes the probe's integration in several forms, before anybody has installed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.gitbook.probe.answer import Answer, done
from reconciler.gitbook.probe.calls import LONG_PATIENCE
from reconciler.gitbook.probe.conclusions.configured import DEFAULT
from reconciler.gitbook.probe.conclusions.documents import (
    NEW_SCOPE,
    REFERENCE_LIMIT,
    STRANGER,
    Documents,
)

if TYPE_CHECKING:
    from reconciler.gitbook.probe.calls import Calls
    from reconciler.gitbook.probe.own import Own

SCOPES = ["site:metadata:read", "page:feedback:read", "space:metadata:read"]
"""They may read titles. Neither sorted nor reversed, so that both can be told."""
POLICY = "default-src 'self'; "
LINK = {"url": "https://Example.COM/probe", "label": "Probe"}


def _property(**more: Any) -> dict[str, Any]:
    return {"type": "string", "title": "Probe", **more}


def screens(**more: Any) -> dict[str, Any]:
    """The schema of its configuration; `more` goes into one property."""
    return {
        "account": {
            "properties": {
                "needed": _property(),
                "text": _property(**more),
                "padded": _property(),
                "probe_token": _property(),
                "filled": _property(default=DEFAULT),
                "number": {"type": "number", "title": "Probe"},
            },
            "required": ["needed"],
        }
    }


async def observe(calls: Calls, own: Own) -> Documents:
    """Publishes, reads, and leaves the document that is to be installed."""
    fields = {
        "scopes": SCOPES,
        "contentSecurityPolicy": POLICY,
        "externalLinks": [LINK],
        "configurations": screens(),
    }
    done(await own.publish(calls, **fields), "publishIntegration")
    as_read = await _reading(calls, own)
    stranger = await own.publish(calls, configurations=screens(**{STRANGER: "probe"}))
    stranger_as_read = await _reading(calls, own, after=stranger) if stranger.ok else None
    scope = await own.publish(calls, scopes=[NEW_SCOPE])
    scope_as_read = await _reading(calls, own, after=scope) if scope.ok else None
    longest = await _longest(calls, own)
    done(await own.publish(calls, **fields), "publishIntegration")
    lean = done(await own.publish(calls, configurations=screens()), "publishIntegration")
    return Documents(
        sent=fields,
        as_read=as_read,
        stranger=stranger,
        stranger_as_read=stranger_as_read,
        scope=scope,
        scope_as_read=scope_as_read,
        longest=longest,
        lean_as_read=await _reading(calls, own, after=lean),
    )


async def _reading(calls: Calls, own: Own, *, after: Answer | None = None) -> Answer:
    """How it reads, once the read shows what was published `after`."""
    wanted = after.object.get("version") if after else None
    since = after or Answer(0, number=calls.sent, time=calls.clock.time())

    async def look() -> tuple[bool, Answer]:
        answer = await calls("getIntegrationByName", own.integration)
        return answer.ok and wanted in (None, answer.object.get("version")), answer

    _, answer = await calls.appear(look, since, patience=LONG_PATIENCE)
    return done(answer, "getIntegrationByName")


async def _longest(calls: Calls, own: Own) -> int | None:
    """The length of the longest description that is accepted, up to what the reference allows."""

    async def is_accepted(length: int) -> bool:
        return (await own.publish(calls, description="x" * length, configurations=screens())).ok

    if await is_accepted(REFERENCE_LIMIT):
        return REFERENCE_LIMIT
    good, bad = -1, REFERENCE_LIMIT
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if await is_accepted(middle) else (good, middle)
    return good if good >= 0 else None
