"""A question over the page before something that cannot simply be undone."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence

from wizard.steps.host import Host
from wizard.widgets.overlay import Overlay


def confirm(
    host: Host,
    page: tk.Misc,
    title: str,
    lines: Sequence[str],
    yes: tuple[str, Callable[[], object]],
    no: str = "Cancel",
    careful: bool = False,
) -> Overlay:
    """Ask; `yes` is the button's text and what it does. With `careful` the main button is the one that does nothing."""
    overlay = Overlay(page.winfo_toplevel(), host.keyboard, title)  # type: ignore[arg-type]
    for line in lines:
        overlay.say(line)

    def agreed() -> None:
        overlay.close()
        yes[1]()

    buttons: list[tuple[str, Callable[[], object]]] = [(yes[0], agreed), (no, overlay.close)]
    host.over(overlay)
    overlay.offer(buttons[::-1] if careful else buttons)
    return overlay
