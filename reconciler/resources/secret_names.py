"""What is secret: by the words of a name, by the shape of a value, and by what the files say about both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from reconciler.resources.values import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

# By whole words, because `monkey` ends in `key` and `author` begins with `auth`. Words in doubt are in the
# list: a name that is masked without need can be unmasked in the file, and a value that was shown has leaked.
_WORDS = frozenset(
    {
        *(
            "apikey",
            "auth",
            "authorization",
            "bearer",
            "connectionstring",
            "cred",
            "credential",
            "dsn",
            "hmac",
        ),
        *("jwt", "key", "pass", "passcode", "passphrase", "passwd", "password", "pat", "pem", "pfx"),
        *("pwd", "secret", "token", "webhook"),
    }
)
_ENDINGS = ("apikey", "credential", "passphrase", "passwd", "password", "secret", "token")
"""Endings of words that were written without a separator: `refreshtoken`."""
_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Each begins with letters of its own and takes no character twice: nothing in it can backtrack for long.
_SHAPE = re.compile(
    r"""://[^\s/?\#@:]*:[^\s/?\#@]+@                       # a URL with a password
      | -----BEGIN\ [A-Z0-9 ]{1,40}-----                    # a PEM block
      | \bgh[opsur]_[A-Za-z0-9]{16} | \bgithub_pat_\w{16}   # GH
      | \bglpat-[\w-]{16}                                   # GitLab
      | \bxox[a-z]-[\w-]{8} | \bxapp-[\w-]{8}               # Slack
      | hooks\.slack\.com/services/\w
      | \bsntry[su]_\w{8}                                   # Sentry
      | \b[sr]k_live_\w{8}                                  # Stripe
      | \bnpm_[A-Za-z0-9]{30} | \bAKIA[0-9A-Z]{16}\b
      | \bgb_api_\w{8}                                      # the API
      | \beyJ[\w-]{8,2000}\.eyJ[\w-]{8}                     # a signed token
    """,
    re.VERBOSE,
)


@lru_cache(maxsize=4096)
def looks_secret(name: str, patterns: tuple[str, ...] = ()) -> bool:
    """Whether a variable or key with this name or title probably holds a secret: `writeKey` does."""
    words = {word.lower() for word in _SPLIT.findall(name)}
    words |= {word.removesuffix("s") for word in words}
    if any(word in _WORDS or word.endswith(_ENDINGS) for word in words):
        return True
    lower = name.lower()
    return any(pattern.lower() in lower for pattern in patterns)


_HINTS = (
    *("://", "-----BEGIN ", "gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "xox", "xapp-"),
    *("hooks.slack.com/", "sntrys_", "sntryu_", "k_live_", "npm_", "AKIA", "gb_api_", "eyJ"),
)
"""Every text of such a shape contains one of these. Searching for plain texts is a hundred times as fast."""


def has_secret_shape(value: Any) -> bool:
    """Whether the value is a text that contains something with the shape of a secret."""
    if not isinstance(value, str) or len(value) <= len("://a:b@"):
        return False
    return _matches_shape(value)


@lru_cache(maxsize=8)  # few, as a text may have a megabyte: a variable is asked for again at every place
def _matches_shape(text: str) -> bool:
    return any(hint in text for hint in _HINTS) and _SHAPE.search(text) is not None


@dataclass(frozen=True, slots=True)
class SecretNames:
    """Which keys of a configuration are secret by their names."""

    mask: tuple[str, ...] = ()
    """`KEY`, as a part of a name, or `ROOT/KEY`, as the whole name."""
    unmask: tuple[str, ...] = ()
    """`KEY` or `ROOT/KEY`, as the whole name."""
    public: frozenset[str] = frozenset()
    """`ROOT/KEY` of keys that every reader of a site can see, whatever their name is."""

    def is_secret(self, key: str, root: str = "", title: str = "") -> bool:
        """Whether the value of this key is secret. `unmask` is not considered: see `is_unmasked`."""
        if self.is_masked(key, root):
            return True
        if f"{root}/{key}" in self.public:
            return False
        return looks_secret(key) or looks_secret(title)

    def is_unmasked(self, key: str, root: str = "") -> bool:
        """Whether the files say that everybody may read it; `mask` wins."""
        # Only whole names: `unmask: [key]` must not open `api_key` too. `mask` hides, so it takes parts.
        named = {key.lower(), f"{root}/{key}".lower()}
        return any(item.lower() in named for item in self.unmask) and not self.is_masked(key, root)

    def is_readable(self, key: str, root: str = "") -> bool:
        """Whether everybody may read what a file declares here, though its name or shape looks secret."""
        if self.is_unmasked(key, root):
            return True
        return f"{root}/{key}" in self.public and not self.is_masked(key, root)

    def is_masked(self, key: str, root: str = "") -> bool:
        """Whether `mask` names this key: whole as `ROOT/KEY`, or as a part of the key."""
        whole, low = f"{root}/{key}".lower(), key.lower()
        return any(item.lower() == whole if "/" in item else item.lower() in low for item in self.mask)


def wrapped(value: Any, is_secret: Callable[[str], bool], *, plain: frozenset[str] = frozenset()) -> Any:
    """The value with each secret in it as a `Secret`, by the names of its keys and the shape of its texts.

    What stands under a key in `plain` stays as it is: those are names, not values.
    """
    match value:
        case Mapping():
            return {
                key: item
                if key in plain
                else sealed(item)
                if is_secret(key)
                else wrapped(item, is_secret, plain=plain)
                for key, item in value.items()
            }
        case list() | tuple():
            return [wrapped(item, is_secret, plain=plain) for item in value]
        case _:
            return Secret(value, weak=True) if has_secret_shape(value) else value


def sealed(value: Any) -> Any:
    """The value as a secret. `true`, `false` and `null` stay, because they give no secret away."""
    if isinstance(value, Secret | bool) or value is None:
        return value
    return Secret(value, weak=True)
