"""Names of sheets as Excel takes them: at most 31 letters, no special signs, none twice."""

from __future__ import annotations

import re

from wizard.reports.words import one_line

_LONGEST = 31
_REFUSED = re.compile(r"[\[\]:*?/\\]")
_RESERVED = {"history"}


class SheetNames:
    """Gives out names for the sheets of one workbook."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wish: str) -> str:
        """Return the nearest name that is allowed and free, e.g. `Predictions 2`."""
        plain = _REFUSED.sub(" ", one_line(wish)).strip("' ") or "Sheet"
        if plain.lower() in _RESERVED:
            plain += " of the step"
        name, number = plain[:_LONGEST].rstrip(), 1
        while name.lower() in self._taken:
            number += 1
            ending = f" {number}"
            name = plain[: _LONGEST - len(ending)].rstrip() + ending
        self._taken.add(name.lower())
        return name
