"""What a look at the images found, the worst first: symbol, word, sentence, what to do, and the files."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from pathlib import PurePath

from wizard.results import Cue
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.palette import Pair
from wizard.widgets.symbols import Symbol
from wizard.words import catalogue

LEVELS: dict[str, tuple[str, str, Pair]] = {
    "problem": ("Problem", "Problems", palette.WARN),
    "warning": ("Warning", "Warnings", palette.WARN),
    "note": ("Note", "Notes", palette.MUTED),
}
"""Level, the worst first → its word, the word for several, its colour."""

_MOST_FILES = 5


def summary(cues: Sequence[Cue]) -> str:
    """Return one sentence about all cues."""
    counts = {level: sum(cue.level == level for cue in cues) for level in LEVELS}
    if counts["problem"]:
        return "Something must be mended before these images can be used."
    if counts["warning"]:
        return "The images can be used; please look at the warnings first."
    return "The images look good."


def cue_list(master: tk.Misc, cues: Sequence[Cue]) -> Area:
    """Return all cues, grouped by level."""
    frame = Area(master)
    frame.columnconfigure(1, weight=1)
    row = 0
    for level, (word, words, colour) in LEVELS.items():
        group = [cue for cue in cues if cue.level == level]
        if not group:
            continue
        title = catalogue.own(f"{catalogue.say(words)} ({len(group)})")
        Text(frame, title, weight="bold", colour=colour).grid(
            row=row, column=0, columnspan=2, sticky="ew", pady=(12 if row else 0, 2)
        )
        for cue in group:
            row += 1
            Symbol(frame, level, 18).grid(row=row, column=0, sticky="n", padx=(0, 10), pady=6)
            _cue(frame, cue, word, colour).grid(row=row, column=1, sticky="ew", pady=4)
        row += 1
    if not cues:
        Symbol(frame, "ok", 18).grid(row=0, column=0, sticky="n", padx=(0, 10), pady=6)
        Text(frame, "Nothing was found that would need your attention.").grid(row=0, column=1, sticky="ew", pady=4)
    return frame


def _cue(master: tk.Misc, cue: Cue, word: str, colour: Pair) -> Area:
    frame = Area(master)
    frame.columnconfigure(0, weight=1)
    Text(frame, catalogue.own(f"{catalogue.say(word)}: {catalogue.say(cue.subject)}"), weight="bold").grid(
        row=0, column=0, sticky="ew"
    )
    Text(frame, cue.text).grid(row=1, column=0, sticky="ew")
    if cue.action:
        Text(frame, cue.action, colour=colour).grid(row=2, column=0, sticky="ew")
    if cue.files:
        shown = [PurePath(file).name for file in cue.files[:_MOST_FILES]]
        words = ", ".join(shown) + (catalogue.say(" and others") if max(cue.count, len(cue.files)) > len(shown) else "")
        Text(frame, catalogue.own(words), size="small", colour=palette.MUTED).grid(
            row=3, column=0, sticky="ew", pady=(2, 0)
        )
    return frame
