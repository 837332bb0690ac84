"""The whole help as files: made once for each version and language, opened by the browser without any network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs

from wizard import __version__, fileio
from wizard.help import html, lists, settings_part, texts, topics, window_picture
from wizard.help.blocks import Block, Heading, Place, parse, plain
from wizard.help.texts import Translate
from wizard.plan import LABEL_MODELS, MODELS

SETTINGS_OF = {"reports": ("report",), topics.STAINS: tuple(LABEL_MODELS)}
"""Pages whose settings stand under another name, or are those of several steps."""

_DONE = "complete.txt"
_SNAP = Path("/snap/bin")


def blocks(page: str, language: str, translate: Translate = str) -> list[Block]:
    """Return a page with its places filled, but for drawings."""
    fillers: dict[str, Callable[[], list[Block]]] = {
        "settings": lambda: _settings(page, language, translate),
        "keys": lambda: lists.all_keys(language, translate),
        "glossary": lambda: lists.terms(language),
    }
    found: list[Block] = []
    for block in parse(texts.source(page, language, translate)):
        if isinstance(block, Place) and block.name in fillers:
            found += fillers[block.name]()
        else:
            found.append(block)
    return found


def _settings(page: str, language: str, translate: Translate) -> list[Block]:
    steps = SETTINGS_OF.get(page, (page,) if page in MODELS else ())
    if len(steps) > 1:
        return settings_part.of_steps(steps, language, translate)
    return [block for step in steps for block in settings_part.blocks(step, language, translate)]


def anchors(page: str, language: str) -> set[str]:
    """Return the names of the sections of a page."""
    return {block.anchor for block in blocks(page, language) if isinstance(block, Heading) and block.anchor}


def pages(language: str, translate: Translate = str) -> dict[str, str]:
    """Return every page as HTML by its file's name."""
    language = texts.known(language)
    words = texts.words(language, translate)
    links = [(f"{page}.html", words["pages"][page]) for page in texts.PAGES]
    made = {}
    for page in texts.PAGES:
        found = blocks(page, language, translate)
        title = next((plain(block.text) for block in found if isinstance(block, Heading)), words["pages"][page])
        made[f"{page}.html"] = html.page(
            title=title, language=language, links=links, here=f"{page}.html", heading=words["contents"],
            skip=words["skip"], inside=html.body(found, lambda name: _drawn(name, words)),
            footer=words["footer"].format(version=__version__),
        )  # fmt: skip
    return made


def _drawn(name: str, words: dict[str, Any]) -> str:
    assert name == "window", name
    return window_picture.drawing(words["window"])


def cache() -> Path:
    """Return the folder in which made pages are kept for this user, one that the user's browser may read."""
    if any((_SNAP / name).exists() for name in ("firefox", "chromium")):
        # Browsers from snaps, usual on Ubuntu, may not look into hidden folders such as the cache.
        return Path(platformdirs.user_documents_dir()) / "CytoWizard help"
    return Path(platformdirs.user_cache_dir("CytoWizard", appauthor=False)) / "help"


def make(language: str, translate: Translate = str, folder: Path | None = None) -> Path:
    """Return the folder with all pages; they are written if they are not there yet, or are of other texts."""
    language = texts.known(language)
    made = pages(language, translate)
    place = (folder or cache()) / language
    if _same(place / _DONE, mark(made)):
        return place
    for name, text in made.items():
        fileio.write_text(place / name, text)
    fileio.write_text(place / _DONE, mark(made))
    return place


def mark(made: dict[str, str]) -> str:
    """Return what changes when any text of the pages changes."""
    return hashlib.sha256("".join(made.values()).encode()).hexdigest()


def _same(path: Path, wanted: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == wanted
    except (OSError, UnicodeDecodeError):
        return False


def opening(folder: Path, place: str, language: str) -> Path:
    """Return the file to open for a place, e.g. `parse` or `why#group`."""
    page, _, section = place.partition("#")
    if page not in texts.PAGES:
        page, section = texts.PAGES[0], ""
    if not section:
        return folder / f"{page}.html"
    title = texts.words(language)["pages"][page]
    return fileio.write_text(
        folder / f"to-{page}-{section}.html", html.forward(f"{page}.html#{section}", texts.known(language), title)
    )
