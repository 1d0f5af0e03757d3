"""The file format as a JSON Schema for editors, made from the table of kinds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from reconciler.config.language.body import ABSENT, PRUNE, PRUNES
from reconciler.config.language.catalogue import sections_of
from reconciler.resources.kind import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.resources.kind import Kind, Table

ID = "https://raw.githubusercontent.com/gbsync/gbsync/main/examples/gbsync.schema.json"
"""Where editors find it, from any folder; it never moves, as users' files name it."""
MODELINE = f"# yaml-language-server: $schema={ID}\n"
"""The first line of a file, from which an editor knows how to complete and check it."""
_LIMIT_EXAMPLES = (20, "30%")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

EXPRESSION: Schema = {"$ref": "#/$defs/expression"}
TEXT: Schema = {"$ref": "#/$defs/text"}
FILE: Schema = {"$ref": "#/$defs/file"}
_NUMBERS = ("integer", "number", "boolean")
_LIMITS = ("minLength", "maxLength", "pattern", "minimum", "maximum", "enum", "const")
_OBJECTS = ("minProperties", "maxProperties", "required", "propertyNames")
_LISTS = ("minItems", "maxItems")
_NOTES = ("description", "examples")

_SHARED: Schema = {
    "expression": {
        "description": "A value that is filled in: ${{ env.NAME }}, ${{ var.NAME }} or ${{ secret.NAME }}",
        "type": "string",
        "pattern": r"\$\{\{",
    },
    "file": {
        "description": "The content of a file, relative to this one",
        "type": "object",
        "properties": {"file": {"description": "Its path", "type": "string", "minLength": 1}},
        "required": ["file"],
        "additionalProperties": False,
    },
    "text": {"type": "string", "pattern": r"\S"},
    "value": {
        "description": "Any value; {file: PATH} stands for the content of a file",
        "anyOf": [
            {
                "type": "object",
                "additionalProperties": {"$ref": "#/$defs/value"},
                "not": {
                    "type": "object",
                    "properties": {"file": {"not": {"anyOf": [TEXT, {"type": "object"}]}}},
                    "required": ["file"],
                    "maxProperties": 1,
                },
            },
            {"type": "array", "items": {"$ref": "#/$defs/value"}},
            *({"type": name} for name in ("string", "number", "boolean", "null")),
        ],
    },
    "scalar": {"anyOf": [{"type": name} for name in ("string", "number", "boolean")]},
    "member": {
        "description": "One entry of the catalogue",
        "type": "object",
        "properties": {
            "id": {"description": "Its id", "type": "string", "pattern": r"^[^/]*[^/\s][^/]*$|\$\{\{"},
            "tags": {"description": "Selected together as tag:NAME", "type": "array", "items": TEXT},
            "vars": {
                "description": "Values for the bindings on it",
                "type": "object",
                "additionalProperties": {"$ref": "#/$defs/scalar"},
            },
        },
        "required": ["id"],
        "additionalProperties": False,
    },
}


def json_schema(table: Table) -> Schema:
    """The JSON Schema of a file. Scalars take `${{ }}` as well; a part of a folder needs no `version`."""
    definitions: Schema = dict(_SHARED)
    catalogue = {section: _catalogue(section) for section in sections_of(table)}
    tops = [kind for kind in table.values() if not kind.parent]
    sections = {kind.file.section: _section(kind, table, definitions) for kind in tops}
    return {
        "$schema": DIALECT,
        "$id": ID,
        "title": "gbsync",
        "description": "The integrations of a GitBook organization",
        "type": "object",
        "properties": {**_settings(), **catalogue, **sections},
        "patternProperties": {"^x-": {"description": "Free for you, for example for anchors"}},
        "additionalProperties": False,
        **_version_with_organization(),
        "$defs": definitions,
    }


def _version_with_organization() -> Schema:
    """A part or an overlay may leave out `version`; the file that names the organization is the first one."""
    return {
        "if": {"properties": {"organization": {}}, "required": ["organization"]},
        "then": {"properties": {"version": {}}, "required": ["version"]},
    }


def _ignore() -> Schema:
    return {
        "description": "Rules whose warnings are not shown, each with the reason",
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"rule": TEXT, "because": TEXT},
            "required": ["rule", "because"],
            "additionalProperties": False,
        },
        "examples": [[{"rule": "GB085", "because": "GitBook has granted us this scope"}]],
    }


