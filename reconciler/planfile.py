"""Plan ⇄ JSON document: everything that apply needs, no secret value, and a checksum against accidents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reconciler.digest import Digest, Salt
from reconciler.errors import Stale, UsageError
from reconciler.lock import Entry
from reconciler.problem import Place
from reconciler.resource import Address
from reconciler.step import ABSENT, Action, Change, Mention, Plan, Reason, Step
from reconciler.value import FileText, Secret, Source, has_secret, is_known

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1
Read = Callable[[tuple[str | Source, ...]], Any]
"""Reads the value of a secret or a file again, from its source. Raises `LookupError` when it is gone."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A plan that was read back, and the salt of its digests."""

    plan: Plan
    salt: Salt


def dump(plan: Plan, salt: Salt) -> dict[str, Any]:
    """The plan as a JSON object; secrets and files appear as their source and a digest."""
    body: dict[str, Any] = {
        "format": FORMAT,
        "organization": plan.organization,
        "endpoint": plan.endpoint,
        "snapshot": plan.snapshot,
        "destroy": plan.destroy,
        "partial": plan.partial,
        "salt": salt.text,
        "counts": {"live": plan.live_count, "declared": plan.declared_count, "reads": plan.reads, "rate": plan.rate},
        "notes": list(plan.notes),
        "mentions": {name: [_mention(item) for item in getattr(plan, name)] for name in _MENTIONS},
        "forget": list(plan.forget),
        "labels": dict(plan.labels),
        "memory": {address: _entry(entry) for address, entry in plan.memory.items()},
        "steps": [_step(step, salt) for step in plan.steps],
    }
    return {**body, "checksum": _checksum(body)}


