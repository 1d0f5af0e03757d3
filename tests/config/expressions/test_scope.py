"""Expressions: what each scope gives, what is secret, and how a value is read again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import Options, reread
from reconciler.config.expressions.template import BrokenExpression, Reference, has_expression, pieces
from reconciler.resources.values import Secret, Source, has_secret
from tests.config.files import attributes, declared, faults, write

if TYPE_CHECKING:
    from pathlib import Path

ENVIRON = {"CHANNEL": "C0123", "SLACK_TOKEN": "made-up", "WORD": "word"}


def value(folder: Path, text: str, top: str = "", **options: Any) -> Any:
    """What a configuration key comes to."""
    options = {"environ": ENVIRON, **options}
    config = declared(
        folder, f"{top}installations:\n  slack:\n    configuration:\n      note: {text}\n", **options
    )
    return attributes(config, "installation/slack")["configuration"]["note"]


def revealed(folder: Path, text: str, top: str = "", **options: Any) -> Any:
    found = value(folder, text, top, **options)

    assert isinstance(found, Secret)
    return found.reveal()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${{ env.CHANNEL }}", "C0123"),
        ("'${{env.CHANNEL}}'", "C0123"),
        ("a-${{ env.CHANNEL }}-${{ env.WORD }}", "a-C0123-word"),
        ("$${{ env.CHANNEL }}", "${{ env.CHANNEL }}"),
        ("'$${{ a }} ${{ env.WORD }} $${{'", "${{ a }} word ${{"),
        ("${{ var.number }}", 5),
        ("${{ var.truth }}", True),
        ("n=${{ var.number }} t=${{ var.truth }} f=${{ var.share }}", "n=5 t=true f=1.5"),
        ("${{ var.nested }}", "C0123!"),
        ("'{{ env.X }} $ { { ${ env.X }'", "{{ env.X }} $ { { ${ env.X }"),
    ],
)
def test_expressions_are_filled_in_and_a_whole_value_keeps_its_type(
    tmp_path: Path, text: str, expected: object
) -> None:
    nested = "nested: '${{ var.inner }}!', inner: '${{ env.CHANNEL }}'"
    found = value(tmp_path, text, f"variables: {{number: 5, truth: true, share: 1.5, {nested}}}\n")

    assert found == expected
    assert type(found) is type(expected)


def test_what_an_expression_gives_is_never_an_expression(tmp_path: Path) -> None:
    assert value(tmp_path, "${{ env.TRICK }}", environ={"TRICK": "${{ secret.SLACK_TOKEN }}"}) == (
        "${{ secret.SLACK_TOKEN }}"
    )
    assert value(tmp_path, "${{ env.TRICK }}", environ={"TRICK": "{a: [1, 2]}"}) == "{a: [1, 2]}"


def test_the_command_line_wins_over_its_files_and_they_over_the_files(tmp_path: Path) -> None:
    write(tmp_path, {"one.yaml": "x: one\ny: one\n", "two.yaml": "x: two\n"})
    files = (str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml"))
    text, top = "${{ var.x }}-${{ var.y }}-${{ var.z }}", "variables: {x: file, y: file, z: file}\n"

    assert value(tmp_path, text, top) == "file-file-file"
    assert value(tmp_path, text, top, var_files=files) == "two-one-file"
    assert value(tmp_path, text, top, var_files=files, variables={"x": "given"}) == "given-one-file"


def test_a_secret_comes_from_the_environment_else_from_its_file(tmp_path: Path) -> None:
    secrets = write(tmp_path / "secrets", {"SLACK_TOKEN": "from-file\n", "OTHER": "other\r\n", "EMPTY": ""})

    assert revealed(tmp_path, "${{ secret.SLACK_TOKEN }}", secrets_dir=secrets) == "made-up"
    assert revealed(tmp_path, "${{ secret.OTHER }}", secrets_dir=secrets) == "other"
    assert revealed(tmp_path, "${{ secret.OTHER }}", secrets_dir=secrets, environ={"OTHER": ""}) == "other"


@pytest.mark.parametrize("name", ["EMPTY", "NOWHERE"])
def test_a_secret_that_is_not_set_is_opaque(tmp_path: Path, name: str) -> None:
    secrets = write(tmp_path / "secrets", {"EMPTY": ""})
    found = value(tmp_path, f"a-${{{{ secret.{name} }}}}", secrets_dir=secrets)

    assert isinstance(found, Secret)
    assert not found.known
    assert Source("secret", name) in found.parts


@pytest.mark.parametrize(
    ("text", "top", "expected"),
    [
        ("${{ secret.SLACK_TOKEN }}", "", "made-up"),
        ("${{ env.SLACK_TOKEN }}", "", "made-up"),
        ("Bearer ${{ env.SLACK_TOKEN }}", "", "Bearer made-up"),
        ("${{ var.api_key }}", "variables: {api_key: abc}\n", "abc"),
        ("${{ var.plain }}", "variables: {plain: 'x-${{ secret.SLACK_TOKEN }}'}\n", "x-made-up"),
        ("${{ var.password }}", "variables: {password: 'a${{ env.WORD }}b'}\n", "awordb"),
    ],
)
def test_a_secret_stays_one_and_is_read_again_from_its_source(
    tmp_path: Path, text: str, top: str, expected: str
) -> None:
    found = value(tmp_path, text, top)

    assert isinstance(found, Secret)
    assert found.reveal() == expected
    assert reread(Options(environ=ENVIRON))(found.parts) == expected


def test_what_does_not_look_secret_is_none(tmp_path: Path) -> None:
    assert not has_secret(value(tmp_path, "${{ env.CHANNEL }}"))
    assert has_secret(value(tmp_path, "${{ env.CHANNEL }}", secret_patterns=("chan",)))


def test_a_command_line_secret_is_read_again_from_the_command_line(tmp_path: Path) -> None:
    given = {"token": "from-here"}
    found = value(tmp_path, "${{ var.token }}", variables=given)

    assert found.parts == (Source("var", "token"),)
    assert reread(Options(variables=given))(found.parts) == "from-here"


def test_a_members_secret_is_one_too(tmp_path: Path) -> None:
    configuration = "{configuration: {key: '${{ site.write_key }}', ga: '${{ site.ga }}'}}"
    text = (
        "sites:\n  handbook: {id: site_1, vars: {write_key: abc, ga: G-1}}\n"
        f"installations:\n  ga: {{sites: {{handbook: {configuration}}}}}\n"
    )
    found = attributes(declared(tmp_path, text), "installation/ga/site/site_1")["configuration"]

    assert isinstance(found["key"], Secret)
    assert reread(Options())(found["key"].parts) == "abc"
    assert found["ga"] == "G-1"


def test_a_loop_of_variables_ends_also_where_it_is_used(tmp_path: Path) -> None:
    top = "variables: {a: '${{ var.b }}', b: '${{ var.a }}'}\n"
    found = faults(tmp_path, f"{top}installations:\n  slack: {{configuration: {{x: '${{{{ var.a }}}}'}}}}\n")

    assert [line.split(": ")[1] for line in found] == ["GB038"]


def test_every_use_of_an_unset_variable_is_told_where_it_stands(tmp_path: Path) -> None:
    body = "{a: '${{ env.GONE }}', b: ['${{ env.GONE }}']}"
    found = faults(tmp_path, f"installations:\n  slack: {{configuration: {body}}}\n")

    assert [line.split(" ")[0] for line in found] == ["gbsync.yaml:4:30:", "gbsync.yaml:4:53:"]


@given(st.text("${} ev.nA\n", max_size=30))
def test_the_pieces_of_a_text_are_all_of_it(text: str) -> None:
    found = pieces(text)
    known = [piece for piece in found if not isinstance(piece, Reference)]
    whole = "".join(piece.text if isinstance(piece, BrokenExpression) else piece for piece in known)

    assert found
    assert has_expression(text) or found == (text,)
    assert len(known) < len(found) or whole == text.replace("$${{", "${{")


def test_a_variable_that_is_wrong_where_it_is_set_is_told_there_alone(tmp_path: Path) -> None:
    use = "installations: {slack: {configuration: {x: '${{ var.a }}${{ var.b }}'}}}\n"
    text = f"variables: {{a: [1], b: null}}\n{use}"

    assert [told.split(" ")[0] for told in faults(tmp_path, text)] == [
        "gbsync.yaml:3:16:",
        "gbsync.yaml:3:24:",
    ]


def test_an_empty_variable_has_no_near_miss_in_itself(tmp_path: Path) -> None:
    (told,) = faults(
        tmp_path, "installations: {slack: {configuration: {x: '${{ var.a }}'}}}\n", variables={"a": ""}
    )

    assert "is empty" in told
    assert "did you mean" not in told


EVERYWHERE = """
prune: ${{ env.PRUNE }}
protect: ["${{ env.PROTECT }}"]
sites:
  one: {id: "${{ env.ONE }}", tags: ["${{ env.TAG }}"]}
  two: {id: "${{ env.TWO }}", vars: {ga: "${{ env.GA }}"}}
