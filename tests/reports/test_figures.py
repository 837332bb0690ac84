"""Figures hold up with two to many classes, odd names and missing values."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from tests.reports import samples
from wizard.reports import charts, confusion, gallery, maps, style
from wizard.results import Estimate, Gallery, GalleryCell

LONG = ["Very long class name of lymphocytes (CD3+ CD4+)", "B", "_hidden", "$x^2$ cells", "a/b:c"]


def matrix(size: int) -> list[list[int]]:
    random = np.random.default_rng(size)
    return (random.integers(0, 90, (size, size)) + np.diag(random.integers(100, 12_000, size))).tolist()


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draw with `paint` and return the live figure, so that its texts can be measured."""
    kept: list[Figure] = []
    original = style.paint

    def keep(path, size, draw):
        def both(figure):
            draw(figure)
            kept.append(figure)

        original(path, size, both)

    monkeypatch.setattr(style, "paint", keep)

    def run(function, *inputs):
        function(*inputs, tmp_path / "figure.png")
        figure = kept[-1]
        figure.canvas.draw()
        return figure

    return run


@pytest.mark.parametrize("size", [1, 2, 4, 12, 18, 40])
def test_counts_of_the_confusion_matrix_fit_their_fields(drawn, size):
    figure = drawn(confusion.paint, matrix(size), [f"Class {place}" for place in range(size)])
    axis = figure.axes[0]
    field = axis.transData.transform((1, 0))[0] - axis.transData.transform((0, 0))[0]
    assert len(axis.texts) == (2 if size <= 16 else 1 if size <= 30 else 0) * size * size
    for text in axis.texts:
        assert text.get_window_extent().width <= field, text.get_text()


@pytest.mark.parametrize("names", [LONG, [f"Class number {place}" for place in range(12)], ["healthy", "sick"]])
def test_class_names_of_the_confusion_matrix_do_not_overlap(drawn, names):
    figure = drawn(confusion.paint, matrix(len(names)), names)
    axis = figure.axes[0]
    boxes = [label.get_window_extent() for label in axis.get_yticklabels()]
    assert all(not one.overlaps(other) for one, other in zip(boxes, boxes[1:], strict=False))
    turned = axis.get_xticklabels()[0].get_rotation() != 0
    below = [label.get_window_extent() for label in axis.get_xticklabels()]
    assert turned or all(not one.overlaps(other) for one, other in zip(below, below[1:], strict=False))


def test_every_axis_has_a_title(drawn):
    figures = [
        drawn(confusion.paint, matrix(3), ["a", "b", "c"]),
        drawn(charts.curves, samples.history(), 26),
        drawn(charts.counts, "Cells", "Predicted class", {"a": 3, "b": 0}),
        drawn(charts.intervals, "Recall", {"a": samples.estimate(0.5)}, {}, 0.5),
        drawn(maps.paint, np.zeros((5, 2)), ["a"] * 5, "class", "PCA", "PCA 2-D"),
        drawn(maps.paint, np.random.default_rng(0).random((5, 3)), None, "", "PCA", "PCA 3-D"),
    ]
    for figure in figures:
        for axis in figure.axes:
            assert axis.get_ylabel()
            assert axis.get_xlabel() or axis.get_label() == "<colorbar>"
            assert not hasattr(axis, "get_zlabel") or axis.get_zlabel()


def test_the_best_epoch_is_marked(drawn):
    figure = drawn(charts.curves, samples.history(), 26)
    assert [axis.get_ylabel() for axis in figure.axes] == ["Loss", "Accuracy"]
    for axis in figure.axes:
        assert "Best epoch (26)" in [text.get_text() for text in axis.get_legend().get_texts()]


def test_curves_take_missing_and_endless_values(drawn):
    rows = [{"epoch": 1.0, "loss": float("nan")}, {"epoch": 2.0, "loss": 0.5}, {"epoch": 3.0, "loss": float("inf")}]
    figure = drawn(charts.curves, rows, 2)
    assert [axis.get_ylabel() for axis in figure.axes] == ["Loss"]
    assert list(figure.axes[0].lines[0].get_xdata()) == [2.0]


def test_a_class_without_cells_says_so(drawn):
    estimates = {"a": samples.estimate(0.5), "b": Estimate(value=None, low=None, high=None)}
    figure = drawn(charts.intervals, "Recall", estimates, {}, None)
    assert "no cells" in [text.get_text() for text in figure.axes[0].texts]


