"""Where `${{ }}` looks things up: environment, variables, secrets, and the member that a binding is on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from reconciler.config.expressions.chains import Chains
from reconciler.config.expressions.compose import Resolved, combine, joined, length
from reconciler.config.expressions.line_breaks import check_break
from reconciler.config.expressions.template import BrokenExpression, Piece, Reference, has_expression, pieces
from reconciler.config.rules import structure, values
from reconciler.config.tokens import OWN_TOKENS
from reconciler.config.yaml.nodes import Map, Seq, file_of, mark_of, value_of
from reconciler.config.yaml.parser import shown
from reconciler.inputs import is_there, read_bytes
from reconciler.resources.secret_names import has_secret_shape, looks_secret
from reconciler.resources.values import Secret, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.config.expressions.form import Form
    from reconciler.config.options import Options
    from reconciler.config.yaml.findings import Findings

CHAIN_MAX = 64
"""The longest chain of variables, each made from the next."""
LENGTH_MAX = 1_000_000
"""The most characters of one value that expressions make."""
PIECES_MAX = 10_000
TOTAL_MAX = 64_000_000
"""The most characters of all values that expressions make together: they must fit into memory."""
_NAMED_MAX = 12
BROKEN = Secret(known=False)
"""Stands for a value whose problem is already reported, so that nothing more is said about it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value is filled in: the resource, and for a binding the member that it is on."""

    address: str = ""
    word: str = ""
    """The word of the kind whose members have values here: `site`."""
    name: str = ""
    vars: Map | None = None


NOWHERE = Spot()


class Scope:
    """Resolves references. Reports each problem at the place of the text."""

    def __init__(self, *, options: Options, findings: Findings, words: Iterable[str]) -> None:
        self._options = options
        self._findings = findings
        self._words = frozenset(words)
        self._variables: dict[str, tuple[Map, str]] = {}
        self._resolving: list[int] = []
        self._composed_values: dict[int, Resolved | None] = {}
        """By position: each variable is composed once, no matter how often it is used."""
        self._total = 0
        self._paths: dict[int, dict[int, tuple[str | int, ...]]] = {}

    def define(self, variables: Map) -> None:
        """Adds variables, over those defined before."""
        for name, value in variables.items():
            if value is None:
                self._say(
                    structure.NULL, f"the variable `{name}` is null", "give it a value", variables, name
                )
            elif isinstance(value, dict | list):
                message = f"the variable `{name}` is not a single value"
                self._say(values.NOT_SCALAR, message, "write a text, a number or a boolean", variables, name)
            self._variables[name] = (variables, name)

    def check_variables(self) -> None:
        """Reports variables that are made from themselves or in too long a chain, even unused ones."""
        chains = Chains(self._used_by)
        for name in self._variables:
            chains.follow(name)
        for loop in chains.loops:
            at = self._findings.value(*self._variables[loop[0]])
            message, advice = (
                f"the variable {_in_a_row(loop)} is made from itself",
                "give one of them a value of its own",
            )
            self._findings.add(values.VARIABLE_LOOP, message, advice, at=at)
        if name := next((name for name, depth in chains.depths.items() if depth > CHAIN_MAX), ""):
            message = f"the variable `{shown(name)}` is made from more than {CHAIN_MAX} others in a row"
            at = self._findings.value(*self._variables[name])
            self._findings.add(values.LONG_CHAIN, message, "write its value out", at=at)

    def _used_by(self, name: str) -> tuple[str, ...]:
        """The variables that a variable is made from."""
        holder, key = self._variables[name]
        parts = pieces(holder[key]) if isinstance(holder[key], str) else ()
        named = [piece.name for piece in parts if isinstance(piece, Reference) and piece.scope == "var"]
        return tuple(dict.fromkeys(other for other in named if other in self._variables))

    def text(self, text: str, *, at: int, spot: Spot = NOWHERE, form: Form | None = None) -> Any:
        """The value of a text with expressions; `BROKEN` if a problem with it is reported."""
        parts = self._pieces(text, at, spot)
        if parts is None or not self._fits(parts, at, spot):
            return BROKEN
        if form is None:
            return joined(parts)
        return joined(parts, secret=form.secret, named=form.named, readable=form.readable)

    def _fits(self, parts: list[Resolved], at: int, spot: Spot = NOWHERE) -> bool:
        """Whether the value, and all values together, are small enough; reported if not."""
        if len(parts) == 1:
            return True
        size, count = length(parts), sum(item.count for item in parts)
        self._total += size
        if size <= LENGTH_MAX and count <= PIECES_MAX and self._total <= TOTAL_MAX:
            return True
        if size > LENGTH_MAX or count > PIECES_MAX:
            message = f"the value has more than {LENGTH_MAX:,} characters, or {PIECES_MAX:,} pieces"
            advice = "make it from fewer expressions"
        else:
            message = f"the values made by expressions have more than {TOTAL_MAX:,} characters together"
            advice = "split the files, or make the values shorter"
            at, spot = 0, NOWHERE
        self._findings.add(values.TOO_LARGE, message, advice, at=at, address=spot.address)
        return False

    def is_readable(self, text: str, *, at: int, spot: Spot) -> bool:
        """Whether every expression in the text is well-formed, which is reported if not. Looks nothing up."""
        broken = [piece for piece in pieces(text) if isinstance(piece, BrokenExpression)]
        for index, piece in enumerate(broken):
            self._piece(piece, index, at, spot)
        return not broken

    def literal_secret(self, value: Any, at: int, *, weak: bool = False) -> Secret:
        """A secret that is written in the file in clear text."""
        if not weak:
            check_break(value, "write it in quotes, or after `|-`", findings=self._findings, at=at)
        return Secret(value, parts=(self._yaml(at),), weak=weak)

    def _pieces(self, text: str, at: int, spot: Spot) -> list[Resolved] | None:
        known: dict[Piece, Resolved | None] = {}
        """A reference has the same value each time that it is in one text."""
        parts = [
            self._piece(piece, index, at, spot)
            if isinstance(piece, str)
            else known[piece]
            if piece in known
            else known.setdefault(piece, self._piece(piece, index, at, spot))
            for index, piece in enumerate(pieces(text))
        ]
        resolved = [item for item in parts if item is not None]
        return resolved if len(resolved) == len(parts) else None

    def _piece(self, piece: Piece, index: int, at: int, spot: Spot) -> Resolved | None:
        match piece:
            case str():
                return Resolved(piece, lambda: (self._yaml(at, index),))
            case BrokenExpression(one_password=True):
                message = "gbsync does not read 1Password references"
                advice = "run gbsync under `op run` and name the variable: `${{ secret.NAME }}`"
                self._findings.add(values.ONE_PASSWORD, message, advice, at=at, address=spot.address)
            case BrokenExpression():
                message = "gbsync cannot read this `${{` as an expression"
                advice = "write `${{ env.NAME }}`, or `$${{` for the text itself"
                self._findings.add(values.LEFTOVER, message, advice, at=at, address=spot.address)
            case Reference():
                return self.reference(piece, at=at, spot=spot)
        return None

    def reference(self, reference: Reference, *, at: int, spot: Spot = NOWHERE) -> Resolved | None:
        """What the reference stands for; `None` if a problem with it is reported."""
        name = reference.name
        if reference.scope in ("env", "secret") and name.upper() in OWN_TOKENS:
            message = f"`{name}` is gbsync's own token"
            advice = "give the integration a token of its own, under another name"
            self._findings.add(values.OWN_TOKEN, message, advice, at=at, address=spot.address)
            return None
        if reference.scope == "env":
            return self._env(name, at, spot)
        if reference.scope == "secret":
            return self._secret(name, at, spot)
        if reference.scope == "var":
            return self._variable(name, at, spot)
        return self._member(reference, at, spot)

    def _env(self, name: str, at: int, spot: Spot) -> Resolved | None:
        value = self._options.environ.get(name)
        if not value and self._options.unset is not None:
            self._options.unset[name] = None
            return Resolved("", lambda: (Source("env", name),), secret=self._is_secret(name, ""), known=False)
        if not value:
            state = "not set" if value is None else "empty"
            near = self._near(name, self._options.environ) if value is None else ""
            message = f"the environment variable {name} is {state}"
            advice = f"{_how_to_set(name)}{near}"
            self._findings.add(values.ENV_UNSET, message, advice, at=at, address=spot.address)
            return None
        return Resolved(value, lambda: (Source("env", name),), secret=self._is_secret(name, value))

    def _secret(self, name: str, at: int, spot: Spot) -> Resolved | None:
        try:
            value = secret_value(name, self._options)
        except (OSError, ValueError):
            message = f"the file of the secret {name} cannot be read as text"
            advice = "make it readable, and UTF-8"
            self._findings.add(values.SECRET_UNREADABLE, message, advice, at=at, address=spot.address)
            return None
        advice = f"set {name} without it: `printf %s` writes none, `echo` does"
        check_break(value, advice, findings=self._findings, at=at, address=spot.address)
        return Resolved(
            value or "", lambda: (Source("secret", name),), secret=True, strong=True, known=bool(value)
        )

    def _variable(self, name: str, at: int, spot: Spot) -> Resolved | None:
        given = self._options.variables.get(name)
        if given:
            return Resolved(given, lambda: (Source("var", name),), secret=self._is_secret(name, given))
        if given is None and name in self._variables:
            return self._held(*self._variables[name], at=at, spot=spot)
        near = self._near(name, chain(self._variables, self._options.variables)) if given is None else ""
        message = f"the variable `{name}` is {'not set' if given is None else 'empty'}"
        advice = f"set it under `variables:` or with `--var {name}=VALUE`{near}"
        self._findings.add(values.VAR_UNSET, message, advice, at=at, address=spot.address)
        return None

    def _member(self, reference: Reference, at: int, spot: Spot) -> Resolved | None:
        scope, name = reference.scope, reference.name
        if scope == spot.word and spot.vars is not None and name in spot.vars:
            return self._held(spot.vars, name, at=at, spot=spot)
        if scope == spot.word:
            near = self._near(name, spot.vars or ())
            who = f"the {scope} {spot.name}" if spot.name else f"a {scope} that the catalogue does not name"
            message = f"{who} has no value `{name}`"
            advice = f"add it to its `vars`{near}"
            self._findings.add(values.NO_MEMBER_VALUE, message, advice, at=at, address=spot.address)
        elif scope in self._words:
            message = f"`{scope}.{name}` works only in bindings on a {scope}"
            advice = f"move it under a {scope}, or use a variable"
            self._findings.add(values.NO_MEMBER_VALUE, message, advice, at=at, address=spot.address)
        else:
            near = self._near(scope, ("env", "var", "secret", *self._words))
            message = f"`{scope}.{name}` is not known"
            advice = f"use env, var or secret{near}"
            self._findings.add(values.UNKNOWN_SCOPE, message, advice, at=at, address=spot.address)
        return None

    def _held(self, holder: Map, name: str, *, at: int, spot: Spot) -> Resolved | None:
        """A value that a file gives to a name: a variable, or one of a member's `vars`."""
        value, mark = holder[name], holder.marks[name]
        position = value_of(mark)
        if isinstance(value, dict | list) or value is None:
            return None
        if value == "":
            message = f"`{name}` is empty at {self._findings.place(position)}"
            self._findings.add(values.VAR_UNSET, message, "give it a value", at=at, address=spot.address)
            return None
        if not (isinstance(value, str) and has_expression(value)):
            return Resolved(value, lambda: (self._yaml(position),), named=self._is_secret(name, value))
        return self._composed(name, value, position)

    def _composed(self, name: str, text: str, position: int) -> Resolved | None:
        if position not in self._composed_values:
            if position in self._resolving or len(self._resolving) > CHAIN_MAX + 1:
                return None  # reported already: a loop, or a chain that is too long
            self._resolving.append(position)
            parts = self._pieces(text, position, NOWHERE)
            self._resolving.pop()
            fits = parts is not None and self._fits(parts, position)
            self._composed_values[position] = combine(parts) if parts and fits else None
        whole = self._composed_values[position]
        return whole and replace(whole, named=whole.named or self._is_secret(name, whole.value))

    def _near(self, name: str, known: Iterable[str]) -> str:
        near_miss = self._findings.near(name, known)
        return f" (did you mean `{near_miss}`?)" if near_miss else ""

    def _is_secret(self, name: str, value: Any) -> bool:
        return looks_secret(name, self._options.secret_patterns) or has_secret_shape(value)

    def _yaml(self, at: int, *piece: int) -> Source:
        """The source of a value in a file; with a number, of one piece of its text."""
        file = file_of(at)
        if file not in self._paths:
            self._paths[file] = _paths_in(self._findings.roots[file])
        return Source("yaml", self._findings.files[file], (*self._paths[file].get(at, ()), *piece))

    def _say(self, rule: Any, message: str, advice: str, parent: Map, key: str) -> None:
        self._findings.add(rule, message, advice, at=self._findings.value(parent, key))


