from __future__ import annotations

from typing import Any

from tests.window import settle, wait
from wizard.widgets.basics import Text, quiet_button
from wizard.widgets.focus import Focus
from wizard.widgets.tooltip import Tooltip


def test_it_shows_on_focus_and_stays_until_escape_which_does_nothing_else(root: Any) -> None:
    pressed: list[str] = []
    button = quiet_button(root, "One", lambda: None)
    button.pack()
    Focus(root).install(root)
    root.bind("<Escape>", lambda _event: pressed.append("escape"))
    tip = Tooltip(button._canvas, "What it does")
    root.update()
    button._canvas.focus_force()
    wait(root, lambda: tip._box is not None, 3)
    settle(root, 1.0)
    assert tip._box is not None
    button._canvas.event_generate("<Escape>")
    assert tip._box is None and not pressed
    button._canvas.event_generate("<Escape>")
    assert pressed == ["escape"]


def test_a_text_with_a_tooltip_is_no_stop_of_tab(root: Any) -> None:
    text = Text(root, "Accuracy")
    text.pack()
    tip = Tooltip(text, "Share of right answers")
    root.update()
    tip.show()
    focus = Focus(root)
    focus.install(root)
    assert text not in focus.stops()
    tip.hide()