def _settings() -> Schema:
    return {
        "version": {"description": "The version of the file format", "const": 1},
        "organization": {
            "description": "The organization's id: the ID in app.gitbook.com/o/ID",
            **TEXT,
            "examples": ["${{ env.GITBOOK_ORGANIZATION }}"],
        },
        PRUNE: {**_prune(), "examples": ["managed"]},
        "protect": {
            "description": "Addresses that are never deleted; * and ** match",
            "type": "array",
            "items": TEXT,
            "examples": [["installation/github", "installation/slack/**"]],
        },
        "heal": {
            "description": "Addresses that `apply --heal` may set back; * and ** match",
            "type": "array",
            "items": TEXT,
            "examples": [["installation/googleanalytics/site/*"]],
        },
        "ignore": _ignore(),
        "max_deletes": {
            "description": "Deletes that a plan may have: a number, or a percentage of the live resources",
            "if": {
                "anyOf": [
                    {"type": "integer", "minimum": 0},
                    {"type": "string", "pattern": r"^(?:100|[0-9]{1,2})(?:\.[0-9]+)? ?%$"},
                    EXPRESSION,
                ]
            },
            # Never fits here: an editor says "valid values: 20, 30%" and not a pattern.
            "else": {"enum": list(_LIMIT_EXAMPLES)},
            "examples": list(_LIMIT_EXAMPLES),
        },
        "mask": {
            "description": "More keys whose values are secret: KEY or INTEGRATION/KEY",
            "type": "array",
            "items": TEXT,
            "examples": [["house_code", "slack/channel"]],
        },
        "unmask": {
            "description": "Keys that everybody may read although they look secret: KEY or INTEGRATION/KEY",
            "type": "array",
            "items": TEXT,
            "examples": [["acme-banner/write_key"]],
        },
        "variables": {
            "description": "Values for ${{ var.NAME }}",
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/scalar"},
        },
    }


def _prune() -> Schema:
    return {
        "description": "What is deleted if no file declares it: none, what gbsync manages, or all",
        **_choice(list(PRUNES)),
    }


def _catalogue(section: str) -> Schema:
    return {
        "description": f"The catalogue of {section}: names for ids",
        "type": "object",
        "propertyNames": {"pattern": r"^[^/*:]*[^/*:\s][^/*:]*$"},
        "additionalProperties": {"$ref": "#/$defs/member"},
    }


def _section(kind: Kind, table: Table, definitions: Schema) -> Schema:
    definitions[kind.name] = _body(kind, table, definitions)
    names: Schema = {
        "pattern": kind.file.key_pattern,
        "maxLength": kind.file.key_max,
        "not": {"enum": [".", ".."]},
    }
    description = f"By name: {_first_line(kind)}"
    if kind.file.catalogue:
        names = {"pattern": r"^\*$|^tag:.+$|^[^/:*]+$"}
        description = "By name, id, tag:NAME or *, the narrower winning key by key"
    return {
        "description": description,
        "type": "object",
        "propertyNames": names,
        "additionalProperties": {"$ref": f"#/$defs/{kind.name}"},
    }


def _first_line(kind: Kind) -> str:
    return (kind.spec.__doc__ or "").strip().split("\n")[0].rstrip(".")


def _body(kind: Kind, table: Table, definitions: Schema) -> Schema:
    prefix = f"#/$defs/{kind.name}."
    own = kind.spec.model_json_schema(by_alias=True, ref_template=f"{prefix}{{model}}")
    named = {f"{prefix}{name}": definition for name, definition in own.get("$defs", {}).items()}
    inlined = {
        name: _opened(field, named, kind) if kind.fields[name].has(Mark.OPEN) else field
        for name, field in own["properties"].items()
    }
    for name in _named_in(inlined, named):
        definitions[name.removeprefix("#/$defs/")] = _valued(named[name])
    fields = {name: _field(kind, name, field) for name, field in inlined.items()}
    children = [child for child in table.values() if child.parent == kind.name]
    sections = {child.file.section: _section(child, table, definitions) for child in children}
    absent: Schema = {
        "description": "It must not exist, whatever else is declared for it",
        "anyOf": [{"type": "boolean"}, EXPRESSION],
    }
    return {
        "description": _first_line(kind),
        "type": "object",
        "properties": {**fields, ABSENT: absent, **({PRUNE: _prune()} if children else {}), **sections},
        "additionalProperties": False,
    }


