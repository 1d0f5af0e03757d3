"""Documents that are right, and ways to spoil them."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, get_args

from hypothesis import strategies as st

from reconciler.gitbook.kinds.shapes import Category, Scope
from tests.config.files import ORGANIZATION

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=8)
TEXTS = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=20).filter(
    lambda text: "{{" not in text
)
EXPRESSIONS = st.sampled_from(
    ["${{ env.CHANNEL }}", "a-${{ var.word }}", "$${{ literal }}", "${{ secret.TOKEN }}"]
)
SCALARS = st.one_of(TEXTS, EXPRESSIONS, st.booleans(), st.integers(-(2**40), 2**40))
SITES = {"handbook": "site_p4Xo1", "api-docs": "site_k2Lm9"}
SPACES = {"release-notes": "7fQm2WvA91bXcR0tYk3L"}


def fields(**known: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """A mapping with any of these fields."""
    return st.fixed_dictionaries({}, optional=known)


def json_values(*, nulls: bool = True) -> SearchStrategy[Any]:
    """Any JSON value; no mapping of `file` alone."""
    scalars = st.one_of(SCALARS, st.none()) if nulls else SCALARS
    return st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
        max_leaves=6,
    ).filter(lambda value: "file" not in json.dumps(value))


def sized(low: int, high: int) -> SearchStrategy[str]:
    """Text within these lengths."""
    return st.text("abc äöü€", min_size=low, max_size=high)


CONFIGURATION = st.dictionaries(WORDS, json_values(), max_size=4)
EXTERNAL_IDS = st.lists(sized(1, 9), max_size=5)
OWNERSHIP = st.sampled_from(["keys", "exact"])
BINDING = fields(
    configuration=CONFIGURATION, externalIds=EXTERNAL_IDS, ownership=OWNERSHIP, absent=st.booleans()
)
SELECTION = st.sampled_from(["all", "selected"])
INSTALLATION = fields(
    id=sized(1, 9),
    configuration=CONFIGURATION,
    externalIds=EXTERNAL_IDS,
    space_selection=SELECTION,
    site_selection=SELECTION,
    ownership=OWNERSHIP,
    absent=st.booleans(),
    prune=st.sampled_from(["none", "managed", "all"]),
    sites=st.dictionaries(st.sampled_from(["*", "tag:public", *SITES, "site_zZ9"]), BINDING, max_size=3),
    spaces=st.dictionaries(st.sampled_from(["*", *SPACES, "3hJk8PqZ52nMdS6uVx1B"]), BINDING, max_size=2),
)
PROPERTY = st.one_of(
    st.fixed_dictionaries({"type": st.just("string")}, optional={"title": sized(2, 50), "default": TEXTS}),
    st.fixed_dictionaries({"type": st.just("number")}, optional={"default": st.integers(-9, 9)}),
    st.fixed_dictionaries({"type": st.just("boolean")}, optional={"default": st.booleans()}),
    st.fixed_dictionaries({"type": st.just("button"), "callback_url": TEXTS, "button_text": TEXTS}),
)
SCREEN = st.one_of(
    st.fixed_dictionaries({"componentId": WORDS}),
    st.fixed_dictionaries({"properties": st.dictionaries(WORDS, PROPERTY, max_size=3)}),
)
BLOCK = st.fixed_dictionaries(
    {"id": WORDS, "title": sized(2, 40)},
    optional={
        "description": sized(0, 150),
        "urlUnfurl": st.lists(TEXTS, max_size=2),
        "markdown": st.fixed_dictionaries({"codeblock": WORDS, "body": WORDS}),
    },
)
INTEGRATION = fields(
    organization=WORDS,
    title=sized(2, 30),
    description=sized(0, 100),
    summary=sized(0, 200),
    visibility=st.sampled_from(["public", "private", "unlisted", "${{ var.word }}"]).filter(
        lambda value: "$" not in value
    ),
    target=st.sampled_from(["all", "site", "space", "organization"]),
    scopes=st.lists(st.sampled_from(get_args(Scope)), max_size=4),
    categories=st.lists(st.sampled_from(get_args(Category)), max_size=3),
    blocks=st.lists(BLOCK, max_size=2),
    externalLinks=st.lists(
        st.fixed_dictionaries({"label": TEXTS, "url": WORDS.map("https://example.com/{}".format)}), max_size=5
    ),
    configurations=fields(account=SCREEN, space=SCREEN, site=SCREEN),
    contentSecurityPolicy=st.one_of(TEXTS, st.dictionaries(st.just("script-src"), TEXTS)),
    runtime=st.sampled_from(["v1", "v2"]),
    script=st.sampled_from(["x();", {"file": "x.js"}]),
    secrets=st.dictionaries(WORDS, st.one_of(TEXTS, EXPRESSIONS), max_size=4),
    absent=st.booleans(),
)
NAMES = st.text("abcXYZ019-_.", min_size=1, max_size=12).filter(lambda name: name not in (".", ".."))
DOCUMENTS = st.fixed_dictionaries(
    {
        "version": st.just(1),
        "organization": st.sampled_from([ORGANIZATION, "${{ env.ORGANIZATION }}"]),
        "sites": st.just({name: {"id": key, "tags": ["public"]} for name, key in SITES.items()}),
        "spaces": st.just({name: {"id": key} for name, key in SPACES.items()}),
        "variables": st.just({"word": "x"}),
    },
    optional={
        "prune": st.sampled_from(["none", "managed", "all"]),
        "protect": st.lists(
            st.sampled_from(["installation/slack", "installation/*/site/handbook"]), max_size=2
        ),
        "max_deletes": st.one_of(st.integers(0, 99), st.sampled_from(["30%", "5.5 %", "100%"])),
        "mask": st.lists(WORDS, max_size=2),
        "integrations": st.dictionaries(NAMES, INTEGRATION, max_size=2),
        "installations": st.dictionaries(NAMES, INSTALLATION, max_size=3),
    },
)
"""Documents that `load` takes, with `ENVIRON` and a file `x.js` beside them."""

ENVIRON = {"CHANNEL": "C0123", "ORGANIZATION": ORGANIZATION, "TOKEN": "made-up-for-a-test"}
HOSTILE: SearchStrategy[Any] = st.one_of(
    json_values(),
    st.sampled_from(
        ["", " ", "${{", "${{ }}", "$ {{ x }}", "${{ var.nope }}", {"file": ""}, {"file": "../x"}, "yes"]
    ),
)


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """A right document in which a few places have something else, a key less, or a key misspelt."""
    document = copy.deepcopy(draw(DOCUMENTS))
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(list(_places(document))))
        if key not in (holder if isinstance(holder, dict) else range(len(holder))):
            continue
        match draw(st.sampled_from(["replace", "remove", "rename"])):
            case "remove":
                del holder[key]
            case "rename" if isinstance(holder, dict):
                holder[draw(st.one_of(WORDS, TEXTS))] = holder.pop(key)
            case _:
                holder[key] = copy.deepcopy(draw(HOSTILE))
    return document


def _places(value: Any) -> Any:
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        yield value, key
        yield from _places(inner)
