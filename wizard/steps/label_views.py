"""What the pages for stains share: pictures under their words, files that were left out, figures in words."""

from __future__ import annotations

import math
import tkinter as tk
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wizard.results import Skipped
from wizard.steps.page import StepPage
from wizard.steps.predict_maps import MapsView
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.scroll import Scroll
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder

PANEL_WORDS = (
    "Each row is a stain: transmitted light, predicted (purple frame), true (turquoise frame), and where the two "
    "differ: orange is predicted too bright, blue too dim."
)


def with_words(parent: tk.Misc, words: str, view: Any) -> Area:
    """Return a view with words above it; the view is a child of the same parent."""
    frame = Area(parent)
    frame.columnconfigure(0, weight=1)
    frame.rowconfigure(1, weight=1)
    Text(frame, words, size="small", colour=palette.MUTED).grid(row=0, column=0, sticky="ew", pady=(6, 8))
    view.grid(in_=frame, row=1, column=0, sticky="nsew")
    tk.Misc.lift(view, frame)
    return frame


def pictures(page: StepPage, parent: tk.Misc, words: str, files: Mapping[str, str], folder: Path) -> Scroll:
    """Return pictures to choose from under words about them; `files` maps a name to a file in `folder`."""
    return page.tall(
        parent, lambda inner: with_words(inner, words, MapsView(inner, files, folder, page.host.tell)), 300
    )


def left_out(skipped: Sequence[Skipped]) -> dict[str, Builder]:
    """Return the tab of the files that were left out; none where all were used."""
    if not skipped:
        return {}
    rows = [(item.file, item.why) for item in skipped]
    return {f"Left out ({len(rows):,})": lambda parent: Table(parent, ["File", "Why"], rows)}


def figure(value: float | None) -> str:
    """Return a figure with three decimals, a dash when unknown."""
    return "\u2013" if value is None or not math.isfinite(value) else f"{value:.3f}"


def share(value: float | None) -> str:
    """Return a share in percent, a dash when unknown."""
    return "\u2013" if value is None or not math.isfinite(value) else f"{100 * value:.0f} %"