def _in_a_row(names: Iterable[str]) -> str:
    """At most one line of names: a loop may be as long as the file."""
    known = tuple(names)
    return " → ".join(known if len(known) <= _NAMED_MAX else (*known[: _NAMED_MAX - 1], "…", known[-1]))


def _how_to_set(name: str) -> str:
    if name == "GITBOOK_ORGANIZATION":
        return f"set it: `export {name}=ID` with the ID in app.gitbook.com/o/ID, or give `--organization ID`"
    return f"set it: `export {name}=VALUE`, or under `env:` of a CI job"


def secret_value(name: str, options: Options) -> str | None:
    """A secret from the environment, else from its file. Raises `OSError` or `ValueError` for a bad file."""
    value = options.environ.get(name)
    if value or options.secrets_dir is None:
        return value
    path = options.secrets_dir / name
    if not is_there(path) and not path.is_symlink():
        return None
    return read_bytes(path).decode().removesuffix("\n").removesuffix("\r")


def _paths_in(root: Map) -> dict[int, tuple[str | int, ...]]:
    paths: dict[int, tuple[str | int, ...]] = {}
    queue: list[tuple[Map | Seq, tuple[str | int, ...]]] = [(root, ())]
    while queue:
        node, path = queue.pop()
        entries = node.items() if isinstance(node, Map) else enumerate(node)
        for key, value in entries:
            here = (*path, key)
            if isinstance(value, Map | Seq):
                queue.append((value, here))
            else:
                paths.setdefault(value_of(mark_of(node, key)), here)
    return paths
