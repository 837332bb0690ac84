"""What stands on the screen, in the language of the window: the English text is the key of the catalogue.

`say` finds a text as it stands, as a template with values in it, or sentence by sentence; what is not found stays
English. The engine, the files and the logs know nothing of it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from wizard.words import numbers
from wizard.words.sentences import cut
from wizard.words.templates import Index, Place, Template

LANGUAGES = {"en": "", "de": "german"}
"""The languages of the window → how the names of their files begin."""

_ASSETS = Path(__file__).parents[1] / "assets"
_SIGNS = "\\s\u26a0\u25b4\u25b8\u25be\u25b2\u25bc\u2190\u2192\u2191\u2193\u2713\u2717\u2022"
_AROUND = re.compile(rf"^([{_SIGNS}]*)(.*?)([{_SIGNS}]*)$", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_QUOTED = re.compile(r"\u201c([^\u201d]+)\u201d")
_JOINTS = re.compile(r"(, | and | or )")
_FIGURES = re.compile(r"(?:[-+\u2212\u2013\u00b1\d.,:;%()\[\] \n]|(?<= )to(?= ))+")
"""Figures with nothing but signs between them, such as an interval: `[70.1 to 89.2 %]`, `0.04 ± 0.01`."""
_TO = {"en": "to", "de": "bis"}
_MOST_PIECES = 12
_LONGEST = 1000
"""Longer texts are sought as they stand only; no sentence of the program is as long."""
_INSIDE = 10
"""Templates of fewer letters are too like the names that users give to be looked for among values."""
_ENDS = re.compile(r"[.!?;]\s+[A-Z]")


class Own(str):
    """A text that is shown as it is: a name that the user gave, or words in the right language already."""

    __slots__ = ()


class _State:
    """The language in use; one per process, as there is one window per process."""

    language = "en"
    entries: dict[str, str] = {}
    templates = Index([])
    missing: set[str] | None = None


def read(name: str) -> dict[str, str]:
    """Return all entries of a language from its files, e.g. `german_pages.toml`."""
    found: dict[str, str] = {}
    for path in sorted(_ASSETS.glob(f"{name}_*.toml")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith('"')]
        # Such lines are JSON but for the sign between, and JSON is read a hundred times faster than TOML.
        found.update(json.loads("{" + ",".join(line.replace('" = "', '": "', 1) for line in lines) + "}"))
    return found


def language() -> str:
    """Return the language of the window: `en` or `de`."""
    return _State.language


def use(chosen: str, mark: str = "") -> None:
    """Show everything in a language from now on; `mark` separates decimals, as is usual there if not given."""
    chosen = chosen if chosen in LANGUAGES else "en"
    numbers.use(mark or ("," if chosen == "de" else "."))
    _sought.cache_clear()
    if chosen == _State.language:
        return
    _State.language = chosen
    _State.entries = read(LANGUAGES[chosen]) if LANGUAGES[chosen] else {}
    _State.templates = Index([Template(key, value) for key, value in _State.entries.items() if "{" in key])


def from_environment() -> str:
    """Return the language that CYTOWIZARD_LANGUAGE asks for, "" if it does not."""
    chosen = os.environ.get("CYTOWIZARD_LANGUAGE", "")
    return chosen if chosen in LANGUAGES else ""


def own(text: object) -> Own:
    """Mark a text that must not be translated, such as the name of a tag."""
    return Own(text)


def say(text: str) -> str:
    """Return a text as it is shown."""
    if isinstance(text, Own) or not text:
        return text
    if _State.language == "en":
        return Own(numbers.in_text(text)) if numbers.mark() != "." else text
    around = _AROUND.match(text)
    assert around is not None
    before, bare, after = around.groups()
    found = _sought(bare)
    if found is None:
        if _State.missing is not None and _LETTERS.search(bare):
            _State.missing.add(bare)
        found = bare
    return Own(before + found + after)


def quietly(text: str) -> str:
    """Return a text as it is shown, without noting it if it is missing: for texts that are not sure to be shown."""
    missing, _State.missing = _State.missing, None
    try:
        return say(text)
    finally:
        _State.missing = missing


def say_cell(text: str) -> str:
    """Return the cell of a table as it is shown: sentences and numbers with a unit; a single word is the user's."""
    if _State.language == "en" or isinstance(text, Own) or not (" " in text or "\n" in text):
        return text
    found = _sought(text, _INSIDE)
    return text if found is None else found


def say_in(place: str, text: str) -> str:
    """Return a word of the program that a user may use as a name as well, e.g. the use `class` of a population."""
    found = _State.entries.get(f"{place}|{text}")
    return text if found is None else Own(found)


