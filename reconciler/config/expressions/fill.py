"""Declared trees → plain JSON values: expressions filled in, files read, secrets wrapped."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.config.expressions.compose import UNSET
from reconciler.config.expressions.form import PLAIN
from reconciler.config.expressions.line_breaks import check_break
from reconciler.config.expressions.scope import BROKEN, NOWHERE, Scope, Spot
from reconciler.config.expressions.template import Reference, has_expression, pieces
from reconciler.config.rules import structure, values
from reconciler.config.yaml.files import Unfit, named_file
from reconciler.config.yaml.nodes import Map, Seq, key_of, value_of
from reconciler.config.yaml.parser import shown
from reconciler.resources.secret_names import SecretNames, has_secret_shape, looks_secret
from reconciler.resources.values import FileText, SealedText, Secret, Source

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.config.expressions.form import Form
    from reconciler.config.yaml.findings import Findings
    from reconciler.resources.kind import FromFile

FILE = "file"


_ANY = Secret(known=False)
"""Stands for a text that nobody looked up."""


class Fill:
    """Fills in values. Reports each problem at its place, and uses `BROKEN` as the value."""

    def __init__(
        self, *, scope: Scope, findings: Findings, project: Path, names: SecretNames | None = None
    ) -> None:
        self._names = names or SecretNames()
        self._literals: dict[tuple[str, str], dict[int, str]] = {}
        """Secrets that are written in the files: their places, by integration and key."""
        self.keys: dict[tuple[str, str], None] = {}
        """Every key of a keyed field that was filled in, after the integration that it is of."""
        self._scope = scope
        self._findings = findings
        self._project = project

    def entry(
        self, parent: Map | Seq, key: Any, *, form: Form = PLAIN, spot: Spot = NOWHERE, nested: bool = False
    ) -> Any:
        """The value of one entry."""
        value = self._entry(parent, key, form, spot, nested=nested)
        return SealedText(value) if form.sealed and type(value) is str else value

    def _entry(self, parent: Map | Seq, key: Any, form: Form, spot: Spot, *, nested: bool) -> Any:
        value = parent[key]
        kind = type(value)
        if kind is str and has_expression(value):
            if form.idle:
                return (
                    _ANY
                    if self._scope.is_readable(value, at=value_of(parent.marks[key]), spot=spot)
                    else BROKEN
                )
            return self._scope.text(value, at=value_of(parent.marks[key]), spot=spot, form=form)
        if kind is Map or kind is Seq:
            return self._collection(value, form, spot, nested=nested)
        if value is None and not (form.nullable and nested):
            self._refuse_null(parent, key, form, spot)
            return BROKEN
        if not (form.secret or self._is_masked(value, form)):
            return value
        at = value_of(parent.marks[key])
        if not form.idle and value not in (None, ""):
            group = (_root(spot), "" if form.secret else str(key))
            self._literals.setdefault(group, {})[at] = spot.address
        return self._scope.literal_secret(value, at, weak=not form.secret)

    @staticmethod
    def _is_masked(value: Any, form: Form) -> bool:
        """Whether a literal is secret because of a key above it, or its shape. A boolean never is."""
        if value is None or isinstance(value, bool):
            return False
        return form.named or (form.keyed and not form.readable and has_secret_shape(value))

    def warn_of_literals(self) -> None:
        """Warns of secrets that are written in the files in clear text, once for each key."""
        for (root, key), places in self._literals.items():
            at, address = next(iter(places.items()))
            others = len(places) - 1
            more = f", here and at {others} more place{'s' * (others > 1)}" if others else ""
            what = f"`{shown(key)}` looks secret, and its value" if key else "a secret"
            unmask = f", or `unmask: [{shown(root)}/{shown(key)}]` if everybody may read it"
            message = f"{what} is in the file in clear text{more}"
            advice = f"write `${{{{ secret.NAME }}}}`{unmask if key else ''}"
            self._findings.add(values.LITERAL_SECRET, message, advice, at=at, address=address)

    def _collection(self, node: Map | Seq, form: Form, spot: Spot, *, nested: bool) -> Any:
        if isinstance(node, Seq):
            return [self.entry(node, index, form=form, spot=spot, nested=True) for index in range(len(node))]
        if len(node) == 1 and FILE in node and (nested or form.text) and type(node[FILE]) is not Map:
            return self._file(node, form, spot)
        return {
            key: self.entry(
                node, self._key(node, key), form=self._under(key, form, spot), spot=spot, nested=True
            )
            for key in node
        }

    def _under(self, key: str, form: Form, spot: Spot) -> Form:
        """The form of what stands under a key."""
        root = _root(spot)
        if form.keyed:
            self.keys[root, key] = None
        if not form.keyed or form.secret or form.named:
            return form
        if self._names.is_readable(key, root):
            return form if form.readable else replace(form, readable=True)
        if self._names.is_secret(key, root):
            return replace(form, named=True, readable=False)
        return replace(form, readable=False) if form.readable else form

    def _refuse_null(self, parent: Map | Seq, key: Any, form: Form, spot: Spot) -> None:
        named = isinstance(key, str) and (not form.secret or _is_name(key))
        what = f"`{shown(key)}`" if named else "an item"
        advice = "write a value, `{}` or `[]`, or remove the line"
        at = value_of(parent.marks[key])
        self._findings.add(structure.NULL, f"{what} is null", advice, at=at, address=spot.address)

    def public(self, parent: Map | Seq, key: Any, *, spot: Spot = NOWHERE) -> Any:
        """The value of an entry that plans and logs show, so it must not be secret.

        Also `BROKEN` for a variable that is not set when only the files are checked: its value is not known.
        """
        value = self.entry(parent, key, spot=spot)
        if value is UNSET:
            return BROKEN
        if isinstance(value, Secret) and value is not BROKEN:
            what = f"`{key}`" if isinstance(key, str) else "this"
            message = f"{what} is made from a secret, but plans and logs show it"
            at = value_of(parent.marks[key])
            self._findings.add(
                values.SECRET_SHOWN,
                message,
                "use a value that is not secret",
                at=at,
                address=spot.address,
            )
            return BROKEN
        return value

    def _key(self, parent: Map, key: str) -> str:
        if has_expression(key) and any(not isinstance(piece, str) for piece in pieces(key)):
            self.refuse_key(parent, key)
        return key

    def refuse_key(self, parent: Map, key: str, *, address: str = "") -> None:
        """Reports an expression in a key."""
        message = "an expression cannot be a key"
        advice = "write the key itself, and use expressions only as values"
        self._findings.add(
            values.KEY_EXPRESSION, message, advice, at=key_of(parent.marks[key]), address=address
        )

    def _file(self, holder: Map, form: Form, spot: Spot) -> Any:
        at = value_of(holder.marks[FILE])
        path = holder[FILE] if form.idle else self.public(holder, FILE, spot=spot)
        if path is BROKEN:
            return BROKEN
        if not isinstance(path, str) or not path:
            message = "`file` has no path"
            self._findings.add(values.BAD_FILE, message, "write {file: PATH}", at=at, address=spot.address)
            return BROKEN
        return _ANY if form.idle else self.file(path, at=at, form=form, spot=spot)

    def file(self, path: str, *, at: int, form: Form = PLAIN, spot: Spot = NOWHERE) -> Any:
        """The content of a named file, with its source; a secret if the field holds only secrets."""
        try:
            name, data = named_file(
                path,
                folder=self._findings.folder(at),
                project=self._project,
                source=self._findings.source,
            )
            self._findings.named.append(name)
            text = _read(path, data, form.from_file)
        except Unfit as unfit:
            rule, message, advice = unfit.args
            if rule is values.FILE_UNREADABLE and not self._findings.source.complete:
                return Secret(parts=(Source("file", path),), known=False)
            self._findings.add(rule, message, advice, at=at, address=spot.address)
            return BROKEN
        except UnicodeDecodeError as error:
            message = f"{shown(path)} is not UTF-8 text at offset {error.start}"
            advice = "name a text file"
            self._findings.add(values.FILE_NOT_TEXT, message, advice, at=at, address=spot.address)
            return BROKEN
        except ValueError as error:
            self._findings.add(
                values.FILE_UNFIT, f"{shown(path)} {error}", "name another file", at=at, address=spot.address
            )
            return BROKEN
        source = Source("file", name)
        if form.secret:
            advice = "save the file without it, or name the secret: `${{ secret.NAME }}`"
            check_break(text, advice, findings=self._findings, at=at, address=spot.address)
        if form.secret or self._is_masked(text, form):
            return Secret(text, parts=(source,), weak=not form.secret)
        return FileText.of(text, source)


def _root(spot: Spot) -> str:
    """The key of the address at the top: the name under which keys are masked and unmasked."""
    return spot.address.split("/")[1] if "/" in spot.address else ""


def _is_name(key: str) -> bool:
    """Whether the key looks like a secret's name. If not, it may be a misplaced secret and is not shown."""
    return looks_secret(key) or re.fullmatch(r"[A-Z_]+", key) is not None


def _read(path: str, data: bytes, rule: FromFile | None) -> str:
    if rule is None:
        return data.decode()
    if not path.endswith(rule.suffix):
        msg = f"does not end in {rule.suffix}"
        raise ValueError(msg)
    return rule.read(data)


def uses_member(node: Any, word: str) -> bool:
    """Whether a value anywhere in the tree depends on the member that a binding is on."""
    if isinstance(node, str):
        if not has_expression(node):
            return False
        return any(isinstance(piece, Reference) and piece.scope == word for piece in pieces(node))
    if isinstance(node, dict):
        return any(uses_member(value, word) for value in node.values())
    if isinstance(node, list):
        return any(uses_member(value, word) for value in node)
    return False
