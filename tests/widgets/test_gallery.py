from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.made_results import gallery
from tests.window import settle, wait, words
from wizard.widgets.gallery import CellGallery, groups_of, lay_out
from wizard.widgets.gallery_panel import GalleryPanel


def test_groups_keep_the_order_of_first_appearance() -> None:
    groups = groups_of(["b", "a", "b"])
    assert [(group.label, group.cells) for group in groups] == [("b", (0, 2)), ("a", (1,))]
    assert [group.cells for group in groups_of(["b", "a", "b"], only="a")] == [(1,)]


def test_lay_out_stacks_without_overlap() -> None:
    places, height = lay_out(groups_of(["a"] * 5 + ["b"] * 2), across=2, row_height=60, head=30)
    assert [(place.top, place.tiles, place.rows) for place in places] == [(0, 30, 3), (210, 240, 1)]
    assert height == 300


@pytest.fixture
def panel(root: Any, tmp_path: Path) -> Any:
    labels = [("G1", "G1")] * 30 + [("Metaphase", "Metaphase")] * 20
    made = GalleryPanel(root, gallery(tmp_path, labels), tmp_path, filters=True)
    made.place(x=0, y=0, width=500, height=320)
    wait(root, lambda: made.cells.sheet is not None)
    settle(root, 0.1)
    return made


def shown_picture(cells: CellGallery) -> Any:
    from PIL import ImageTk

    return ImageTk.getimage(cells._photo)


def test_groups_have_headings_with_counts(root: Any, panel: Any) -> None:
    assert "G1 (30)" in words(panel)
    panel.cells.scroll_to(10_000)
    settle(root, 0.1)
    assert "Metaphase (20)" in words(panel)


def test_tiles_show_the_sprites_of_the_sheet(root: Any, panel: Any) -> None:
    cells = panel.cells
    width, height, across, head = cells._sizes()
    assert min(width, height) >= 56
    sheet = cells.sheet
    for index in (0, 1, across):
        row, column = divmod(index, across)
        x, y = column * (width + 4), head + row * (height + 4)
        sheet_row, sheet_column = divmod(index, cells.gallery.columns)
        left, top = sheet_column * 40, sheet_row * 40
        expected = sheet.resize((width, height), 0, (left, top, left + 40, top + 40))
        assert shown_picture(cells).convert("RGB").crop((x, y, x + width, y + height)).tobytes() == expected.tobytes()


def test_one_picture_however_many_cells(root: Any, panel: Any) -> None:
    assert len(panel.cells.find_withtag("cells")) == 1
    assert panel.cells.winfo_children() == []


def test_hover_tells_which_cell_it_is(root: Any, panel: Any) -> None:
    panel.cells.event_generate("<Motion>", x=10, y=50)
    root.update()
    assert panel.caption.cget("text") == panel.cells.gallery.cells[0].caption
    panel.cells.event_generate("<Leave>")
    root.update()
    assert "50 cells shown" in panel.caption.cget("text")


def test_filter_and_channel_and_zoom(root: Any, panel: Any) -> None:
    panel.show_only("Metaphase")
    settle(root, 0.1)
    assert panel.cells.shown == 20 and "G1" not in words(panel.cells)
    before = shown_picture(panel.cells).tobytes()
    panel.cells.show_channel("Ch4")
    wait(root, lambda: shown_picture(panel.cells).tobytes() != before)
    width = panel.cells._sizes()[0]
    panel.cells.zoom(140)
    settle(root, 0.1)
    assert panel.cells._sizes()[0] > width
    panel.cells.zoom(5)
    assert panel.cells.tile == 56


def test_wheel_and_keys_scroll_within_bounds(root: Any, panel: Any) -> None:
    cells = panel.cells
    assert cells.on_wheel(1)
    settle(root, 0.05)
    assert cells.offset > 0
    cells.focus_force()
    for _ in range(30):
        cells.event_generate("<Next>")
    settle(root, 0.05)
    assert cells.offset == cells.total - cells.winfo_height()
    cells.on_wheel(-1000)
    assert cells.offset == 0


def test_missing_pictures_are_said(root: Any, tmp_path: Path) -> None:
    made = gallery(tmp_path, [("G1", "G1")] * 3)
    for name in made.sheets.values():
        (tmp_path / name).write_bytes(b"not a picture")
    cells = CellGallery(root, made, tmp_path)
    cells.place(x=0, y=0, width=300, height=200)
    wait(root, lambda: cells.problem)
    settle(root, 0.1)
    assert "Run the step again" in words(cells)
