"""What request bodies must look like, by the API reference.

Written apart from the client's models, so that a mistake in one of the two shows in the tests.

By its wording, the reference allows no scalar in a `PlainObject`. Here any JSON value is allowed but null and
lists in lists.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, get_args

from reconciler.gitbook.kinds.shapes import Category, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]

MAX_DELAY = 24 * 60 * 60


def _object(required: str = "", /, **properties: Schema) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    return schema | ({"required": required.split()} if required else {})


def _list(items: Schema, **limits: Any) -> Schema:
    return {"type": "array", "items": items, **limits}


def _one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _length(least: int, most: int) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most}


TEXT: Schema = {"type": "string"}
SWITCH: Schema = {"type": "boolean"}
ANY_OBJECT: Schema = {"type": "object"}
PLAIN: Schema = {"type": "object", "plain": True}
IMAGE: Schema = {"type": "string", "format": "byte"}

_COMPONENT = _object("componentId", componentId=TEXT)
_PROPERTY: Schema = {
    "allOf": [
        _object(title=_length(2, 50), description=_length(0, 100)),
        {
            "oneOf": [
                _object("type", type=_one_of("string"), default=TEXT, completion_url=TEXT, enum=_list(TEXT)),
                _object("type", type=_one_of("number"), default={"type": "number"}),
                _object("type", type=_one_of("boolean"), default=SWITCH),
                _object(
                    "type callback_url button_text",
                    type=_one_of("button"),
                    callback_url=TEXT,
                    button_text=TEXT,
                ),
            ]
        },
    ]
}
_FORM = _object(
    "properties",
    properties={"type": "object", "additionalProperties": _PROPERTY},
    required=_list(TEXT, uniqueItems=True),
)
_SCREEN: Schema = {"oneOf": [_FORM, _COMPONENT]}
_BLOCK = _object(
    "id title",
    id=TEXT,
    title=_length(2, 40),
    description=_length(0, 150),
    icon=TEXT,
    urlUnfurl=_list(TEXT),
    markdown=_object("codeblock body", codeblock=TEXT, body=TEXT),
)
_SOURCE = _object(
    "id title configuration",
    id=TEXT,
    title=_length(2, 40),
    description=_length(0, 150),
    icon=TEXT,
    configuration=_COMPONENT,
)
_DIRECTIVES = (
    "base-uri",
    "block-all-mixed-content",
    "child-src",
    "connect-src",
    "default-src",
    "font-src",
    "form-action",
    "frame-ancestors",
    "frame-src",
    "img-src",
    "manifest-src",
    "media-src",
    "navigate-to",
    "object-src",
    "plugin-types",
    "prefetch-src",
    "referrer",
    "report-to",
    "report-uri",
    "require-sri-for",
    "require-trusted-types-for",
    "sandbox",
    "script-src",
    "script-src-attr",
    "script-src-elem",
    "style-src",
    "style-src-attr",
    "style-src-elem",
    "trusted-types",
    "upgrade-insecure-requests",
    "worker-src",
)

PUBLISH = _object(
    "organization title description script scopes",
    organization=TEXT,
    title=_length(2, 30),
    description={"type": "string", "maxLength": 100},
    summary={"type": "string", "maxLength": 2048},
    icon=IMAGE,
    previewImages=_list(IMAGE, maxItems=3),
    visibility=_one_of("public", "private", "unlisted"),
    target=_one_of("all", "site", "space", "organization"),
    scopes=_list(_one_of(*get_args(Scope))),
    categories=_list(_one_of(*get_args(Category))),
    blocks=_list(_BLOCK),
    contentSources=_list(_SOURCE),
    configurations=_object(account=_SCREEN, space=_SCREEN, site=_SCREEN),
    externalLinks=_list(
        _object("url label", url={"type": "string", "format": "uri", "maxLength": 2048}, label=TEXT),
        maxItems=5,
    ),
    script=TEXT,
    runtime=_one_of("v1", "v2"),
    secrets={"type": "object", "additionalProperties": TEXT, "maxProperties": 20},
    contentSecurityPolicy={"oneOf": [TEXT, _object(**dict.fromkeys(_DIRECTIVES, TEXT))]},
)

_CONFIGURED: dict[str, Schema] = {"configuration": ANY_OBJECT, "externalIds": _list(TEXT, maxItems=5)}
BINDING = _object(**_CONFIGURED)
_SELECTION = _one_of("all", "selected")
INSTALLATION = _object(**_CONFIGURED, space_selection=_SELECTION, site_selection=_SELECTION)


def _context(kind: str, required: str = "", /, **properties: Schema) -> Schema:
    return _object(f"theme type {required}", theme=_one_of("dark", "light"), type=_one_of(kind), **properties)


RENDER = _object(
    "componentId props context",
    componentId=TEXT,
    props=PLAIN,
    state=ANY_OBJECT,
    action=_object("action", action=TEXT),
    context={
        "oneOf": [
            _context("configuration_account", "organizationId", organizationId=TEXT),
            _context("configuration_space", "spaceId", spaceId=TEXT),
            _context("configuration_site", "siteId", siteId=TEXT),
            _context("configuration_contentsource", "organizationId", organizationId=TEXT, spaceId=TEXT),
            _context("document", "spaceId editable", spaceId=TEXT, editable=SWITCH),
        ]
    },
)

BODIES: Mapping[str, Schema] = MappingProxyType(
    {
        "publishIntegration": PUBLISH,
        "setIntegrationDevelopmentMode": _object("tunnelUrl", tunnelUrl=_length(1, 256), all=SWITCH),
        "renderIntegrationUIWithPost": RENDER,
        "queueIntegrationTask": _object(
            "task", task=ANY_OBJECT, schedule={"type": "number", "minimum": 0, "maximum": MAX_DELAY}
        ),
        "installIntegration": _object("organization", organization=TEXT),
        "updateIntegrationInstallation": INSTALLATION,
        "installIntegrationOnSpace": _object("space", space=TEXT),
        "updateIntegrationSpaceInstallation": BINDING,
        "installIntegrationOnSite": _object("siteId", siteId=TEXT),
        "updateIntegrationSiteInstallation": BINDING,
    }
)

_OPEN = {"scopes": _list(TEXT), "categories": _list(TEXT)}
WITH_NEWS: Mapping[str, Schema] = MappingProxyType(
    {**BODIES, "publishIntegration": {**PUBLISH, "properties": {**PUBLISH["properties"], **_OPEN}}}
)
"""The same for a server that takes scopes and categories which the reference does not have."""
