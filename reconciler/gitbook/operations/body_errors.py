"""What is wrong with the JSON body of a request, in the words of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reconciler.diagnostics import dotted
from reconciler.resources.spec_errors import SpecError, spec_errors
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from pydantic import BaseModel


def body_errors(model: type[BaseModel], body: Any) -> list[str]:
    """What is wrong with the body, once per place. No message has a value of the body."""
    try:
        model.model_validate(body)
    except ValidationError as error:
        return [f"{dotted(('body', *item.path))}: {_words(model, item)}" for item in spec_errors(error, body)]
    return []


def _words(model: type[BaseModel], error: SpecError) -> str:
    if error.types:
        return f"must be {error.expected('an object')}"
    if error.limit:
        return "must not be empty" if error.context.get("min_length") == 1 else f"must {_have(error)}"
    if error.is_missing:
        return "is required"
    if error.kind == "extra_forbidden":
        known = model.model_fields if len(error.path) == 1 else ()
        return f"there is no such key; {did_you_mean(str(error.path[-1]), known, 'look into the reference')}"
    if error.is_not_allowed:
        return f"is none of its values; {_choice(error)}"
    return error.message[:1].lower() + error.message[1:]


def _have(error: SpecError) -> str:
    """A number is at most 5, a text or a list has at most 5 of something."""
    return f"{'be' if error.kind.endswith('_equal') else 'have'} {error.limit}"


def _choice(error: SpecError) -> str:
    otherwise = f"it is one of {', '.join(error.choices)}"
    if not isinstance(error.value, str):
        return otherwise
    return did_you_mean(error.value, error.choices, otherwise)