def say_all(texts: Iterable[str]) -> list[str]:
    """Return texts as they are shown."""
    return [say(text) for text in texts]


def record(into: set[str] | None) -> None:
    """Note every text that is shown without a translation; None ends it."""
    _State.missing = into


@lru_cache(maxsize=4096)
def _sought(text: str, least: int = 0) -> str | None:
    """Return the translation of a text without space around it, or None; `least` as in `Index.find`."""
    # A value that holds the end of a sentence has swallowed the next one, unless nothing else fits.
    found = (
        _whole(text, least, strict=True)
        or _by_sentences(text, least, whole=True)
        or _whole(text, least)
        or _by_sentences(text, least)
    )
    if found is None and text.endswith("."):
        found = _whole(text[:-1], least)
        return None if found is None else f"{found}."
    return found


def _whole(text: str, least: int, *, strict: bool = False) -> str | None:
    found = _State.entries.get(text)
    if found is not None:
        return found.replace("{{", "{").replace("}}", "}")
    if numbers.is_number(text):
        return numbers.shown(text)
    if _FIGURES.fullmatch(text) and any(letter.isdigit() for letter in text):
        return numbers.in_text(text).replace(" to ", f" {_TO[_State.language]} ")
    if len(text) > _LONGEST:
        return None
    fitting = _State.templates.find(text, _ENDS.search if strict else None, least)
    return _filled(*fitting) if fitting else None


def _by_sentences(text: str, least: int, *, whole: bool = False) -> str | None:
    """Translate the longest runs of pieces that are known; what lies between them stays, or makes it None (`whole`)."""
    parts = cut(text)
    pieces, spaces = parts[::2], [*parts[1::2], ""]
    if not 1 < len(pieces) <= _MOST_PIECES:
        return None
    made, known, start = "", False, 0
    while start < len(pieces):
        for end in range(len(pieces), start, -1):
            run = "".join(piece + space for piece, space in zip(pieces[start:end], spaces[start:end], strict=True))
            bare = run.rstrip()
            found = _piece(bare, least) if end - start < len(pieces) else None
            if found is not None:
                made, known = made + found + run[len(bare) :], True
                start = end
                break
        else:
            if whole:
                return None
            made += pieces[start] + spaces[start]
            start += 1
    return made if known else None


def _piece(text: str, least: int) -> str | None:
    found = _whole(text, least, strict=True)
    if found is None and text.endswith((":", ";", ".")):
        found = _whole(text[:-1], least, strict=True)
        return None if found is None else found + text[-1]
    return found


def _nested(text: str) -> str | None:
    """Translate a value; the engine writes sentences inside of others without capital and full stop."""
    found = _sought(text, _INSIDE)
    if found is None and ", " in text:
        parts = [_listed(part) for part in text.split(", ")]
        if any(parts):
            return ", ".join(new or old for new, old in zip(parts, text.split(", "), strict=True))
    if found is None and "\u201c" in text:
        return _QUOTED.sub(lambda part: f"\u201e{_nested(part[1]) or part[1]}\u201c", text)
    if found is None and text:
        sentence = text[0].upper() + text[1:]
        found = _sought(sentence, _INSIDE) or (_sought(f"{sentence}.", _INSIDE) or "").removesuffix(".") or None
    return found


def _listed(part: str) -> str | None:
    """Translate a part between commas; what may be added to a sentence stands in the catalogue with its comma."""
    if " " not in part:
        return None
    return _sought(part, _INSIDE) or (_sought(f", {part}", _INSIDE) or "").removeprefix(", ") or None


def _filled(template: Template, values: list[str]) -> str:
    made = ""
    for literal, place in template.places:
        made += literal
        if place is not None:
            made += _value(values[place.index], place, template.numeric[place.index])
    return made


def _value(value: str, place: Place, numeric: bool) -> str:
    """Return a value as it is shown; single words are the user's unless the entry says otherwise."""
    if numeric:
        return numbers.shown(value)
    if place.kind == "n":
        return numbers.in_text(value)
    if place.kind == "l":
        return "".join(_joint(part) for part in _JOINTS.split(value))
    around = _AROUND.match(value)
    assert around is not None
    before, bare, after = around.groups()
    if numbers.is_number(bare) and not bare[-1].isdigit():
        return numbers.shown(value)
    if " " not in bare and place.kind != "w":
        return value
    found = _nested(bare)
    return value if found is None else before + found + after


def _joint(part: str) -> str:
    return {", ": ", ", " and ": " und ", " or ": " oder "}.get(part) or _nested(part) or part
