"""The keys of the window: for the overlay, for a page of the help, and for the test that they are bound."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from wizard.help import texts
from wizard.words.catalogue import own

EVERYWHERE = "everywhere"


@dataclass(frozen=True)
class Key:
    """Keys as shown, what they do, on which pages, and which bindings (`sequences`) of which `part` they are."""

    shown: str
    does: str
    pages: tuple[str, ...]
    part: str
    sequences: tuple[str, ...]


@cache
def keys(language: str) -> tuple[Key, ...]:
    """Return all keys, those that work everywhere first."""
    language = texts.known(language)
    return tuple(
        Key(
            own(entry["shown"][language] if isinstance(entry["shown"], dict) else entry["shown"]),
            own(entry[language]), tuple(entry["pages"]), entry["part"],
            tuple(entry.get("sequences", ())) + tuple(one for act in entry.get("acts", {}).values() for one in act),
        )
        for entry in texts.bindings()
    )  # fmt: skip


def acts() -> dict[str, tuple[str, ...]]:
    """Return the acts of the window by name, each with the bindings that do it."""
    return {name: tuple(found) for entry in texts.bindings() for name, found in entry.get("acts", {}).items()}


def shown(sequence: str, language: str) -> str:
    """Return how the keys of a binding of the window are called, or nothing."""
    return next((key.shown for key in keys(language) if key.part == "window" and sequence in key.sequences), "")


def on_page(page: str, language: str) -> list[Key]:
    """Return the keys that work on a page and not everywhere."""
    return [key for key in keys(language) if page in key.pages]


def everywhere(language: str) -> list[Key]:
    """Return the keys that work on every page."""
    return [key for key in keys(language) if EVERYWHERE in key.pages]
