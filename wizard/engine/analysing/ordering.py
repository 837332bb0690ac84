"""The order of a tag's values: given, read from their numbers, or known as a scale; never guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from wizard.engine.errors import UserError

MOST_VALUES = 200
_SHOWN = 12
_NUMBER = re.compile(r"(?:(?<![\w.,])[-+])?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)
_UNITS: tuple[Mapping[str, float], ...] = (
    {"pm": 1e-12, "nm": 1e-9, "um": 1e-6, "µm": 1e-6, "μm": 1e-6, "mm": 1e-3, "m": 1.0},
    {"pg/ml": 1e-12, "ng/ml": 1e-9, "ug/ml": 1e-6, "µg/ml": 1e-6, "μg/ml": 1e-6, "mg/ml": 1e-3, "g/ml": 1.0},
    {"s": 1, "sec": 1, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600, "d": 86400, "day": 86400,
     "w": 604800, "week": 604800},
)  # fmt: skip
"""Units in which one dose or one time may be written; the factor to the same unit."""
_SCALES: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("none", "no", "zero"), ("very low",), ("low",), ("medium", "middle", "mid", "intermediate"), ("high",),
     ("very high",)),
    (("none", "absent", "normal"), ("mild", "slight"), ("moderate",), ("severe", "strong")),
    (("early",), ("mid", "middle", "intermediate"), ("late",)),
    (("before", "pre"), ("during",), ("after", "post")),
    (("start", "first"), ("middle",), ("end", "last")),
    (("young", "fresh"), ("adult", "mature"), ("old", "aged")),
    (("small",), ("medium",), ("large",)),
    (("g0",), ("g1",), ("s",), ("g2",), ("prophase",), ("prometaphase",), ("metaphase",), ("anaphase",),
     ("telophase",), ("cytokinesis",)),
    (("i",), ("ii",), ("iii",), ("iv",), ("v",), ("vi",)),
)  # fmt: skip
"""Scales whose words have one order; words of one step stand together."""


def order_of(tag: str, values: Iterable[str], given: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return the values from first to last and the rank of each, from 0; values that mean the same share a rank.

    `given` is the user's own order, which may leave values out. Without it the order is that of the one number in
    which the values differ ("Day 7", "1e-3 uM"; units of one kind are converted), or that of a known scale. Raises
    UserError when there are fewer than two values, when a given one is not there, or when no order is clear.
    """
    present = sorted({value for value in values if value != ""})
    if len(present) < 2:
        raise UserError(
            f"The tag {tag} cannot be the progression.",
            f"All cells have the value {present[0]!r}." if present else "No cell has a value of it.",
            "Choose a tag with at least two values, or none.",
        )
    if given:
        return _given(tag, present, given)
    keys = _by_number(present) or _by_scale(present)
    if keys is None:
        raise UserError(
            f"The order of the values of {tag} is not clear.",
            f"They are: {_listed(present)}.",
            "Give the order of the values under Advanced settings (visualize.order), from first to last.",
        )
    if len(present) > MOST_VALUES:
        raise UserError(
            f"The tag {tag} has {len(present)} values.", f"A progression takes {MOST_VALUES} at most.",
            "Choose another tag, or give the order of those values that matter (visualize.order).",
        )  # fmt: skip
    different = sorted(set(keys))
    order = sorted(range(len(present)), key=lambda place: (keys[place], present[place]))
    return [present[place] for place in order], [different.index(keys[place]) for place in order]


def _given(tag: str, present: list[str], given: Sequence[str]) -> tuple[list[str], list[int]]:
    wanted = [meant(tag, value, present) for value in given if value.strip()]
    stray = [value for value in wanted if value not in present]
    twice = [value for value, number in Counter(wanted).items() if number > 1]
    if stray:
        near = get_close_matches(stray[0], present, 1)
        hint = f" Perhaps {near[0]!r} is meant." if near else ""
        raise UserError(
            f"No cell has the value {stray[0]!r} of the tag {tag}, which stands in the order of the values.",
            f"Its values are: {_listed(present)}.{hint}", "Correct the order of the values (visualize.order).",
        )  # fmt: skip
    if twice or len(wanted) < 2:
        why = f"{twice[0]!r} stands there twice." if twice else "It has only one value."
        raise UserError(
            "The order of the values is not right.", why, "Name at least two values, each once, from first to last."
        )
    return wanted, list(range(len(wanted)))


def meant(tag: str, text: str, values: Sequence[str]) -> str:
    """Return the one value that a user's text names, or the text: case does not matter, nor the tag's name before it.

    `Day 7` names the value 7 of the tag day, as folders are read.
    """
    text = text.strip()
    if text in values:
        return text
    bare = re.sub(rf"^{re.escape(tag)}[\s_,.:=-]*", "", text, flags=re.IGNORECASE)
    found = [value for value in values if value.casefold() in (text.casefold(), bare.casefold())]
    return found[0] if len(found) == 1 else text


def _listed(values: Sequence[str]) -> str:
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(value if len(value) <= 40 else value[:39] + "…" for value in values[:_SHOWN]) + more


def _by_number(values: Sequence[str]) -> list[float] | None:
    """Return the number in which the values differ; None where another number or the words around it differ, too."""
    parts = [_NUMBER.split(value) for value in values]
    numbers = [[float(text.replace(",", ".")) for text in _NUMBER.findall(value)] for value in values]
    if len({len(found) for found in numbers}) != 1 or not numbers[0]:
        return None
    varying = [place for place, found in enumerate(zip(*numbers, strict=True)) if len(set(found)) > 1]
    if len(varying) > 1:
        return None
    at = varying[0] if varying else 0
    words = {tuple(_plain(word) for place, word in enumerate(found) if place != at + 1) for found in parts}
    factors = _factors([_plain(found[at + 1]) for found in parts], [found[at] for found in numbers])
    if len(words) > 1 or factors is None:
        return None
    return [found[at] * factor for found, factor in zip(numbers, factors, strict=True)]


def _plain(word: str) -> str:
    return re.sub(r"[\s_,.()-]+", " ", word).strip().lower()


def _factors(units: list[str], numbers: list[float]) -> list[float] | None:
    """Return the factor of each value's unit: 1 for all where it is the same one, else that of units of one kind."""
    named = {unit for unit, number in zip(units, numbers, strict=True) if unit or number != 0}
    if len(named) <= 1:
        return [1.0] * len(units)
    for kind in _UNITS:
        known = [kind.get(unit, kind.get(unit.removesuffix("s"))) for unit in units]
        if all(factor is not None or (not unit and not number)
               for factor, unit, number in zip(known, units, numbers, strict=True)):  # fmt: skip
            return [1.0 if factor is None else float(factor) for factor in known]
    return None


def _by_scale(values: Sequence[str]) -> list[float] | None:
    plain = [_plain(value) for value in values]
    for scale in _SCALES:
        step = {word: float(place) for place, words in enumerate(scale) for word in words}
        if all(value in step for value in plain):
            return [step[value] for value in plain]
    return None
