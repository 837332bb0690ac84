"""The glossary: what the words of the program mean, for tooltips and for a page of the help."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from wizard.help import texts
from wizard.help.texts import Translate
from wizard.words.catalogue import own

_EVERYWHERE = ("cell", "class")
"""Terms in so many titles that their meaning would be said over and over."""


@dataclass(frozen=True)
class Term:
    """A word, further forms of it, and its meaning in one sentence."""

    key: str
    name: str
    also: tuple[str, ...]
    means: str

    @property
    def tip(self) -> str:
        """The word with its meaning, to be shown as it is."""
        return own(f"{self.name}: {self.means}")


@cache
def terms(language: str) -> dict[str, Term]:
    """Return all terms of a language by their key, in alphabetical order."""
    language = texts.known(language)
    found = [
        Term(key, entry[language]["name"], tuple(entry[language].get("also", ())), entry[language]["means"])
        for key, entry in texts.terms().items()
    ]
    return {term.key: term for term in sorted(found, key=lambda term: term.name.casefold())}


@cache
def _keys(language: str, translate: Translate) -> dict[str, str]:
    """Return the key of the term for every form: in English, as the window translates that, and in a language."""
    english = {form: term.key for term in terms(texts.LANGUAGES[0]).values() for form in (term.name, *term.also)}
    own_forms = {form: term.key for term in terms(language).values() for form in (term.name, *term.also)}
    shown = {translate(form): key for form, key in english.items()}
    return {form.casefold(): key for form, key in {**english, **shown, **own_forms}.items()}


@cache
def _pattern(language: str) -> re.Pattern[str]:
    forms = sorted(_keys(language, str), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(form) for form in forms) + r")(?!\w)", re.IGNORECASE)


def named(text: str, language: str = "en", translate: Translate = str) -> Term | None:
    """Return the term that a name stands for, e.g. of a figure; None if it is none."""
    whole = text.strip().casefold()
    known = _keys(language, translate)
    key = known.get(whole) or known.get(re.sub(r"\s*\([^)]*\)$", "", whole))
    return terms(language)[key] if key else None


def inside(text: str, language: str = "en", most: int = 2) -> list[Term]:
    """Return the first terms that occur in a text, e.g. in the title of a setting."""
    known = _keys(language, str)
    found = dict.fromkeys(known[match[0].casefold()] for match in _pattern(language).finditer(text))
    return [terms(language)[key] for key in found if key not in _EVERYWHERE][:most]


def tip(text: str, language: str = "en") -> str:
    """Return what a tooltip says about a text: the meanings of the terms in it, or nothing."""
    whole = named(text, language)
    found = [whole] if whole is not None else inside(text, language)
    return own("\n\n".join(term.tip for term in found))
