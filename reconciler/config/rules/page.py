"""The table of rules as the page `docs/rules.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.config.rules import (
    RULES,
    catalogue,
    integrations,
    live,
    reading,
    slips,
    structure,
    values,
)
from reconciler.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from reconciler.config.rules.rule import Rule

HEADER = "version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\n"
"""What stands above an example that begins without it."""
_TITLES: tuple[tuple[ModuleType, str], ...] = (
    (reading, "Reading the files"),
    (structure, "Structure"),
    (values, "Values"),
    (slips, "Slips"),
    (catalogue, "Catalogue and selectors"),
    (live, "What only the organization can tell"),
    (integrations, "Publishing integrations"),
)
_INTRODUCTION = """# Rules

<!-- Made from reconciler/config/rules by tests/config/rules/test_rulebook.py; edit those. -->

Every problem that gbsync reports names a rule. Its id never changes its meaning. All problems come in one
run, each as `file:line:column: ID address: what is wrong; what to do`. An error stops; a warning does not.

Examples leave out the two lines that every file begins with:

```yaml
version: 1
organization: 7fQm2WvA91bXcR0tYk3L
```
"""


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_INTRODUCTION, *_contents(), "", *_chapters()])


def whole(example: str) -> str:
    """An example as a file of its own."""
    return example if example.startswith(("version:", "- version", "organization:")) else HEADER + example


def _contents() -> Iterator[str]:
    yield "| id | what | |"
    yield "|---|---|---|"
    for rule in sorted(RULES.values(), key=lambda rule: rule.id):
        kind = "warning" if rule.severity is Severity.WARNING else "error"
        yield f"| [{rule.id}](#{rule.id.lower()}) | {rule.title} | {kind} |"


def _chapters() -> Iterator[str]:
    for room, title in _TITLES:
        yield f"## {title}\n"
        rules = (item for item in vars(room).values() if item in RULES.values())
        for rule in sorted(rules, key=lambda rule: rule.id):
            yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield f'### <a id="{rule.id.lower()}"></a>{rule.id}: {rule.title}\n'
    yield f"{rule.why}\n"
    yield from _example("Wrong", rule.bad, rule)
    yield from _files("With", {name: text for name, text in rule.files.items() if name in rule.mended})
    yield from _example("Right", rule.good, rule)
    yield from _files("With", rule.mended)
    yield from _files(
        "Beside both,", {name: rule.files[name] for name in rule.files if name not in rule.mended}
    )
    notes = [note for note, holds in _notes(rule) if holds]
    if notes:
        yield f"{' '.join(notes)}\n"


def _notes(rule: Rule) -> tuple[tuple[str, bool], ...]:
    return (
        ("A warning.", rule.severity is Severity.WARNING),
        ("Found when GitBook is asked: `plan`, `apply` and `validate` with a token.", rule.live),
        (rule.note, bool(rule.note)),
        (f"The wrong example is saved as {rule.encoding}.", rule.encoding != "utf-8"),
    )


def _example(word: str, text: str, rule: Rule) -> Iterator[str]:
    language = "sh" if rule.paths else "yaml"
    yield f"{word}:\n\n```{language}\n{text.rstrip()}\n```\n"


def _files(words: str, files: Mapping[str, str]) -> Iterator[str]:
    for name, text in files.items():
        if name.endswith(".yaml"):
            yield f"{words} `{name}`:\n\n```yaml\n{text.rstrip()}\n```\n"
