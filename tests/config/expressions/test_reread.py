"""A saved plan reads secrets and files again from their sources, and says what is gone."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.config import Options, reread
from reconciler.resources.values import FileText, Secret, Source
from tests.config.files import attributes, declared, write

if TYPE_CHECKING:
    from pathlib import Path

ENVIRON = {"HOST": "example.com", "TOKEN": "made-up"}


@pytest.mark.parametrize(
    "text",
    [
        "literal",
        "'$${{ literal }}'",
        "'a-${{ env.HOST }}-b-${{ secret.TOKEN }}'",
        "'${{ env.HOST }}'",
        "{file: s.txt}",
    ],
)
def test_whatever_writes_a_secret_it_is_read_again_and_no_part_shows_it(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"s.txt": "from a file\n"})
    config = declared(tmp_path, f"integrations:\n  acme: {{secrets: {{A: {text}}}}}\n", environ=ENVIRON)
    found = attributes(config, "integration/acme")["secrets"]["A"]

    assert isinstance(found, Secret)
    assert all(isinstance(part, Source) for part in found.parts)
    assert reread(Options(environ=ENVIRON))(found.parts) == found.reveal()


def test_files_are_read_again_texts_as_texts_and_images_as_base64(tmp_path: Path) -> None:
    image = b"\x89PNG\r\n\x1a\n\x00\xff"
    write(tmp_path, {"a.js": "x();\n", "a.png": image})
    config = declared(tmp_path, "integrations:\n  acme: {script: {file: a.js}, icon: {file: a.png}}\n")
    found = attributes(config, "integration/acme")
    again = reread(Options())

    assert isinstance(found["script"], FileText)
    assert again((found["script"].source,)) == found["script"] == "x();\n"
    assert again((found["icon"].source,)) == found["icon"] == base64.b64encode(image).decode()


def test_text_between_sources_is_kept() -> None:
    assert reread(Options(environ=ENVIRON))(("Bearer ", Source("env", "TOKEN"))) == "Bearer made-up"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Source("env", "GONE"), "env.GONE is not set"),
        (Source("var", "GONE"), "var.GONE is not set"),
        (Source("secret", "GONE"), "secret.GONE is not set"),
        (Source("secret", "BROKEN"), "the file of the secret BROKEN cannot be read"),
        (Source("file", "nowhere.js"), "nowhere.js cannot be read"),
        (Source("file", "no\0where.js"), "cannot be read"),
        (Source("yaml", "nowhere.yaml", ("a",)), "nowhere.yaml cannot be read"),
        (Source("yaml", "<stdin>", ("a",)), "standard input"),
        (Source("yaml", "f.yaml", ("b",)), "has no b any more"),
        (Source("yaml", "f.yaml", ("a", "c")), "has no a.c any more"),
        (Source("yaml", "f.yaml", ("list", 7)), "has no list.7 any more"),
        (Source("yaml", "f.yaml", ("list",)), "has something else at list now"),
        (Source("yaml", "f.yaml", ("text", 3)), "has something else at text.3 now"),
    ],
)
def test_what_is_gone_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Source, said: str
) -> None:
    write(tmp_path, {"f.yaml": "a: {b: 1}\nlist: [1]\ntext: x\n", "BROKEN": b"\xff"})
    monkeypatch.chdir(tmp_path)

    with pytest.raises(LookupError) as caught:
        reread(Options(secrets_dir=tmp_path))((source,))

    assert said in str(caught.value)


@pytest.mark.parametrize(("path", "expected"), [(("list", 1), "two"), (("n",), 5), (("text", 0), "a")])
def test_values_in_files_are_found_by_their_path(
    tmp_path: Path, path: tuple[Any, ...], expected: object
) -> None:
    write(tmp_path, {"f.yaml": "list: [one, two]\nn: 5\ntext: a${{ env.HOST }}\n"})

    assert reread(Options())((Source("yaml", str(tmp_path / "f.yaml"), path),)) == expected
