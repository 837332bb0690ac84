"""Numbers and lists in the sentences of cues."""

from __future__ import annotations

from collections.abc import Sequence


def cells(number: int, noun: str = "cell") -> str:
    """Return a number with its noun, e.g. `1 cell`, `2,000 cells`."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}es" if noun.endswith("ss") else f"{noun}s"
    return f"{number:,} {plural}"


def share(part: float, whole: float) -> str:
    """Return a share in percent, e.g. `6 %`; never `0 %` or `100 %` unless it is exactly that."""
    if not whole or not part:
        return "0 %"
    percent = 100 * part / whole
    if percent < 1:
        return "less than 1 %"
    if part < whole and percent > 99:
        return "more than 99 %"
    return f"{percent:.0f} %"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return the first names with commas, and how many more there are."""
    shown = ", ".join(names[:most])
    rest = len(names) - most
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def is_are(number: int) -> str:
    """Return the verb for a number of things."""
    return "is" if number == 1 else "are"


def has_have(number: int) -> str:
    """Return the verb for a number of things."""
    return "has" if number == 1 else "have"
