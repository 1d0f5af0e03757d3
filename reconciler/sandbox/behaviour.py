"""How the sandbox behaves where the API reference does not say."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, get_args, get_type_hints

from reconciler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Switches; the defaults are what the reference suggests, or what is hardest on a client."""

    patch: Literal["replaces", "merges"] = "replaces"
    """Whether a PATCH replaces the whole `configuration` or lays its keys over it."""
    nulls: Literal["removed", "kept", "refused"] = "removed"
    """What becomes of a key that is set to `null`: it goes, it is null, or the PATCH is refused with 400."""
    second_install: Literal["conflict", "same", "second"] = "conflict"
    """What installing again gives: 409, the installation that is there, or another one."""
    second_binding: Literal["conflict", "same"] = "conflict"
    """What binding a space or site again gives: 409, or the binding that is there."""
    space_binding: Literal["post", "patch-404", "patch-405"] = "post"
    """Whether a space is bound by POST, or by PATCH alone, and how the POST is then refused."""
    defaults: Literal["left", "filled"] = "left"
    """Whether a schema's defaults are written into a configuration."""
    own_keys: Literal["none", "once", "always"] = "none"
    """Whether the integration's code, run by a PATCH, writes its own keys: never, if missing, each time."""
    everywhere: Literal["bound", "unbound"] = "bound"
    """Whether `*_selection: all` makes a binding for each space or site."""
    configuration: Literal["free", "checked"] = "free"
    """Whether a configuration that its schema forbids is refused with 400."""
    outside_schema: Literal["kept", "dropped", "refused"] = "kept"
    """What becomes of a new key of a configuration that is not in the schema."""
    unknown_keys: Literal["kept", "dropped", "refused"] = "kept"
    """What becomes of a key of a body that the reference does not have, at any depth."""
    unknown_values: Literal["refused", "kept"] = "refused"
    """Whether scopes and categories that the reference does not have are refused with 400."""
    unknown_query: Literal["ignored", "refused"] = "ignored"
    """What becomes of a query parameter that the reference does not have."""
    text: Literal["kept", "normal"] = "kept"
    """Whether scopes and policies come back as sent, or sorted and trimmed."""
    selection: Literal["selected", "all"] = "selected"
    """What a new installation works on before anybody says so."""
    unselect: Literal["dropped", "kept"] = "dropped"
    """What becomes of the bindings of `*_selection: all` when it is `selected` again."""
    status: Literal["at-once", "later"] = "at-once"
    """Whether the reply to a PATCH shows the new status, or the one before it."""
    unpublish: Literal["takes-along", "refused", "orphans"] = "takes-along"
    """Whether unpublishing uninstalls, is refused while it is installed, or leaves installations behind."""
    missing_parent: Literal["204", "404"] = "204"
    """What the DELETE of a binding answers under an installation that is not there."""
    values: Literal["kept", "trimmed"] = "kept"
    """Whether texts of a configuration are stored as sent, or without the space around them."""
    masks: Literal["none", "secrets"] = "none"
    """Whether configuration keys that are named like secrets read back as a mask."""
    targets: Literal["id", "object"] = "id"
    """Whether a binding's space or site comes as an id or as an object, when `extended` does not say."""
    absent: Literal["left-out", "null"] = "left-out"
    """How an integration shows a field that it does not have."""
    extra: Literal["none", "fields"] = "none"
    """Whether objects come with fields that the reference does not have."""
    enums: Literal["known", "new"] = "known"
    """Whether sites, spaces, organizations and events have enum values that are not in the reference."""
    numbers: Literal["as-sent", "floats"] = "as-sent"
    """Whether whole numbers come back as sent, or as 1.0."""
    sets: Literal["kept", "reversed"] = "kept"
    """Whether scopes, categories and external ids come back in their order."""
    events: Literal["newest-first", "oldest-first"] = "newest-first"
    """The order in which events are listed."""
    count: Literal["told", "none"] = "told"
    """Whether a page says how many items there are in all."""
    empty_pages: Literal["none", "between"] = "none"
    """Whether an empty page comes before each further page of a list."""
    delete_lag: int = 0
    """After how many further requests a deleted thing leaves the lists."""
    token_life: int = 0
    """For how many further requests a temporary token is good; 0: for ever."""
    description_limit: int = 100
    """The longest description of an integration that is accepted."""
    list_lag: int = 0
    """After how many further requests a created thing shows in lists."""
    read_lag: int = 0
    """After how many further requests a created thing can be read by itself: 404 before."""
    overlap: int = 0
    """How many items of a page the next one repeats."""
    cursor: Literal["key", "offset"] = "key"
    """Whether a cursor names the last item, or counts: then items move while a list is read."""
    page_size: int = 50
    """Items on a page when `limit` is not given."""
    page_cap: int = 1000
    """Items on a page at most, whatever `limit` says."""
    unpaged: Literal["whole", "cut"] = "whole"
    """Whether a list without page parameters comes whole, or cut after `page_size` items."""
    latency: float = 0
    """Seconds that each request takes."""
    rate_limit: int = 0
    """Requests that each period admits; 0: any number, and no headers."""
    rate_period: float = 1
    """Seconds in a period of the rate limit."""
    rate_burst: int = 0
    """Requests that a full bucket admits at once; 0: the limit is a window, and no bucket."""
    rate_at_once: int = 0
    """Requests that may be under way at once; 0: any number."""
    rate_told: Literal["all", "retry-after", "nothing"] = "all"
    """What replies say of the rate limit: `X-RateLimit-…` and `Retry-After`, the latter alone, or nothing."""
    rate_status: Literal["429", "503"] = "429"
    """The status of a request that the rate limit refuses: nginx has 503."""

    @classmethod
    def parse(cls, settings: Iterable[str]) -> Behaviour:
        """The behaviour that `key=value` texts ask for. Raises `UsageError` for what does not exist."""
        from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - only where text is read

        pairs = dict(_pair(setting) for setting in settings)
        try:
            behaviour: Behaviour = TypeAdapter(cls).validate_python(pairs)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = str(first["loc"][0])
            msg = f"behaviour {name}={first['input']}: is not taken; write {usage(name)}"
            raise UsageError(msg) from None
        for name, least in LEAST.items():
            if not least <= getattr(behaviour, name) < math.inf:
                msg = f"behaviour {name}={pairs[name]}: is not taken; write a number from {least} on"
                raise UsageError(msg)
        return behaviour


NAMES = tuple(item.name for item in fields(Behaviour))
LEAST = {
    "description_limit": 0,
    "list_lag": 0,
    "delete_lag": 0,
    "token_life": 0,
    "read_lag": 0,
    "overlap": 0,
    "page_size": 1,
    "page_cap": 1,
    "latency": 0,
    "rate_limit": 0,
    "rate_period": 0.001,
    "rate_burst": 0,
    "rate_at_once": 0,
}
"""The least that each number may be."""


def usage(name: str) -> str:
    """How a switch is written."""
    choices = get_args(get_type_hints(Behaviour)[name])
    return " or ".join(f"{name}={choice}" for choice in choices) or f"{name}=NUMBER"


def _pair(setting: str) -> tuple[str, str]:
    name, equals, value = setting.partition("=")
    if name not in NAMES:
        msg = f"behaviour {setting}: there is no switch {name}; there are {', '.join(NAMES)}"
        raise UsageError(msg)
    if not equals:
        msg = f"behaviour {setting}: has no value; write {usage(name)}"
        raise UsageError(msg)
    return name, value
