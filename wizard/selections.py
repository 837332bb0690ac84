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
    """What was stored, and what undoes it and does it again: the corrections before and after.

    `words` say what is stored, `name` what was done, as the list of changes calls it.
    """

    words: str
    cells: int
    changed: dict[tuple[str, str], Correction | None] = field(repr=False)
    made: dict[tuple[str, str], Correction | None] = field(repr=False)
    name: str


def give_tag(project: Project, cells: Sequence[Cell], tag: str, value: str) -> Stored:
    """Store a tag of cells for the next Parse; raises UserError for a name or a value that no tag may have."""
    tag, value = " ".join(tag.split()), " ".join(value.split())
    _check(tag, value)
    return _store(project, cells, tag, value, f"{tag} = {value} for {_cells(cells)}",
                  f"{_cells(cells)} tagged {tag} {value}")  # fmt: skip


def change_class(project: Project, cells: Sequence[Cell], target: str, value: str) -> Stored:
    """Store another class of cells for the next Parse; raises UserError when there is no target."""
    if not target:
        raise UserError("The cells have no target.", "No tag was chosen to be learned.", "Choose one on Train first.")
    _check(target, value)
    return _store(project, cells, target, value, f"class {value} for {_cells(cells)}",
                  f"{_cells(cells)} to class {value}")  # fmt: skip


def leave_out(project: Project, cells: Sequence[Cell]) -> Stored:
    """Let the next Parse leave cells out; raises UserError."""
    words = f"{_cells(cells)} left out"
    stored = _store(project, cells, EXCLUDED, YES, words, words)
    _settle(project)
    return stored


def undo(project: Project, stored: Stored) -> None:
    """Restore what was before; raises UserError."""
    corrections.restore(project, stored.changed)
    _settle(project)


def again(project: Project, stored: Stored) -> None:
    """Do it once more; raises UserError."""
    corrections.restore(project, stored.made)
    _settle(project)


def take_back(project: Project, tag: str, value: str) -> Stored:
    """Forget everything that gives this value of a tag; raises UserError."""
    found = {(one.cell_id, one.tag): one for one in corrections.read(project) if (one.tag, one.after) == (tag, value)}
    made: dict[tuple[str, str], Correction | None] = dict.fromkeys(found)
    corrections.restore(project, made)
    _settle(project)
    words = f"{tag} = {value} of {_count(len(found))}"
    return Stored(words, len(found), dict(found), made, f"{_count(len(found))} not tagged {tag} {value}")


def summary(project: Project) -> dict[tuple[str, str], int]:
    """Return (tag, value) → number of cells of all that is stored; raises UserError when the table is damaged."""
    return dict(Counter((one.tag, one.after) for one in corrections.known(project).values()))


def _store(
    project: Project, cells: Sequence[Cell], tag: str, value: str, words: str, done: str
) -> Stored:  # fmt: skip
    if not cells:
        raise UserError("No cell is selected.", "", "Draw around some cells with Lasso first.")
    name = _found_as(project, tag)
    before = corrections.known(project)
    changed = {(cell.cell_id, name): before.get((cell.cell_id, name)) for cell in cells}
    corrections.put(
        project, [Correction(cell.cell_id, cell.source, cell.object, name, cell.before, value) for cell in cells]
    )
    after = corrections.known(project)
    return Stored(words, len(cells), changed, {key: after.get(key) for key in changed}, done)


def _settle(project: Project) -> None:
    """Put the rule into the settings of Parse when cells need it, take it out when none does any more."""
    rules, rule = project.plan.parse.exclude, format_exclude(EXCLUDED, [YES])
    needed = (EXCLUDED, YES) in summary(project)
    if needed and rule not in rules:
        project.change({"parse.exclude": [*rules, rule]})
    elif not needed and rule in rules:
        project.change({"parse.exclude": [line for line in rules if line != rule]})


def _found_as(project: Project, tag: str) -> str:
    """Return the name under which Parse finds a tag: the table is joined before tags are renamed."""
    return Rules.of(project.plan.parse.rename).found_as(tag)


def _cells(cells: Sequence[Cell]) -> str:
    return _count(len(cells))


def _count(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells:,} cells"


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
