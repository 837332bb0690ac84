"""Texts with places for values: `The cells have no tag called {}.`, found again in a composed sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from string import Formatter

_VAGUE, _LONGEST = 10, 40
"""Templates of fewer letters than the first take no values of more letters than the second."""

_SHORT = 200
"""In longer texts values are looked for in one pass, for the time that trying all ways may take."""

_NUMBER = r"([-+\u2212]?(?:\d(?:[\d.,]*\d)?(?:e[-+]?\d+)?%?|nan|inf))"
_A_NUMBER = re.compile(_NUMBER)


@dataclass(frozen=True)
class Place:
    """Where a value stands: its number in the English text, and how it is shown (`w` as words, `l` as a list)."""

    index: int
    kind: str


def pieces(template: str) -> Iterator[tuple[str, str | None, str]]:
    """Yield (literal text, name of the value that follows or None, its format) along a template."""
    for literal, name, form, _conversion in Formatter().parse(template):
        yield literal, name, form or ""


def is_number(form: str) -> bool:
    """Tell whether a format shows a number."""
    return bool(form) and form[-1] in ",defgn%" and not form.startswith((">", "<"))


@dataclass
class Template:
    """One entry of the catalogue that has places for values."""

    english: str
    translated: str
    parts: list[tuple[str, str | None, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.parts = list(pieces(self.english))

    @property
    def weight(self) -> int:
        """Number of fixed letters: of two templates that fit, the heavier one says more."""
        return sum(len(literal) for literal, _name, _form in self.parts)

    @property
    def vague(self) -> bool:
        """Tell whether it has so few words that any sentence may seem to fit, e.g. `Use {}`."""
        return self.weight < _VAGUE and not self.english.endswith((".", ":")) and not any(self.numeric)

    @property
    def first(self) -> str:
        """The word that the text must begin with, or "" if a value stands there."""
        literal, name, _form = self.parts[0]
        words = literal.split(" ")
        return words[0] if name is None or len(words) > 1 else ""

    @property
    def last(self) -> str:
        """The word that the text must end with, or ""."""
        literal, name, _form = self.parts[-1]
        words = literal.split(" ")
        return words[-1] if name is None and len(words) > 1 else ""

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        made = ""
        for place, (literal, name, form) in enumerate(self.parts):
            made += re.escape(literal)
            if name is None:
                continue
            following = self.parts[place + 1] if place + 1 < len(self.parts) else ("", None, "")
            glued = following[0][:1].isalnum() if not made else (literal or ")")[-1:] not in (" ", "(")
            # Of two values with nothing between them the second is an addition that may be missing, or a verb.
            rest = "(.+)" if not following[0].strip() and following[1] is not None else "(.+?)"
            made += _NUMBER if is_number(form) or place in self.counts else "(.*?)" if glued else rest
        return re.compile(made, re.DOTALL)

    @property
    def counts(self) -> set[int]:
        """Values that are numbers by the translation, e.g. `{} cells`, which must not fit `T cells`."""
        return {place.index for _literal, place in self.places if place is not None and place.kind == "n"}

    @cached_property
    def numeric(self) -> list[bool]:
        """For each value: is it a number?"""
        return [is_number(form) for _literal, name, form in self.parts if name is not None]

    def values(self, text: str) -> list[str] | None:
        """Return the values in a text that was made from this template, None for other texts."""
        spans = self._spans(text)
        if spans is None:
            return None
        if len(text) <= _SHORT:
            found = self._expression.fullmatch(text)
            return list(found.groups()) if found else None
        values = [text[start:end] for start, end in spans]
        numbers = {index for index, numeric in enumerate(self.numeric) if numeric} | self.counts
        return values if all(_A_NUMBER.fullmatch(values[index]) for index in numbers) else None

    def _spans(self, text: str) -> list[tuple[int, int]] | None:
        """Return where values lie if each fixed part is taken where it first occurs; in one pass, whatever the text."""
        fixed = [literal for literal, _name, _form in self.parts]
        if self.parts[-1][1] is not None:
            fixed.append("")
        if not (text.startswith(fixed[0]) and text.endswith(fixed[-1])):
            return None
        spans, at, last = [], len(fixed[0]), len(text) - len(fixed[-1])
        for place, literal in enumerate(fixed[1:-1], start=1):
            start = text.find(literal, at, last)
            if start >= 0 and literal == " ":
                # A number with its noun stands before a verb: only the last word is the second value.
                start = text.rfind(" ", at, max(start + 1, text.find(fixed[place + 1], start + 1, last)))
            if start < 0:
                return None
            spans.append((at, start))
            at = start + len(literal)
        if len(fixed) > 1:
            spans.append((at, last))
        return spans if at <= last else None

    @cached_property
    def places(self) -> list[tuple[str, Place | None]]:
        """The translated text: (literal, what follows it)."""
        made: list[tuple[str, Place | None]] = []
        count = 0
        for literal, name, form in pieces(self.translated):
            if name is None:
                made.append((literal, None))
                continue
            index = int(name) if name else count
            count += 1
            made.append((literal, Place(index, form)))
        return made


class Index:
    """Templates by the word with which a text must begin or end, so that only a few are tried."""

    def __init__(self, templates: list[Template]) -> None:
        self._first: dict[str, list[Template]] = {}
        self._last: dict[str, list[Template]] = {}
        self._loose: list[Template] = []
        for template in sorted(templates, key=lambda item: -item.weight):
            if template.first:
                self._first.setdefault(template.first, []).append(template)
            elif template.last:
                self._last.setdefault(template.last, []).append(template)
            else:
                self._loose.append(template)

    def find(
        self, text: str, bad: Callable[[str], object] | None = None, least: int = 0
    ) -> tuple[Template, list[str]] | None:
        """Return the heaviest template that fits a text, with the text's values, none of which is `bad`.

        Those of fewer than `least` fixed letters count only with a number in them.
        """
        words = text.split(" ")
        tried = [*self._first.get(words[0], ()), *self._last.get(words[-1], ()), *self._loose]
        for template in sorted(tried, key=lambda item: -item.weight):
            if template.weight < least and not (any(template.numeric) or template.counts):
                continue
            values = template.values(text)
            if values is None or (template.vague and any(len(value) > _LONGEST for value in values)):
                continue
            if not (bad and any(bad(value) for value in values)):
                return template, values
        return None
