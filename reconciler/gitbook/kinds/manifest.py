"""Turns a gitbook-manifest.yaml into the fields of an integration, as GitBook's own CLI does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from reconciler.config.expressions.compose import UNSET
from reconciler.config.expressions.scope import BROKEN
from reconciler.config.expressions.template import BrokenExpression, Reference, has_expression, pieces
from reconciler.config.language.check import stray_keys
from reconciler.config.language.document import Expanded
from reconciler.config.language.shape import keys_at
from reconciler.config.rules import integrations, structure, values
from reconciler.config.yaml.nodes import Map, Seq, mark_of, value_of
from reconciler.config.yaml.parser import described, shown
from reconciler.config.yaml.places import position
from reconciler.diagnostics import dotted
from reconciler.gitbook.kinds.shapes import READABLE
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from reconciler.config.language.document import Document
    from reconciler.diagnostics import Path

DEFAULT_ENV = "default"
"""The environment that is used when the entry chooses none, if the manifest has it."""

_OVERLAID = ("organization", "visibility", "secrets")
_OURS = ("name", "organization", "script", "envs")
"""Keys that are not taken over: the entry has its own name, organization and built script."""
_IMAGES = ("icon", "previewImages")
_KEYS = (*_OURS, *READABLE, *_IMAGES, "secrets")
_REQUIRED = ("name", "title", "scopes")
_LEFT_OUT: dict[str, Any] = {
    "description": "",
    "summary": "",
    "target": "all",
    "scopes": [],
    "categories": [],
    "blocks": [],
    "contentSources": [],
    "externalLinks": [],
    "configurations": {},
    "contentSecurityPolicy": "",
    "icon": "",
    "previewImages": [],
    "secrets": {},
}
"""What a key that the manifest leaves out is compared as. Only visibility stays as it is live."""
_SENT_EMPTY = frozenset({"description", "scopes", "previewImages"})
"""Keys that GitBook's CLI sends empty if the manifest leaves them out. It does not send the others at all."""


def expand(document: Document) -> Expanded:
    """The fields that the manifest publishes, without those declared beside it; reports what is wrong."""
    root = _without_strays(document, _overlaid(document))
    _check(document, root)
    left_out = frozenset(_LEFT_OUT.keys() - root.keys() - _SENT_EMPTY)
    fields = {name: _left_out(name) for name in _LEFT_OUT}
    wanted = [name for name in root if name not in document.declared]
    fields.update({name: _plain(document, root, name) for name in wanted if name in READABLE})
    if "icon" in wanted:
        fields["icon"] = _image(document, root, "icon", "icon")
    if "previewImages" in wanted:
        fields["previewImages"] = _previews(document, root)
    if "secrets" in wanted:
        fields["secrets"] = _secrets(document, root)
    return Expanded(fields, root, left_out)


def _without_strays(document: Document, root: Map) -> Map:
    """The manifest without the keys below its top that GitBook's CLI drops; says each of them."""
    strays = stray_keys(document.spec, {name: root[name] for name in READABLE if name in root})
    for path in strays:
        known = keys_at(document.spec, path[:-1])
        _unknown(document, root, path, () if path[-1] in known else known)
    return cast("Map", _stripped(root, frozenset(strays))) if strays else root


def _stripped(node: Any, strays: Collection[Path], path: Path = ()) -> Any:
    if isinstance(node, Map):
        known_keys = Map(node.at)
        for key in (key for key in node if (*path, key) not in strays):
            known_keys.put(key, _stripped(node[key], strays, (*path, key)), node.marks[key])
        return known_keys
    if isinstance(node, Seq):
        items = Seq(node.at)
        for number, item in enumerate(node):
            items.put(_stripped(item, strays, (*path, number)), node.marks[number])
        return items
    return node


def _left_out(name: str) -> Any:
    value = _LEFT_OUT[name]
    return value.copy() if isinstance(value, dict | list) else value


def _overlaid(document: Document) -> Map:
    """The manifest after the chosen environment has replaced keys: each whole, nothing is merged."""
    root = document.root
    envs = root.get("envs")
    env = document.settings.get("env")
    chosen = None if env is UNSET else env
    known = envs if isinstance(envs, Map) else Map()
    if chosen is not None and chosen not in known:
        advice = did_you_mean(str(chosen), known, f"it has: {', '.join(known) or 'none'}")
        message = f"the manifest has no environment `{chosen}`"
        document.say(integrations.NO_SUCH_ENV, message, advice, at=document.setting_places[("env",)])
    overlay = known.get(str(chosen or DEFAULT_ENV))
    merged = root.without("envs")
    if isinstance(overlay, Map):
        for key, value in overlay.items():
            if key in _OVERLAID:
                merged.put(key, value, overlay.marks[key])
    return merged


