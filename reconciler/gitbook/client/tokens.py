"""The sort of a token, as far as its form shows it, and whether an operation takes it."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from reconciler.errors import AccessError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.operations.operation import Operation
    from reconciler.resources.values import Secret

SORTS = ("user", "integration", "integration-installation")
"""The sorts of token that people have. The reference names one more, for GitBook's own staff."""
MEANING = {
    "user": "a personal access token (app.gitbook.com, Settings, Developer)",
    "integration": "the integration's own token, which its code finds in environment.apiTokens.integration",
    "integration-installation": "an installation's token, which `gbsync token NAME` makes",
}
OAUTH = "oauth"
"""A session that an application got from GitBook for a person, for some scopes."""
VARIABLE = "GITBOOK_TOKEN"
_FORMS = {
    "gb_api_": {"user"},
    "gb_int_": {"integration"},
    "gb_tmp_": {"integration-installation"},
}
"""How personal access tokens begin, and the sandbox's other two."""
_SIGNED = re.compile(r"eyJ[\w-]+\.(?P<claims>[\w-]+)\.[\w-]*")
"""A signed token (JWT). GitBook gives them to code, not to people."""
_OAUTH_CLAIMS = {"scope", "scp", "client_id"}
"""What the claims of an access token of OAuth have (RFC 9068), and those of an integration's do not."""
OAUTH_SCOPES: Mapping[str, str] = {
    "getAuthenticatedUser": "user:read",
    "listOrganizationsForAuthenticatedUser": "organization:read",
    "getSpaceById": "space:read",
    "listSpaceIntegrations": "space:read",
    "listSpacesInOrganizationById": "space:read",
    "listSites": "site:read",
    "listSiteIntegrationScripts": "site:read",
    "listSiteIntegrations": "site:read",
    "listOrganizationIntegrations": "integration:read",
    "getOrganizationIntegrationStatus": "integration:read",
    "listOrganizationIntegrationsStatus": "integration:read",
    "publishIntegration": "integration:publish",
    "setIntegrationDevelopmentMode": "integration:publish",
    "disableIntegrationDevelopmentMode": "integration:publish",
    "unpublishIntegration": "integration:delete",
    "getIntegrationInstallationById": "integration:installations:read",
    "listIntegrationInstallationSpaces": "integration:installations:read",
    "getIntegrationSpaceInstallation": "integration:installations:read",
    "listIntegrationInstallationSites": "integration:installations:read",
    "getIntegrationSiteInstallation": "integration:installations:read",
    "installIntegration": "integration:installations:write",
    "updateIntegrationInstallation": "integration:installations:write",
    "installIntegrationOnSpace": "integration:installations:write",
    "updateIntegrationSpaceInstallation": "integration:installations:write",
    "installIntegrationOnSite": "integration:installations:write",
    "updateIntegrationSiteInstallation": "integration:installations:write",
}
"""The scope with which a session may call an operation, by `@gitbook/api` 0.202; others take no session."""


def sorts_of(token: Secret) -> frozenset[str]:
    """The sorts that the token may be of: several when its form does not tell them apart."""
    text = str(token.reveal())
    for beginning, sorts in _FORMS.items():
        if text.startswith(beginning):
            return frozenset(sorts)
    if signed := _SIGNED.fullmatch(text):
        is_oauth = bool(_OAUTH_CLAIMS & _claims(signed["claims"]).keys())
        return frozenset({OAUTH}) if is_oauth else frozenset(SORTS) - {"user"}
    return frozenset(SORTS)


def _claims(text: str) -> Mapping[str, Any]:
    """What a signed token says of itself. Nobody checks the signature: it only helps to name what it is."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def granted(token: Secret) -> frozenset[str]:
    """The scopes that a session of OAuth says it has; none for any other token."""
    signed = _SIGNED.fullmatch(str(token.reveal()))
    claims = _claims(signed["claims"]) if signed else {}
    scopes = claims.get("scope", claims.get("scp"))
    if isinstance(scopes, str):
        return frozenset(scopes.split())
    return frozenset(map(str, scopes)) if isinstance(scopes, list) else frozenset()


def takes(operation: Operation) -> tuple[str, ...]:
    """The sorts of token that an operation takes, among those that people have."""
    return tuple(sort for sort in SORTS if sort in operation.tokens)


def check_token(operation: Operation, token: Secret, name: str = VARIABLE) -> None:
    """Raises `AccessError` when the form of the token shows that the operation does not take it."""
    sorts, scope = sorts_of(token), OAUTH_SCOPES.get(operation.id, "")
    if sorts & operation.tokens or (OAUTH in sorts and scope in granted(token)):
        return
    wanted = " or ".join(MEANING[sort] for sort in takes(operation))
    lacks = f" without the scope {scope}" if OAUTH in sorts and scope else ""
    msg = f"{operation.id}: takes {wanted}; {name} is {_shortly(sorts)}{lacks}; nothing was sent"
    raise AccessError(msg)


def check_user_token(token: Secret, name: str = VARIABLE) -> None:
    """Raises `AccessError` when the token is clearly not a person's: it may see too little to plan from."""
    sorts = sorts_of(token)
    if "user" not in sorts:
        why = ", which GitBook does not let list installations" if OAUTH in sorts else ""
        it = "it" if name == VARIABLE else VARIABLE
        msg = f"{name} is {_shortly(sorts)}{why}; set {it} to {MEANING['user']}; nothing was sent"
        raise AccessError(msg)


def _shortly(sorts: frozenset[str]) -> str:
    if OAUTH in sorts:
        return "the session of an application (OAuth)"
    return " or ".join(re.split("[,(]", MEANING[sort])[0].strip() for sort in SORTS if sort in sorts)


def usable(token: Secret) -> Secret:
    """The token. Raises `AccessError` for a text that cannot be one: it would end as an odd header error."""
    text = token.reveal()
    if not isinstance(text, str) or not text or not (text.isascii() and text.isprintable()) or " " in text:
        msg = "the token (GITBOOK_TOKEN): is empty or has characters that no token has; copy it again"
        raise AccessError(msg)
    return token
