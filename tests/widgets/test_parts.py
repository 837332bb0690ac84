"""Panels, overlays, tabs, scrolling, progress, symbols, and opening of files."""

from __future__ import annotations

import os
import subprocess
import tkinter as tk
from datetime import datetime
from pathlib import Path
from typing import Any

import customtkinter as ctk
import pytest

from tests.window import below, settle, wait, words
from wizard.engine.errors import UserError
from wizard.results import NoticeText
from wizard.widgets import opener, symbols
from wizard.widgets.basics import Area, Text
from wizard.widgets.files import file_list, in_order, told
from wizard.widgets.focus import Focus
from wizard.widgets.footer import Footer
from wizard.widgets.overlay import Overlay
from wizard.widgets.panels import notice_list
from wizard.widgets.progress import ProgressPanel
from wizard.widgets.scroll import Scroll, install_wheel
from wizard.widgets.tabs import Tabs


def put(root: Any, widget: Any) -> Any:
    widget.grid(row=0, column=0, sticky="nsew")
    settle(root, 0.05)
    return widget


def test_notices_name_their_level_and_file(root: Any) -> None:
    notices = [NoticeText(level="warning", text="Odd.", file="a.tif"), NoticeText(level="info", text="Fine.")]
    shown = words(put(root, notice_list(root, notices)))
    assert "Warning: Odd. (a.tif)" in shown and "Note: Fine." in shown


def test_files_are_opened_and_refusals_are_told(root: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "report.html").write_text("x", encoding="utf-8")
    opened: list[list[str]] = []
    monkeypatch.setattr(opener.sys, "platform", "linux")
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_options: opened.append(command))
    told: list[UserError] = []
    frame = put(root, file_list(root, tmp_path, {"Report": "report.html", "Gone": "gone.csv"}, told.append))
    buttons = below(frame, ctk.CTkButton)
    assert [button.cget("text") for button in buttons] == ["Open", "Show in folder"] * 2
    for button in buttons[:3]:
        button.invoke()
    assert opened == [["xdg-open", str(tmp_path / "report.html")], ["xdg-open", str(tmp_path)]]
    assert "gone.csv is no longer there" in told[0].what


def test_a_computer_without_opener_is_told_where_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: Any, **_options: Any) -> None:
        raise FileNotFoundError("xdg-open")

    monkeypatch.setattr(opener.sys, "platform", "linux")
    monkeypatch.setattr(subprocess, "Popen", missing)
    with pytest.raises(UserError, match="no program") as caught:
        opener.open_path(tmp_path)
    assert str(tmp_path) in caught.value.action


def test_progress_starts_open_and_never_goes_back(root: Any) -> None:
    panel = put(root, ProgressPanel(root, lambda: None, lambda: None))
    assert panel.bar.cget("mode") == "indeterminate"
    assert "Starting the engine" in words(panel)
    panel.show_step("Train", "Keeps the best so far")
    panel.show(0.5, "Epoch 2 of 4", 130.0)
    assert panel.bar.cget("mode") == "determinate"
    assert "50 %, about 2 minutes left" in words(panel)
    panel.show(0.3, "Epoch 3 of 4", 130.0)
    assert panel.fraction == 0.5 and panel.bar.get() == 0.5
    panel.show(0.75, "", None, several=True)
    assert "75 % of all steps" in words(panel) and "Epoch 3 of 4" in words(panel)


def test_stop_and_cancel_answer_at_once(root: Any) -> None:
    said: list[str] = []
    panel = put(root, ProgressPanel(root, lambda: said.append("stop"), lambda: said.append("cancel")))
    panel.stop.invoke()
    panel.ending("Stopping after this epoch\u2026", cancelling=False)
    assert panel.stop.cget("state") == "disabled" and panel.cancel.cget("state") == "normal"
    panel.cancel.invoke()
    panel.ending("Cancelling\u2026", cancelling=True)
    assert panel.cancel.cget("state") == "disabled"
    assert said == ["stop", "cancel"] and "Cancelling" in words(panel)


def test_footer_gives_the_reason(root: Any) -> None:
    footer = put(root, Footer(root, lambda: None, lambda: None, lambda: None))
    footer.show(back=False, forward="Train", reason="Parse comes first.", strong=False, run_all="Wait.", count=3)
    assert footer.forward.cget("state") == "disabled" and footer.back.cget("state") == "disabled"
    settle(root, 0.05)
    assert "Parse comes first." in words(footer)
    assert footer.run_all_tip.text == "Wait."
    footer.show(back=True, forward="Train", reason="", strong=True, run_all="", count=3)
    assert footer.forward.cget("text") == "Next: Train" and footer.forward.cget("state") == "normal"
    assert footer.run_all.cget("text") == "Run all remaining steps (3)"


