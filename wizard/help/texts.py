"""Where the texts of the help are, and the short ones that the program puts together itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from wizard.words.catalogue import own

ASSETS = Path(__file__).parents[1] / "assets"
LANGUAGES = ("en", "de")
"""The languages in which the help is written, the first where no other is known."""

PAGES = (
    "start", "check", "parse", "train", "evaluate", "predict", "extract", "visualize", "stains", "history", "reports",
    "files", "why", "keyboard", "glossary",
)  # fmt: skip
"""The pages in the order of the contents."""


Translate = Callable[[str], str]
"""Gives a text of the window, which is written in English, in the user's language."""

_NAME = re.compile(r"\{\{(.+?)\}\}")


def named(text: str, translate: Translate = str) -> str:
    """Return a text in which `{{Start training}}` and the like are as the window shows them."""
    return _NAME.sub(lambda name: translate(name[1]).rstrip("\u2026"), text)


def known(language: str) -> str:
    """Return the language if the help is written in it, else the first."""
    return language if language in LANGUAGES else LANGUAGES[0]


def source(page: str, language: str, translate: Translate = str) -> str:
    """Return the text of a page."""
    return named((ASSETS / "help" / known(language) / f"{page}.md").read_text(encoding="utf-8"), translate)


@cache
def _toml(path: Path) -> dict[str, Any]:
    # Not needed before the first page is shown.
    import tomllib

    return tomllib.loads(path.read_text(encoding="utf-8"))


def words(language: str, translate: Translate = str) -> dict[str, Any]:
    """Return the short texts of a language: headings, links, the tour, when to change a setting."""
    found: dict[str, Any] = _filled(_toml(ASSETS / "help" / known(language) / "words.toml"), translate)
    return found


def _filled(value: Any, translate: Translate) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, translate) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, translate) for inner in value]
    # What is written here is in the right language already, and is shown as it is.
    return own(named(value, translate))


def bindings() -> list[dict[str, Any]]:
    """Return the keys of the window as they are written down."""
    return list(_toml(ASSETS / "help" / "keys.toml")["key"])


def terms() -> dict[str, dict[str, Any]]:
    """Return the glossary as it is written down: name → its words in each language."""
    return _toml(ASSETS / "glossary.toml")
