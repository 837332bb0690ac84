"""Values in words: the one place where figures, dates and names become text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime

from wizard.reports.blocks import Kind, Value
from wizard.results import Estimate

NONE = "–"
"""Shown where a figure cannot be told."""

RESEARCH_ONLY = "Research use only. Not for use in diagnostic procedures."

_NARROW_SPACE = "\u202f"
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029]")


def clean(text: object) -> str:
    """Return text without control characters and broken code points, which XML cannot hold; line ends are `\\n`."""
    return _NOT_TEXT.sub("\ufffd", str(text).replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: object) -> str:
    """Return clean text on one line, for labels."""
    return re.sub("[ \t\n]+", " ", clean(text)).strip(" ")


def shorten(text: object, width: int) -> str:
    """Return one line of at most `width` letters; the middle of longer text becomes `…`."""
    line = one_line(text)
    if len(line) <= width:
        return line
    tail = (width - 1) // 3
    return line[: width - 1 - tail] + "…" + (line[-tail:] if tail else "")


def known(value: Value) -> bool:
    """Return False for None and numbers that are not finite."""
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def shown(value: Value, kind: Kind = "any") -> str:
    """Return a value as the page shows it: `0.123`, `12.3 %`, `1 234`, `Yes`, `–`."""
    if value is None or not known(value):
        return NONE
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, str):
        return clean(value)
    if kind == "percent":
        return percent(value)
    if kind == "number":
        return f"{value:.3f}"
    if kind == "whole":
        return whole(value)
    return f"{value:.4g}" if isinstance(value, float) and abs(value) < 1000 else whole(value)


def whole(value: float | None) -> str:
    """Return a count; from 10 000 on its thousands stand apart."""
    if value is None or not known(value):
        return NONE
    return f"{value:,.0f}".replace(",", _NARROW_SPACE) if abs(value) >= 10_000 else f"{value:.0f}"


def percent(value: float | None) -> str:
    """Return a fraction 0..1 as `12.3 %`."""
    return f"{100 * value:.1f} %" if value is not None and known(value) else NONE


def with_interval(estimate: Estimate | None) -> str:
    """Return `0.85 (95 % interval 0.80 to 0.89)`, `0.85` without an interval, or `–`."""
    if estimate is None or estimate.value is None or not known(estimate.value):
        return NONE
    if not (known(estimate.low) and known(estimate.high)):
        return f"{estimate.value:.2f}"
    return f"{estimate.value:.2f} (95 % interval {estimate.low:.2f} to {estimate.high:.2f})"


def count(number: int, one: str, many: str = "") -> str:
    """Return `1 cell`, `2 cells`."""
    return f"{whole(number)} {one if number == 1 else many or one + 's'}"


def listed(names: Iterable[object], most: int = 12) -> str:
    """Return `a, b and c`; beyond `most` names only their number is said."""
    items = [one_line(name) for name in names]
    if len(items) > most:
        return f"{', '.join(items[:most])} and {len(items) - most} more"
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def duration(seconds: float) -> str:
    """Return `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    rounded = round(seconds)
    if rounded < 60:
        return f"{rounded} s"
    minutes, rest = divmod(rounded, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def date(created: str) -> str:
    """Return an ISO 8601 time as `21 November 2025, 05:17 UTC`; other text as it is."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return one_line(created)
    months = (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    )  # fmt: skip
    zone = f" {moment.tzname()}" if moment.tzinfo else ""
    return f"{moment.day} {months[moment.month - 1]} {moment.year}, {moment:%H:%M}{zone}"


def natural(name: object) -> list[tuple[int, float, str]]:
    """Return a sort key that puts `Day 2` before `Day 10`."""
    parts = re.split(r"(\d+(?:\.\d+)?)", str(name))
    return [(0, float(part), "") if index % 2 else (1, 0.0, part.lower()) for index, part in enumerate(parts) if part]
