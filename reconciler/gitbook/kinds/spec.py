"""The base class of specs, and the fields that several kinds have.

Every field of a spec is optional, because a file declares what it wants to own. The descriptions stand in the
JSON Schema and in the docs.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reconciler.resources.kind import Assumed, Mark

ABSENT: Any = None
"""What an optional field is while nobody sets it: left out, never null."""


MAX_EXTERNAL_IDS = 5


class Spec(BaseModel):
    """A shape that refuses what it does not know and takes each type as it is."""

    # Built when it first checks something: most runs need few of the shapes.
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


ExternalIds = Annotated[
    list[str] | None,
    Mark.UNORDERED,
    Assumed([]),
    Field(
        max_length=MAX_EXTERNAL_IDS,
        description="Ids that integrations assign; a set, touched only when declared",
    ),
]


OwnedConfiguration = Annotated[
    dict[str, Any] | None,
    Mark.KEYED,
    Assumed({}),
    Field(description="Owned key by key; `KEY: null` removes a key", examples=[{"default_channel": "C0123"}]),
]


Ownership = Annotated[
    Literal["keys", "exact"] | None,
    Mark.SETTING,
    Field(description="`exact` claims every key of the integration's schema, buttons excepted"),
]
