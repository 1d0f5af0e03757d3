"""Names for the catalogue, made from titles."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

LONGEST = 60
_SIGNS = re.compile(r"[/*:\s]|\$\{\{")


def named(titles: Mapping[str, str], taken: Collection[str] = ()) -> dict[str, str]:
    """A name for each id: from its title, with the id behind it where two are alike; else the id itself.

    `taken`: names and ids of others, which none of these gets.
    """
    slugs = {server_id: slug(title) for server_id, title in titles.items()}
    alike = Counter([*slugs.values(), *taken])
    names = {
        server_id: text if text and alike[text] == 1 and text not in titles else f"{text}-{server_id}"
        for server_id, text in slugs.items()
    }
    uses = Counter([*names.values(), *titles, *taken])
    return {
        server_id: name if slugs[server_id] and uses[name] == 1 else server_id
        for server_id, name in names.items()
    }


def slug(title: str) -> str:
    """A title as people would write it in a file: `API Docs` → `api-docs`."""
    text = unicodedata.normalize("NFKC", title).casefold()
    return re.sub(r"[\W_]+", "-", text).strip("-")[:LONGEST].rstrip("-")


def is_id(text: str) -> bool:
    """Whether the id can be written in a file: no character in it has a meaning there."""
    return bool(text) and not _SIGNS.search(text)
