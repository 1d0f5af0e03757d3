"""What another tool, a shell or a word processor writes: said, and never where it is meant so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.config.files import attributes, declared, faults, problems, write

if TYPE_CHECKING:
    from pathlib import Path


def said(folder: Path, configuration: str, **options: object) -> list[str]:
    """The rules that a configuration breaks."""
    found = faults(folder, f"installations: {{slack: {{configuration: {configuration}}}}}\n", **options)
    return [re.findall(r"GB\d{3}", line)[0] for line in found]


@pytest.mark.parametrize(
    ("configuration", "rule"),
    [
        ("{channel:C1}", "GB098"),
        ("{a: 1, channel:C1, b: 2}", "GB098"),
        ("{a: {b:c}}", "GB098"),
        ("{https://example.com}", "GB098"),
        ('{a: "${var.x}"}', "GB099"),
        ('{a: "x ${ site.ga } y"}', "GB099"),
        ('{a: "${HOME}/x"}', "GB099"),
        ('{a: ["{{ site.ga }}"]}', "GB100"),
        ('{a: {b: "{{space.x}}-{{- env.X }}"}}', "GB100"),
        ("{a: $CHANNEL}", "GB101"),
        ("{a: Bearer $TOKEN}", "GB101"),
        ("{a: “C1”}", "GB102"),
        ("{a: „C1“}", "GB102"),
        ("{a: \u2018C1\u2019}", "GB102"),
        ("{“a”: C1}", "GB102"),
        ("{a: 9007199254740993}", "GB103"),
    ],
)
def test_a_slip_is_said(tmp_path: Path, configuration: str, rule: str) -> None:
    assert said(tmp_path, configuration) == [rule]


@pytest.mark.parametrize(
    "configuration",
    [
        "{channel: C1}",
        '{"channel":"C1"}',
        "{a: null, b: , c : , d: ~}",
        "{a: [tag:public, b:c]}",
        '{a: "$${{ site.ga }} and $${{ var.x }}"}',
        '{a: "{{ page.title }} {{ga}}"}',
        '{a: "it costs $500, US$AMOUNT or $5"}',
        "{a: $schema, b: $(date), c: '$'}",
        '{a: "${}", b: "${a-b}", c: "${1}"}',
        "{a: \"“C1”\", b: '\u2018C1\u2019'}",
        "{a: the “best” tool, b: “best” of all}",
        "{a: 9007199254740992, b: '9007199254740993'}",
        '{a: "line\\nof $CODE with ${var.x}"}',
    ],
)
def test_what_is_meant_so_is_left_alone(tmp_path: Path, configuration: str) -> None:
    assert not said(tmp_path, configuration)


def test_text_from_a_file_is_the_way_out_that_the_rules_name(tmp_path: Path) -> None:
    write(tmp_path, {"text.txt": "{{ site.ga }} $CHANNEL ${var.x}"})

    assert not said(tmp_path, "{a: {file: text.txt}}")


def test_a_key_that_was_dropped_by_a_slip_is_not_removed_from_the_live_configuration(tmp_path: Path) -> None:
    assert said(tmp_path, "{channel}") == ["GB098"]


def test_a_slip_in_a_program_is_no_slip(tmp_path: Path) -> None:
    assert not faults(tmp_path, 'integrations: {a: {script: "let x = `${var.x}`; // {{ site.x }} $HOME"}}\n')


def test_a_value_that_an_overlay_replaced_is_not_judged(tmp_path: Path) -> None:
    text = "installations: {slack: {configuration: {a: $CHANNEL, b: $TEAM}}}\n"
    write(tmp_path, {"over.yaml": "installations: {slack: {configuration: {a: C1, b: T1}}}\n"})
    write(tmp_path, {"base.yaml": f"version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\n{text}"})

    assert not problems(tmp_path, "base.yaml", "over.yaml")
    assert len(problems(tmp_path, "base.yaml")) == 2


def test_a_shared_value_is_said_once(tmp_path: Path) -> None:
    text = "x-a: &a {channel: $CHANNEL}\ninstallations: {s: {configuration: *a}, t: {configuration: *a}}\n"

    assert len(faults(tmp_path, text)) == 1


@pytest.mark.parametrize("value", ["x\n", "x\r\n"])
def test_a_secret_that_ends_in_a_line_break_is_said_wherever_it_comes_from(
    tmp_path: Path, value: str
) -> None:
    secrets = write(tmp_path / "secrets", {"FILED": f"{value}\n"})
    write(tmp_path, {"a.txt": value})
    text = "integrations: {a: {secrets: {A: %s}}}\n"

    for written, rules in (
        ('"${{ secret.SET }}"', ["GB104"]),
        ('"${{ secret.FILED }}"', ["GB104"]),
        ("{file: a.txt}", ["GB104"]),
        (repr(value).replace("'", '"'), ["GB104", "GB120"]),
    ):
        lines = faults(tmp_path, text % written, environ={"SET": value}, secrets_dir=secrets)
        assert [rule for line in lines for rule in ("GB104", "GB120") if rule in line] == rules, written
        assert len(lines) == len(rules)
        assert not any(word == "x" for line in lines for word in line.split())


@pytest.mark.parametrize("value", ["x", "-----BEGIN X-----\nab\n-----END X-----\n", "\n", ""])
def test_a_secret_of_several_lines_may_end_in_a_line_break(tmp_path: Path, value: str) -> None:
    text = "integrations: {a: {secrets: {A: '${{ secret.SET }}'}}}\n"

    assert not faults(tmp_path, text, environ={"SET": value})


def test_the_smart_quotes_of_a_warning_stay_in_the_value(tmp_path: Path) -> None:
    config = declared(tmp_path, "installations: {slack: {configuration: {a: “C1”}}}\n")

    assert attributes(config, "installation/slack")["configuration"] == {"a": "“C1”"}