def test_tabs_build_when_first_looked_at(root: Any) -> None:
    built: list[str] = []

    def make(name: str) -> Any:
        def build(parent: Any) -> Any:
            built.append(name)
            return Text(parent, f"view of {name}")

        return build

    tabs = put(root, Tabs(root, {"One": make("One"), "Two": make("Two")}))
    assert built == ["One"]
    tabs.heads["One"].focus_force()
    tabs.heads["One"].event_generate("<Right>")
    settle(root, 0.05)
    assert tabs.chosen == "Two" and root.focus_get() is tabs.heads["Two"]
    assert "view of Two" in words(tabs) and "view of One" not in words(tabs)
    tabs.choose("One")
    assert built == ["One", "Two"]


def test_overlay_keeps_focus_and_escape_gives_it_back(root: Any) -> None:
    keyboard = Focus(root)
    entry = tk.Entry(root)
    entry.grid()
    entry.focus_force()
    root.update()
    overlay = Overlay(root, keyboard, "A question")
    overlay.offer([("Yes", overlay.close), ("No", overlay.close)])
    settle(root, 0.1)
    assert root.focus_get() is overlay.buttons["Yes"]._canvas
    root.focus_get().event_generate("<Escape>")
    settle(root, 0.05)
    assert not overlay.open and root.focus_get() is entry


def test_scroll_shows_its_bar_only_when_needed(root: Any) -> None:
    install_wheel(root)
    scroll = put(root, Scroll(root))
    line = Text(scroll.inner, "one line")
    line.grid()
    settle(root, 0.1)
    assert not scroll.bar.shown and not scroll.on_wheel(1)
    for row in range(1, 80):
        Text(scroll.inner, f"line {row}").grid(row=row)
    settle(root, 0.2)
    assert scroll.bar.shown
    line.event_generate("<Button-5>")
    assert scroll.canvas.canvasy(0) > 0
    scroll.see(line)
    assert scroll.canvas.canvasy(0) < 40


def test_text_wraps_at_its_width_and_comes_to_rest(root: Any) -> None:
    frame = Area(root)
    frame.place(x=0, y=0, width=401, height=200)
    texts = []
    for column in range(3):
        frame.columnconfigure(column, weight=1, uniform="tiles")
        texts.append(Text(frame, "some words that are too long for one line of this column " * (column + 1)))
        texts[-1].grid(row=0, column=column, sticky="ew")
    changes: list[int] = []
    for text in texts:
        text.bind("<Configure>", lambda event: changes.append(event.width), add="+")
    settle(root, 0.3)
    changes.clear()
    settle(root, 0.2)
    assert changes == []
    assert texts[0].winfo_height() > 20


@pytest.mark.parametrize("name", symbols.NAMES)
def test_symbols_are_drawn(root: Any, name: str) -> None:
    picture = symbols.draw(name, 24)
    assert picture.size == (24, 24)
    alpha = picture.getchannel("A").getextrema()
    assert alpha == (0, 255)


def test_tooltip_waits_and_goes(root: Any) -> None:
    from wizard.widgets.tooltip import Tooltip

    label = tk.Label(root, text="x")
    label.grid()
    tip = Tooltip(label, "Help")
    root.update()
    label.event_generate("<Enter>")
    settle(root, 0.1)
    assert tip._box is None
    wait(root, lambda: tip._box is not None, 5)
    label.event_generate("<Leave>")
    assert tip._box is None


def test_files_stand_in_the_order_in_which_they_are_wanted_with_size_and_date(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "all.csv").write_bytes(bytes(2_400_000))
    os.utime(tmp_path / "all.csv", (1_768_473_000, 1_768_473_000))
    files = {"P": "x.parquet", "All": "all.csv", "Pictures": "figures", "F": "f.png", "W": "w.xlsx", "R": "report.html"}
    assert [title for title, _name in in_order(files)] == ["R", "W", "All", "F", "P", "Pictures"]
    day = f"{datetime.fromtimestamp(1_768_473_000):%Y-%m-%d %H:%M}"
    assert told(tmp_path / "all.csv", "all.csv").split("  \u00b7  ") == [
        "Table for Excel and statistics programs", "2.4 MB", day, "all.csv"
    ]  # fmt: skip
    assert told(tmp_path / "figures", "figures").startswith("Folder with several files")
    assert told(tmp_path / "gone.png", "gone.png").endswith("no longer there")
