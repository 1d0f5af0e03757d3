"""The shapes inside an integration's document, as GitBook's API reference names and limits them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag

from reconciler.gitbook.kinds.spec import ABSENT, Spec

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
    "site:visitor:claims",
    "site:adaptive:read",
    "site:adaptive:write",
    "openapi:read",
    "openapi:write",
    "conversations:ingest",
]


Category = Literal["analytics", "collaboration", "content", "gitsync", "marketing", "visitor-auth", "other"]


OF_TYPE = "What sort of value it takes"


BY_DEFAULT = "What it is while nobody sets it"


BriefTitle = Annotated[str, Field(min_length=2, max_length=40, description="Its name for people")]


Details = Annotated[str, Field(max_length=150, description="What it is for")]


IconUrl = Annotated[str, Field(description="URL of its icon")]


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


READABLE = (
    "title",
    "description",
    "summary",
    "visibility",
    "target",
    "scopes",
    "categories",
    "blocks",
    "contentSources",
    "externalLinks",
    "configurations",
    "contentSecurityPolicy",
)
"""The fields of an integration that the API shows and that a publish takes."""
