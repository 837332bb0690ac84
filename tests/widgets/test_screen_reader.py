"""What Windows is told about the controls, against a stand-in for tk-uia: it runs on Windows only."""

from __future__ import annotations

import enum
import sys
import types
from collections.abc import Iterator
from typing import Any

import customtkinter as ctk
import pytest

from tests.window import settle
from wizard.widgets import names, screen_reader
from wizard.widgets.basics import Text, choose_button
from wizard.widgets.focus import Focus

Role = enum.Enum("Role", sorted(set(screen_reader.ROLES.values())))


class Library(types.ModuleType):
    """Remembers what it is told, as tk-uia takes it."""

    Role = Role

    class AnnotationRefused(Exception):
        """As tk-uia names its refusals."""

    def __init__(self, annotates: bool = True) -> None:
        super().__init__("tk_uia")
        self.said: dict[str, dict[str, Any]] = {}
        self.strategy = types.SimpleNamespace(annotates=annotates)
        self.deaf: set[str] = set()

    def annotate_only(self, root: Any) -> Any:
        return self.strategy

    def _say(self, widget: Any, part: str, value: Any) -> None:
        if str(widget) in self.deaf:
            raise self.AnnotationRefused
        self.said.setdefault(str(widget), {})[part] = value

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("set_acc_"):
            raise AttributeError(name)
        return lambda widget, value: self._say(widget, name.removeprefix("set_acc_"), value)


@pytest.fixture
def window(root: Any) -> Iterator[Any]:
    Text(root, "Epochs").grid(row=0, column=0)
    root.entry = ctk.CTkEntry(root)
    root.entry.grid(row=0, column=1)
    root.button = ctk.CTkButton(root, text="\u25b8  Advanced (3)", command=lambda: None)
    root.button.grid(row=1, column=0)
    root.box = ctk.CTkCheckBox(root, text="Flip")
    root.box.grid(row=2, column=0)
    root.keyboard = Focus(root)
    root.keyboard.install(root)
    settle(root, 0.1)
    yield root


@pytest.fixture
def heard() -> list[tuple[int, int]]:
    return []


def begin(window: Any, heard: list[tuple[int, int]], library: Library | None = None) -> Library:
    library = library or Library()
    window.reader = screen_reader.ScreenReader(window, window.keyboard, library, lambda *what: heard.append(what))
    return library


def test_every_control_is_told_with_role_and_name(window: Any, heard: list[tuple[int, int]]) -> None:
    said = begin(window, heard).said
    assert said[str(window.entry._entry)]["name"] == "Epochs"
    assert said[str(window.entry._entry)]["role"] is Role.TEXT
    assert said[str(window.button._canvas)]["name"] == "Advanced (3)"
    assert said[str(window.button._canvas)]["state"] & screen_reader.STATES["collapsed"]
    assert said[str(window.box._canvas)]["role"] is Role.CHECK_BUTTON


def test_the_focus_and_changes_of_what_has_it_are_told(window: Any, heard: list[tuple[int, int]]) -> None:
    said = begin(window, heard).said
    window.box._canvas.focus_force()
    window.update()
    box = said[str(window.box._canvas)]
    assert (0x8005, window.box._canvas.winfo_id()) in heard and box["state"] & screen_reader.FOCUSED
    window.box._canvas.event_generate("<space>")
    window.box._canvas.event_generate("<KeyRelease-space>")
    settle(window, 0.3)
    assert box["state"] & screen_reader.STATES["checked"]
    assert {event for event, _handle in heard} == {0x8005, *screen_reader._CHANGE_EVENTS}
    window.button._canvas.focus_force()
    window.update()
    assert not box["state"] & screen_reader.FOCUSED


def test_a_refusal_of_one_control_harms_no_other(window: Any, heard: list[tuple[int, int]]) -> None:
    library = Library()
    library.deaf = {str(window.entry._entry)}
    begin(window, heard, library)
    assert str(window.entry._entry) not in library.said and str(window.box._canvas) in library.said
    window.entry._entry.focus_force()
    window.update()


def test_every_kind_and_state_has_its_number() -> None:
    from typing import get_args

    assert set(screen_reader.ROLES) == set(get_args(names.Kind))
    assert set(screen_reader.STATES) == set(get_args(names.State))


def test_without_the_library_only_the_log_hears_of_it(window: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    monkeypatch.setitem(sys.modules, "tk_uia", None)
    assert screen_reader.start(window, window.keyboard, log.append) is None
    assert len(log) == 1 and "tk_uia" in log[0]


def test_where_the_system_is_not_windows_nothing_is_said(window: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    monkeypatch.setitem(sys.modules, "tk_uia", Library(annotates=False))
    assert screen_reader.start(window, window.keyboard, log.append) is None and not log
    monkeypatch.setattr(screen_reader, "later", lambda *_: log.append("begun"))
    screen_reader.start_later(window, window.keyboard, log.append)
    assert log == (["begun"] if sys.platform == "win32" else [])


def test_states_are_part_of_what_is_said(window: Any) -> None:
    assert names.spoken(window.box._canvas).states == ()
    window.box.select()
    assert names.spoken(window.box._canvas).states == ("checked",)
    choose_button(window.button, True)
    assert names.spoken(window.button._canvas).states == ("collapsed", "selected")
    window.button.configure(state="disabled")
    assert "off" in names.spoken(window.button._canvas).states
    window.entry.insert(0, "12")
    assert names.spoken(window.entry._entry) == names.Spoken("Epochs", "field", "12")
