"""Parameters that several operations have, in the path and in the query, with their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from reconciler.gitbook.kinds.shapes import Category, Scope
from reconciler.gitbook.operations.operation import Param

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LIMIT = 1000
"""The most items that a page may have."""
NAME_PATTERN = r"^[a-zA-Z0-9-_.]+$"

IN_PATH: Mapping[str, Param] = {
    param.name: param
    for param in (
        Param(
            name="integrationName",
            in_="path",
            required=True,
            pattern=NAME_PATTERN,
            max_length=100,
            summary="name of the integration",
        ),
        Param(name="installationId", in_="path", required=True, summary="id of the installation"),
        Param(name="organizationId", in_="path", required=True, summary="id of the organization"),
        Param(name="spaceId", in_="path", required=True, summary="id of the space"),
        Param(name="siteId", in_="path", required=True, summary="id of the site"),
        Param(name="eventId", in_="path", required=True, summary="id of the event"),
    )
}

_PAGE = Param(name="page", summary="cursor of the page, from the reply before")
PAGING = (
    _PAGE,
    Param(name="limit", type="number", minimum=0, maximum=MAX_LIMIT, summary="most items in a reply"),
)
TEXT = Param(name="search", summary="text to look for")
SEARCH = (
    TEXT,
    Param(
        name="category",
        enum=get_args(Category),
        open=True,
        summary="category that the marketplace lists it in",
    ),
    Param(
        name="blockDomain",
        pattern=NAME_PATTERN,
        max_length=100,
        summary="domain that one of its blocks unfurls",
    ),
    Param(name="blocks", type="boolean", summary="true: only those with blocks; false: without"),
    Param(
        name="contentSources",
        type="boolean",
        summary="true: only those with content sources; false: without",
    ),
    Param(name="owner", summary="id of the organization that publishes it"),
    Param(name="scope", enum=get_args(Scope), open=True, summary="scope that it asks for"),
    Param(name="target", enum=("all", "site", "space", "organization"), summary="where it may be installed"),
)
LEVEL = Param(
    name="target", enum=("organization", "space", "site"), default="organization", summary="level to look at"
)
REQUEST = Param(
    name="request", required=True, summary="request as JSON, compressed with LZ-string; --body FILE makes it"
)
EXTERNAL = Param(name="externalId", summary="external id that the installation has")
EXTENDED = Param(
    name="extended", type="boolean", default=False, summary="the whole space or site in place of its id"
)
SHARE_KEY = Param(name="shareKey", summary="key of a share link, for the addresses of a site shared by one")
OF_SITES = (
    Param(name="space", summary="id of a space that the site shows"),
    Param(name="title", summary="text in the title"),
    Param(name="published", type="boolean", summary="true: only published ones; false: the others"),
    Param(
        name="type",
        type="array",
        enum=("basic", "premium", "ultimate", "sponsored", "legacy-basic", "legacy-premium"),
        summary="kinds of site",
    ),
)
