from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.window import settle, wait, words
from wizard.results import Channel, PreviewCell
from wizard.widgets import palette
from wizard.widgets.focus import Focus
from wizard.widgets.preview import OUTLINE
from wizard.widgets.preview_data import grey, is_colour_picture, merged, outline, read_pixels, usual_colours
from wizard.widgets.preview_panel import PreviewPanel

CHANNELS = [Channel(name="Ch1", number=1), Channel(name="Ch2", number=2, label="DNA"), Channel(name="Ch6", number=6)]


def test_contrast_is_a_straight_line_between_black_and_white() -> None:
    plane = np.array([[0, 100, 200, 300, 65535]], np.uint16)
    assert grey(plane, 100, 300).tolist() == [[0, 0, 127, 255, 255]]
    assert grey(np.array([[np.nan, 1.0, -np.inf, np.inf]], np.float32), 0, 2).tolist() == [[0, 127, 0, 255]]


def test_merged_colours_add_up() -> None:
    planes = [np.array([[255, 0, 255]], np.uint8), np.array([[0, 255, 255]], np.uint8)]
    assert merged(planes, [(255, 0, 0), (0, 128, 255)]).tolist() == [[[255, 0, 0], [0, 128, 255], [255, 128, 255]]]


def test_an_outline_lies_inside_of_its_mask() -> None:
    mask = np.zeros((7, 7), bool)
    mask[1:6, 1:6] = True
    line = outline(mask)
    assert line.sum() == 16 and not line[2:5, 2:5].any() and not (line & ~mask).any()
    assert outline(mask, 2).sum() == 24
    assert outline(np.ones((3, 3), bool)).sum() == 8, "the edge of the picture counts as outside"


def test_colours_are_the_chosen_ones_else_distinct() -> None:
    channels = [
        Channel(name="Ch1", number=1, label="Bright field"), Channel(name="Ch2", number=2, label="DNA"),
        Channel(name="Ch3", number=3), Channel(name="Ch4", number=4, colour="#123456"), Channel(name="Ch5", number=5),
    ]  # fmt: skip
    found = usual_colours(channels, [False, True, True, False, False])
    assert found[0] == "#FFFFFF" and found[2] == "#FFFFFF" and found[3] == "#123456"
    assert len({found[1], found[4], "#FFFFFF"}) == 3
    photo = [Channel(name=name, number=n) for n, name in enumerate(("Red", "Green", "Blue"), 1)]
    assert usual_colours(photo, [True] * 3) == ["#FF0000", "#00FF00", "#0000FF"] and is_colour_picture(photo)
    assert not is_colour_picture(CHANNELS)


def write(path: Path, cells: int = 12, side: int = 30, frame: int = 40) -> list[PreviewCell]:
    """Write cells whose first channel rises from left to right, the second is a bright square, the third dark."""
    arrays: dict[str, Any] = {}
    for index in range(cells):
        raw = np.zeros((3, side, side), np.uint16)
        raw[0] = np.linspace(0, 1000, side, dtype=np.uint16)
        raw[1, 10:20, 10:20] = 4000
        raw[2] = 7
        mask = np.zeros((3, side, side), np.uint8)
        mask[:, 10:20, 10:20] = 1
        gap = (frame - side) // 2
        widths = ((0, 0), (gap, frame - side - gap), (gap, frame - side - gap))
        arrays |= {f"raw_{index}": raw, f"framed_{index}": np.pad(raw, widths)}
        arrays |= {f"mask_{index}": mask, f"framed_mask_{index}": np.pad(mask, widths)}
    np.savez(path, **arrays)
    return [PreviewCell(label="G1", source=f"cell_{index}.tif", object=index) for index in range(cells)]


def test_odd_arrays_are_left_out_and_a_broken_file_is_said(tmp_path: Path) -> None:
    good = np.zeros((2, 4, 5), np.uint16)
    np.savez(
        tmp_path / "p.npz", raw_0=good, framed_0=good, raw_1=good, raw_2=good[0], framed_2=good,
        raw_3=good.astype("U4"), framed_3=good, raw_4=good, framed_4=good[:1], mask_0=np.ones((2, 9, 9)),
    )  # fmt: skip
    pixels = read_pixels(tmp_path / "p.npz", 5)
    assert list(pixels.cells) == [0] and pixels.cells[0].mask is None
    assert pixels.ranges == [(0.0, 1.0)] * 2
    (tmp_path / "q.npz").write_bytes(b"PK\x03\x04 not whole")
    with pytest.raises((ValueError, OSError)):
        read_pixels(tmp_path / "q.npz", 1)
    np.savez(tmp_path / "r.npz", raw_0=np.array([{}], object), framed_0=good)
    with pytest.raises(ValueError, match=r"."):
        read_pixels(tmp_path / "r.npz", 1)


