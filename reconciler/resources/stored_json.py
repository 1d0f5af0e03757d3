"""JSON that gbsync stored and anybody may have edited since: pydantic checks it, one line says what is wrong.

The lock, saved plans and snapshots describe their documents as models and check them here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, Strict, ValidationError, WrapValidator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import ValidatorFunctionWrapHandler
    from pydantic_core import ErrorDetails

_WRONG = {
    "missing": "is missing",
    "too_short": "is empty",
    "greater_than_equal": "is less than zero",
    "finite_number": "is not a finite number",
}
"""By pydantic's name of an error, what a message says of it."""


class Damaged(ValueError):
    """A part is missing, or is not what it must be; the message says which, and is one line."""


class StoredModel(BaseModel):
    """A part of a stored document. Nothing is converted: `"4"` is no number and `true` is none either.

    A part that is not known is refused: a newer gbsync wrote it, and to ignore it could change the meaning.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


# pydantic's `str` refuses half of a UTF-16 pair. JSON may hold one, and titles that GitBook sends do.
Text = InstanceOf[str]
# JSON has no tuples, and a strict tuple would refuse its lists. What stands in them is checked strictly.
Texts = Annotated[tuple[Text, ...], Strict(strict=False)]
Count = Annotated[int, Field(ge=0)]


def _as_it_was(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """The number itself. pydantic would make 3.0 of 3, and `max_deletes` means a share by 3.0."""
    check(value)
    return value


Number = Annotated[float, WrapValidator(_as_it_was)]

M = TypeVar("M", bound=BaseModel)


def check(model: type[M], value: Any) -> M:
    """The value as this model. Raises `Damaged` that names the first part that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        why = explained(error)
    # Outside of `except`: pydantic's error holds the whole input.
    raise Damaged(why)


def explained(error: ValidationError) -> str:
    """The first thing that is wrong, for people: "`steps[0].address` is missing"."""
    first = error.errors(include_url=False, include_context=False)[0]
    if first["type"] == "extra_forbidden":  # its name may be anything, a secret too
        return f"`{_where(first['loc'][:-1]) or 'the document'}` has a part that this program does not know"
    return f"`{_where(first['loc'])}` {_what(first)}" if first["loc"] else "it is no object"


def _what(error: ErrorDetails) -> str:
    if error["type"] in ("enum", "literal_error"):
        return "has a value that this program does not know"
    return _WRONG.get(error["type"], "is of another type")


def _where(location: Sequence[str | int]) -> str:
    """The way to the part as people write it: `steps[0].changes[2].path`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return "".join(steps).removeprefix(".")
