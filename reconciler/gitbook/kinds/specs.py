"""The fields of each kind, as GitBook's API reference names and limits them.

Every field is optional here: a file declares what it wants to own. Descriptions feed the schema and the docs.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from reconciler.gitbook.kinds.compare import same_owner, same_policy, same_shape
from reconciler.gitbook.kinds.images import ICON_MAX, PREVIEW_MAX, image
from reconciler.resources.kind import Assumed, Compare, Implicit, Mark

Scope = Literal[
    "space:content:read",
    "space:content:write",
    "space:metadata:read",
    "space:metadata:write",
    "space:git:sync",
    "page:feedback:read",
    "site:metadata:read",
    "site:views:read",
    "site:script:inject",
    "site:script:cookies",
    "site:visitor:auth",
    "site:adaptive:read",
    "site:adaptive:write",
    "openapi:read",
    "openapi:write",
    "conversations:ingest",
]
Category = Literal["analytics", "collaboration", "content", "gitsync", "marketing", "visitor-auth", "other"]
Selection = Literal["all", "selected"]

ABSENT: Any = None
"""What an optional field is while nobody sets it: left out, never null."""
MAX_EXTERNAL_IDS = 5
MAX_SECRETS = 20
MAX_PREVIEWS = 3
MAX_LINKS = 5


OF_TYPE = "What sort of value it takes"
BY_DEFAULT = "What it is while nobody sets it"
BriefTitle = Annotated[str, Field(min_length=2, max_length=40, description="Its name for people")]
Details = Annotated[str, Field(max_length=150, description="What it is for")]
IconUrl = Annotated[str, Field(description="URL of its icon")]


class Spec(BaseModel):
    """A shape that refuses what it does not know and takes each type as it is."""

    # Built when it first checks something: most runs need few of the shapes.
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class CodeBlock(Spec):
    """Write a custom block as a code block in Markdown."""

    codeblock: Annotated[str, Field(description="Code block syntax that identifies the block")]
    body: Annotated[str, Field(description="Property that holds the body of the code block")]


class Block(Spec):
    """A custom block that an integration defines."""

    id: Annotated[str, Field(description="Unique id, also the UI component used")]
    title: BriefTitle
    description: Details = ABSENT
    icon: IconUrl = ABSENT
    urlUnfurl: Annotated[list[str], Field(description="URL patterns to turn into this block")] = ABSENT
    markdown: Annotated[CodeBlock, Field(description="How Markdown has it")] = ABSENT


class Component(Spec):
    """A configuration screen that the integration draws itself: any key goes."""

    componentId: Annotated[str, Field(description="Id of the ContentKit component")]


class ContentSource(Spec):
    """A content source that an integration provides."""

    id: Annotated[str, Field(description="Unique id")]
    title: BriefTitle
    description: Details = ABSENT
    icon: IconUrl = ABSENT
    configuration: Annotated[Component, Field(description="The screen that configures it")]


class _PropertyText(Spec):
    title: Annotated[str, Field(min_length=2, max_length=50, description="Its name in the form")] = ABSENT
    description: Annotated[str, Field(max_length=100, description="What stands below it")] = ABSENT


class StringProperty(_PropertyText):
    """A text, perhaps one of several."""

    type: Annotated[Literal["string"], Field(description=OF_TYPE)]
    default: Annotated[str, Field(description=BY_DEFAULT)] = ABSENT
    completion_url: Annotated[str, Field(description="URL that suggests values")] = ABSENT
    enum: Annotated[list[str], Field(description="The only values allowed")] = ABSENT


class NumberProperty(_PropertyText):
    """A number."""

    type: Annotated[Literal["number"], Field(description=OF_TYPE)]
    default: Annotated[float | int, Field(description=BY_DEFAULT)] = ABSENT


class BooleanProperty(_PropertyText):
    """Yes or no."""

    type: Annotated[Literal["boolean"], Field(description=OF_TYPE)]
    default: Annotated[bool, Field(description=BY_DEFAULT)] = ABSENT


class ButtonProperty(_PropertyText):
    """A button in the app, usually for OAuth: cannot be set from a file."""

    type: Annotated[Literal["button"], Field(description=OF_TYPE)]
    callback_url: Annotated[str, Field(description="URL that it opens")]
    button_text: Annotated[str, Field(description="What is written on it")]


AnyProperty = Annotated[
    StringProperty | NumberProperty | BooleanProperty | ButtonProperty, Field(discriminator="type")
]


class ConfigurationSchema(Spec):
    """The keys of a configuration."""

    properties: Annotated[dict[str, AnyProperty], Field(description="Each key with its type")]
    required: Annotated[list[str], Field(description="The keys without which nothing is active")] = ABSENT


def _form(value: Any) -> str:
    """Which of the two shapes a configuration screen is meant to have."""
    keys = value if isinstance(value, dict) else vars(value) if isinstance(value, BaseModel) else ()
    return "component" if "componentId" in keys else "schema"


Configuration = Annotated[
    Annotated[ConfigurationSchema, Tag("schema")] | Annotated[Component, Tag("component")],
    Discriminator(_form),
]


class Configurations(Spec):
    """How an integration is configured at each of its three levels."""

    account: Annotated[Configuration, Field(description="Of an installation")] = ABSENT
    space: Annotated[Configuration, Field(description="Of an installation on a space")] = ABSENT
    site: Annotated[Configuration, Field(description="Of an installation on a site")] = ABSENT


class ExternalLink(Spec):
    """A link shown beside the integration."""

    label: Annotated[str, Field(description="What is written on it")]
    url: Annotated[str, Field(max_length=2048, description="Where it leads")]


class IntegrationSpec(Spec):
    """An integration that this organization publishes: one entry under `integrations`, by name."""

    manifest: Annotated[
        str | None,
        Mark.SETTING,
        Field(
            min_length=1,
            description="A gitbook-manifest.yaml to start from; it owns the whole document",
            examples=["integrations/banner/gitbook-manifest.yaml"],
        ),
    ] = None
    env: Annotated[
        str | None,
        Mark.SETTING,
        Field(description="The environment of the manifest's `envs` to lay over it", examples=["production"]),
    ] = None
    organization: Annotated[
        str | None,
        Compare(same_owner),
        Field(
            min_length=1,
            description="Id or subdomain of the organization that publishes it; the file's unless set",
        ),
    ] = None
    title: Annotated[
        str | None, Mark.SHOWN, Field(min_length=2, max_length=30, description="Its name for people")
    ] = None
    description: Annotated[
        str | None, Mark.ALWAYS, Assumed(""), Field(max_length=100, description="What it does, in a line")
    ] = None
    summary: Annotated[
        str | None, Assumed(""), Field(max_length=2048, description="What it does, as long-form Markdown")
    ] = None
    icon: Annotated[
        str | None,
        Mark.WRITE_ONLY,
        image(ICON_MAX),
        Field(
            description="A PNG: base64, or {file: PATH}; at most 250 KiB",
            examples=[{"file": "assets/icon.png"}],
        ),
    ] = None
    previewImages: Annotated[
        list[str] | None,
        Mark.WRITE_ONLY,
        image(PREVIEW_MAX),
        Field(max_length=MAX_PREVIEWS, description="PNGs: base64, or {file: PATH}; at most 1 MiB each"),
    ] = None
    visibility: Annotated[
        Literal["public", "private", "unlisted"] | None, Field(description="Who may see and install it")
    ] = None
    target: Annotated[
        Literal["all", "site", "space", "organization"] | None,
        Assumed("all"),
        Field(description="Where it may be installed"),
    ] = None
    scopes: Annotated[
        list[Scope] | None,
        Mark.UNORDERED,
        Assumed([]),
        Field(description="What it may do", examples=[["site:metadata:read"]]),
    ] = None
    categories: Annotated[
        list[Category] | None,
        Mark.UNORDERED,
        Assumed([]),
        Field(description="Where the marketplace lists it"),
    ] = None
    blocks: Annotated[
        list[Block] | None, Compare(same_shape), Assumed([]), Field(description="Custom blocks")
    ] = None
    contentSources: Annotated[
        list[ContentSource] | None, Compare(same_shape), Assumed([]), Field(description="Content sources")
    ] = None
    externalLinks: Annotated[
        list[ExternalLink] | None,
        Compare(same_shape),
        Assumed([]),
        Field(max_length=MAX_LINKS, description="Links shown beside it"),
    ] = None
    configurations: Annotated[
        Configurations | None,
        Compare(same_shape),
        Assumed({}),
        Field(description="Its configuration screens: account, space and site"),
    ] = None
    contentSecurityPolicy: Annotated[
        str | dict[str, str] | None,
        Compare(same_policy),
        Assumed(""),
        Field(description="Policy for its scripts and blocks: one text, or a text per directive"),
    ] = None
    runtime: Annotated[
        Literal["v1", "v2"] | None,
        Mark.WRITE_ONLY,
        Mark.ALWAYS,
        Assumed("v2"),
        Field(description="Runtime version"),
    ] = None
    script: Annotated[
        str | None,
        Mark.WRITE_ONLY,
        Field(
            description="The built script: {file: PATH}, or its text", examples=[{"file": "dist/index.js"}]
        ),
    ] = None
    secrets: Annotated[
        dict[str, str] | None,
        Mark.WRITE_ONLY,
        Mark.SECRET,
        Field(
            max_length=MAX_SECRETS,
            description="Secrets passed at run time; {} for none",
            examples=[{"CLIENT_SECRET": "${{ secret.CLIENT_SECRET }}"}],
        ),
    ] = None


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


class InstallationSpec(Spec):
    """An integration installed in this organization: one entry under `installations`, by its name."""

    id: Annotated[
        str | None,
        Mark.SETTING,
        Mark.PIN,
        Field(
            min_length=1,
            description="Pins one of several installations; with `absent: true` only that one goes",
        ),
    ] = None
    configuration: OwnedConfiguration = None
    externalIds: ExternalIds = None
    space_selection: Annotated[
        Selection | None,
        Implicit("installation_space", "all"),
        Mark.INITIAL,
        Field(description="Whether it works on all spaces or on selected ones"),
    ] = None
    site_selection: Annotated[
        Selection | None,
        Implicit("installation_site", "all"),
        Mark.INITIAL,
        Field(description="Whether it works on all sites or on selected ones"),
    ] = None
    ownership: Ownership = None


class BindingSpec(Spec):
    """An installation's configuration on one space or site."""

    configuration: OwnedConfiguration = None
    externalIds: ExternalIds = None
    ownership: Ownership = None
