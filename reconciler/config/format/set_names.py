"""Names for what `export --factor` makes: tags of sets, and the values of members."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from reconciler.config.format.alike import VARIES
from reconciler.config.format.naming import slug
from reconciler.resources.secret_names import has_secret_shape, looks_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reconciler.config.format.alike import Alike, Path

Value = tuple[str, "Path"]
"""What the members hold a value for: an installation's name, and the path in its bindings."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LONGEST = 200
"""Characters of a value that may stand in the catalogue, where each member has one line."""


def can_vary(path: Path, value: Any) -> bool:
    """Whether a member's `vars` can hold the value: a short scalar, under a key that is a name."""
    if len(path) == 1 or not _NAME.fullmatch(path[-1]):
        return False
    if isinstance(value, str):
        # An empty one is an error there. What has the shape of a secret would be one by another rule.
        return 0 < len(value) <= _LONGEST and "\n" not in value and not has_secret_shape(value)
    return isinstance(value, int | float)


def value_names(varied: Iterable[Value]) -> dict[Value, str]:
    """A name for each value that members hold: its key, with the installation in front where two have it."""
    wanted = tuple(varied)
    count = Counter(path[-1] for _, path in wanted)
    single = [value for value in wanted if count[value[1][-1]] == 1]
    taken = {path[-1] for _, path in single}
    names = {value: value[1][-1] for value in single}
    return {**names, **{value: _free(_long(*value), taken, "_") for value in wanted if value not in names}}


def _long(root: str, path: Path) -> str:
    key = path[-1]
    word = re.sub(r"\W", "_", root, flags=re.ASCII)
    name = f"{word}_{key}" if _NAME.match(word) else f"_{word}_{key}"
    # A name that looks secret hides the value, which the key alone would not.
    return key if looks_secret(name) else name


def labels(root: str, sets: Sequence[Alike], taken: set[str]) -> tuple[str, ...]:
    """A tag for each set: the installation's name, and for all but the largest what is different in it."""
    mains = {item.base: item for item in sets if item.main}
    words = [tuple(_words(root, item, mains[item.base])) for item in sets]
    short = (next((part for part in _parts(own) if _is_own(part, own, words)), own) for own in words)
    return tuple(_free("-".join(filter(None, map(slug, part))) or "set", taken) for part in short)


def _parts(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return (words[:length] for length in range(1, len(words) + 1))


def _is_own(part: tuple[str, ...], own: tuple[str, ...], words: Sequence[tuple[str, ...]]) -> bool:
    """Whether these words name one set alone, or are all that there are."""
    return not any(other is not own and other[: len(part)] == part for other in words) or part == own


def _words(root: str, item: Alike, main: Alike) -> Iterator[str]:
    yield f"{root} {item.base[-1]}" if item.base else root
    if item is not main:
        yield from _differences(dict(item.profile), dict(main.profile))


def _differences(item: Mapping[Path, str], main: Mapping[Path, str]) -> Iterator[str]:
    for path in _both(item, main):
        if path not in item:
            yield f"without {path[-1]}"
        elif item[path] != main.get(path):
            yield f"{path[-1]} {_word(item[path])}" if _word(item[path]) else f"with {path[-1]}"


def _both(item: Iterable[Path], main: Iterable[Path]) -> Iterable[Path]:
    return dict.fromkeys((*item, *main))


def _word(text: str) -> str:
    """A value as a word of a name; of a list or a mapping none."""
    value = None if text == VARIES else json.loads(text)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def _free(name: str, taken: set[str], sign: str = "-") -> str:
    """The name, with a number behind it where another set has it."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}{sign}{number}"
    taken.add(free)
    return free
