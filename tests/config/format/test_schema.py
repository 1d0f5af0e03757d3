"""The JSON Schema against the loader: what one takes the other takes, and no structural fault passes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given

from reconciler.config.format.schema import json_schema
from reconciler.config.rules import RULES
from reconciler.config.rules.page import whole
from reconciler.config.yaml.findings import Findings
from reconciler.config.yaml.parser import read as parse
from reconciler.diagnostics import Severity
from reconciler.gitbook.kinds.table import KINDS
from tests.config.documents import DOCUMENTS, ENVIRON, spoilt
from tests.config.files import problems, write
from tests.conftest import ROOT

if TYPE_CHECKING:
    from reconciler.diagnostics import Problem

SCHEMA = json_schema(KINDS)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FOR_EDITORS = ROOT / "examples" / "gbsync.schema.json"
WRITE = os.environ.get("GBSYNC_GOLDEN") == "write"
CORPUS = sorted((ROOT / "tests" / "bad").glob("*.yaml"))
EXAMPLES = sorted((ROOT / "examples").rglob("*gbsync.yaml"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the documents name."""
    return write(tmp_path_factory.mktemp("documents"), {"x.js": "x();\n"})


def parsed(text: bytes) -> Any:
    """The text as the loader reads it; `None` when it cannot."""
    findings = Findings()
    return parse(text, file=findings.enter("gbsync.yaml", Path()), findings=findings)


def found(document: Any, folder: Path) -> tuple[Problem, ...]:
    """The errors in a document; JSON is YAML."""
    write(folder, {"gbsync.yaml": json.dumps(document, ensure_ascii=False)})
    return tuple(item for item in problems(folder, environ=ENVIRON) if item.severity is Severity.ERROR)


def is_structural(problem: Problem, document: Any) -> bool:
    """Whether the document alone shows it: not so where a value is filled in, or read from a file."""
    if not RULES[problem.rule].structural or problem.place is None:
        return False
    text = json.dumps(document, ensure_ascii=False)
    value, _ = json.JSONDecoder().raw_decode(text, problem.place.column - 1)
    return "{{" not in str(value) and not (isinstance(value, dict) and value.keys() == {"file"})


def test_it_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    assert len(json.dumps(SCHEMA)) < 40_000


@given(DOCUMENTS)
def test_a_document_that_loads_fits_the_schema(folder: Path, document: Any) -> None:
    assert not found(document, folder)
    assert not [error.message for error in VALIDATOR.iter_errors(document)]


@given(spoilt())
def test_schema_and_loader_agree_on_spoilt_documents(folder: Path, document: Any) -> None:
    broken = found(document, folder)
    fits = VALIDATOR.is_valid(document)

    assert fits or broken, f"the schema refuses what the loader takes: {json.dumps(document)}"
    structural = [str(problem) for problem in broken if is_structural(problem, document)]
    assert not (fits and structural), f"{structural} passes: {json.dumps(document)}"


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.stem)
def test_the_schema_refuses_every_structural_fault_of_the_corpus(case: Path) -> None:
    said = set(re.findall(r": (GB\d{3})", case.with_suffix(".txt").read_text("utf-8")))
    document = parsed(case.read_bytes())
    if document is None:
        return

    assert not {rule for rule in said if RULES[rule].structural} or not VALIDATOR.is_valid(document)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_example_fits(path: Path) -> None:
    assert not [error.message for error in VALIDATOR.iter_errors(parsed(path.read_bytes()))]


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES.values() if not rule.paths], ids=lambda rule: rule.id
)
def test_every_right_example_of_a_rule_fits(rule: Any) -> None:
    assert VALIDATOR.is_valid(parsed(whole(rule.good).encode()))


def test_every_field_has_a_description_and_every_enum_its_values() -> None:
    for kind in KINDS.values():
        assert kind.fields.keys() <= SCHEMA["$defs"][kind.name]["properties"].keys()
    for name, shape in [("", SCHEMA), *SCHEMA["$defs"].items()]:
        bare = [key for key, item in shape.get("properties", {}).items() if not item.get("description")]

        assert not bare, name
    assert "site:script:inject" in json.dumps(SCHEMA)


def test_a_list_that_gitbook_adds_to_offers_what_is_known_and_takes_what_is_not() -> None:
    scopes = SCHEMA["$defs"]["integration"]["properties"]["scopes"]
    blocks = [
        {"id": "a", "title": "Aa", "colour": "red", "markdown": {"codeblock": "a", "body": "b", "x": 1}}
    ]
    news = {"scopes": ["site:tomorrow"], "categories": ["chat"], "blocks": blocks}

    assert "site:visitor:claims" in scopes["items"]["anyOf"][0]["enum"]
    assert VALIDATOR.is_valid({"integrations": {"acme": news}})
    assert not VALIDATOR.is_valid({"integrations": {"acme": {"scopes": ["space:views:read"]}}})
    assert not VALIDATOR.is_valid(
        {"integrations": {"acme": {"externalLinks": [{"label": "a", "url": "https://a.example", "x": 1}]}}}
    )


def test_the_schema_beside_the_examples_is_up_to_date() -> None:
    text = json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"
    if WRITE:
        FOR_EDITORS.write_text(text, encoding="utf-8")

    assert FOR_EDITORS.read_text("utf-8") == text
