"""What kinds take out of a reply, and of a live resource. Only what is used is validated; all else passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.errors import BadReply

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from reconciler.gitbook.client.response import ApiReply
    from reconciler.resources.resource import Resource


def owned_fields(data: Any, *names: str) -> dict[str, Any]:
    """The configuration, and those of the other fields that the reply has.

    A field that the reply lacks stays out, so that the engine asks again instead of taking it as empty.
    """
    configuration = _configuration(data)
    return {"configuration": configuration, **{n: data[n] for n in names if data.get(n) is not None}}


def _configuration(data: Any) -> Mapping[str, Any]:
    configuration: dict[str, Any] = field_in(data, "configuration", dict, "installation")
    return configuration


def key_in(value: Any, what: str, field: str) -> str:
    """A text that can be a key in an address."""
    if not isinstance(value, str) or not value or "/" in value:
        raise bad_reply(what, field)
    return value


def text_in(data: Any, name: str, what: str) -> str:
    """A text that is not empty."""
    text = field_in(data, name, str, what)
    if not text:
        raise bad_reply(f"an {what}", name)
    return str(text)


def field_in(data: Any, name: str, wanted: Any, what: str) -> Any:
    """A field of the wanted type. Raises `BadReply` for anything else."""
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise bad_reply(f"an {what}", name)
    return value


def bad_reply(what: str, field: str) -> BadReply:
    """The error for a reply that lacks what the kind needs."""
    return BadReply(
        f"the reply holds {what} without a usable `{field}`; GitBook or a proxy sent something else"
    )


_RESET_CONTENT = 205


def was_there(reply: ApiReply) -> bool:
    """Whether a DELETE deleted something: GitBook answers 205 if it did, 204 if there was nothing."""
    # After a lost reply the DELETE is sent again and finds nothing, because the first one took effect.
    return reply.status == _RESET_CONTENT or reply.attempts > 1


_ASSIGNED = frozenset({"externalIds"})
"""Fields that integrations fill in, not people."""


def declarable(resource: Resource, leave_out: AbstractSet[str] = frozenset()) -> dict[str, Any]:
    """What an export names of it: no ids that integrations assign, and nothing of `leave_out`."""
    return {name: value for name, value in resource.attributes.items() if name not in _ASSIGNED | leave_out}