def load(document: Mapping[str, Any], *, read: Read, name: str) -> Saved:
    """The plan of a document. Raises `UsageError` for a damaged one, `Stale` when a secret or a file has changed."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, Mapping) else None
        msg = f"{name}: is no saved plan of this program (format {found!r}, known is {FORMAT}); make it again"
        raise UsageError(msg)
    body = {key: value for key, value in document.items() if key != "checksum"}
    if _checksum(body) != document.get("checksum"):
        msg = f"{name}: was changed or cut off since it was saved (its checksum does not fit); make it again"
        raise UsageError(msg)
    salt = Salt(document["salt"])
    reader = _Reader(salt, read)
    steps = tuple(reader.step(item) for item in document["steps"])
    if reader.stale:
        raise Stale(reader.stale)
    return Saved(_plan(document, steps), salt)


def _plan(document: Mapping[str, Any], steps: tuple[Step, ...]) -> Plan:
    counts = document["counts"]
    mentions = {name: tuple(_read_mention(item) for item in document["mentions"][name]) for name in _MENTIONS}
    return Plan(
        organization=document["organization"],
        endpoint=document["endpoint"],
        steps=steps,
        notes=tuple(document["notes"]),
        partial=document["partial"],
        destroy=document["destroy"],
        snapshot=document["snapshot"],
        live_count=counts["live"],
        declared_count=counts["declared"],
        reads=counts["reads"],
        rate=counts["rate"],
        memory={Address(address): _read_entry(item) for address, item in document["memory"].items()},
        forget=tuple(map(Address, document["forget"])),
        labels={Address(address): label for address, label in document["labels"].items()},
        **mentions,
    )


_MENTIONS = ("unmanaged", "forgotten", "elsewhere", "pending", "uncompared")


def _checksum(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _mention(item: Mention) -> dict[str, Any]:
    return {"address": item.address, "label": item.label, "path": list(item.path), "note": item.note, "link": item.link}


def _read_mention(item: Mapping[str, Any]) -> Mention:
    return Mention(Address(item["address"]), item["label"], tuple(item["path"]), item["note"], item["link"])


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "file": entry.file,
        "fields": dict(entry.fields),
        "version": entry.version,
        "fingerprints": dict(entry.fingerprints),
    }


def _read_entry(item: Mapping[str, Any]) -> Entry:
    return Entry(item["file"], dict(item["fields"]), item["version"], dict(item["fingerprints"]))


def _step(step: Step, salt: Salt) -> dict[str, Any]:
    return {
        "action": step.action,
        "address": step.address,
        "reason": step.reason,
        "label": step.label,
        "place": _place(step.place),
        "needs": list(step.needs),
        "requests": step.requests,
        "sends": step.sends,
        "changes": [
            {
                "path": list(change.path),
                "before": pack(change.before, salt),
                "after": pack(change.after, salt),
                "unknown": change.unknown,
                "place": _place(change.place),
            }
            for change in step.changes
        ],
        "basis": {name: _basis(step, name, value, salt) for name, value in step.basis.items()},
        "desired": {name: pack(value, salt) for name, value in step.desired.items()},
    }


def _basis(step: Step, name: str, value: Any, salt: Salt) -> Any:
    """What was decided on; as a digest where the change shows it masked."""
    change = next((change for change in step.changes if change.name == name), None)
    if change and (has_secret(change.before) or has_secret(change.after)) and value is not ABSENT:
        return {"$digest": salt.digest(value, secret=True)}
    top = next((change for change in step.changes if change.path == (name,)), None)
    return {"$digest": salt.digest(value, secret=True)} if top and has_secret(top.before) else pack(value, salt)


def pack(value: Any, salt: Salt) -> Any:
    """A value as JSON: `$absent`, `$secret` and `$file` stand for what has no JSON of its own."""
    match value:
        case _ if value is ABSENT:
            return {"$absent": True}
        case Digest():
            return {"$digest": value.text}
        case Secret():
            parts = [part if isinstance(part, str) else _source(part) for part in value.parts]
            digest = salt.digest(value) if value.known else None
            return {"$secret": parts, "digest": digest}
        case FileText():
            return {"$file": _source(value.source), "digest": salt.digest(str(value))}
        case Mapping():
            packed = {key: pack(item, salt) for key, item in value.items()}
            return {"$object": packed} if any(str(key).startswith("$") for key in packed) else packed
        case list() | tuple():
            return [pack(item, salt) for item in value]
        case _:
            return value


def _source(source: Source) -> dict[str, Any]:
    return {"kind": source.kind, "name": source.name, "path": list(source.path)}


def _place(place: Place | None) -> list[Any] | None:
    return [place.file, place.line, place.column] if place else None


@dataclass(slots=True)
class _Reader:
    salt: Salt
    read: Read
    stale: list[str] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.stale = []

    def step(self, item: Mapping[str, Any]) -> Step:
        address = Address(item["address"])
        made = Step(
            Action(item["action"]),
            address,
            tuple(self._change(address, change) for change in item["changes"]),
            reason=Reason(item["reason"]),
            label=item["label"],
            place=_read_place(item["place"]),
            basis={name: self.unpack(address, value, wanted=False) for name, value in item["basis"].items()},
            desired={name: self.unpack(address, value, wanted=True) for name, value in item["desired"].items()},
            needs=tuple(map(Address, item["needs"])),
            requests=item["requests"],
            sends=item["sends"],
        )
        return replace(made)

    def _change(self, address: Address, item: Mapping[str, Any]) -> Change:
        before, after = (self.unpack(address, item[name], wanted=False) for name in ("before", "after"))
        return Change(tuple(item["path"]), before, after, unknown=item["unknown"], place=_read_place(item["place"]))

    def unpack(self, address: Address, value: Any, *, wanted: bool) -> Any:
        """The value; what is `wanted` is read again from its source, the rest stays opaque."""
        match value:
            case {"$absent": True}:
                return ABSENT
            case {"$digest": str(text)}:
                return Digest(text)
            case {"$secret": list(parts), "digest": digest}:
                return self._secret(address, tuple(map(_read_part, parts)), digest, wanted=wanted)
            case {"$file": source, "digest": str(digest)}:
                return self._file(address, _read_part(source), digest, wanted=wanted)
            case {"$object": dict(inner)}:
                return {key: self.unpack(address, item, wanted=wanted) for key, item in inner.items()}
            case dict():
                return {key: self.unpack(address, item, wanted=wanted) for key, item in value.items()}
            case list():
                return [self.unpack(address, item, wanted=wanted) for item in value]
            case _:
                return value

    def _secret(
        self, address: Address, parts: tuple[str | Source, ...], digest: str | None, *, wanted: bool
    ) -> Secret:
        if not wanted or digest is None:
            return Secret(parts=parts, known=False)
        found = self._again(address, parts)
        if found is not None and not self.salt.matches(found, digest):
            self.stale.append(f"{address}: {_named(parts)} is not what it was when the plan was made; plan again")
        return Secret(found, parts=parts)

    def _file(self, address: Address, source: str | Source, digest: str, *, wanted: bool) -> Any:
        if not wanted or isinstance(source, str):
            return FileText.of(f"({_named((source,))})", source) if isinstance(source, Source) else source
        found = self._again(address, (source,))
        if found is not None and not self.salt.matches(found, digest):
            self.stale.append(f"{address}: {source.name} is not what it was when the plan was made; plan again")
        return FileText.of(found or "", source)

    def _again(self, address: Address, parts: tuple[str | Source, ...]) -> Any:
        try:
            return self.read(parts)
        except LookupError as error:
            self.stale.append(f"{address}: {error}; set it as it was when the plan was made")
            return None


def _named(parts: Iterable[str | Source]) -> str:
    return ", ".join(f"{part.kind}.{part.name}" for part in parts if isinstance(part, Source))


def _read_part(part: Any) -> str | Source:
    if isinstance(part, str):
        return part
    return Source(part["kind"], part["name"], tuple(part["path"]))


def _read_place(place: Any) -> Place | None:
    return Place(*place) if place else None