installations:
  ga:
    configuration: {x: "a-${{ env.X }}-${{ secret.Y }}", z: ["${{ env.Z }}"]}
    site_selection: ${{ env.SELECTION }}
    sites: {tag:other: {}, "*": {}, two: {configuration: {id: "${{ site.ga }}"}}}
integrations:
  banner:
    manifest: ${{ env.MANIFEST }}
    env: ${{ env.STAGE }}
    script: {file: "${{ env.SCRIPT }}"}
    secrets: {A: "${{ env.A }}"}
    absent: ${{ env.GONE }}
"""


def test_where_the_files_alone_are_checked_an_unset_variable_may_stand_anywhere(tmp_path: Path) -> None:
    unset: dict[str, None] = {}

    assert not faults(tmp_path, EVERYWHERE, unset=unset)
    assert unset.keys() == set(re.findall(r"env\.(\w+)", EVERYWHERE))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("installations: {slack: {externalIds: '${{ env.X }}'}}\n", "GB018"),
        ("sites: {a: {id: '${{ env.X }}'}, b: {id: '${{ env.X }}'}}\n", "GB049"),
        ("sites: {a: {id: '${{ env.X }}${{ secret.Y }}'}}\n", "GB037"),
        ("installations: {slack: {configuration: {a: '${{ env.X }}${{ var.y }}'}}}\n", "GB033"),
    ],
)
def test_what_is_wrong_whatever_the_variable_holds_is_still_said(
    tmp_path: Path, text: str, rule: str
) -> None:
    found = faults(tmp_path, text, unset={})

    assert [line.split(": ")[1].split(" ")[0] for line in found] == [rule]


def test_a_set_variable_is_no_other_where_the_files_alone_are_checked(tmp_path: Path) -> None:
    assert value(tmp_path, "${{ env.CHANNEL }}", unset={}) == "C0123"
