"""Joins a table of labels or other data to the cells: by file name and object number, or by cell id."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data.dataset import OWN
from wizard.engine.data.roster import Roster
from wizard.engine.data.table_files import Column, read_columns
from wizard.engine.data.table_names import FOLDER, Matches, Names
from wizard.engine.data.tag_rules import RESERVED
from wizard.engine.errors import UserError
from wizard.results import Cue

ORIGIN = "label table"
_SUBJECT = "Label table"
_OBJECT_HEADINGS = ("object", "objectnumber", "objectid", "cell", "cellnumber", "id", "index", "event")
_FILE_WORDS = ("file", "image", "source", "path", "name", "sample")
_NUMBER = re.compile(r"\d{1,18}(\.0*)?")
_OF_CORRECTIONS = ("label_before", "corrected_at")
"""Columns of corrections.csv that are about the correction, not about the cell."""
_CELL_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class LabelTable:
    """A table that was read: `columns` with one entry per row (n rows), and how the user wants it joined."""

    path: Path
    columns: tuple[Column, ...]
    rows: int
    file_column: str = "auto"
    object_column: str = "auto"
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Join:
    """How rows meet cells.

    `targets` is what every row is about, 0 … count - 1 or -1 for nothing; `cells` the target of every
    cell, or -1. With `links` (targets, sources) rows are about texts that name sources, and `cells` is
    the source of every cell. `keys` are the columns that were used, `words` says so.
    """

    targets: NDArray[np.int64]
    cells: NDArray[np.int64]
    count: int
    keys: tuple[str, ...]
    words: str
    cues: tuple[Cue, ...] = ()
    links: tuple[NDArray[np.int64], NDArray[np.int64], int] | None = None

    def agreed(self, codes: NDArray[np.integer[Any]]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return for every cell the code on which its rows agree (0 = none), and whether they do not."""
        found, torn = _agreed(self.targets, codes, self.count)
        if self.links is not None:
            texts, sources, count = self.links
            broken = torn[texts]
            found, torn = _agreed(sources, found[texts], count)
            torn[sources[broken]] = True
            found[torn] = 0
        return found[self.cells], torn[self.cells]

    def with_row(self) -> NDArray[np.bool_]:
        """Tell for every cell whether it has any row."""
        return self.agreed(np.ones(len(self.targets), np.int64))[0] > 0


