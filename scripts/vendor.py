"""What GitBook's own API package has and gbsync lacks, and the reverse: `python -m scripts.vendor FOLDER`.

FOLDER is an unpacked `@gitbook/api` (`npm pack @gitbook/api`, then `tar -xzf`). What gbsync knows is the
OpenAPI document of the tests: a test compares the table of operations and the bodies with it, field by field.
A difference that `docs/vendor.md` lists is known. Any other one is printed, and the exit code is 1.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
OURS = ROOT / "tests" / "contract" / "gitbook-integrations.json"
PAGE = ROOT / "docs" / "vendor.md"
SPEC = Path("spec") / "openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")
KNOWN = re.compile(r"^ *([+-] \S.*)$", re.MULTILINE)
"""A line of the page that says what the vendor has (`+`), or has not (`-`)."""
PASSED_ON = re.compile(r"(?:ContentKit\w*|Event|Organization|Site|Space|User)$")
"""Schemas of which gbsync reads at most an id and a title; whatever is in them, it passes on."""
Json = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Print what is new; 1 if there is anything."""
    if len(arguments) != 1 or not (Path(arguments[0]) / SPEC).is_file():
        print(f"usage: python -m scripts.vendor FOLDER, where FOLDER/{SPEC} is", file=sys.stderr)
        return 1
    folder = Path(arguments[0])
    lines = differences(_read(folder / SPEC), _read(OURS))
    known = set(KNOWN.findall(PAGE.read_text(encoding="utf-8"))) if PAGE.exists() else set()
    news = [line for line in lines if line not in known]
    settled = sorted(known - set(lines))
    version = _read(folder / "package.json").get("version", "?")
    print(f"@gitbook/api {version}: {len(lines)} differences, {len(news)} of them not in docs/vendor.md")
    for line in news:
        print(line)
    for line in settled:
        print(f"no longer: {line}")
    return 1 if news or settled else 0


def differences(theirs: Json, ours: Json) -> list[str]:
    """What they have and we lack, as `+ …`, and what we have and they lack, as `- …`."""
    wanted = set(_operations(ours)) | {name for name, item in _operations(theirs).items() if _is_ours(item)}
    have, known = set(_facts(theirs, wanted)), set(_facts(ours, wanted))
    return [*(f"+ {fact}" for fact in sorted(have - known)), *(f"- {fact}" for fact in sorted(known - have))]


def _read(path: Path) -> Json:
    document: Json = json.loads(path.read_text(encoding="utf-8"))
    return document


def _operations(document: Json) -> dict[str, Json]:
    """The operations by id, each with its method and path."""
    return {
        item[method]["operationId"]: {**item[method], "method": method.upper(), "path": path}
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }


def _is_ours(operation: Json) -> bool:
    """Whether it is about integrations."""
    return "integration" in operation["path"] or "integrations" in operation.get("tags", ())


def _facts(document: Json, wanted: set[str]) -> Iterator[str]:
    """What the document says of the operations and of the schemas that they use, a line each."""
    seen: set[str] = set()
    for name, operation in _operations(document).items():
        if name not in wanted:
            continue
        yield f"operation {name}: {operation['method']} {operation['path']}"
        for param in operation.get("parameters", ()):
            yield from _of_parameter(document, name, param, seen)
        for part, schema in _schemas(document, operation):
            yield from _of_schema(document, f"{name} {part}", schema, seen)


def _of_parameter(document: Json, name: str, param: Json, seen: set[str]) -> Iterator[str]:
    param = _resolved(document, param)
    yield f"parameter of {name}: {param['name']}"
    yield from _of_schema(document, f"{name} {param['name']}", param.get("schema", {}), seen)


def _schemas(document: Json, operation: Json) -> Iterator[tuple[str, Json]]:
    """The schemas of the body and of the successful replies."""
    bodies = [("body", _resolved(document, operation.get("requestBody", {})))]
    replies = operation.get("responses", {}).items()
    bodies += [("reply", _resolved(document, reply)) for status, reply in replies if status.startswith("2")]
    for part, body in bodies:
        schema = body.get("content", {}).get("application/json", {}).get("schema")
        if schema:
            yield part, schema


def _of_schema(document: Json, name: str, schema: Json, seen: set[str]) -> Iterator[str]:
    """Its fields and values; of a schema with a name only once, under that name."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        if name in seen or PASSED_ON.match(name):
            return
        seen.add(name)
        schema = _resolved(document, schema)
    yield from (f"value of {name}: {value}" for value in schema.get("enum", ()))
    for field, inner in schema.get("properties", {}).items():
        yield f"field of {name}: {field}"
        yield from _of_schema(document, f"{name}.{field}", inner, seen)
    for inner in _parts(schema):
        yield from _of_schema(document, name, inner, seen)


def _parts(schema: Json) -> Iterator[Json]:
    """The schemas that hold for the same value, and those of its items."""
    for word in ("allOf", "oneOf", "anyOf"):
        yield from schema.get(word, ())
    yield from (
        schema[word] for word in ("items", "additionalProperties") if isinstance(schema.get(word), dict)
    )


def _resolved(document: Json, node: Json) -> Json:
    """What a `$ref` points to; the node itself where it is none."""
    while "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
