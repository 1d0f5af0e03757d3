"""The sort of a token, as far as its form shows it, and whether an operation takes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reconciler.errors import AccessError

if TYPE_CHECKING:
    from reconciler.gitbook.operations.operation import Operation
    from reconciler.resources.values import Secret

SORTS = ("user", "integration", "integration-installation")
"""The sorts of token that people have. The reference names one more, for GitBook's own staff."""
MEANING = {
    "user": "a personal access token (app.gitbook.com, Settings, Developer)",
    "integration": "the integration's own token, which its code finds in environment.apiTokens.integration",
    "integration-installation": "an installation's token, which `gbsync token NAME` makes",
}
_FORMS = {
    "gb_api_": {"user"},
    "gb_int_": {"integration"},
    "gb_tmp_": {"integration-installation"},
}
"""How personal access tokens begin, and the sandbox's other two."""
_SIGNED = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
"""A signed token (JWT). GitBook gives them to code, not to people."""


def sorts_of(token: Secret) -> frozenset[str]:
    """The sorts that the token may be of: several when its form does not tell them apart."""
    text = str(token.reveal())
    for beginning, sorts in _FORMS.items():
        if text.startswith(beginning):
            return frozenset(sorts)
    if _SIGNED.fullmatch(text):
        return frozenset(SORTS) - {"user"}
    return frozenset(SORTS)


def takes(operation: Operation) -> tuple[str, ...]:
    """The sorts of token that an operation takes, among those that people have."""
    return tuple(sort for sort in SORTS if sort in operation.tokens)


def check_token(operation: Operation, token: Secret) -> None:
    """Raises `AccessError` when the form of the token shows that the operation does not take it."""
    if sorts_of(token) & operation.tokens:
        return
    wanted = " or ".join(MEANING[sort] for sort in takes(operation))
    msg = f"{operation.id}: takes {wanted}; GITBOOK_TOKEN is {_shortly(sorts_of(token))}; nothing was sent"
    raise AccessError(msg)


def check_user_token(token: Secret) -> None:
    """Raises `AccessError` when the token is clearly not a person's: it may see too little to plan from."""
    sorts = sorts_of(token)
    if "user" not in sorts:
        msg = f"GITBOOK_TOKEN is {_shortly(sorts)}; set it to {MEANING['user']}; nothing was sent"
        raise AccessError(msg)


def _shortly(sorts: frozenset[str]) -> str:
    return " or ".join(re.split("[,(]", MEANING[sort])[0].strip() for sort in SORTS if sort in sorts)


def usable(token: Secret) -> Secret:
    """The token. Raises `AccessError` for a text that cannot be one: it would end as an odd header error."""
    text = token.reveal()
    if not isinstance(text, str) or not text or not (text.isascii() and text.isprintable()) or " " in text:
        msg = "the token (GITBOOK_TOKEN): is empty or has characters that no token has; copy it again"
        raise AccessError(msg)
    return token
