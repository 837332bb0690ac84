"""Every key that the help names is bound where it says so."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from typing import Any

import customtkinter as ctk
import numpy as np
import pytest

from tests.widgets.test_gallery import gallery
from tests.widgets.test_tag_table import GATES, TAGS, Asked
from wizard.help import keys, texts
from wizard.plan import step_settings
from wizard.steps.train_queue import QueueView
from wizard.widgets.basics import quiet_button
from wizard.widgets.class_chart import ClassChart
from wizard.widgets.confusion import Confusion
from wizard.widgets.film_strip import FilmStrip
from wizard.widgets.focus import Focus
from wizard.widgets.gallery import CellGallery
from wizard.widgets.map_colour import colouring
from wizard.widgets.map_legend import MapLegend
from wizard.widgets.network_field import NetworkField
from wizard.widgets.pick_gallery import PickGallery
from wizard.widgets.pick_table import Column, PickTable
from wizard.widgets.picture_view import PictureView
from wizard.widgets.rail import Rail
from wizard.widgets.scatter import Scatter
from wizard.widgets.scatter_layers import Look
from wizard.widgets.table import Table
from wizard.widgets.tabs import Tabs
from wizard.widgets.tag_table import TagTable

Bound = Callable[[str], Any]


class _Acts:
    """Whatever is asked, nothing happens."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def _button(root: Any, _folder: Path) -> Bound:
    button = quiet_button(root, "One", lambda: None)
    Focus(root).install(root)
    return button._canvas.bind


def _choice(root: Any, _folder: Path) -> Bound:
    choice = ctk.CTkOptionMenu(root, values=["a", "b"])
    Focus(root).install(root)
    return choice._canvas.bind


def _slider(root: Any, _folder: Path) -> Bound:
    slider = ctk.CTkSlider(root)
    Focus(root).install(root)
    return slider._canvas.bind


def _table(root: Any, _folder: Path) -> Bound:
    table = Table(root, ["A", "B"], [["1", "2"]])
    Focus(root).install(root)
    return table.tree.bind


def _letters(root: Any, _folder: Path) -> Bound:
    Focus(root)
    return root.bind


def _legend(root: Any, _folder: Path) -> Bound:
    return MapLegend(root, _look()).bind


def _map(root: Any, _folder: Path) -> Bound:
    return Scatter(root, _look()).bind


def _look() -> Look:
    return Look(colouring(None, 0), np.zeros(0, bool), np.zeros(0, bool))


def _film(root: Any, folder: Path) -> Bound:
    return FilmStrip(root, gallery(folder, [("G1", "1")]), folder, [], []).bind


def _tags(root: Any) -> TagTable:
    table = TagTable(root, Asked())
    table.show(TAGS, GATES, True)
    return table


def _network(root: Any, _folder: Path) -> Bound:
    item = next(item for item in step_settings("train") if item.name == "network")
    return NetworkField(root, item, "balanced", lambda _item, _value: None).button._canvas.bind


PARTS: dict[str, Callable[[Any, Path], Bound]] = {
    "all": lambda root, _folder: lambda sequence: root.bind_all(sequence) or root.bind_class("all", sequence),
    "button": _button,
    "choice": _choice,
    "rail": lambda root, _folder: Rail(root, [("check", "Install check")], lambda _step: None).items["check"].bind,
    "tab": lambda root, _folder: Tabs(root, {"One": tk.Label, "Two": tk.Label}).heads["One"].bind,
    "slider": _slider,
    "table": _table,
    "letters": _letters,
    "legend": _legend,
    "map": _map,
    "film strip": _film,
    "pictures": lambda root, folder: CellGallery(root, gallery(folder, [("G1", "G1")]), folder).bind,
    "pick gallery": lambda root, folder: PickGallery(root, gallery(folder, [("G1", "G1")]), folder).bind,
    "tag table": lambda root, _folder: _tags(root).tree.bind,
    "tag name": lambda root, _folder: _tags(root).entry._entry.bind,
    "network": _network,
    "class chart": lambda root, _folder: ClassChart(root).bind,
    "pick table": lambda root, _folder: PickTable(root, [Column("A", 80)], lambda _names: None).tree.bind,
    "queue": lambda root, _folder: QueueView(root, _Acts()).table.tree.bind,
    "confusion matrix": lambda root, _folder: Confusion(root, ["a", "b"], [[1, 0], [0, 1]], lambda *_: None).bind,
    "picture": lambda root, _folder: PictureView(root).bind,
}
"""Part of the window → what tells whether keys are bound there."""

FOUND = keys.keys("en")


@pytest.mark.parametrize(
    "key", [key for key in FOUND if key.part != "window"], ids=lambda key: f"{key.part} {key.shown}"
)
def test_it_is_bound(root: Any, tmp_path: Path, key: keys.Key) -> None:
    bound = PARTS[key.part](root, tmp_path)
    for sequence in key.sequences:
        assert bound(sequence), sequence


def test_the_keys_of_the_window_are_bound(open_app: Callable[..., Any]) -> None:
    app = open_app()
    for key in FOUND:
        if key.part == "window":
            for sequence in key.sequences:
                assert app.bind(sequence), sequence


def test_the_window_binds_nothing_that_is_not_listed(open_app: Callable[..., Any]) -> None:
    app = open_app()
    listed = {_same(one) for key in FOUND if key.part in ("window", "letters") for one in key.sequences}
    bound = {_same(one) for one in app.bind() if "Key" in one or one[1:2].islower() or "-" in one}
    unlisted = {one for one in bound - listed if not any(word in one for word in ("Button", "Motion", "Wheel"))}
    assert unlisted <= {"<Key>"}


@pytest.mark.parametrize("part", ["map", "legend", "film strip", "class chart", "confusion matrix"])
def test_a_chart_binds_nothing_that_is_not_listed(root: Any, tmp_path: Path, part: str) -> None:
    bound = PARTS[part](root, tmp_path)
    listed = {_same(one) for key in FOUND if key.part == part for one in key.sequences} | {"<Key-Escape>"}
    keys_bound = {_same(one) for one in bound("") or bound.__self__.bind() if "<Key" in _same(one)}  # type: ignore[attr-defined]
    assert keys_bound and keys_bound <= listed


def _same(sequence: str) -> str:
    """Return a sequence as Tk names it."""
    import tkinter as tk

    probe = tk.Frame(tk._get_default_root("probe"))  # type: ignore[attr-defined]
    probe.bind(sequence, lambda _event: None)
    name = probe.bind()[0]
    probe.destroy()
    return str(name)


def test_every_page_that_is_named_exists() -> None:
    for language in texts.LANGUAGES:
        for key in keys.keys(language):
            assert key.does and key.shown and set(key.pages) <= {*texts.PAGES, keys.EVERYWHERE}
        assert {key.shown for key in keys.everywhere(language)} >= {"F1", "?", "Esc"}
    assert [key.shown for key in keys.on_page("evaluate", "en")] == ["Arrow keys", "Left, Right"]
