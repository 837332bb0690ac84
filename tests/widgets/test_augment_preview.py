from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.window import settle, wait, words
from wizard.results import AugmentPreviewResult, Channel, PreviewCell
from wizard.widgets.augment_preview import AugmentView, read_rows
from wizard.widgets.focus import Focus

CHANNELS = [Channel(name="Ch1", number=1), Channel(name="Ch2", number=2, label="DNA")]


def write(path: Path, cells: int = 12, side: int = 20) -> AugmentPreviewResult:
    """Write cells whose first channel is a ramp and whose copy k is k * 100 brighter; the second has a bright square."""
    arrays: dict[str, Any] = {}
    for index in range(cells):
        cell = np.zeros((2, side, side), np.uint16)
        cell[0] = np.linspace(0, 1000, side, dtype=np.uint16)
        cell[1, 5:15, 5:15] = 4000
        arrays[f"cell_{index}"] = cell
        arrays[f"copies_{index}"] = np.stack([cell + np.uint16(100 * k) for k in range(6)])
    np.savez(path, **arrays)
    listed = [PreviewCell(label="G1", source=f"cell_{n}.tif", object=0) for n in range(cells)]
    return AugmentPreviewResult(channels=CHANNELS, cells=listed)


@pytest.fixture
def view(root: Any, tmp_path: Path) -> Any:
    result = write(tmp_path / "preview.npz")
    asked: list[bool] = []
    made: Any = AugmentView(root, result, tmp_path / "preview.npz", lambda: asked.append(True))
    made.asked = asked
    made.show("Some words.", True)
    made.place(x=0, y=0, width=760, height=480)
    wait(root, lambda: made.canvas.picture is not None)
    settle(root, 0.1)
    return made


def tile(view: Any, place: int, x: float, y: float) -> tuple[int, int, int]:
    """Return the colour in the first row at a place (0..1) of the stored cell (place 0) or a copy."""
    side = view.canvas.tile
    left = 4 + place * (side + 4) + (16 if place else 0)
    return view.canvas.picture.getpixel((round(left + x * side), round(22 + y * side)))


def test_a_cell_and_its_copies_share_one_grey_scale(view: Any) -> None:
    low, high = view.canvas.contrast[0]
    for x in (0.1, 0.3, 0.6):
        greys = [tile(view, place, x, 0.5)[0] for place in range(7)]
        assert greys[0] == greys[1], "a copy that was not changed looks the same"
        assert all(a < b or b == 255 for a, b in zip(greys[1:], greys[2:], strict=False))
        assert greys[2] - greys[1] == pytest.approx(100 / (high - low) * 255, abs=2)
    said = words(view.canvas)
    assert "G1  cell_0.tif" in said and "cell_11.tif" not in said


def test_all_seven_fit_the_width_and_keep_their_shape(root: Any, view: Any) -> None:
    assert 7 * view.canvas.tile + 6 * 4 + 16 <= view.canvas.winfo_width()
    before = view.canvas.tile
    view.place(width=420)
    settle(root, 0.1)
    assert view.canvas.tile < before and 7 * view.canvas.tile <= view.canvas.winfo_width()


def test_the_channel_is_chosen_or_all_together(root: Any, view: Any) -> None:
    view.choose("Ch2 DNA")
    settle(root, 0.1)
    assert tile(view, 0, 0.5, 0.5) == (255, 255, 255) and tile(view, 0, 0.1, 0.1) == (0, 0, 0)
    view.choose("All channels")
    settle(root, 0.1)
    assert view.menu.get() == "All channels" and len(set(tile(view, 0, 0.5, 0.5))) > 1


def test_everything_is_reached_by_the_keyboard(root: Any, view: Any) -> None:
    Focus(root).install(root)
    view.button._canvas.focus_force()
    settle(root, 0.05)
    seen = []
    for _ in range(4):
        seen.append(root.focus_get())
        root.focus_get().event_generate("<Tab>")
        settle(root, 0.03)
    assert {view.button._canvas, view.menu._canvas, view.canvas} <= set(seen)
    view.button.invoke()
    assert view.asked == [True]
    view.canvas.focus_force()
    for _ in range(12):
        view.canvas.event_generate("<Next>")
        settle(root, 0.02)
    assert view.canvas.offset == view.canvas.total - view.canvas.winfo_height() > 0
    assert "cell_11.tif" in words(view.canvas) and view.canvas.on_wheel(-100) and view.canvas.offset == 0


def test_a_colour_picture_is_shown_as_it_is(root: Any, tmp_path: Path) -> None:
    cell = np.zeros((3, 8, 8), np.uint8)
    cell[0], cell[1] = 200, 100
    np.savez(tmp_path / "p.npz", cell_0=cell, copies_0=np.repeat(cell[None], 6, axis=0))
    channels = [Channel(name=name, number=n) for n, name in enumerate(("Red", "Green", "Blue"), 1)]
    result = AugmentPreviewResult(channels=channels, cells=[PreviewCell(label="", source="a.png", object=0)])
    view: Any = AugmentView(root, result, tmp_path / "p.npz", print)
    view.place(x=0, y=0, width=600, height=300)
    wait(root, lambda: view.canvas.picture is not None)
    settle(root, 0.1)
    assert tile(view, 0, 0.5, 0.5) == tile(view, 6, 0.5, 0.5) == (200, 100, 0)


def test_odd_arrays_are_left_out_and_a_broken_file_is_said(root: Any, tmp_path: Path) -> None:
    good = np.zeros((2, 4, 5), np.uint16)
    six = np.repeat(good[None], 6, axis=0)
    np.savez(
        tmp_path / "p.npz", cell_0=good, copies_0=six, cell_1=good, cell_2=good, copies_2=six[:, :1], cell_3=good[0],
        copies_3=six, cell_4=good.astype("U4"), copies_4=six, cell_5=good, copies_5=np.repeat(six, 3, axis=0),
    )  # fmt: skip
    assert list(read_rows(tmp_path / "p.npz", 6).rows) == [0]
    np.savez(tmp_path / "r.npz", cell_0=np.array([{}], object), copies_0=six)
    with pytest.raises(ValueError, match=r"."):
        read_rows(tmp_path / "r.npz", 1)
    (tmp_path / "q.npz").write_bytes(b"PK\x03\x04 not whole")
    view: Any = AugmentView(root, AugmentPreviewResult(channels=CHANNELS), tmp_path / "q.npz", print)
    view.place(x=0, y=0, width=600, height=300)
    wait(root, lambda: "cannot be read" in view.canvas.words)
    view.choose("Ch1")
    settle(root, 0.1)


def test_without_pictures_there_is_only_the_button(root: Any, tmp_path: Path) -> None:
    view: Any = AugmentView(root, None, tmp_path / "none.npz", print)
    view.show("Why this is good.", False)
    view.place(x=0, y=0, width=500, height=300)
    settle(root, 0.1)
    assert view.canvas is None and view.button.cget("state") == "disabled"
    assert "Why this is good." in words(view)
