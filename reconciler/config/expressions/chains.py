"""Finds loops and long chains among names that are made from other names, without recursion."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Chains:
    """Follows each name once to the names that it is made from."""

    def __init__(self, used_by: Callable[[str], Sequence[str]]) -> None:
        self._used_by = used_by
        self.loops: list[tuple[str, ...]] = []
        """Each begins and ends with the same name."""
        self.depths: dict[str, int] = {}
        """How long the chain from this name is, itself included; shorter chains come first."""

    def follow(self, start: str) -> None:
        """Follows one name to the end of all that it leads to."""
        if start in self.depths:
            return
        path = {start: 1}
        """The names from the start to where we are, each with its depth as far as it is known."""
        open_: list[Iterator[str]] = [iter(self._used_by(start))]
        while open_:
            name = next(open_[-1], None)
            if name is None:
                open_.pop()
                self._close(path)
            elif name in path:
                names = tuple(path)
                self.loops.append((*names[names.index(name) :], name))
            elif name in self.depths:
                self._deepen(path, self.depths[name])
            else:
                path[name] = 1
                open_.append(iter(self._used_by(name)))

    def _close(self, path: dict[str, int]) -> None:
        """Everything that the last name leads to has been followed."""
        name, depth = path.popitem()
        self.depths[name] = depth
        self._deepen(path, depth)

    @staticmethod
    def _deepen(path: dict[str, int], below: int) -> None:
        if path:
            last = next(reversed(path))
            path[last] = max(path[last], below + 1)
