"""The keys and the glossary as blocks, for their pages of the help."""

from __future__ import annotations

from wizard.help import glossary, keys, texts
from wizard.help.blocks import Block, Heading, Paragraph, Table, literal
from wizard.help.keys import EVERYWHERE, Key
from wizard.help.texts import Translate


def terms(language: str) -> list[Block]:
    """Return the glossary."""
    found: list[Block] = []
    for term in glossary.terms(language).values():
        found += [Heading(3, literal(term.name), term.key), Paragraph(literal(term.means))]
    return found


def all_keys(language: str, translate: Translate = str) -> list[Block]:
    """Return the keys: those for all pages, then those of each page."""
    words = texts.words(language, translate)
    found: list[Block] = [
        Heading(2, words["keys"]["everywhere"], EVERYWHERE), _table(keys.everywhere(language), language),
    ]  # fmt: skip
    for page in texts.PAGES:
        own = keys.on_page(page, language)
        if own:
            found += [Heading(2, words["pages"][page], f"keys-{page}"), _table(own, language)]
    return found


def _table(found: list[Key], language: str) -> Table:
    words = texts.words(language)["keys"]
    rows = tuple((", ".join(f"`{one}`" for one in key.shown.split(", ")), literal(key.does)) for key in found)
    return Table((words["key"], words["does"]), rows)
