from __future__ import annotations

import sys
import time
import tkinter as tk
from typing import Any

import pytest

from tests.window import settle
from wizard.widgets.basics import Area, Text
from wizard.widgets.drop import DropZone, load, split_paths


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        ("{C:/a b/c} /x/y", ["C:/a b/c", "/x/y"]),
        ("/x/one.tif", ["/x/one.tif"]),
        ("{/data/Donor A/Day 7} {/data/Ärzte & Co}", ["/data/Donor A/Day 7", "/data/Ärzte & Co"]),
        (r"/x/a\{b \{c\}", ["/x/a{b", "{c}"]),
        ("{/x/unbalanced", ["{/x/unbalanced"]),
        ("", []),
    ],
)
def test_what_the_system_hands_over_becomes_paths(root: Any, data: str, paths: list[str]) -> None:
    assert split_paths(root, data) == paths


@pytest.fixture
def zone(root: Any) -> Any:
    area = Area(root)
    area.grid(row=0, column=0, sticky="nsew")
    inside = Text(area, "inside")
    inside.grid()
    settle(root, 0.05)
    heard: list[Any] = []
    welcome = [True]
    made: Any = DropZone(area, lambda: welcome[0], lambda at: heard.append(at), lambda paths, at: heard.append(paths))
    made.heard, made.welcome, made.inside = heard, welcome, inside
    return made


def drag(zone: Any, data: str) -> tuple[str, str]:
    """Do what the library does when the system reports a drag over a widget and then a drop on it."""
    call, inside = zone.area.tk.call, str(zone.inside)
    x, y = zone.inside.winfo_rootx() + 3, zone.inside.winfo_rooty() + 4
    types = ("text/uri-list",)
    call("tkdnd::generic::SetDroppedData", "")
    call("tkdnd::generic::HandleEnter", inside, "source", types, types, ("copy",), "")
    over = call("tkdnd::generic::HandlePosition", inside, "source", "", x, y)
    call("tkdnd::generic::SetDroppedData", data)
    return str(over), str(call("tkdnd::generic::HandleDrop", inside, "source", "", x, y, 0))


@pytest.mark.skipif(sys.platform != "linux", reason="drops are played back as Linux reports them")
def test_a_drop_on_anything_inside_arrives(root: Any, zone: Any) -> None:
    if not zone.ready:
        pytest.skip("the library for drops is not there")
    at = (zone.inside.winfo_rootx() + 3, zone.inside.winfo_rooty() + 4)
    assert drag(zone, "{/a b/c} /x/y") == ("copy", "copy")
    assert at in zone.heard
    assert zone.heard[-2:] == [None, ["/a b/c", "/x/y"]]


@pytest.mark.skipif(sys.platform != "linux", reason="drops are played back as Linux reports them")
def test_an_unwelcome_drop_is_refused(root: Any, zone: Any) -> None:
    if not zone.ready:
        pytest.skip("the library for drops is not there")
    zone.welcome[0] = False
    assert drag(zone, "/x") == ("refuse_drop", "refuse_drop")
    assert [heard for heard in zone.heard if heard is not None] == []


def test_data_is_not_asked_for_while_only_dragging(root: Any, zone: Any) -> None:
    if not zone.ready:
        pytest.skip("the library for drops is not there")
    for event in ("<<DropEnter>>", "<<DropPosition>>"):
        assert "%D" not in str(zone.area.tk.call("bind", str(zone.area), event))


def test_loading_is_quick_and_done_once(root: Any) -> None:
    start = time.monotonic()
    first = load(root)
    assert time.monotonic() - start < 0.5
    start = time.monotonic()
    assert load(root) is first
    assert time.monotonic() - start < 0.01


def test_without_the_library_nothing_is_offered(root: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    root.__dict__.pop("drops_possible", None)
    monkeypatch.setitem(sys.modules, "tkinterdnd2", None)
    assert DropZone(Area(root), lambda: True, print, print).ready is False


def test_a_library_that_cannot_be_loaded_is_no_error(root: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tkinterdnd2 = pytest.importorskip("tkinterdnd2")

    def broken(_root: tk.Tk) -> None:
        raise RuntimeError("Unable to load tkdnd library.")

    root.__dict__.pop("drops_possible", None)
    monkeypatch.setattr(tkinterdnd2.TkinterDnD, "require", broken)
    assert load(root) is False
