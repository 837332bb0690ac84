"""What the user did last in a project, how it is taken back and done again: one list for all pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MOST = 50
"""Number of changes that are remembered."""


@dataclass(frozen=True)
class Change:
    """A change that can be taken back.

    `words` name it as in `Undo: renamed day`; `take_back` may raise UserError. `holds` answers whether
    the project is still as the change left it: otherwise taking it back would undo something else, too.
    `again` makes the change once more, and `held` answers whether the project is as it was before it;
    without `again` it cannot be done again.
    """

    words: str
    take_back: Callable[[], object]
    kind: str = ""
    holds: Callable[[], bool] = lambda: True
    again: Callable[[], object] | None = None
    held: Callable[[], bool] = lambda: True


class Undo:
    """The changes of this session, the last one first to go, and those that were taken back."""

    def __init__(self) -> None:
        self._changes: list[Change] = []
        self._undone: list[Change] = []
        self._hearers: list[Callable[[], object]] = []

    def hear(self, hearer: Callable[[], object]) -> Callable[[], None]:
        """Call `hearer` whenever something was done or taken back; returns what ends that."""
        self._hearers.append(hearer)

        def end() -> None:
            if hearer in self._hearers:
                self._hearers.remove(hearer)

        return end

    def _say(self) -> None:
        for hearer in list(self._hearers):
            hearer()

    def did(self, change: Change) -> None:
        """Note a change that was made; what was taken back before it cannot be done again."""
        self._changes = [*self._changes, change][-MOST:]
        self._undone = []
        self._say()

    def last(self, kind: str = "") -> Change | None:
        """Return the change that would be taken back next, of one kind if given.

        What holds no more is forgotten, unless taking back later changes may make it hold again: then nothing of this
        kind can be taken back for now.
        """
        for change in reversed(self._changes):
            if kind in ("", change.kind):
                if change.holds():
                    return change
                if change is not self._changes[-1]:
                    return None
                self._forget(change)
            elif not change.holds() and change is self._changes[-1]:
                self._forget(change)
        return None

    def next(self) -> Change | None:
        """Return the change that would be done again next; forgets all when the project is another one by now."""
        if self._undone and not self._undone[-1].held():
            self._undone = []
        return self._undone[-1] if self._undone else None

    def _forget(self, change: Change) -> None:
        self._changes = [other for other in self._changes if other is not change]

    def words(self, kind: str = "") -> str:
        """Return what would be taken back next, or "" when there is nothing."""
        change = self.last(kind)
        return change.words if change is not None else ""

    def next_words(self) -> str:
        """Return what would be done again next, or ""."""
        change = self.next()
        return change.words if change is not None else ""

    def take_back(self, kind: str = "") -> str:
        """Take the last change back and return its words, "" when there was none; raises UserError and keeps it."""
        change = self.last(kind)
        if change is None:
            return ""
        change.take_back()
        self._forget(change)
        self._undone = [*self._undone, change] if change.again is not None else []
        self._say()
        return change.words

    def again(self) -> str:
        """Do what was taken back last once more and return its words, "" when there is none; raises UserError."""
        change = self.next()
        if change is None or change.again is None:
            return ""
        change.again()
        self._undone = self._undone[:-1]
        self._changes = [*self._changes, change][-MOST:]
        self._say()
        return change.words
