"""The rules of the catalogue and of selectors: names, ids and tags."""

from __future__ import annotations

from reconciler.config.rules.rule import Rule
from reconciler.diagnostics import Severity

NAME_FORM = Rule(
    id="GB047",
    title="A catalogue name with `/`, `*` or `:` in it",
    why="These characters have a meaning in addresses and selectors.",
    bad='sites:\n  "docs:api": {id: site_k2Lm9}\n',
    good="sites:\n  docs-api: {id: site_k2Lm9}\n",
    structural=True,
)
NAME_IS_ID = Rule(
    id="GB048",
    title="A catalogue name that is the id of another entry",
    why="A name may be written wherever an id may. If the same text is both, nobody knows which is meant.",
    bad="sites:\n  handbook: {id: site_p4Xo1}\n  site_p4Xo1: {id: site_k2Lm9}\n",
    good="sites:\n  handbook: {id: site_p4Xo1}\n  api-docs: {id: site_k2Lm9}\n",
)
TWO_NAMES = Rule(
    id="GB049",
    title="An id with two names",
    why="With two names for one site, a reader does not see that two declarations are about the same site.",
    bad="sites:\n  handbook: {id: site_p4Xo1}\n  manual: {id: site_p4Xo1}\n",
    good="sites:\n  handbook: {id: site_p4Xo1}\n",
)
UNKNOWN_TAG = Rule(
    id="GB050",
    title="A tag that nothing in the catalogue has",
    why="A misspelt tag selects nothing: what it declares would be left out without a word, or even pruned.",
    bad=(
        "sites:\n  handbook: {id: site_p4Xo1, tags: [public]}\ninstallations:\n  googleanalytics:\n"
        "    sites:\n      tag:pubic: {configuration: {tracking_id: G-1ABC}}\n"
    ),
    good=(
        "sites:\n  handbook: {id: site_p4Xo1, tags: [public]}\ninstallations:\n  googleanalytics:\n"
        "    sites:\n      tag:public: {configuration: {tracking_id: G-1ABC}}\n"
    ),
    needs_all=True,
)
NAME_AND_ID = Rule(
    id="GB051",
    title="The same site or space by name and by id",
    why="If the two differ, gbsync cannot know which one is right.",
    bad=(
        "sites:\n  handbook: {id: site_p4Xo1}\ninstallations:\n  googleanalytics:\n    sites:\n"
        "      handbook: {}\n      site_p4Xo1: {}\n"
    ),
    good=(
        "sites:\n  handbook: {id: site_p4Xo1}\ninstallations:\n  googleanalytics:\n    sites:\n"
        "      handbook: {}\n"
    ),
)
EMPTY_SELECTION = Rule(
    id="GB052",
    title="A `*` over an empty catalogue",
    why="`*` stands for every name in the catalogue. If the catalogue is empty, it declares nothing.",
    bad='installations:\n  googleanalytics:\n    sites:\n      "*": {}\n',
    good=(
        "sites:\n  handbook: {id: site_p4Xo1}\ninstallations:\n  googleanalytics:\n    sites:\n"
        '      "*": {}\n'
    ),
    severity=Severity.WARNING,
    needs_all=True,
)
NEAR_NAME = Rule(
    id="GB053",
    title="A name that is not in the catalogue, but is nearly one that is",
    why="gbsync would take a misspelt name as an id, and no site or space has that id.",
    bad=(
        "sites:\n  handbook: {id: site_p4Xo1}\ninstallations:\n  googleanalytics:\n    sites:\n"
        "      handbok: {}\n"
    ),
    good=(
        "sites:\n  handbook: {id: site_p4Xo1}\ninstallations:\n  googleanalytics:\n    sites:\n"
        "      handbook: {}\n"
    ),
    needs_all=True,
)
ODD_ID = Rule(
    id="GB054",
    title="An id that looks like a name",
    why="A key that is not in the catalogue is taken as an id, but ids of sites and spaces look different.",
    bad="installations:\n  googleanalytics:\n    sites:\n      our-handbook: {}\n",
    good="installations:\n  googleanalytics:\n    sites:\n      site_p4Xo1: {}\n",
    severity=Severity.WARNING,
    needs_all=True,
)
UNKNOWN_SELECTOR = Rule(
    id="GB055",
    title="An unknown selector",
    why="The only selectors are a name, an id, `tag:NAME` and `*`.",
    bad="installations:\n  googleanalytics:\n    sites:\n      label:public: {}\n",
    good="installations:\n  googleanalytics:\n    sites:\n      site_p4Xo1: {}\n",
    structural=True,
)
