"""The form of a field: what may stand in it before it is filled in, from its marks and its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from reconciler.resources.kind import Mark

if TYPE_CHECKING:
    from reconciler.resources.kind import FromFile, Kind


@dataclass(frozen=True, slots=True)
class Form:
    """What a field accepts, as far as filling it in is concerned."""

    secret: bool = False
    keyed: bool = False
    """The names of the keys in it say what is secret."""
    named: bool = False
    """It stands under such a key."""
    readable: bool = False
    """It stands under a key that everybody may read, though its name looks secret."""
    nullable: bool = False
    from_file: FromFile | None = None
    text: bool = True
    """Whether the whole field may be text, and so `{file: PATH}`. False for a mapping with free keys."""
    sealed: bool = False
    """Its texts cannot be read back, and are never shown."""
    idle: bool = False
    """Variables are not looked up and files are not read: only the form of the value is checked."""


PLAIN = Form()


def forms_of(kind: Kind) -> dict[str, Form]:
    """The form of each field of a kind, from its marks and its type."""
    texts = {
        info.alias or name: _takes_text(info.annotation) for name, info in kind.spec.model_fields.items()
    }
    return {
        name: Form(
            field.has(Mark.SECRET),
            keyed=field.has(Mark.KEYED),
            nullable=field.has(Mark.KEYED),
            from_file=field.from_file,
            text=texts[name],
            sealed=field.has(Mark.WRITE_ONLY) and _holds_text(kind.spec.model_fields[name].annotation),
        )
        for name, field in kind.fields.items()
    }


def _takes_text(annotation: Any) -> bool:
    return annotation is str or any(
        _takes_text(inner) for inner in get_args(annotation) if not _is_inner(annotation)
    )


def _holds_text(annotation: Any) -> bool:
    """Whether any text may stand in it: not so in a choice of a few."""
    return annotation is str or any(map(_holds_text, get_args(annotation)))


def _is_inner(annotation: Any) -> bool:
    return get_origin(annotation) in (dict, list, Literal)
