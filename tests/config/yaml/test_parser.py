"""YAML 1.2 with a place for every key and value, and nothing that is not data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from reconciler.config.yaml.findings import Findings
from reconciler.config.yaml.nodes import Map, Seq
from reconciler.config.yaml.parser import ALIASED_MAX, DEPTH_MAX, described, read, shown
from tests.config.documents import json_values
from tests.config.files import faults

if TYPE_CHECKING:
    from reconciler.diagnostics import Place


def parsed(text: str | bytes) -> tuple[Any, Findings]:
    findings = Findings()
    data = text if isinstance(text, bytes) else text.encode()
    return read(data, file=findings.enter("f.yaml", Path()), findings=findings), findings


def value(text: str) -> Any:
    """The value of `a: TEXT`."""
    found, findings = parsed(f"a: {text}\n")

    assert not findings.problems
    return found["a"]


def spot(place: Place) -> tuple[int, int]:
    return place.line, place.column


@pytest.mark.parametrize(
    "text",
    [
        "on",
        "off",
        "yes",
        "No",
        "y",
        "N",
        "tRUE",
        "nULL",
        "1_000",
        "1:30",
        "2026-01-01",
        "=",
        "0b1",
        "1e",
        "+",
        ".",
        "0o8",
        "~x",
    ],
)
def test_what_only_older_yaml_reads_otherwise_is_text(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True), ("False", False), ("TRUE", True), ("null", None), ("~", None), ("", None),
        ("0", 0), ("-12", -12), ("+7", 7), ("0o17", 15), ("0xfF", 255), ("1.50", 1.5), (".5", 0.5),
        ("1e3", 1000.0), ("-1.5E-3", -0.0015), ("'true'", "true"), ('"5"', "5"), ("!!str 5", "5"),
        ("!!int '5'", 5), ("! 5", "5"), ("!!float 1", 1), ("!!bool 'true'", True), ("!!null ''", None),
        ("!!map {}", {}), ("!!seq []", []),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text: str, expected: Any) -> None:
    found = value(text)

    assert found == expected
    assert type(found) is type(expected) or isinstance(found, dict | list)


@given(json_values())
def test_every_json_value_is_read_as_itself(document: Any) -> None:
    found, findings = parsed(json.dumps({"a": document}, ensure_ascii=False))

    assert not [problem for problem in findings.problems if problem.rule != "GB004"]
    assert found == {"a": document}


def test_every_key_and_value_has_its_place() -> None:
    found, findings = parsed("a: 1\nb:\n  - x\n  - {c: 'y'}\nd: |\n  text\n")

    assert spot(findings.key(found, "a")) == (1, 1)
    assert spot(findings.value(found, "a")) == (1, 4)
    assert spot(findings.value(found["b"], 1)) == (4, 5)
    assert spot(findings.value(found["b"][1], "c")) == (4, 9)
    assert spot(findings.value(found, "d")) == (5, 4)
    assert isinstance(found, Map)
    assert isinstance(found["b"], Seq)


def test_a_byte_order_mark_and_windows_line_ends_are_taken() -> None:
    found, findings = parsed(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\n")

    assert found == {"a": 1, "b": "x\ny\n"}
    assert spot(findings.key(found, "b")) == (2, 1)


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("text", ["a: 1\nb: 'x{}y'\n", "a: 1\nb: x #{}y\n", "a: 1\nb: \\{}y\n"])
def test_what_ends_a_line_for_some_readers_alone_is_refused(text: str, sign: str) -> None:
    found, findings = parsed(text.format(sign))
    (problem,) = findings.problems

    assert found is None
    assert problem.place is not None
    assert spot(problem.place) == (2, text.splitlines()[1].index("{") + 1)
    assert f"U+{ord(sign):04X}" in problem.message
    assert f"\\u{ord(sign):04x}" in problem.advice


def test_an_escape_gives_what_may_not_stand_there_itself() -> None:
    assert value(r'"x\u0085\u2028\u2029y"') == "x\x85\u2028\u2029y"


def test_columns_count_characters() -> None:
    found, findings = parsed("{ä: ö, ü: 1}\n")

    assert spot(findings.value(found, "ü")) == (1, 11)


def test_an_alias_stands_where_it_is_written() -> None:
    found, findings = parsed("a: &x {k: 1}\nb: *x\n")

    assert found["b"] is found["a"]
    assert spot(findings.value(found, "b")) == (2, 4)
    assert spot(findings.value(found["b"], "k")) == (1, 11)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b: {<<: *a, x: 9}", {"x": 9, "y": 2}),
        ("b: {x: 9, <<: *a}", {"x": 9, "y": 2}),
        ("b: {<<: [{y: 7}, *a]}", {"y": 7, "x": 1}),
        ("b: {<<: *a, '<<': text}", {"<<": "text", "x": 1, "y": 2}),
        ("b: {<<: *a, <<: {z: 3}}", {"x": 1, "y": 2, "z": 3}),
    ],
)
def test_merge_keys_lie_under_what_stands_beside_them(text: str, expected: Any) -> None:
    found, findings = parsed(f"a: &a {{x: 1, y: 2}}\n{text}\n")

    assert found["b"] == expected
    assert not findings.problems


def test_without_merging_a_merge_key_is_a_key() -> None:
    findings = Findings()
    found = read(
        b"a: &a {x: 1}\nb: {<<: *a}\n", file=findings.enter("f", Path()), findings=findings, merge=False
    )

    assert found is not None
    assert found["b"] == {"<<": {"x": 1}}


@pytest.mark.parametrize("depth", [DEPTH_MAX - 1, DEPTH_MAX])
def test_nesting_has_a_limit(depth: int) -> None:
    found, findings = parsed("a: " + "[" * depth + "]" * depth)

    assert (found is None) == bool(findings.problems) == (depth >= DEPTH_MAX)


def test_a_bomb_of_aliases_costs_no_memory() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 100)}]\n" for n in range(1, 20)
    )
    found, findings = parsed(bomb)

    assert found is None
    assert f"{ALIASED_MAX:,}" in findings.problems[0].message


def test_the_first_of_two_equal_keys_is_named_and_the_last_kept() -> None:
    found, findings = parsed("a: 1\nb: 2\na: 3\n")
    (problem,) = findings.problems

    assert found == {"a": 3, "b": 2}
    assert problem.place is not None
    assert spot(problem.place) == (3, 1)
    assert [spot(place) for place in problem.also] == [(1, 1)]


@pytest.mark.parametrize(
    ("data", "offset", "place"),
    [
        (b"a: \xff\n", 3, (1, 4)),
        ("ä: x\nb: ".encode() + b"\xc3", 9, (2, 4)),
        (b"\xef\xbb\xbfa: \x80", 6, (1, 4)),
    ],
)
def test_bytes_that_are_not_utf8_are_given_with_offset_and_place(
    data: bytes, offset: int, place: tuple[int, int]
) -> None:
    _, findings = parsed(data)
    (problem,) = findings.problems

    assert f"at offset {offset} " in problem.message
    assert problem.place is not None
    assert spot(problem.place) == place


def test_what_is_quoted_is_visible_and_short() -> None:
    assert shown("a\nb\x1b") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"
    assert len(shown("x" * 100)) == 60
    values: list[Any] = [None, True, 1, 1.5, "x", {}, []]
    assert [described(item) for item in values] == [
        "null", "a boolean", "a number", "a number", "text", "a mapping", "a list",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        "!canary x",
        "*canary",
        "&a [*a, *canary]",
        "0123canary",
        "{B: !canary x}",
        "[[*canary]]",
        "{canary: 1, canary: 2}",
    ],
)
def test_what_stands_under_the_name_of_a_secret_is_not_quoted(tmp_path: Path, value: str) -> None:
    text = f"integrations: {{x: {{secrets: {{A: {value}}}}}}}\n"
    said = faults(tmp_path, text)

    assert value.startswith("0") or said
    assert not [problem for problem in said if "canary" in problem]


def test_a_number_in_a_secret_is_not_quoted_and_elsewhere_it_is(tmp_path: Path) -> None:
    said = faults(tmp_path, "integrations: {x: {title: 012, secrets: {A: 034}}}\n")

    assert [problem.split("GB012: ")[1].split(" is")[0] for problem in said if "GB012" in problem] == [
        "`012`",
        "(secret)",
    ]
