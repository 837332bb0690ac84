"""The maps in the window: what is read, how it is coloured, and what the controls do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tests import made_results
from tests.window import settle, wait, words
from wizard import fileio
from wizard.engine.errors import UserError
from wizard.results import Map
from wizard.widgets import dialogs, map_save
from wizard.widgets.embedding import EmbeddingPanel
from wizard.widgets.map_colour import CLASS_PALETTES, LEVELS, SCALES, UNKNOWN, colouring, limits_of, palettes
from wizard.widgets.map_columns import Source, read_column, sources
from wizard.widgets.map_data import MOST_CLASSES, column_of, of_numbers, read_maps
from wizard.widgets.map_frame import axis_names, quality_words
from wizard.widgets.map_legend import PLACED


def test_values_are_in_natural_order_with_their_counts() -> None:
    one = colouring(column_of("day", ["10", "9", "", "10"]), 4)
    assert [(entry.name, entry.count) for entry in one.entries] == [("9", 1), ("10", 2), (UNKNOWN, 1)]
    assert one.codes.tolist() == [1, 0, 2, 1]
    assert len({(entry.colour, entry.shape) for entry in one.entries}) == 3


def test_rare_values_become_others() -> None:
    values = [f"v{index}" for index in range(40)] + ["common"] * 5
    one = colouring(column_of("tag", values), len(values))
    assert len(one.entries) == MOST_CLASSES and one.entries[-1].name == "26 others"
    assert sum(entry.count for entry in one.entries) == len(values)
    assert {entry.name for entry in one.entries} >= {"common"}


def test_many_numbers_get_a_scale() -> None:
    assert colouring(column_of("a", ["1", "2"] * 30), 60).limits is None
    assert colouring(column_of("a", [f"v{index}" for index in range(40)]), 40).limits is None
    one = colouring(column_of("a", [*map(str, range(40)), ""]), 41)
    assert one.limits == (0, 39)
    assert one.codes[0] == 0 and one.codes[39] == LEVELS - 1 and one.codes[40] == LEVELS
    assert [(entry.name, entry.count) for entry in one.entries] == [(UNKNOWN, 1)]


def test_figures_far_off_do_not_flatten_the_scale() -> None:
    usual = np.linspace(0, 1, 1000, dtype=np.float32)
    assert limits_of(usual) == (0, 1)
    low, high = limits_of(np.append(usual, np.float32(1e6)))
    assert low < 0.01 and 0.99 < high < 1.01
    assert limits_of(np.zeros(5, np.float32))[1] > 0
    assert limits_of(np.zeros(0, np.float32)) == (0, 1)


def test_scores_are_scaled_and_few_whole_numbers_are_classes() -> None:
    assert of_numbers("p", np.array([0.5, 0.5, np.nan], np.float32)).scaled
    assert not of_numbers("day", np.array([1, 2, np.nan], np.float32)).scaled
    assert of_numbers("day", np.array([1, 2, np.nan], np.float32)).text(2) == ""
    assert of_numbers("day", np.array([7, 42], np.float32)).text(1) == "42"
    assert of_numbers("p", np.array([0.123456], np.float32)).text(0) == "0.1235"


@pytest.mark.parametrize("name", [*CLASS_PALETTES, *SCALES])
def test_palettes_can_be_chosen(name: str) -> None:
    classes = colouring(column_of("a", ["x", "y"]), 2, name)
    figures = colouring(of_numbers("a", np.array([0.1, 0.9], np.float32)), 2, name)
    assert (name in palettes(classes)) != (name in palettes(figures))
    light = figures.table[:LEVELS].astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) > -0.5).all()


def write_maps(folder: Path, **columns: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / "maps.parquet")


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    write_maps(
        tmp_path, cell_id=["a", "b", "c"], day=["1", "", None], placed=[True, False, True],
        pseudotime=np.array([0.5, np.nan, 1.0], np.float32), x=np.array([1, np.nan, 3], np.float32),
    )  # fmt: skip
    data = read_maps(tmp_path, ["x"])
    assert data.total == 3 and data.at == {"a": 0, "b": 1, "c": 2}
    assert data.placed.tolist() == [True, False, True]
    assert [data.columns["day"].text(row) for row in range(3)] == ["1", "", ""]
    assert data.columns["pseudotime"].scaled and data.columns["pseudotime"].text(1) == ""
    assert np.isnan(data.coordinates(["x"])[1, 0])
    with pytest.raises(ValueError, match="umap_2d_1"):
        read_maps(tmp_path, ["umap_2d_1"])


def test_csv_of_older_results_is_read_without_its_apostrophes(tmp_path: Path) -> None:
    fileio.write_csv(tmp_path / "maps.csv", ["cell_id", "=tag", "x"], [["a", "=1+1", "1.5"], ["b", "-3", ""]])
    data = read_maps(tmp_path, ["x"])
    assert data.columns["=tag"].text(0) == "=1+1"
    assert data.coordinates(["x"])[0, 0] == 1.5 and np.isnan(data.coordinates(["x"])[1, 0])
    with pytest.raises(OSError):
        read_maps(tmp_path / "none", ["x"])


def other_tables(results: Path) -> None:
    fileio.write_csv(
        results / "predict" / "predictions.csv",
        ["cell_id", "source", "predicted", "confidence", "p_'G1", "unsure", "class"],
        [["c", "s", "G1", 0.75, 0.75, "no", "x"], ["a", "s", "G2", 0.5, 0.25, "yes", "x"]],
    )
    (results / "extract").mkdir(parents=True)
    pq.write_table(
        pa.table(
            {"cell_id": ["b", "a"], "class": ["x", "y"], "f0000": [1.5, 2.5], "f0001": [3.0, 4.0], "area": [9, 8]}
        ),
        results / "extract" / "features.parquet",
    )


def test_columns_of_other_tables_are_found_and_joined_by_cell(tmp_path: Path) -> None:
    other_tables(tmp_path)
    found = sources(["class"], ["cluster"], tmp_path, {"Classical feature": ["area"]})
    assert [(one.group, one.title) for one in found] == [
        ("Tags", "class"), ("Found on the maps", "cluster"), ("Prediction", "predicted"), ("Prediction", "confidence"),
        ("Prediction", "p_'G1"), ("Prediction", "unsure"), ("Feature", "f0000"), ("Feature", "f0001"),
        ("Classical feature", "area"),
    ]  # fmt: skip
    at = {"a": 0, "b": 1, "c": 2}
    by_title = {one.title: one for one in found}
    assert [read_column(by_title["predicted"], at, 3).text(row) for row in range(3)] == ["G2", "", "G1"]
    features = read_column(by_title["f0000"], at, 3).numbers
    assert features is not None and features[:2].tolist() == [2.5, 1.5] and np.isnan(features[2])
    confidence = read_column(by_title["confidence"], at, 3)
    assert confidence.text(0) == "0.5" and confidence.text(1) == ""


def test_no_other_tables_are_no_harm(tmp_path: Path) -> None:
    assert sources(["class"], [], tmp_path, {}) == [Source("Tags", "class", None, "class")]


def test_quality_and_axes_in_words() -> None:
    item = Map(method="umap", title="UMAP 2-D", dimensions=2, columns=["a", "b"], figure="", seconds=1,
               note="Of 9 neighbours.", trustworthiness=0.9731, preservation=0.412)  # fmt: skip
    assert quality_words(item) == "Trustworthiness 0.973. Neighbours kept: 41 %. Of 9 neighbours."
    assert axis_names(item) == ["UMAP 1", "UMAP 2"]
    bare = item.model_copy(update={"trustworthiness": None, "preservation": None, "note": ""})
    assert quality_words(bare) == ""


@pytest.fixture
def panel(root: Any, tmp_path: Path) -> Any:
    folder = tmp_path / "results" / "visualize"
    folder.mkdir(parents=True)
    result = made_results._visualize(folder)
    made = EmbeddingPanel(root, folder, result.maps, result.tags, result.colour, results=tmp_path / "results")
    made.grid(row=0, column=0, sticky="nsew")
    wait(root, lambda: made.frames and made.frames[0].scatter.painted)
    settle(root, 0.3)
    return made


def scatter_of(panel: Any) -> Any:
    return panel.frames[0].scatter


def test_every_cell_is_drawn_with_legend_and_counts(root: Any, panel: Any) -> None:
    assert scatter_of(panel).layers.number == 243
    shown = words(panel)
    assert "G1" in shown and "61" in shown and "243 cells." in shown
    panel.show_colour("level_2")
    assert len(panel.legend.rows) == 3
    panel.show_colour("area")
    settle(root, 0.2)
    assert panel.look.colouring.limits is not None and panel.legend.find_withtag("scale")
    panel.show_palette("Cividis")
    assert panel.palette_menu.get() == "Cividis"


def test_the_legend_switches_classes(root: Any, panel: Any) -> None:
    legend, scatter = panel.legend, scatter_of(panel)
    top = legend._top() + 13
    legend.event_generate("<Button-1>", x=20, y=top)
    assert panel.look.hidden == {0} and scatter.layers.number == 243 - legend.rows[0][2]
    legend.event_generate("<Motion>", x=40, y=top + 26)
    assert panel.look.pointed == 1
    legend.event_generate("<Button-1>", x=legend.winfo_width() - 10, y=top + 26)
    assert panel.look.hidden == {0, 2, 3}
    legend.event_generate("<Leave>")
    legend.focus_force()
    settle(root, 0.2)
    for key in ("<Up>", "<space>"):
        legend.event_generate(key)
    assert panel.look.hidden == {2, 3}
    legend.event_generate("<o>")
    assert panel.look.hidden == {1, 2, 3}
    legend.event_generate("<o>")
    assert panel.look.hidden == set()
    legend.event_generate("<s>")
    assert len(panel.selected) == legend.rows[0][2]


def test_maps_side_by_side_share_colours_and_selection(root: Any, panel: Any) -> None:
    panel.show_number(4)
    wait(root, lambda: len(panel.frames) == 4 and all(frame.scatter.painted for frame in panel.frames))
    assert len({frame.map.title for frame in panel.frames}) == 4
    panel.select(np.array([1, 2, 3]))
    for frame in panel.frames:
        picked = [layer for layer in frame.scatter.layers.parts if layer.kind == "picked"]
        assert picked[0].cells.tolist() == sorted(picked[0].cells.tolist()) or len(picked[0].cells) == 3
        assert set(picked[0].cells.tolist()) == {1, 2, 3}
    x, y = panel.frames[1].scatter.place_of(5)
    panel.frames[1].scatter.event_generate("<Motion>", x=round(x), y=round(y))
    assert all(frame.scatter.find_withtag("ring") for frame in panel.frames)
    panel.show_number(1)
    settle(root, 0.2)
    assert len(panel.frames) == 1


def test_pointing_at_a_cell_says_what_it_is(root: Any, panel: Any) -> None:
    scatter = scatter_of(panel)
    x, y = scatter.place_of(8)
    scatter.event_generate("<Motion>", x=round(x), y=round(y))
    settle(root, 0.2)
    assert panel.card.winfo_viewable() and "class: " in words(panel.card)
    scatter.event_generate("<Leave>")
    settle(root, 0.1)
    assert not panel.card.winfo_viewable()


def test_a_column_is_found_by_typing_and_read_when_chosen(root: Any, panel: Any, tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"cell_id": panel.data.ids, "f0000": np.arange(243.0), "f0001": np.arange(243.0)[::-1]}),
        tmp_path / "features.parquet",
    )
    panel.sources += [Source("Feature", name, tmp_path / "features.parquet", name) for name in ("f0000", "f0001")]
    panel.colour_menu.put([(one.group, one.title) for one in panel.sources])
    panel.colour_menu.button.invoke()
    entry = panel.colour_menu.entry._entry
    entry.focus_force()
    root.update()
    entry.insert(0, "F0001")
    entry.event_generate("<KeyRelease>", keysym="1")
    assert panel.colour_menu.list.size() == 1
    entry.event_generate("<Return>")
    wait(root, lambda: panel.look.colouring.title == "f0001")
    assert panel.column.text(0) == "242" and panel.colour_menu.box is None
    panel.colour_menu.open()
    panel.colour_menu.entry._entry.focus_force()
    root.update()
    panel.colour_menu.entry._entry.event_generate("<Escape>")
    assert panel.colour_menu.box is None


def test_tools_and_maps_in_space(root: Any, panel: Any) -> None:
    panel.show_map(panel.maps[1])
    settle(root, 0.3)
    assert scatter_of(panel).view.deep and "Drag to turn" in words(panel)
    panel.tools["lasso"].invoke()
    assert scatter_of(panel).tool == "lasso"
    scatter_of(panel).give_up()
    assert panel.tool == "move"
    panel.tools["dense"].invoke()
    assert panel.look.see_through
    settle(root, 0.3)
    scatter_of(panel).zoom(3)
    panel.tools["whole"].invoke()
    assert scatter_of(panel).view.zoom == 1


def test_placed_cells_have_a_line_and_missing_ones_are_counted(root: Any, tmp_path: Path) -> None:
    write_maps(
        tmp_path, cell_id=[f"c{index}" for index in range(50)], placed=[index % 5 == 0 for index in range(50)],
        x=np.array([np.nan, *range(49)], np.float32), y=np.arange(50, dtype=np.float32), label=["=<script>" * 40] * 50,
    )  # fmt: skip
    maps = [Map(method="pca", title="PCA 2-D", dimensions=2, columns=["x", "y"], figure="", seconds=0)]
    panel = EmbeddingPanel(root, tmp_path, maps, ["label"], "label")
    panel.grid(row=0, column=0, sticky="nsew")
    wait(root, lambda: panel.frames and panel.frames[0].scatter.painted)
    settle(root, 0.2)
    assert panel.legend.rows[-1] == (PLACED, "placed (rings)", 10)
    assert "1 have no place on the map" in words(panel) and "10 were placed" in words(panel)
    panel.legend.toggle(PLACED)
    assert scatter_of(panel).layers.number == 40
    assert len(panel.frames[0].shown().x) == 40


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_map_is_saved(root: Any, panel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    target = tmp_path / f"saved.{ending}"
    monkeypatch.setattr(dialogs, "ask_save", lambda parent, title, name: str(target))
    panel.legend.toggle(1)
    panel.select(np.array([0, 4, 8]))
    panel.tools["save"].invoke()
    wait(root, lambda: "Saved as" in panel.note.cget("text"), 60)
    start = target.read_bytes()[:400]
    if ending == "png":
        with Image.open(target) as picture:
            assert picture.info["dpi"][0] == pytest.approx(300, abs=1) and picture.width > 1200
    elif ending == "svg":
        text = target.read_text(encoding="utf-8")
        assert "<svg" in text and "PCA 1" in text and "G1" in text and "G2 (" not in text
    else:
        assert start.startswith(b"%PDF")


def test_of_several_maps_one_or_all_are_saved(
    root: Any, panel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.show_number(2)
    wait(root, lambda: all(frame.shown() is not None for frame in panel.frames), 20)
    opened: list[Any] = []
    monkeypatch.setattr("wizard.widgets.map_saver.open_below", lambda shown, _widget: opened.append(shown))
    panel.save()
    (shown,) = opened
    assert shown.entrycget(0, "label").strip() == "All 2 maps as one figure" and shown.index("end") == 2
    sizes = []
    for entry in (0, 2):
        target = tmp_path / f"{entry}.png"
        monkeypatch.setattr(dialogs, "ask_save", lambda parent, title, name, target=target: str(target))
        shown.invoke(entry)
        wait(root, lambda target=target: f"Saved as {target}" in panel.note.cget("text"), 60)
        with Image.open(target) as picture:
            sizes.append(picture.width)
    assert sizes[0] > 1.4 * sizes[1]


def test_what_cannot_be_saved_is_said(root: Any, panel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    for name, said in ((str(tmp_path / "file" / "x.png"), ""), (str(tmp_path / "x.doc"), "cannot be saved as .doc")):
        monkeypatch.setattr(dialogs, "ask_save", lambda parent, title, suggested, name=name: name)
        panel.save()
        wait(root, lambda: "Drawing" not in panel.note.cget("text"), 60)
        assert "Saved as" not in panel.note.cget("text") and said in panel.note.cget("text")
    assert map_save.path_for("map").name == "map.png"
    with pytest.raises(UserError):
        map_save.path_for("map.tiff")


@pytest.mark.parametrize("deep", [False, True], ids=["flat", "space"])
def test_large_vector_figures_hold_a_picture_of_the_points(tmp_path: Path, deep: bool) -> None:
    count = map_save.MOST_VECTORS + 1
    values = np.random.default_rng(0).random(count).astype(np.float32)
    shown = map_save.Shown(
        values, values[::-1].copy(), np.zeros(count, np.int16), np.zeros(count, bool), np.zeros(count, bool),
        colouring(column_of("a", ["$x$"] * count), count), frozenset(), ("U 1", "U 2", "U 3")[: 3 if deep else 2],
        ((1.0, 0.0), (0.0, -1.0), (0.3, 0.3)), (0.0, 1.0, 0.0, 1.0), "U <b>", "note",
    )  # fmt: skip
    path = map_save.save(shown, tmp_path / "large.svg")
    text = path.read_text(encoding="utf-8")
    assert "<image" in text and path.stat().st_size < 3_000_000 and "$x$" in text


def test_unreadable_maps_are_said(root: Any, tmp_path: Path) -> None:
    result = made_results._visualize(tmp_path)
    (tmp_path / "maps.csv").unlink()
    panel = EmbeddingPanel(root, tmp_path, result.maps, result.tags, result.colour)
    panel.grid()
    wait(root, lambda: "cannot be read" in panel._waiting.cget("text"))
