"""What the page of Parse shows of a data set that was made."""

from __future__ import annotations

import tkinter as tk

from wizard.results import ParseResult
from wizard.widgets.basics import Area, plural
from wizard.widgets.panels import facts, figures
from wizard.widgets.table import Table
from wizard.words import catalogue

_VALUES = 12


def headline(parent: tk.Misc, result: ParseResult) -> Area:
    """Return the headline figures."""
    hold = result.counts.get("holdout", 0)
    frame = f"{result.frame[1]} \u00d7 {result.frame[0]} px"
    return figures(
        parent,
        [
            ("Cells", f"{result.n_cells:,}", f"from {plural(result.n_files, 'file')}"),
            ("Channels", f"{len(result.channels)}", ", ".join(item.shown for item in result.channels)),
            ("Frame size", frame, f"{result.padded:,} padded, {result.larger:,} larger"),
            ("For training", f"{result.counts.get('train', 0):,}", "cells"),
            ("Hold-out", f"{hold:,}", "cells that no training sees"),
            ("Left out", f"{result.n_skipped:,}", "files" if result.n_skipped != 1 else "file"),
        ],
    )


def facts_of(parent: tk.Misc, result: ParseResult) -> Area:
    """Return the facts; those that do not apply are not listed."""
    channels = ", ".join(f"{item.number}: {item.shown}" for item in result.channels)
    return facts(
        parent,
        [
            ("Channels (number: name)", channels),
            ("Stored as", f"{result.dtype}, as the instrument wrote it"),
            ("Hold-out chosen by", _divided(result.split_by)),
            ("Excluded cells", f"{result.counts.get('excluded', 0):,}"),
            *_more_facts(result),
        ],
    )


def _divided(by: str) -> str:
    """Return by what the hold-out was chosen, e.g. `group donor`, in which the group is the user's."""
    word, _space, name = by.partition(" ")
    return catalogue.own(f"{catalogue.say_in('use', word)} {name}") if word == "group" else by


def _more_facts(result: ParseResult) -> list[tuple[str, str]]:
    folds = ", ".join(f"{count:,}" for count in result.fold_counts)
    formats = ", ".join(f"{name} ({count:,} cells)" for name, count in result.formats.items())
    listed = [
        ("Formats", formats),
        ("Masks", "kept beside the images" if result.masks else ""),
        ("Folds", f"{result.folds}, with {folds} cells" if result.folds else ""),
        ("Thinned out", f"{plural(result.capped, 'cell')} above the most per class" if result.capped else ""),
        ("Left out by tag", plural(result.excluded_by_tag, "cell") if result.excluded_by_tag else ""),
        ("Measurements", f"{result.n_measurements} per cell" if result.n_measurements else ""),
        ("Added", f"{plural(result.added, 'cell')} to those that were there" if result.added else ""),
        ("Montage sheets", f"{result.montages}, under Files" if result.montages else ""),
        ("Pixel size", f"{result.pixel_size:g} \u00b5m" if result.pixel_size else ""),
    ]
    return [(name, value) for name, value in {**dict(listed), **result.facts}.items() if value]


def classes_of(parent: tk.Misc, result: ParseResult) -> Table:
    """Return the number of cells of each class on both sides of the split."""
    splits = [name for name in ("train", "holdout", "excluded") if any(name in row for row in result.classes.values())]
    titles = {"train": "Training", "holdout": "Hold-out", "excluded": "Excluded"}
    rows = [
        (name, *(f"{row.get(split, 0):,}" for split in splits), f"{sum(row.values()):,}")
        for name, row in result.classes.items()
    ]
    return Table(parent, ["Class", *(titles[name] for name in splits), "All"], rows, height=min(10, len(rows) or 1))


def tags_of(parent: tk.Misc, result: ParseResult) -> Table:
    """Return the tags of the data set with the number of cells of each value."""
    rows = []
    for tag, values in result.tags.items():
        listed = [f"{value} ({count:,})" for value, count in list(values.items())[:_VALUES]]
        more = f" and {len(values) - _VALUES:,} more" if len(values) > _VALUES else ""
        use = "can be learned" if tag in result.targets else "same for all cells"
        rows.append((tag, f"{len(values):,}", ", ".join(listed) + more, use))
    return Table(parent, ["Tag", "Values", "Value (cells)", "Use"], rows)
