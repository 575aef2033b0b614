"""Different names for documents that were given the same."""

from __future__ import annotations


class UniqueIds:
    """Hands out names, each once: the second "a" is "a (2)". However many are alike, each costs the same."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def free(self, name: str) -> str:
        """The name, or where it is taken the name with the first number from 2 that is free."""
        number = self._last.get(name, 0) + 1
        while (found := f"{name} ({number})" if number > 1 else name) in self._taken:
            number += 1
        self._last[name] = number
        self._taken.add(found)
        return found
