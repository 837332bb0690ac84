"""Labels that a user found wrong: one table in the project folder, which Parse can read as a label table."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wizard import fileio
from wizard.engine.errors import UserError, from_os_error
from wizard.project import CORRECTIONS, Project, now

FILE = CORRECTIONS
FIXED = ("cell_id", "source", "object", "label_before", "corrected_at")
"""Columns before those of the tags; Parse joins by the first and takes the tags."""


@dataclass(frozen=True)
class Correction:
    """A cell, the tag whose value is wrong, the value before and the right one, and when it was said (UTC)."""

    cell_id: str
    source: str
    object: str
    tag: str
    before: str
    after: str
    when: str = ""


def path_of(project: Project) -> Path:
    """Return where the table lies."""
    return project.root / FILE


def read(project: Project) -> list[Correction]:
    """Return all corrections, the oldest first; raises UserError when the table is damaged."""
    path = path_of(project)
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        found = [
            Correction(row["cell_id"], _plain(row["source"]), row["object"], _plain(tag), _plain(row["label_before"]),
                       _plain(value), row["corrected_at"])
            for row in rows for tag, value in row.items() if tag not in FIXED and value
        ]  # fmt: skip
    except (OSError, KeyError, ValueError, TypeError, AttributeError, csv.Error) as error:
        raise UserError(
            f"The table of corrected labels cannot be read ({path.name}).", f"{error}.",
            "Mend it in a spreadsheet, or move it out of the project folder.",
        ) from None  # fmt: skip
    return found


_known: dict[Path, tuple[tuple[int, int, int], dict[tuple[str, str], Correction]]] = {}
"""What was read last, with time, size and number of the file: large tables are not read again for every look."""


def known(project: Project) -> Mapping[tuple[str, str], Correction]:
    """Return all corrections by (cell id, tag), read anew only when the table changed. Raises UserError."""
    path = path_of(project)
    try:
        facts = path.stat()
    except OSError:
        return {}
    mark = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
    kept = _known.get(path)
    if kept is None or kept[0] != mark:
        _known.clear()
        kept = _known[path] = (mark, {(one.cell_id, one.tag): one for one in read(project)})
    return kept[1]


def are(project: Project, wanted: Mapping[tuple[str, str], Correction | None]) -> bool:
    """Tell whether some (cell id, tag) are corrected to these values; None = not corrected."""
    try:
        now_known = known(project)
    except UserError:
        return False
    return all(_after(now_known.get(key)) == _after(one) for key, one in wanted.items())


def _after(one: Correction | None) -> str | None:
    return None if one is None else one.after


def put(project: Project, new: Sequence[Correction]) -> None:
    """Add corrections; one of the same cell and tag takes the place of the one before. Raises UserError."""
    known = {(one.cell_id, one.tag): one for one in read(project)}
    for one in new:
        first = known.pop((one.cell_id, one.tag), None)
        before = first.before if first is not None else one.before
        stamped = Correction(one.cell_id, one.source, one.object, one.tag, before, one.after, one.when or now())
        if stamped.after != stamped.before:
            known[one.cell_id, one.tag] = stamped
    _write(project, known)


def take_back(project: Project, cell_id: str, tag: str) -> None:
    """Remove the correction of a cell; nothing happens when there is none. Raises UserError."""
    known = {(one.cell_id, one.tag): one for one in read(project)}
    if known.pop((cell_id, tag), None) is not None:
        _write(project, known)


def of(project: Project, cell_id: str, tag: str) -> Correction | None:
    """Return the correction of a cell, None when there is none. Raises UserError."""
    return next((one for one in read(project) if (one.cell_id, one.tag) == (cell_id, tag)), None)


def restore(project: Project, before: Mapping[tuple[str, str], Correction | None]) -> None:
    """Put back what was said of some (cell id, tag); None = nothing was. Raises UserError."""
    if not before:
        return
    known = {(one.cell_id, one.tag): one for one in read(project)}
    for key, one in before.items():
        if one is None:
            known.pop(key, None)
        else:
            known[key] = one
    _write(project, known)


def _write(project: Project, known: Mapping[tuple[str, str], Correction]) -> None:
    tags = list(dict.fromkeys(one.tag for one in known.values()))
    _known.clear()
    rows = [
        [
            one.cell_id,
            one.source,
            one.object,
            one.before,
            one.when,
            *(one.after if tag == one.tag else "" for tag in tags),
        ]
        for one in known.values()
    ]
    try:
        if rows:
            fileio.write_csv(path_of(project), [*FIXED, *tags], rows)
        else:
            path_of(project).unlink(missing_ok=True)
    except OSError as error:
        raise from_os_error(error) or error from error


def _plain(text: str) -> str:
    """Undo what `fileio.safe_cell` does to texts that look like formulas."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@", "\t", "\r") else text
