"""Numbers as they are shown and typed: the one place that knows the sign between a number and its decimals."""

from __future__ import annotations

import re

_ALONE = re.compile(
    r"[<>~\u2248]?\s?[-+\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?"
    r"(?:\s?(?:%|/s|s|min|h|ms|px|x|GB|MB|GiB|\u00b5m|\u00b0))?"
)
_INSIDE = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w,])|(?<![\w.])\d+\.\d+(?![\w.])")
_SWAPPED = str.maketrans(",.", ".,")
_COMMA = re.compile(r"[-+]?(?:\d+,\d*|,\d+)(?:[eE][-+]?\d+)?")


class _Mark:
    decimal = "."


def use(mark: str) -> None:
    """Show decimals behind this sign: a point or a comma."""
    _Mark.decimal = mark


def mark() -> str:
    """Return the sign before the decimals."""
    return _Mark.decimal


def is_number(text: str) -> bool:
    """Tell whether a text is one number as the program writes it, with or without a unit."""
    return _ALONE.fullmatch(text) is not None


def shown(text: str) -> str:
    """Return a number written by the program, e.g. `1,234.5`, as it is shown, e.g. `1.234,5`."""
    return text.translate(_SWAPPED) if _Mark.decimal == "," else text


def in_text(text: str) -> str:
    """Show all numbers in a text that have a decimal or thousands sign; for texts of the program only."""
    if _Mark.decimal == ".":
        return text
    return _INSIDE.sub(lambda found: shown(found.group()), text)


def typed(text: str) -> str:
    """Return a number as the program reads it: `0,5` and `0.5` are the same."""
    bare = text.strip()
    return bare.replace(",", ".") if _COMMA.fullmatch(bare) else bare


def listed(text: str) -> str:
    """Return a list of decimal numbers with points in them and commas between them.

    Semicolons and new lines separate wherever they stand, and the commas are decimal signs then; else a comma before a
    space separates and one inside of a number does not. Without any of these commas separate, as in `0.1,0.2`, but
    for a single one where decimals are shown behind a comma: `0,002`.
    """
    parts = [part for part in re.split(r"[;\n]", text) if part.strip()]
    if not re.search(r"[;\n]", text) and re.search(r"\d,\d", text):
        parts = text.split(", ")
        lonely = text.count(",") == 1 and _Mark.decimal == ","
        if len(parts) < 2 and not lonely:
            return text
    return ", ".join(typed(part) for part in parts)


def after_equals(text: str) -> str:
    """Return rules like `G1 = 2,5; G2 = 1` with points in the numbers."""
    return re.sub(r"(=\s*\d+),(\d+)(?=\s*(?:[;\n]|$))", r"\1.\2", text)
