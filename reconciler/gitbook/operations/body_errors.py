"""What is wrong with the JSON body of a request, in the words of JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reconciler.config.language.shape import keys_at
from reconciler.diagnostics import dotted
from reconciler.resources.kind import Mark
from reconciler.resources.spec_errors import SpecError, spec_errors
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class BodyFindings:
    """What is to be said of a body, once per place. No message has a value of the body."""

    errors: tuple[str, ...] = ()
    news: tuple[str, ...] = ()
    """Keys, and values of lists that GitBook adds to, that this gbsync does not know."""


def body_findings(model: type[BaseModel], body: Any) -> BodyFindings:
    """What is wrong with the body, and what in it is not known."""
    try:
        model.model_validate(body)
    except ValidationError as error:
        items = spec_errors(error, body)
        news = [item for item in items if _is_news(model, item)]
        wrong = [item for item in items if item not in news]
        return BodyFindings(_lines(wrong, model, _words), _lines(news, model, _news_words))
    return BodyFindings()


def body_errors(model: type[BaseModel], body: Any) -> list[str]:
    """What is wrong with the body. What is only not known is not wrong."""
    return list(body_findings(model, body).errors)


def _lines(
    items: Iterable[SpecError], model: type[BaseModel], words: Callable[[type[BaseModel], SpecError], str]
) -> tuple[str, ...]:
    return tuple(f"{dotted(('body', *item.path))}: {words(model, item)}" for item in items)


def _news_words(model: type[BaseModel], error: SpecError) -> str:
    is_key = error.kind == "extra_forbidden"
    known = keys_at(model, error.path[:-1]) if is_key else error.choices
    word = str(error.path[-1]) if is_key else error.value
    what = "key" if is_key else "value"
    return f"this gbsync knows no such {what}; {did_you_mean(word, known, 'it is sent as it is')}"


def _is_news(model: type[BaseModel], error: SpecError) -> bool:
    if error.kind == "extra_forbidden":
        return True
    field = model.model_fields.get(str(error.path[0])) if error.path else None
    is_open = field is not None and Mark.OPEN in field.metadata
    return is_open and error.is_not_allowed and isinstance(error.value, str)


def _words(_model: type[BaseModel], error: SpecError) -> str:
    if error.types:
        return f"must be {error.expected('an object')}"
    if error.limit:
        return "must not be empty" if error.context.get("min_length") == 1 else f"must {_have(error)}"
    if error.is_missing:
        return "is required"
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
