"""Problems as SARIF 2.1.0, for code scanning and editors, within what GitHub takes."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any, Final

from reconciler import __version__
from reconciler.config.rules import RULES
from reconciler.diagnostics import Severity
from reconciler.render.clean import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.diagnostics import Place, Problem

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
HOME: Final = "https://github.com/gbsync/gbsync"
MOST_RESULTS: Final = 5_000
"""GitHub shows no more of one run, and refuses a run with five times as many."""
MOST_PLACES: Final = 100
"""Related places of one result that GitHub keeps."""
_PLAIN: Final = frozenset(f"{string.ascii_letters}{string.digits}/-._~")
LONGEST: Final = 1_000
"""Characters of one description; GitHub takes 1,024."""


def sarif_document(problems: Sequence[Problem], *, root: str = "gbsync.yaml") -> dict[str, Any]:
    """The problems as one run, errors first. What stands in no file is listed at the top of `root`."""
    ranked = sorted(problems, key=lambda problem: problem.severity is not Severity.ERROR)
    listed = ranked[:MOST_RESULTS]
    ids = list(dict.fromkeys(problem.rule for problem in listed))
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "gbsync",
                "version": __version__,
                "informationUri": HOME,
                "rules": [_rule(name) for name in ids],
            }
        },
        "automationDetails": {"id": "gbsync/"},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, ids.index(problem.rule), root) for problem in listed],
    }
    if len(ranked) > len(listed):
        text = (
            f"{len(ranked) - len(listed):,} more problems were left out; `gbsync validate` lists all of them."
        )
        note = {"level": "warning", "message": {"text": text}}
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": [note]}]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str) -> dict[str, Any]:
    rule = RULES.get(name)
    if rule is None:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": rule.title[:LONGEST]},
        "fullDescription": {"text": rule.why[:LONGEST]},
        "help": {"text": rule.why[:LONGEST]},
        "helpUri": f"{HOME}/blob/main/docs/rules.md#{name.lower()}",
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(problem: Problem, index: int, root: str) -> dict[str, Any]:
    subject = f"{problem.address}: " if problem.address else ""
    advice = f"; {problem.advice}" if problem.advice else ""
    result: dict[str, Any] = {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": problem.severity.value,
        "message": {"text": clean(f"{subject}{problem.message}{advice}")},
        "locations": [_location(problem.place, root)],
    }
    if problem.also:
        result["relatedLocations"] = [_location(place, root) for place in problem.also[:MOST_PLACES]]
    return result


def _location(place: Place | None, root: str) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column} if place else {"startLine": 1}
    return {
        "physicalLocation": {"artifactLocation": _artifact(place.file if place else root), "region": region}
    }


def _artifact(file: str) -> dict[str, str]:
    """A path as a URI: relative to the top of the repository, in which a pipeline runs."""
    path = _quoted(file.replace("\\", "/").removeprefix("./"))
    return {"uri": f"file://{path}"} if path.startswith("/") else {"uri": path, "uriBaseId": "%SRCROOT%"}


def _quoted(path: str) -> str:
    """The path with everything escaped that may not stand in a URI, or means something there."""
    return "".join(
        char if char in _PLAIN else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
        for char in path
    )