def test_a_channel_with_its_background_in_the_middle_looks_like_bright_field(tmp_path: Path) -> None:
    field = np.full((20, 20), 500, np.uint16)
    field[5:9, 5:9], field[10:14, 10:14] = 100, 900
    dark = np.full((20, 20), 30, np.uint16)
    dark[5:9, 5:9] = 900
    both = np.stack([field, dark])
    np.savez(tmp_path / "p.npz", raw_0=both, framed_0=both)
    assert read_pixels(tmp_path / "p.npz", 1).bright == [True, False]


@pytest.fixture
def panel(root: Any, tmp_path: Path) -> Any:
    cells = write(tmp_path / "preview.npz")
    stored: list[Any] = []
    made: Any = PreviewPanel(
        root, cells, CHANNELS, tmp_path / "preview.npz",
        lambda channel, text: stored.append((channel.number, text)),
        lambda channel, colour: stored.append((channel.number, colour)),
    )  # fmt: skip
    made.stored = stored
    made.place(x=0, y=0, width=700, height=620)
    wait(root, lambda: made.canvas.picture is not None)
    made.canvas.zoom(120)
    settle(root, 0.1)
    return made


def pixel(panel: Any, x: float, y: float, framed: bool = False) -> tuple[int, int, int]:
    """Return the colour of the first cell at a place given in pixels of its own image."""
    tile, gap, head, side = 120, 4, 24, 40 if framed else 30
    unit = tile / 40
    left = gap + (tile + gap if framed else 0) + (tile - side * unit) // 2
    top = head + (tile - side * unit) // 2
    return panel.canvas.picture.getpixel((round(left + (x + 0.5) * unit), round(top + (y + 0.5) * unit)))


def test_raw_and_framed_stand_side_by_side_in_one_scale(root: Any, panel: Any) -> None:
    panel.outline.deselect()
    panel._look_changed()
    panel.set_contrast(0, 1000)
    settle(root, 0.1)
    assert pixel(panel, 0, 5)[0] < 5 and pixel(panel, 29, 5)[0] > 250
    for x in (3, 15, 27):
        assert pixel(panel, x, 5) == pixel(panel, x + 5, 10, framed=True)
    assert pixel(panel, 1, 1, framed=True) == (0, 0, 0), "the padding of the frame"
    assert pixel(panel, -3, 5) == palette.rgb(palette.now(palette.SUNKEN)), "outside of the stored image"
    said = words(panel.canvas)
    assert "stored 30 \u00d7 30" in said and "framed 40 \u00d7 40" in said and "cell_1.tif (1)" in said


def test_the_outline_follows_the_mask(root: Any, panel: Any) -> None:
    panel._chosen("Ch6")
    settle(root, 0.1)
    line = palette.rgb(OUTLINE)
    unit, left, top = 3, 4 + 15, 24 + 15
    picture = panel.canvas.picture
    assert picture.getpixel((left + 10 * unit, top + 15 * unit)) == line
    assert picture.getpixel((left + 20 * unit - 1, top + 15 * unit)) == line
    assert picture.getpixel((left + 10 * unit - 1, top + 15 * unit)) != line
    assert pixel(panel, 15, 15) != line and pixel(panel, 2, 2) != line
    panel.outline.toggle()
    settle(root, 0.1)
    assert panel.canvas.picture.getpixel((left + 10 * unit, top + 15 * unit)) != line


def test_contrast_is_set_by_the_sliders_and_black_stays_below_white(root: Any, panel: Any) -> None:
    look = panel.look
    panel._slid("high", 0.5)
    low, high = look.contrast[0]
    assert high == pytest.approx(sum(panel._range(0)) / 2)
    settle(root, 0.1)
    bright = pixel(panel, 20, 5)
    panel._slid("high", 1.0)
    settle(root, 0.1)
    assert pixel(panel, 20, 5)[0] < bright[0]
    panel._slid("low", 1.0)
    assert look.contrast[0][0] < look.contrast[0][1]
    panel._slid("high", 0.0)
    assert look.contrast[0][0] < look.contrast[0][1]
    panel.auto.invoke()
    assert look.contrast[0] == panel.pixels.usual[0] and (low, high) != look.contrast[0]
    assert look.contrast[1] == panel.pixels.usual[1], "the other channels keep theirs"


