"""The CLAIM and TRIPOD+AI checklists, filled in as far as the project knows, blanks marked."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.reports.answers import answer
from wizard.reports.blocks import BLANK, Column, Section, Table, Text, Value
from wizard.reports.checklist_items import CLAIM, TRIPOD, Item
from wizard.reports.citations import WORKS
from wizard.reports.study import Study

_COLUMNS = [Column("Item"), Column("Part of the paper"), Column("What to report"), Column("State"), Column("Answer"),
            Column("Where it stands in this report")]  # fmt: skip
_NOTE = (
    "The items are in short words of our own; see the publication for their full text. What the project cannot know is "
    "marked; check also what is filled in."
)


def sections(study: Study) -> list[Section]:
    """Return a section for each checklist."""
    return [
        _section("CLAIM checklist", CLAIM, WORKS["claim"], study),
        _section("TRIPOD+AI checklist", TRIPOD, WORKS["tripod"], study),
    ]


def _section(title: str, items: Sequence[Item], work: str, study: Study) -> Section:
    rows = [row(item, study) for item in items]
    blanks = sum(BLANK in str(one[4]) for one in rows)
    said = f"{len(rows) - blanks} of {len(rows)} items are filled in; {blanks} need you, in whole or in part."
    return Section(title, [Text(work, "note"), Text(_NOTE), Text(said), Table(title, _COLUMNS, rows, shown=100)])


def row(item: Item, study: Study) -> list[Value]:
    """Return the line of an item: number, part, text, state, answer, place in the report."""
    found = answer(study, item.key)
    if study.of_stains:
        text, add = (words.replace("cells", "fields of view") for words in (item.text, item.add))
        item = item._replace(text=text, add=add)
    to_add = f"{BLANK}: {item.add}." if item.add else f"{BLANK}."
    if found is None:
        return [item.number, item.part, item.text, BLANK, to_add, ""]
    if item.add:
        return [item.number, item.part, item.text, f"{BLANK} (in part)", f"{found.text} {to_add}", found.where]
    return [item.number, item.part, item.text, "Filled in", found.text, found.where]
