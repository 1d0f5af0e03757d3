"""States to start from: that of the examples and docs, one without integrations, and large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.sandbox.catalogue import DOCUMENTS
from reconciler.sandbox.records import (
    Binding,
    Document,
    Installation,
    Integration,
    Organization,
    Site,
    Space,
)
from reconciler.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.sandbox.records import Level

ORGANIZATION = "Qm4TzvXb81LkWc0sYhEo"
SANDBOX_TOKEN = "gb_api_sandbox"  # noqa: S105 - opens nothing but the sandbox
INTEGRATION_TOKEN = "gb_int_"  # noqa: S105 - and the integration's name
GITBOOK = "gB00kInc000000000000"

_ORGANIZATIONS = (
    Organization(ORGANIZATION, "acme", "Acme Docs"),
    Organization(GITBOOK, "gitbook", "GitBook", member=False),
)
_SPACES = (
    Space("7fQm2WvA91bXcR0tYk3L", ORGANIZATION, "Release Notes"),
    Space("3hJk8PqZ52nMdS6uVx1B", ORGANIZATION, "Engineering"),
    Space("9cTe4RyU70gHfL2wQa5N", ORGANIZATION, "Product"),
    Space("5vBn6MxK38sDjG1pZo7E", ORGANIZATION, "Support"),
)
_SITES = (
    Site("site_p4Xo1", ORGANIZATION, "Handbook", (_SPACES[1].id,)),
    Site("site_k2Lm9", ORGANIZATION, "API Docs", (_SPACES[2].id,)),
    Site("site_t7Rb3", ORGANIZATION, "Help Center", (_SPACES[3].id,)),
    Site("site_w8Yn5", ORGANIZATION, "Changelog", (_SPACES[0].id,)),
)
_SLACK = Installation(
    "sL8kWq2Zx7Vb4Nm1Cd6R",
    "slack",
    ORGANIZATION,
    {
        "oauth_credentials": {
            "access_token": "sandbox-slack-access-token",
            "team": {"id": "T0ACME", "name": "Acme"},
        },
        "default_channel": "C0000",
    },
)
_MERMAID = Installation("mE3rTy9Ui5Op1As7Df2G", "mermaid", ORGANIZATION)
_ANALYTICS = Installation("gA6hJk4Lz8Xc0Vb2Nm5Q", "googleanalytics", ORGANIZATION)
_CHANGELOG = Binding(
    _ANALYTICS.id, "site", "site_w8Yn5", {"tracking_id": "G-OLD", "lastCheckedAt": "2025-03-04T05:06:07.000Z"}
)


def empty() -> Store:
    """The organization with its sites and spaces, and no integration anywhere."""
    return Store(Document(format=1, organizations=_ORGANIZATIONS, sites=_SITES, spaces=_SPACES))


def default() -> Store:
    """The seeded world: GitBook's integrations, three of them installed, Slack connected."""
    return Store(
        Document(
            format=1,
            organizations=_ORGANIZATIONS,
            sites=_SITES,
            spaces=_SPACES,
            integrations=tuple(
                Integration(name, GITBOOK, dict(document), verified=True)
                for name, document in DOCUMENTS.items()
            ),
            installations=(_SLACK, _MERMAID, _ANALYTICS),
            bindings=(_CHANGELOG,),
        )
    )


def large(*, integrations: int = 20, bindings: int = 5000, own_keys: bool = True) -> Store:
    """A big organization: its bindings are spread evenly over installations of sites and spaces in turn.

    With `own_keys`, each integration keeps a key of its own, which no schema has, in every configuration.
    """
    each = -(-bindings // integrations)
    return Store(
        Document(
            format=1,
            organizations=_ORGANIZATIONS,
            sites=tuple(Site(site_id(number), ORGANIZATION, f"Site {number}") for number in range(each)),
            spaces=tuple(Space(space_id(number), ORGANIZATION, f"Space {number}") for number in range(each)),
            integrations=tuple(map(_integration, range(integrations))),
            installations=tuple(map(_installation, range(integrations))),
            bindings=tuple(_bindings(integrations, bindings, own_keys=own_keys)),
        )
    )


def site_id(number: int) -> str:
    """The id of a site in a large world."""
    return f"site_{number:05}"


def space_id(number: int) -> str:
    """The id of a space in a large world."""
    return f"space{number:015}"


def _level(number: int) -> Level:
    return "space" if number % 2 else "site"


def _integration(number: int) -> Integration:
    key: dict[str, Any] = {"type": "string", "title": "Tracking ID"}
    document = {
        "title": f"Integration {number}",
        "description": "One of many.",
        "visibility": "public",
        "target": _level(number),
        "scopes": [],
        "script": "// one of many",
        "configurations": {_level(number): {"properties": {"tracking_id": key}, "required": ["tracking_id"]}},
    }
    return Integration(f"integration-{number}", GITBOOK, document)


def _installation(number: int) -> Installation:
    return Installation(f"installation{number:08}", f"integration-{number}", ORGANIZATION)


def _bindings(integrations: int, bindings: int, *, own_keys: bool) -> Iterator[Binding]:
    for number in range(bindings):
        above, target = number % integrations, number // integrations
        level = _level(above)
        own = {"webhookId": f"wh_{number:06}"} if own_keys else {}
        configuration = {"tracking_id": f"G-{number:06}", **own}
        identity = space_id(target) if level == "space" else site_id(target)
        yield Binding(_installation(above).id, level, identity, configuration)
