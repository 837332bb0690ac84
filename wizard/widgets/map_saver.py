"""Asks which maps go into a figure and where it goes, and has it drawn in the background."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from functools import partial

from wizard.engine.errors import UserError, from_os_error
from wizard.widgets import dialogs, map_save, palette
from wizard.widgets.basics import Text
from wizard.widgets.later import background
from wizard.widgets.map_frame import MapFrame
from wizard.widgets.menu import menu, open_below
from wizard.words import catalogue


def save(frames: Sequence[MapFrame], note: Text, button: tk.Misc) -> None:
    """Save the only map, or open a menu under the button that asks which; `note` says how it went."""
    if len(frames) == 1:
        save_maps(frames, note)
        return
    shown = menu(button)
    shown.add_command(
        label=catalogue.say(f"  All {len(frames)} maps as one figure  "),
        command=partial(save_maps, list(frames), note),
    )
    for place, frame in enumerate(frames):
        label = f"  {place + 1}: {catalogue.say(frame.map.title)}  "
        shown.add_command(label=label, command=partial(save_maps, [frame], note))
    open_below(shown, button)


def save_maps(frames: Sequence[MapFrame], note: Text) -> None:
    """Let the user choose where the figure of these maps goes, and draw it there."""
    names = dict.fromkeys(f"{frame.map.method}_{frame.map.dimensions}d" for frame in frames)
    chosen = dialogs.ask_save(note, "Save the map", f"{'_'.join(names)}.png")
    shown = [found for frame in frames if (found := frame.shown()) is not None]
    if not chosen or not shown:
        return
    try:
        path = map_save.path_for(chosen)
    except UserError as refusal:
        note.say(" ".join(refusal.lines()), palette.WARN)
        return
    note.say("Drawing the figure\u2026", palette.MUTED)
    background(
        note, lambda: map_save.save(shown, path), lambda where: note.say(f"Saved as {where}.", palette.MUTED),
        partial(_not_saved, note),
    )  # fmt: skip


def _not_saved(note: Text, error: Exception) -> None:
    known = from_os_error(error) if isinstance(error, OSError) else None
    note.say(" ".join(known.lines()) if known else f"Not saved: {error}.", palette.WARN)
