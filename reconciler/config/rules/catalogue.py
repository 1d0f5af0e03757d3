"""The rules of the catalogue and of selectors: names, ids and tags."""

from __future__ import annotations

from reconciler.config.rules.rule import Rule
from reconciler.diagnostics import Severity

NAME_FORM = Rule(
    id="GB047",
    title="A catalogue name with a sign of its own meaning",
    why="`/`, `*` and `:` mean something in addresses and selectors.",
    bad='sites:\n  "docs:api": {id: site_k2Lm9}\n',
    good="sites:\n  docs-api: {id: site_k2Lm9}\n",
    structural=True,
)
NAME_IS_ID = Rule(
    id="GB048",
    title="A catalogue name that is another member's id",
    why="Wherever an id may stand a name may stand too: which of the two is meant must be plain.",
    bad="sites:\n  handbook: {id: site_p4Xo1}\n  site_p4Xo1: {id: site_k2Lm9}\n",
    good="sites:\n  handbook: {id: site_p4Xo1}\n  api-docs: {id: site_k2Lm9}\n",
)
TWO_NAMES = Rule(
    id="GB049",
    title="An id with two names",
    why="Two names for one site hide that two declarations meet.",
    bad="sites:\n  handbook: {id: site_p4Xo1}\n  manual: {id: site_p4Xo1}\n",
    good="sites:\n  handbook: {id: site_p4Xo1}\n",
)
UNKNOWN_TAG = Rule(
    id="GB050",
    title="A tag that no member of the catalogue has",
    why="A misspelt tag selects nothing, and what it declares would quietly be left out, or pruned.",
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
    title="The same object by name and by id",
    why="Which of the two wins would be a guess.",
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
    why="`*` is every name of the catalogue; without names it declares nothing.",
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
    title="A name that is not in the catalogue, beside one that nearly is",
    why="Taken as an id, a misspelt name would bind to nothing.",
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
    why="What is not in the catalogue is taken as an id; ids of sites and spaces look different.",
    bad="installations:\n  googleanalytics:\n    sites:\n      our-handbook: {}\n",
    good="installations:\n  googleanalytics:\n    sites:\n      site_p4Xo1: {}\n",
    severity=Severity.WARNING,
    needs_all=True,
)
UNKNOWN_SELECTOR = Rule(
    id="GB055",
    title="A selector that is not known",
    why="A name, an id, `tag:NAME` and `*` select; nothing else does.",
    bad="installations:\n  googleanalytics:\n    sites:\n      label:public: {}\n",
    good="installations:\n  googleanalytics:\n    sites:\n      site_p4Xo1: {}\n",
    structural=True,
)
