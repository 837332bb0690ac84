"""What selected cells become: a tag, another class, or cells that are left out; each can be undone.

Tags and classes go to the project's table of corrections, which Parse joins after its label table; leaving cells out is
a tag and a rule of Parse. So nothing changes in the data set until Parse runs again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from wizard import corrections
from wizard.corrections import Correction
from wizard.engine.data.tag_grammar import format_exclude
from wizard.engine.data.tag_rules import RESERVED, Rules
from wizard.engine.errors import UserError
from wizard.project import Project

EXCLUDED = "excluded"
"""Tag of cells that are left out; its value is `YES`."""
YES = "yes"
TAKES_EFFECT = "It takes effect when you parse again; then train again."
_LONGEST_NAME, _LONGEST_VALUE = 80, 200


@dataclass(frozen=True)
class Cell:
    """A selected cell with the value that a tag has now."""

    cell_id: str
    source: str
    object: str
    before: str = ""


@dataclass(frozen=True)
class Stored:
    """What was stored, and what undoes it: the corrections before."""

    words: str
    cells: int
    changed: dict[tuple[str, str], Correction | None] = field(repr=False)


def give_tag(project: Project, cells: Sequence[Cell], tag: str, value: str) -> Stored:
    """Store a tag of cells for the next Parse; raises UserError for a name or a value that no tag may have."""
    tag, value = " ".join(tag.split()), " ".join(value.split())
    _check(tag, value)
    return _store(project, cells, tag, value, f"{tag} = {value} for {_cells(cells)}", {})


def change_class(project: Project, cells: Sequence[Cell], target: str, value: str) -> Stored:
    """Store another class of cells for the next Parse; raises UserError when there is no target."""
    if not target:
        raise UserError("The cells have no target.", "No tag was chosen to be learned.", "Choose one on Train first.")
    _check(target, value)
    return _store(project, cells, target, value, f"class {value} for {_cells(cells)}", {})


def leave_out(project: Project, cells: Sequence[Cell]) -> Stored:
    """Let the next Parse leave cells out; raises UserError."""
    settings: dict[str, object] = {}
    rule = format_exclude(EXCLUDED, [YES])
    if rule not in project.plan.parse.exclude:
        settings["parse.exclude"] = [*project.plan.parse.exclude, rule]
    return _store(project, cells, EXCLUDED, YES, f"{_cells(cells)} left out", settings)


def undo(project: Project, stored: Stored) -> None:
    """Restore what was before; raises UserError."""
    corrections.restore(project, stored.changed)
    _settle(project)


def take_back(project: Project, tag: str, value: str) -> int:
    """Forget everything that gives this value of a tag; returns the number of cells. Raises UserError."""
    found = {(one.cell_id, one.tag): None for one in corrections.read(project) if (one.tag, one.after) == (tag, value)}
    corrections.restore(project, dict(found))
    _settle(project)
    return len(found)


def summary(project: Project) -> dict[tuple[str, str], int]:
    """Return (tag, value) → number of cells of all that is stored; raises UserError when the table is damaged."""
    return dict(Counter((one.tag, one.after) for one in corrections.read(project)))


def _store(
    project: Project, cells: Sequence[Cell], tag: str, value: str, words: str, settings: dict[str, object]
) -> Stored:
    if not cells:
        raise UserError("No cell is selected.", "", "Draw around some cells with Lasso first.")
    name = _found_as(project, tag)
    before = {(one.cell_id, one.tag): one for one in corrections.read(project)}
    changed = {(cell.cell_id, name): before.get((cell.cell_id, name)) for cell in cells}
    corrections.put(
        project, [Correction(cell.cell_id, cell.source, cell.object, name, cell.before, value) for cell in cells]
    )
    if settings:
        project.change(settings)
    return Stored(words, len(cells), changed)


def _settle(project: Project) -> None:
    """Take the rule out of the settings of Parse when nothing needs it any more."""
    left = summary(project)
    settings: dict[str, object] = {}
    rule = format_exclude(EXCLUDED, [YES])
    if (EXCLUDED, YES) not in left and rule in project.plan.parse.exclude:
        settings["parse.exclude"] = [line for line in project.plan.parse.exclude if line != rule]
    if settings:
        project.change(settings)


def _found_as(project: Project, tag: str) -> str:
    """Return the name under which Parse finds a tag: the table is joined before tags are renamed."""
    return Rules.of(project.plan.parse.rename).found_as(tag)


def _cells(cells: Sequence[Cell]) -> str:
    return "1 cell" if len(cells) == 1 else f"{len(cells):,} cells"


def _check(tag: str, value: str) -> None:
    reserved = {*RESERVED, *corrections.FIXED, "auto", "none"}
    if not tag or tag.casefold() in reserved or len(tag) > _LONGEST_NAME or not tag.isprintable():
        why = "It is the name of a column that every table has." if tag.casefold() in reserved else ""
        raise UserError(
            f"A tag cannot be called {tag[:40]!r}.", why, f"Choose another name of 1 to {_LONGEST_NAME} letters."
        )  # fmt: skip
    if value[:1] in ("=", "+", "@", "'") or tag[:1] in ("=", "+", "-", "@", "'"):
        raise UserError(
            "The tag cannot be stored.", "A spreadsheet would take its name or its value for a formula.",
            "Begin with a letter or a digit.",
        )  # fmt: skip
    if not value or len(value) > _LONGEST_VALUE or not value.isprintable():
        raise UserError(
            "The tag needs a value.", f"It is a word or a number of at most {_LONGEST_VALUE} letters.",
            "Type one, for example yes.",
        )  # fmt: skip