def legend(figure: Figure) -> list[str]:
    return [text.get_text().removeprefix("\u200b") for text in figure.legends[0].get_texts()]


def test_the_legend_of_a_map_counts_and_keeps_odd_names(drawn):
    labels = ["_x"] * 3 + ["Day 10"] * 2 + ["Day 2"] * 4 + [""]
    figure = drawn(maps.paint, np.random.default_rng(0).random((10, 2)), labels, "day", "UMAP", "UMAP 2-D")
    assert legend(figure) == ["_x (3)", "Day 2 (4)", "Day 10 (2)", "not known (1)"] or legend(figure) == [
        "Day 2 (4)", "Day 10 (2)", "_x (3)", "not known (1)"
    ]  # fmt: skip


def test_groups_of_a_map_differ_in_colour_and_shape(drawn):
    looks = [style.look(place) for place in range(maps.MOST_GROUPS)]
    assert len(set(looks)) == len(looks)
    assert len({marker for _, marker in looks[:8]}) == 8
    assert len({colour for colour, _ in looks[:8]}) == 8


def test_more_groups_than_colours_are_gathered(drawn):
    labels = [f"T{place // 2}" for place in range(80)]
    figure = drawn(maps.paint, np.random.default_rng(0).random((80, 2)), labels, "well", "UMAP", "UMAP 2-D")
    assert len(legend(figure)) == maps.MOST_GROUPS + 1
    assert legend(figure)[-1] == "16 others (32)"


def test_a_tag_of_many_numbers_gets_a_colour_bar(drawn):
    labels = [str(place * 0.5) for place in range(20)] + [""]
    figure = drawn(maps.paint, np.random.default_rng(0).random((21, 2)), labels, "dose", "PCA", "PCA 2-D")
    assert not figure.legends and figure.axes[1].get_ylabel() == "dose"


def test_points_without_place_are_left_out(drawn):
    points = np.array([[0, 0], [np.nan, 1], [1, 1]], float)
    figure = drawn(maps.paint, points, ["a", "a", "b"], "class", "PCA", "PCA 2-D")
    assert legend(figure) == ["a (1)", "b (1)"]


def test_tiles_are_cut_where_they_lie(tmp_path):
    made = samples.gallery(tmp_path, list(range(20)), ["x"] * 20, ["s (91%)"] * 20)
    picture = gallery.canvas(made, gallery.open_sheets(made, tmp_path), [2, 17])
    with Image.open(tmp_path / "gallery_Ch4.png") as sheet:
        wanted = np.asarray(sheet)[40:80, 40:80]
    assert picture.shape == (84, 126, 3)
    assert (picture[42:82, 42:82, 0] == wanted).all()


def test_a_gallery_of_one_cell_and_of_many_labels_is_drawn(tmp_path):
    one = samples.gallery(tmp_path, [3], ["only"], ["x"])
    gallery.paint(one, tmp_path, 6, "spread", tmp_path / "one.png")
    many = samples.gallery(tmp_path, list(range(60)), [f"{n} → {n + 1}" for n in range(60)], ["x (9%)"] * 60)
    gallery.paint(many, tmp_path, 5, "first", tmp_path / "many.png")
    with Image.open(tmp_path / "one.png") as small, Image.open(tmp_path / "many.png") as large:
        assert small.width < large.width and small.height < large.height


@pytest.mark.parametrize("tile", [(16, 48), (48, 16), (16, 512)])
def test_rectangular_tiles_keep_their_shape(tmp_path, tile):
    height, width = tile
    sheet = np.random.default_rng(0).integers(0, 250, (2 * height, 4 * width)).astype(np.uint8)
    Image.fromarray(sheet).save(tmp_path / "sheet.png")
    cells = [GalleryCell(cell_id=str(place), label="ab"[place % 2], caption="") for place in range(8)]
    made = Gallery(sheets={"Ch1": "sheet.png", "Ch2": "sheet.png"}, tile=tile, columns=4, cells=cells)
    picture = gallery.canvas(made, gallery.open_sheets(made, tmp_path), [5, 2])
    assert (picture[:height, :width, 0] == sheet[height:, width : 2 * width]).all()
    assert (
        picture[height + 2 : 2 * height + 2, width + 2 : 2 * width + 2, 0] == sheet[:height, 2 * width : 3 * width]
    ).all()
    gallery.paint(made, tmp_path, 4, "spread", tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as drawn_picture:
        assert max(drawn_picture.size) < 6000
