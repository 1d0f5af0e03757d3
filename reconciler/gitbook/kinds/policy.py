"""Content security policies: their directives, and how two of them are compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconciler.config.rules import integrations as rules
from reconciler.config.yaml.parser import shown
from reconciler.gitbook.kinds.findings import entries, problem
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.diagnostics import Problem
    from reconciler.resources.resource import Resource


_PLAIN_DIRECTIVES = (
    "base-uri block-all-mixed-content form-action frame-ancestors navigate-to plugin-types referrer "
    "report-to report-uri require-sri-for require-trusted-types-for sandbox script-src-attr "
    "script-src-elem style-src-attr style-src-elem trusted-types upgrade-insecure-requests"
)


_SOURCES = "child connect default font frame img manifest media object prefetch script style worker"


DIRECTIVES = frozenset({*_PLAIN_DIRECTIVES.split(), *(f"{source}-src" for source in _SOURCES.split())})
"""The directives of a content security policy, as GitBook's reference lists them."""


def same_policy(one: Any, other: Any) -> bool:
    """Whether two content security policies are equal after trimming white space and `;`.

    One text and a text for each directive are two spellings of one policy.
    """
    return bool(_directives(one) == _directives(other))


def _directives(policy: Any) -> Any:
    if isinstance(policy, str):
        parts = (part.split() for part in policy.split(";"))
        return sorted((words[0], " ".join(words[1:])) for words in parts if words)
    if isinstance(policy, Mapping):
        return sorted(
            (str(name), " ".join(str(text).replace(";", " ").split())) for name, text in policy.items()
        )
    return policy


def policy_problems(resource: Resource, policy: Any) -> Iterator[Problem]:
    """Names that are no directive."""
    for name, _ in entries(policy):
        if name not in DIRECTIVES:
            path = ("contentSecurityPolicy", name)
            advice = did_you_mean(name, sorted(DIRECTIVES), "GitBook's reference lists the directives")
            yield problem(rules.ODD_DIRECTIVE, resource, path, f"`{shown(name)}` is not a directive", advice)