def _check(document: Document, root: Map) -> None:
    for key in document.root:
        if key not in _KEYS:
            _unknown(document, document.root, (key,), _KEYS)
    _check_envs(document)
    for key in _REQUIRED:
        if key not in root and key not in document.declared:
            document.say(structure.MISSING, f"`{key}` is missing", "GitBook's CLI requires it", at=root.at)
    _check_name(document, root)
    if "script" not in document.declared:
        advice = "build it, and add `script: {file: PATH}` beside `manifest`"
        document.say(
            integrations.SOURCE_SCRIPT, "a manifest's `script` is its source", advice, at=document.here
        )


def _check_envs(document: Document) -> None:
    if "envs" not in document.root or not _is_map(document, document.root, "envs"):
        return
    envs = document.root["envs"]
    for name in envs:
        for key in envs[name] if _is_map(document, envs, name) else ():
            if key not in _OVERLAID:
                _unknown(document, envs[name], (key,), _OVERLAID)


def _is_map(document: Document, parent: Map, key: str) -> bool:
    """Whether the value is a mapping; reports anything else."""
    value = parent[key]
    if not isinstance(value, Map):
        rule = structure.NULL if value is None else structure.WRONG_TYPE
        message = f"`{shown(key)}` is {described(value)}, not a mapping"
        document.say(rule, message, "write `{}`, or remove the line", at=value_of(parent.marks[key]))
    return isinstance(value, Map)


def _check_name(document: Document, root: Map) -> None:
    name = root.get("name")
    if "name" in root and not isinstance(name, str):
        message, at = f"`name` is {described(name)}, not text", value_of(root.marks["name"])
        document.say(structure.WRONG_TYPE, message, "make it text", at=at)
    elif isinstance(name, str) and name != document.key:
        message = f"the manifest is for `{shown(name)}`, but the entry is called `{document.key}`"
        document.say(integrations.OTHER_NAME, message, "rename one of them", at=document.here)


def _unknown(document: Document, parent: Map, path: Path, known: tuple[str, ...]) -> None:
    key = str(path[-1])
    advice = did_you_mean(key, known, "GitBook's CLI ignores it")
    deepest = position((parent,), path, value=False)
    at = deepest[0] if deepest else parent.at
    where = f" under `{shown(dotted(path[:-1]))}`" if path[1:] else ""
    document.say(
        integrations.MANIFEST_KEY, f"`{shown(key)}` is not known in a manifest{where}", advice, at=at
    )


def _plain(document: Document, parent: Map | Seq, key: Any) -> Any:
    """The value as written: GitBook's CLI fills expressions in only under `secrets`."""
    value = parent[key]
    at = mark_of(parent, key)
    if value is None:
        document.say(structure.NULL, f"`{key}` is null", "write a value, or remove the line", at=value_of(at))
        return BROKEN
    if isinstance(value, str) and has_expression(value) and any(_references(value)):
        message = f"the expression in `{key}` is published as text, not replaced"
        advice = "write the value, or give the field beside `manifest`"
        document.say(integrations.MANIFEST_EXPRESSION, message, advice, at=value_of(at))
    if isinstance(value, Map):
        return {item: _plain(document, value, item) for item in value}
    if isinstance(value, Seq):
        return [_plain(document, value, index) for index in range(len(value))]
    return value


def _references(text: str) -> Iterator[Any]:
    return (piece for piece in pieces(text) if not isinstance(piece, str))


def _previews(document: Document, root: Map) -> Any:
    paths = root["previewImages"]
    if not isinstance(paths, Seq):
        return _plain(document, root, "previewImages")
    return [_image(document, paths, index, "previewImages") for index in range(len(paths))]


def _image(document: Document, parent: Map | Seq, key: Any, field: str) -> Any:
    path = parent[key]
    if not isinstance(path, str):
        return _plain(document, parent, key)
    at = value_of(mark_of(parent, key))
    return document.fill.file(path, at=at, form=document.forms[field], spot=document.spot)


def _secrets(document: Document, root: Map) -> Any:
    secrets = root["secrets"]
    if not isinstance(secrets, Map):
        return _plain(document, root, "secrets")
    return {name: _secret(document, secrets, name) for name in secrets}


def _secret(document: Document, secrets: Map, name: str) -> Any:
    text = secrets[name]
    at = value_of(secrets.marks[name])
    if text is None:
        document.say(structure.NULL, "a secret is null", "write a value, or remove the line", at=at)
        return BROKEN
    if not isinstance(text, str):
        return document.scope.literal_secret(text, at)
    if not has_expression(text):
        return document.scope.literal_secret(text, at)
    for piece in pieces(text):
        if isinstance(piece, BrokenExpression) and piece.one_password:
            message = "gbsync does not read 1Password references"
            advice = "run gbsync under `op run`, and declare `${{ secret.NAME }}` beside `manifest`"
            document.say(values.ONE_PASSWORD, message, advice, at=at)
            return BROKEN
        if isinstance(piece, Reference) and piece.scope != "env":
            message = f"`{piece.scope}.{piece.name}` means nothing in a manifest"
            advice = "GitBook's CLI knows `env` alone; declare the secret beside `manifest`"
            document.say(values.UNKNOWN_SCOPE, message, advice, at=at)
            return BROKEN
    return document.scope.text(text, at=at, spot=document.spot, form=document.forms["secrets"])