def _agreed(
    targets: NDArray[np.int64], codes: NDArray[np.integer[Any]], count: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the code of every target (and 0 for target -1), and where different codes contradict each other."""
    used = (targets >= 0) & (codes > 0)
    targets, codes = targets[used], codes[used]
    found = np.zeros(count + 1, np.int64)
    torn = np.zeros(count + 1, bool)
    found[targets] = codes
    torn[targets[found[targets] != codes]] = True
    found[torn] = 0
    return found, torn


def read_table(path: Path, file_column: str = "auto", object_column: str = "auto") -> LabelTable:
    """Read a CSV or Excel table; the columns are headings in any case, `auto`, or `none` for the object number.

    Raises UserError, naming the file, when it cannot be read, is empty, or lacks the columns.
    """
    columns, remarks = read_columns(path)
    if len(columns) < 2:
        raise UserError(
            f"The label table {path.name} has only one column.",
            "One column must name the file or the cell, the others hold the data.",
            "Check the table; columns are separated by commas, semicolons or tabs.",
        )
    known = {column.name.casefold(): column.name for column in columns}
    chosen = []
    for wanted, special in ((file_column, ("auto",)), (object_column, ("auto", "none"))):
        plain = " ".join(wanted.split()).casefold() or "auto"
        if plain not in known and plain not in special:
            listed = ", ".join(column.name for column in columns[:20])
            raise UserError(
                f"The label table {path.name} has no column {wanted!r}.", f"Its columns are: {listed}.",
                "Choose one of these, or auto.",
            )  # fmt: skip
        chosen.append(known.get(plain, plain))
    return LabelTable(path, tuple(columns), len(columns[0].codes), chosen[0], chosen[1], tuple(remarks))


def join(table: LabelTable, roster: Roster) -> list[Cue]:
    """Add every other column of the table as a tag of the cells; return what the user should know.

    A row holds for the cell that it names, or for all cells of a file or folder when no object number
    is given. Where rows for one cell differ in a column, and where a name fits several files, nothing is
    taken. Existing tags are replaced where the table has a value.
    """
    cues = [_cue("warning", f"{table.path.name}: {text}") for text in table.remarks]
    found = _by_cell_id(table, roster) or _by_file(table, roster)
    if found is None:
        cues.append(
            _cue("problem", f"No row of {table.path.name} names a cell or a file of the input.",
                 "Set the column with the file names (parse.table_file), or leave the table out.", table.rows)
        )  # fmt: skip
        return cues
    cues += found.cues
    if any(cue.level == "problem" for cue in found.cues):
        return cues
    columns = [column for column in table.columns if column.name not in found.keys]
    added, changed, differing = _add_tags(columns, found, roster)
    cues += _report(table, roster, found, added, changed)
    for name, count in differing.items():
        cues.append(
            _cue("warning", f"Rows of {table.path.name} give {count:,} cells different values of {name!r}; "
                 "none of them is used there.", "Give each cell one row, or add a column with object numbers.", count)
        )  # fmt: skip
    return cues


def _cue(level: str, text: str, action: str = "", count: int = 0, files: Sequence[str] = ()) -> Cue:
    return Cue.model_validate(
        {"level": level, "subject": _SUBJECT, "text": text, "action": action, "count": count, "files": list(files)}
    )


def _plain(heading: str) -> str:
    return "".join(sign for sign in heading.casefold() if sign.isalnum())


def _by_cell_id(table: LabelTable, roster: Roster) -> _Join | None:
    """Join by a column `cell_id`, unless the user chose another column; None when there is none that fits."""
    for column in table.columns:
        wanted = table.file_column in ("auto", column.name)
        if not wanted or (_plain(column.name) != "cellid" and table.file_column == "auto"):
            continue
        codes = {text.casefold(): code for code, text in enumerate(column.values.tolist())
                 if _CELL_ID.fullmatch(text.casefold())}  # fmt: skip
        if not codes:
            continue
        cells = np.array([codes.get(name, -1) for name in roster.cell_ids()], np.int64)
        if (cells >= 0).any():
            known = np.isin(np.arange(len(column.values)), cells)
            targets = np.where(known[column.codes], column.codes, -1).astype(np.int64)
            # The table comes from this program: what it says of the cells' origin is known already.
            keys = (column.name, *(other.name for other in table.columns if other.name in (*OWN, *_OF_CORRECTIONS)))
            return _Join(targets, cells, len(column.values), keys, f"cell id ({column.name})")
    return None


def _by_file(table: LabelTable, roster: Roster) -> _Join | None:
    names = Names([entry.source for entry in roster.entries])
    candidates = [column for column in table.columns if table.file_column in ("auto", column.name)]
    scored = []
    for column in candidates:
        matches = Matches(column.values, names, len(roster.entries))
        plain = _plain(column.name)
        score = (matches.as_files, matches.as_folders, any(word in plain for word in _FILE_WORDS),
                 plain not in _OBJECT_HEADINGS)  # fmt: skip
        scored.append((score, matches, column))
    score, matches, column = max(scored, key=lambda item: item[0])
    if not any(score[:2]):
        return None
    cues = []
    vague = matches.ambiguous[column.codes]
    if vague.any():
        first = column.values[np.flatnonzero(matches.ambiguous)[:5]].tolist()
        cues.append(
            _cue("warning", f"{int(vague.sum()):,} rows of {table.path.name} name a file of which there are several, "
                 f"e.g. {first[0]}; they are not used.", "Write the folder before the file name.", int(vague.sum()),
                 first)
        )  # fmt: skip
    if matches.moved:
        cues.append(
            _cue("warning", f"The upper folders in {table.path.name} differ from those of the input; {matches.moved:,} "
                 "names were matched by what follows.", "Check that the table belongs to this input.", matches.moved)
        )  # fmt: skip
    objects = _object_column(table, column, matches, roster)
    if objects is None:
        return _whole_files(column, matches, roster, cues)
    numbers, rows, keys = objects
    return _single_cells(table, (column, numbers), rows, keys, roster, cues)


def _numbers(column: Column) -> NDArray[np.int64]:
    """Return the column's texts as numbers, -1 for no whole number."""
    texts = column.values.tolist()
    return np.array([int(text.partition(".")[0]) if _NUMBER.fullmatch(text) else -1 for text in texts], np.int64)


def _object_column(
    table: LabelTable, file: Column, matches: Matches, roster: Roster
) -> tuple[Column, NDArray[np.int64], NDArray[np.int64]] | None:
    """Choose the column of object numbers; return it with the cell (or -1) of every row and of every row's neighbour.

    A column is taken by its heading if all its entries are whole numbers and some of them meet a cell.
    """
    if table.object_column == "none":
        return None
    source_of = np.full(len(file.values), -1)
    # A folder stands for one source only if it holds no other.
    single = np.bincount(matches.texts, minlength=len(file.values)) == 1
    source_of[matches.texts] = np.where(single[matches.texts], matches.owners, -1)
    best: tuple[int, Column, NDArray[np.int64], NDArray[np.int64]] | None = None
    auto = table.object_column == "auto"
    keys = _Keys(roster)
    for column in table.columns:
        fits = _plain(column.name) in _OBJECT_HEADINGS if auto else column.name == table.object_column
        if column.name == file.name or not fits:
            continue
        numbers = _numbers(column)
        if auto and not ((numbers >= 0) | (column.values == "")).all():
            continue
        sources, objects = source_of[file.codes], numbers[column.codes]
        rows = keys.find(sources, objects)
        hits = int((rows >= 0).sum())
        if (hits or not auto) and (best is None or hits > best[0]):
            best = hits, column, rows, keys.find(sources, np.where(objects > 0, objects - 1, -1))
    return best[1:] if best else None


class _Keys:
    """Finds the row of a roster by source and object number."""

    def __init__(self, roster: Roster) -> None:
        self._entry, objects = roster.entry.astype(np.int64), roster.column("objects").astype(np.int64)
        self._order = np.lexsort((objects, self._entry))
        self._known = np.unique(objects)
        self._keys = (self._entry * (len(self._known) + 1) + np.searchsorted(self._known, objects))[self._order]

    def find(self, sources: NDArray[np.int64], objects: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows, -1 where there is none."""
        if not len(self._keys):
            return np.full(len(sources), -1)
        place = np.minimum(np.searchsorted(self._known, objects), len(self._known) - 1)
        wanted = sources * (len(self._known) + 1) + place
        at = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        fits = (self._keys[at] == wanted) & (self._known[place] == objects) & (sources >= 0)
        return np.where(fits, self._order[at], -1)


def _single_cells(
    table: LabelTable, columns: tuple[Column, Column], rows: NDArray[np.int64], before: NDArray[np.int64],
    roster: Roster, cues: list[Cue],
) -> _Join:  # fmt: skip
    file, numbers = columns
    objects = roster.column("objects")
    hits, shifted = rows[rows >= 0], int((before >= 0).sum())
    # No row is about cell 0, and one less in each row would meet more cells: the table counts from 1.
    if shifted > len(hits) and not (objects[hits] == 0).any():
        cues.append(
            _cue("problem", f"{table.path.name} seems to count the cells of a file from 1, but they count from 0.",
                 "Subtract 1 in the table; the numbers are those of the file.", shifted)
        )  # fmt: skip
    words = f"file ({file.name}) and object number ({numbers.name})"
    return _Join(rows, np.arange(len(roster)), len(roster), (file.name, numbers.name), words, tuple(cues))


def _whole_files(column: Column, matches: Matches, roster: Roster, cues: list[Cue]) -> _Join:
    """Let rows meet all cells of the files or folders that they name."""
    named = np.zeros(len(column.values), bool)
    named[matches.texts] = True
    targets = np.where(named[column.codes], column.codes, -1).astype(np.int64)
    kind = "folder" if (matches.ranks == FOLDER).all() else "file"
    links = matches.texts, matches.owners, len(roster.entries)
    return _Join(
        targets, roster.entry.astype(np.int64), len(column.values), (column.name,), f"{kind} ({column.name})",
        tuple(cues), links,
    )  # fmt: skip


def _add_tags(
    columns: Sequence[Column], found: _Join, roster: Roster
) -> tuple[list[str], dict[str, int], dict[str, int]]:
    """Write the tags; return those that were added, and name → number of cells that changed or that differ."""
    existing = {name.casefold(): name for name in roster.tags}
    added: list[str] = []
    changed: dict[str, int] = {}
    differing: dict[str, int] = {}
    for column in columns:
        codes, torn = found.agreed(column.codes)
        if torn.any():
            differing[column.name] = int(torn.sum())
        values = column.values[codes]
        if not (values != "").any():
            continue
        name = f"{column.name}_tag" if column.name.casefold() in RESERVED else column.name
        name = existing.get(name.casefold(), name)
        before = roster.tags.get(name)
        if before is not None:
            changed[name] = int(((values != "") & (values != before)).sum())
            values = np.where(values == "", before, values)
        roster.tags[name] = values
        roster.origins[name] = ORIGIN
        added.append(name)
    return added, changed, differing


def _report(
    table: LabelTable, roster: Roster, found: _Join, added: Sequence[str], changed: dict[str, int]
) -> list[Cue]:
    name = table.path.name
    has_row = found.with_row()
    cues = [
        _cue("note" if added else "problem", f"{name} was joined by {found.words} to {int(has_row.sum()):,} cells"
             + (f": {', '.join(added)}." if added else " but gives them nothing."), count=int(has_row.sum()))
    ]  # fmt: skip
    without = int((~has_row).sum())
    by_hand = any(column.name == _OF_CORRECTIONS[1] for column in table.columns)
    if without and not by_hand:
        files = list(dict.fromkeys(roster.sources[~has_row].tolist()))[:5]
        cues.append(_cue("warning", f"{without:,} cells have no row in {name}.", count=without, files=files))
    lost = int((found.targets < 0).sum())
    if lost:
        cues.append(_cue("warning", f"{lost:,} rows of {name} fit no cell.", count=lost))
    for tag, count in changed.items():
        if count:
            cues.append(_cue("note", f"The tag {tag!r} was replaced by the table's in {count:,} cells.", count=count))
    return cues
