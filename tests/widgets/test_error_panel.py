"""Errors as the user reads them: on the page and over it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.window import go, picture, settle, wait, words
from wizard import preferences
from wizard.engine.errors import UserError
from wizard.engine.events import Failed
from wizard.widgets.error_panel import ErrorPanel

BUG = Failed(
    "train", "The program made a mistake.", "ValueError: shapes do not match",
    "Results written before are intact. The details below help the makers to mend it.",
    "Traceback (most recent call last):\n" + "\n".join(f'  File "x.py", line {number}' for number in range(30)), "bug",
)  # fmt: skip


def put(root: Any, widget: Any) -> Any:
    widget.grid(row=0, column=0, sticky="nsew")
    settle(root, 0.05)
    return widget


def test_it_says_what_why_and_what_to_do(root: Any) -> None:
    closed: list[int] = []
    failed = Failed("train", "It broke.", "The disk is full.", "Free some space.")
    panel = put(root, ErrorPanel(root, failed, lambda: closed.append(1)))
    shown = words(panel)
    assert shown.index("It broke.") < shown.index("The disk is full.") < shown.index("Free some space.")
    assert "Why" in shown and "What to do" in shown
    assert panel.tools.details is None and panel.tools.support is None
    panel.dismiss.invoke()
    assert closed == [1]


def test_what_is_empty_has_no_name(root: Any) -> None:
    panel = put(root, ErrorPanel(root, Failed("train", "It broke.", "", "Start again."), lambda: None))
    assert "Why" not in words(panel) and "What to do" in words(panel)


def test_details_are_folded_and_all_can_be_copied(root: Any) -> None:
    panel = put(root, ErrorPanel(root, BUG, lambda: None))
    tools = panel.tools
    assert tools.box is None
    tools.details.invoke()
    assert "line 3" in tools.box.get("1.0", "end") and tools.details.icon == "down"
    tools.copy.invoke()
    assert root.clipboard_get() == "\n".join((BUG.what, BUG.why, BUG.action, BUG.detail))
    assert tools.copy.cget("text") == "Copied"
    tools.details.invoke()
    assert tools.box is None and tools.details.icon == "right"


def test_a_cancel_is_no_error(root: Any) -> None:
    panel = put(root, ErrorPanel(root, Failed("train", "Cancelled.", outcome="cancelled"), lambda: None, lambda: None))
    assert panel.tools is None


def test_a_refusal_can_be_copied_and_leads_to_the_support_file(open_app: Callable[..., Any]) -> None:
    app = open_app()
    app.tell(UserError("The drive did not answer.", "It was unplugged.", "Plug it in."))
    settle(app, 0.2)
    shown = words(app.overlay.cover)
    assert "What to do" in shown and "Plug it in." in shown
    assert app.focus_get() is app.overlay.buttons["Close"]._canvas
    app.overlay.tools.copy.invoke()
    assert app.clipboard_get() == "The drive did not answer.\nIt was unplugged.\nPlug it in."
    app.overlay.tools.support.invoke()
    wait(app, lambda: app.desk.support is not None)
    assert "about.txt" in app.desk.support.parts


def test_the_error_on_the_screen_is_in_the_support_file(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    app.failure = BUG
    page = go(app, "train")
    page.failure_panel.tools.support.invoke()
    wait(app, lambda: app.desk.support is not None)
    assert "shapes do not match" in app.desk.support.content["error.txt"]


@pytest.mark.parametrize("theme, scale", [("light", 100), ("dark", 150)])
def test_pictures(open_app: Callable[..., Any], done_project: Path, theme: str, scale: int) -> None:
    mine = preferences.load()
    mine.change("appearance", theme)
    mine.change("scale", scale)
    app = open_app(done_project)
    app.failure = BUG
    page = go(app, "train")
    page.show_side("result")
    page.failure_panel.tools.details.invoke()
    settle(app, 0.2)
    picture(app, f"error_page_{theme}_{scale}")
    for button in (page.failure_panel.tools.support, page.failure_panel.dismiss):
        assert button.winfo_rootx() + button.winfo_width() <= app.winfo_width()
    app.tell(UserError("The drive did not answer (D:/Cells).", "Input/output error.",
                       "Check the connection to the drive, then start again."))  # fmt: skip
    settle(app, 0.2)
    picture(app, f"error_refusal_{theme}_{scale}")
    app.overlay.close()