def test_a_change_of_contrast_is_drawn_at_once(root: Any, tmp_path: Path) -> None:
    cells = write(tmp_path / "big.npz", cells=24, side=90, frame=96)
    panel: Any = PreviewPanel(root, cells, CHANNELS, tmp_path / "big.npz", print, print)
    panel.place(x=0, y=0, width=880, height=690)
    wait(root, lambda: panel.canvas.picture is not None)
    panel.merge.select()
    panel.look.shining.update({0, 1, 2})
    panel._look_changed()
    settle(root, 0.1)
    times = []
    for part in np.linspace(0.2, 0.9, 9):
        panel._slid("high", float(part))
        start = time.process_time()
        panel.canvas._now()
        root.update_idletasks()
        times.append(time.process_time() - start)
    assert sorted(times)[4] < 0.05


def test_merged_shows_the_chosen_channels_in_their_colours(root: Any, panel: Any) -> None:
    panel.outline.deselect()
    panel.merge.select()
    panel._look_changed()
    panel._chosen("Ch2 DNA")
    panel.set_contrast(0, 4000)
    panel.set_colour("#ff0080")
    panel.look.shining = {1}
    panel.canvas.redraw()
    settle(root, 0.1)
    assert pixel(panel, 15, 15) == (255, 0, 128) and pixel(panel, 2, 2) == (0, 0, 0)
    assert panel.stored == [(2, "#ff0080")]
    panel.shine.toggle()
    settle(root, 0.1)
    assert pixel(panel, 15, 15) == (0, 0, 0)


def test_a_channel_is_named_once(root: Any, panel: Any) -> None:
    panel._chosen("Ch6")
    panel.entry.delete(0, "end")
    panel.entry.insert(0, " Side; scatter ")
    panel.flush()
    panel.flush()
    assert panel.stored == [(6, "Side, scatter")]
    assert panel.menu.get() == "Ch6 Side, scatter" and "Ch6 Side, scatter" in panel.menu.cget("values")
    panel._chosen("Ch2 DNA")
    assert panel.entry.get() == "DNA" and panel.stored == [(6, "Side, scatter")]


def test_only_what_is_in_view_is_drawn_and_keys_scroll(root: Any, panel: Any) -> None:
    canvas = panel.canvas
    assert len(canvas.find_withtag("cells")) == 1 and "cell_11.tif" not in words(canvas)
    canvas.focus_force()
    for _ in range(9):
        canvas.event_generate("<Next>")
        settle(root, 0.03)
    assert canvas.offset == canvas.total - canvas.winfo_height()
    assert "cell_11.tif" in words(canvas)
    assert canvas.on_wheel(-100)
    assert canvas.offset == 0


def test_every_control_is_reached_by_the_keyboard(root: Any, panel: Any) -> None:
    Focus(root).install(root)
    panel.merge.select()
    panel._look_changed()
    panel.menu._canvas.focus_force()
    settle(root, 0.05)
    seen = []
    for _ in range(11):
        seen.append(root.focus_get())
        root.focus_get().event_generate("<Tab>")
        settle(root, 0.03)
    for control in (
        panel.merge._canvas, panel.outline._canvas, panel.zoom._canvas, panel.sliders["low"]._canvas,
        panel.sliders["high"]._canvas, panel.auto._canvas, panel.entry._entry, panel.colour._canvas,
        panel.shine._canvas, panel.canvas,
    ):  # fmt: skip
        assert control in seen
    before = panel.look.contrast[0]
    panel.sliders["high"]._canvas.focus_force()
    panel.sliders["high"]._canvas.event_generate("<Left>")
    settle(root, 0.05)
    assert panel.look.contrast[0][1] < before[1]


def test_pictures_that_are_gone_are_said(root: Any, tmp_path: Path) -> None:
    panel: Any = PreviewPanel(root, [], CHANNELS, tmp_path / "gone.npz", print, print)
    panel.place(x=0, y=0, width=600, height=400)
    wait(root, lambda: "Look through the images again" in panel.canvas.words)
    settle(root, 0.1)
    assert "cannot be read" in words(panel.canvas)
    panel._slid("low", 0.5)
    panel.auto.invoke()


def test_masks_that_are_not_there_are_not_offered(root: Any, tmp_path: Path) -> None:
    good = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
    np.savez(tmp_path / "p.npz", raw_0=good, framed_0=good)
    photo = [Channel(name=name, number=n) for n, name in enumerate(("Red", "Green", "Blue"), 1)]
    cells = [PreviewCell(label="", source="a.png", object=0)]
    panel: Any = PreviewPanel(root, cells, photo, tmp_path / "p.npz", print, print)
    panel.place(x=0, y=0, width=600, height=400)
    wait(root, lambda: panel.pixels is not None)
    settle(root, 0.1)
    assert panel.outline.cget("state") == "disabled"
    assert panel.look.merge and panel.look.contrast == [(0.0, 255.0)] * 3, "a photograph is shown as it is"