def _opened(schema: Schema, named: Mapping[str, Schema], kind: Kind) -> Schema:
    """The schema of a field that the vendor adds to: it offers what is known, and takes what is not.

    Definitions are copied into it: another field may use the same ones, and take no more than they say.
    """
    if "$ref" in schema:
        rest = {word: value for word, value in schema.items() if word != "$ref"}
        return {**_opened(named[schema["$ref"]], named, kind), **rest}
    if "enum" in schema:
        return {**schema, "open": sorted(kind.file.renamed_values)}
    opened = dict(schema)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            opened[word] = [_opened(side, named, kind) for side in schema[word]]
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            opened[word] = _opened(schema[word], named, kind)
    if "properties" in schema:
        opened["properties"] = {
            name: _opened(item, named, kind) for name, item in schema["properties"].items()
        }
        opened["additionalProperties"] = True
    return opened


def _named_in(schema: Any, named: Mapping[str, Schema]) -> set[str]:
    """The definitions that a schema uses, and those that they use."""
    if isinstance(schema, list):
        return set[str]().union(*(_named_in(item, named) for item in schema))
    if not isinstance(schema, dict):
        return set()
    if "$ref" in schema:
        return {schema["$ref"]} | _named_in(named[schema["$ref"]], named)
    return set[str]().union(*(_named_in(item, named) for item in schema.values()))


def _field(kind: Kind, name: str, field: Schema) -> Schema:
    if kind.fields[name].has(Mark.KEYED):
        return {**_notes(field), "type": "object", "additionalProperties": {"$ref": "#/$defs/value"}}
    return _valued(field)


def _valued(schema: Schema) -> Schema:
    """What a file may say for such a value: no null, but expressions, and files where they may stand."""
    sides = schema.get("anyOf") or schema.get("oneOf")
    if sides:
        allowed = [_valued(side) for side in sides if side.get("type") != "null"]
        return {
            **_notes(schema),
            **_told_apart(schema),
            **(allowed[0] if len(allowed) == 1 else {"anyOf": allowed}),
        }
    if "$ref" in schema:
        return {**_notes(schema), "$ref": schema["$ref"]}
    return {**_notes(schema), **_shape(schema)}


def _told_apart(schema: Schema) -> Schema:
    """The key that says which of the sides is meant, with all its values: an editor offers each of them."""
    mark = schema.get("discriminator", {})
    if "mapping" not in mark:
        return {}
    values = {"description": f"One of: {', '.join(mark['mapping'])}", **_choice(list(mark["mapping"]))}
    return {"type": "object", "properties": {mark["propertyName"]: values}}


def _choice(values: list[str]) -> Schema:
    return {"anyOf": [{"enum": values}, EXPRESSION]}


def _shape(schema: Schema) -> Schema:
    match schema.get("type"):
        case "array":
            return {"type": "array", "items": _valued(schema["items"]), **_picked(schema, _LISTS)}
        case "object":
            return {"type": "object", **_picked(schema, _OBJECTS), **_entries(schema)}
        case "string" if "enum" not in schema and "const" not in schema:
            return {"anyOf": [{"type": "string", **_picked(schema, _LIMITS)}, EXPRESSION, FILE]}
        case "string" if "open" in schema:
            other: Schema = {"type": "string"}
            if schema["open"]:
                other["not"] = {"enum": schema["open"]}
            return {"anyOf": [{"type": "string", **_picked(schema, _LIMITS)}, other]}
        case kind:
            types = {"type": kind} if kind in _NUMBERS else {}
            return {"anyOf": [{**types, **_picked(schema, _LIMITS)}, EXPRESSION]}


def _entries(schema: Schema) -> Schema:
    rest = schema.get("additionalProperties", True)
    entries: Schema = {"additionalProperties": _valued(rest) if isinstance(rest, dict) else rest}
    if "properties" in schema:
        entries["properties"] = {name: _valued(item) for name, item in schema["properties"].items()}
    return entries


def _picked(schema: Schema, names: tuple[str, ...]) -> Schema:
    return {name: schema[name] for name in names if name in schema}


def _notes(schema: Schema) -> Schema:
    notes = _picked(schema, _NOTES)
    if "description" in notes:
        notes["description"] = re.sub(r"\s+", " ", notes["description"])
    return notes
