"""The JSON Schema in the strict mode of ajv, by its rules and by ajv itself where it can be had."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from reconciler.config.format.schema import json_schema
from reconciler.gitbook.kinds.table import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = json_schema(KINDS)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
AJV = "ajv@8.17.1"
COMPILE = """
const Ajv = require("ajv/dist/2020");
const schema = JSON.parse(require("fs").readFileSync(0, "utf8"));
new Ajv({strict: true, allErrors: true}).compile(schema);
"""
OF_TYPE = {
    "object": {
        "properties",
        "required",
        "additionalProperties",
        "propertyNames",
        "maxProperties",
        "minProperties",
    },
    "array": {"items", "minItems", "maxItems"},
    "string": {"pattern", "minLength", "maxLength"},
    "number": {"minimum", "maximum"},
}
OF_ANY = {
    *("$schema", "$id", "$ref", "$defs", "title", "description", "examples", "patternProperties"),
    *("type", "enum", "const", "anyOf", "not", "if", "then", "else"),
}
Schema = dict[str, Any]


def beside(schema: Schema) -> Iterator[Schema]:
    """The schemas that judge the same value, and so know its type already."""
    yield from schema.get("anyOf", ())
    yield from (schema[name] for name in ("not", "if", "then", "else") if name in schema)


def below(schema: Schema) -> Iterator[tuple[Schema, str]]:
    """The schemas that judge a value inside of it, with the type that it has already."""
    for name in ("properties", "patternProperties", "$defs"):
        yield from ((item, "") for item in schema.get(name, {}).values())
    for name, known in (("additionalProperties", ""), ("items", ""), ("propertyNames", "string")):
        if isinstance(schema.get(name), dict):
            yield schema[name], known


def offences(schema: Schema, known: str = "") -> Iterator[str]:
    """What the strict mode of ajv refuses in a schema."""
    here = schema.get("type", known)
    if not isinstance(here, str):
        yield f"several types: {here}"
        return
    types = {here, "number" if here == "integer" else here}
    for kind, words in OF_TYPE.items():
        if words & schema.keys() and kind not in types:
            yield f"no type for {words & schema.keys()}"
    yield from (f"unknown: {word}" for word in schema.keys() - OF_ANY.union(*OF_TYPE.values()))
    missing = set(schema.get("required", ())) - schema.get("properties", {}).keys()
    yield from (f"required, and no property: {name}" for name in missing)
    for side in beside(schema):
        yield from offences(side, here)
    for inner, inside in below(schema):
        yield from offences(inner, inside)


def test_it_keeps_to_what_the_strict_mode_demands() -> None:
    assert not list(offences(SCHEMA))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["string", "number"]},
        {"pattern": "x"},
        {"type": "object", "required": ["a"]},
        {"patternErrorMessage": "x"},
        {"type": "object", "properties": {"a": {"items": {}}}},
    ],
)
def test_the_check_finds_what_ajv_would(schema: Schema) -> None:
    assert list(offences(schema))


def test_ajv_compiles_it_in_strict_mode(tmp_path: Path) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("node and npm are not installed")
    install = [npm, "install", "--prefix", str(tmp_path), "--no-audit", "--no-fund", "--ignore-scripts", AJV]
    try:
        got = subprocess.run(install, capture_output=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not get ajv in a minute")
    if got.returncode:
        pytest.skip("npm could not get ajv")

    made = subprocess.run(
        [node, "-e", COMPILE],
        cwd=tmp_path,
        input=json.dumps(SCHEMA),
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")


def body_errors(document: Schema) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(document)]


def test_a_limit_in_words_is_answered_with_examples_and_no_pattern() -> None:
    assert body_errors({"version": 1, "max_deletes": "30 percent"}) == [
        "'30 percent' is not one of [20, '30%']"
    ]
    assert not body_errors({"version": 1, "max_deletes": "5.5 %"})


def test_a_file_that_names_its_organization_says_its_version() -> None:
    assert body_errors({"organization": "o"}) == ["'version' is a required property"]
    assert not body_errors({"installations": {}})


def test_every_type_of_a_property_is_offered_in_one_list() -> None:
    properties = SCHEMA["$defs"]["integration.ConfigurationSchema"]["properties"]["properties"]
    kinds = properties["additionalProperties"]["properties"]["type"]["anyOf"][0]["enum"]

    assert sorted(kinds) == ["boolean", "button", "number", "string"]
