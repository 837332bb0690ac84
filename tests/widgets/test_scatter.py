"""Painting points, moving about on a map, and drawing around cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.window import settle, wait
from wizard.widgets.lasso import combined, inside_box, inside_line
from wizard.widgets.map_colour import SHAPES, colouring
from wizard.widgets.map_data import column_of
from wizard.widgets.scatter import Scatter
from wizard.widgets.scatter_layers import Layers, Look
from wizard.widgets.scatter_paint import RING, Sheet, packed, side_of, stamp
from wizard.widgets.scatter_view import View, depth_order

WHITE = (255, 255, 255)
RED, BLUE = (np.array([colour], np.uint8) for colour in ((200, 0, 0), (0, 0, 200)))


def painted(sheet: Sheet) -> np.ndarray:
    return np.asarray(sheet.picture())


def places(*points: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.array(points, np.float32).T
    return x, y


def test_points_are_where_they_belong_and_the_later_lie_above() -> None:
    sheet = Sheet(30, 20, WHITE)
    sheet.put(*places((5, 8), (5, 8), (25, 3)), packed(np.vstack([RED, BLUE, RED])), side=2)
    picture = painted(sheet)
    assert picture.shape == (20, 30, 3)
    ys, xs = np.nonzero((picture != 255).any(axis=2))
    assert len(ys) == 8
    assert tuple(picture[8, 5]) == (0, 0, 200) and tuple(picture[3, 25]) == (200, 0, 0)


def test_points_outside_are_cut_off_without_harm() -> None:
    sheet = Sheet(30, 20, WHITE)
    sheet.put(*places((-5, 8), (29.9, 19.9), (1e6, -1e6), (0, 0)), packed(np.repeat(RED, 4, axis=0)), side=4)
    picture = painted(sheet)
    assert tuple(picture[0, 0]) == (200, 0, 0) and tuple(picture[19, 29]) == (200, 0, 0)
    assert (picture[5:15, 5:25] == 255).all()


def test_a_fine_picture_is_smooth_and_of_the_same_size() -> None:
    sheet = Sheet(30, 20, WHITE, fine=3, margin=24)
    sheet.put(*places((15, 10)), packed(RED), side=18)
    picture = painted(sheet)
    assert picture.shape == (20, 30, 3)
    assert len(np.unique(picture[..., 1])) > 2
    assert tuple(picture[10, 15]) == (200, 0, 0)
    ys, xs = np.nonzero((picture != 255).any(axis=2))
    assert abs(xs.mean() - 14.5) < 0.6 and abs(ys.mean() - 9.5) < 0.6


def test_a_rim_is_below_its_point_and_above_those_before() -> None:
    sheet = Sheet(40, 40, WHITE)
    sheet.put(*places((20, 20), (20, 20)), packed(np.vstack([RED, BLUE])), side=11, rim=(2, packed(BLUE // 2)))
    picture = painted(sheet)
    assert tuple(picture[20, 20]) == (0, 0, 200)
    assert not (picture == (200, 0, 0)).all(axis=2).any()
    assert (picture == (0, 0, 100)).all(axis=2).any()


def test_every_shape_is_its_own() -> None:
    made = {stamp(shape, 15).tobytes() for shape in (*SHAPES, RING)}
    assert len(made) == len(SHAPES) + 1
    assert not stamp(RING, 15)[7, 7] and stamp("o", 15)[7, 7]
    for side in range(1, 30):
        assert all(stamp(shape, side).any() for shape in (*SHAPES, RING))


def test_see_through_points_add_up() -> None:
    sheet = Sheet(30, 20, WHITE)
    sheet.blend(*places((5, 5), (20, 10), (20, 10), (20, 10)), packed(np.repeat(RED, 4, axis=0)), 2, 0.3)
    picture = painted(sheet).astype(int)
    once, thrice = picture[5, 5, 1], picture[10, 20, 1]
    assert once == round(255 * 0.7) and thrice == round(255 * 0.7**3)


def test_points_are_smaller_when_there_are_more() -> None:
    sizes = [side_of(number, 1.0) for number in (10, 1000, 10_000, 100_000, 1_000_000)]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] == 9 and sizes[-1] == 2
    assert side_of(100_000, 1.5) == 3


def test_the_whole_map_is_in_view_and_zoom_keeps_a_point() -> None:
    points = np.random.default_rng(0).normal(5, 2, (500, 2)).astype(np.float32)
    view = View(points)
    view.resize(400, 300)
    x, y, depth = view.places(view.points)
    assert depth is None
    assert ((x >= -20) & (x <= 420)).all() and ((y >= -20) & (y <= 320)).all()
    before = x[3], y[3]
    view.zoom_at(3.0, *before)
    x, y, _depth = view.places(view.points)
    assert (x[3], y[3]) == pytest.approx(before, abs=0.05)
    view.zoom_to(100, 100, 200, 150)
    assert view.zoom > 6
    view.reset()
    view.pan(10, -5)
    assert view.places(view.points)[0][3] == pytest.approx(before[0] + 10, abs=0.05)


def test_up_is_up_and_one_unit_is_the_same_on_both_axes() -> None:
    view = View(np.array([[0, 0], [1, 0], [0, 1], [4, 4]], np.float32))
    view.resize(300, 300)
    x, y, _depth = view.places(view.points)
    assert y[2] < y[0] and x[1] > x[0]
    assert x[1] - x[0] == pytest.approx(y[0] - y[2], abs=0.01)


def test_cells_without_a_place_are_not_there() -> None:
    points = np.array([[0, 0], [np.nan, 1], [1, 1], [np.inf, 0]], np.float32)
    assert View(points).rows.tolist() == [0, 2]
    empty = View(np.full((3, 2), np.nan, np.float32))
    assert len(empty.rows) == 0 and len(empty.places(empty.points)[0]) == 0


def test_turning_keeps_lengths_and_sorts_by_depth() -> None:
    view = View(np.random.default_rng(0).normal(0, 1, (300, 3)).astype(np.float32))
    view.resize(300, 300)
    for _ in range(50):
        view.rotate(0.3, -0.2)
    assert np.allclose(view.turn @ view.turn.T, np.eye(3), atol=1e-4)
    _x, _y, depth = view.places(view.points)
    assert depth is not None
    ordered = depth[depth_order(depth)]
    assert (np.diff(ordered) > -1e-3).all()


def test_what_a_line_and_a_box_enclose() -> None:
    spots = places((50, 50), (10, 10), (90, 50), (50, 200), (-5, -5))
    assert inside_line(spots, [(30, 30), (70, 30), (70, 70), (30, 70)], 100, 100).tolist() == [True] + [False] * 4
    assert not inside_line(spots, [(30, 30), (70, 30)], 100, 100).any()
    assert inside_box(spots, (60, 60), (0, 0)).tolist() == [True, True, False, False, False]


def test_selections_are_replaced_added_to_and_taken_from() -> None:
    first = combined(np.zeros(5, bool), np.array([1, 2]), "new")
    assert combined(first, np.array([4]), "add").tolist() == [False, True, True, False, True]
    assert combined(first, np.array([2, 3]), "remove").tolist() == [False, True, False, False, False]
    assert combined(first, np.array([0]), "new").tolist() == [True, False, False, False, False]
    assert first.tolist() == [False, True, True, False, False]


def look_of(count: int = 300) -> tuple[Look, np.ndarray]:
    labels = np.arange(count) % 3
    rng = np.random.default_rng(0)
    centres = np.array([[-8, 0], [8, 0], [0, 8]])
    points = (centres[labels] + rng.normal(0, 1, (count, 2))).astype(np.float32)
    look = Look(colouring(column_of("class", [f"c{label}" for label in labels]), count), np.zeros(count, bool),
                np.zeros(count, bool))  # fmt: skip
    return look, points


def test_layers_follow_what_is_hidden_placed_and_selected() -> None:
    look, points = look_of(30)
    look.placed[:6] = True
    look.selected[5:9] = True
    look.hidden = {2}
    layers = Layers(View(points), look, np.arange(30))
    found = {layer.kind: set(layer.cells.tolist()) for layer in layers.parts}
    assert found["placed"] == {0, 1, 3, 4}
    assert found["picked"] == {6, 7}
    assert layers.number == 20 and not {2, 5, 8} & set().union(*found.values())


@pytest.fixture
def scatter(root: Any) -> Any:
    look, points = look_of()
    made = Scatter(root, look)
    made.grid(row=0, column=0, sticky="nsew")
    root.update()
    made.show(points, ["UMAP 1", "UMAP 2"])
    wait(root, lambda: made.painted > 0)
    settle(root, 0.3)
    return made


def drag(scatter: Any, *points: tuple[int, int], button: int = 1, state: int = 0) -> None:
    scatter.event_generate(f"<ButtonPress-{button}>", x=points[0][0], y=points[0][1], state=state)
    held = state | 0x80 << button
    for x, y in points[1:]:
        scatter.event_generate("<Motion>", x=x, y=y, state=held)
    scatter.event_generate(f"<ButtonRelease-{button}>", x=points[-1][0], y=points[-1][1], state=held)


def test_dragging_moves_and_the_wheel_enlarges(root: Any, scatter: Any) -> None:
    before = scatter.place_of(0)
    drag(scatter, (100, 100), (130, 90))
    settle(root, 0.3)
    assert scatter.place_of(0) == pytest.approx((before[0] + 30, before[1] - 10), abs=0.1)
    scatter.on_wheel(-1)
    assert scatter.view.zoom > 1
    scatter.focus_force()
    scatter.event_generate("<Home>")
    assert scatter.view.zoom == 1 and scatter.place_of(0) == pytest.approx(before, abs=0.1)
    for key, check in (
        ("<Left>", lambda: scatter.view.x > 0), ("<plus>", lambda: scatter.view.zoom > 1),
        ("<minus>", lambda: scatter.view.zoom <= 1.01), ("<Up>", lambda: scatter.view.y > 0),
    ):  # fmt: skip
        scatter.event_generate(key)
        assert check(), key


def test_a_box_enlarges(root: Any, scatter: Any) -> None:
    scatter.tool = "zoom"
    x, y = scatter.place_of(0)
    drag(scatter, (round(x) - 30, round(y) - 30), (round(x) + 30, round(y) + 30))
    assert scatter.view.zoom > 5
    at = scatter.place_of(0)
    assert abs(at[0] - scatter.view.width / 2) < 30


def test_cells_are_pointed_at(root: Any, scatter: Any) -> None:
    heard: list[int | None] = []
    scatter.on_point = lambda cell, x, y: heard.append(cell)
    x, y = scatter.place_of(7)
    scatter.event_generate("<Motion>", x=round(x), y=round(y))
    spot = scatter.place_of(heard[-1])
    assert abs(spot[0] - x) < 2 and abs(spot[1] - y) < 2
    scatter.event_generate("<Motion>", x=2, y=2)
    assert heard[-1] is None
    scatter.ring(7)
    assert scatter.find_withtag("ring")
    scatter.ring(None)
    assert not scatter.find_withtag("ring")


def test_lasso_and_box_select_and_escape_ends_them(root: Any, scatter: Any) -> None:
    heard: list[tuple[set[int], str]] = []
    scatter.on_select = lambda cells, how: heard.append((set(cells.tolist()), how))
    tools: list[str] = []
    scatter.on_tool = tools.append
    xs, ys, cells = scatter.spots()
    mine = cells % 3 == 0
    left, right, top, bottom = xs[mine].min() - 5, xs[mine].max() + 5, ys[mine].min() - 5, ys[mine].max() + 5
    corners = [(round(x), round(y)) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]
    for tool, line, state, how in (
        ("lasso", corners, 0, "new"), ("box", [corners[0], corners[2]], 1, "add"),
        ("box", [corners[0], corners[2]], 8, "remove"), ("lasso", corners, 4, "remove"),
    ):  # fmt: skip
        scatter.tool = tool
        drag(scatter, *line, state=state)
        assert heard[-1] == (set(cells[mine].tolist()), how), tool
    scatter.event_generate("<ButtonPress-1>", x=5, y=5)
    scatter.event_generate("<B1-Motion>", x=300, y=300)
    assert scatter.find_withtag("lasso")
    scatter.focus_force()
    scatter.event_generate("<Escape>")
    assert not scatter.find_withtag("lasso")
    scatter.event_generate("<ButtonRelease-1>", x=300, y=300)
    assert len(heard) == 4
    scatter.event_generate("<Escape>")
    assert tools == ["move"]
    scatter.tool = "move"
    scatter.event_generate("<Escape>")
    assert heard[-1] == (set(), "new")


def test_hidden_cells_are_neither_pointed_at_nor_selected(root: Any, scatter: Any) -> None:
    scatter.look.hidden = {0}
    scatter.refresh()
    settle(root, 0.2)
    assert scatter.place_of(0) is None and not (scatter.spots()[2] % 3 == 0).any()


def test_a_map_in_space_is_turned_by_dragging(root: Any, scatter: Any) -> None:
    points = np.random.default_rng(0).normal(0, 1, (100, 3)).astype(np.float32)
    look = Look(colouring(None, 100), np.zeros(100, bool), np.zeros(100, bool))
    scatter.look = look
    scatter.show(points, ["PCA 1", "PCA 2", "PCA 3"])
    settle(root, 0.3)
    turn = scatter.view.turn.copy()
    drag(scatter, (100, 100), (160, 120))
    assert not np.allclose(turn, scatter.view.turn) and scatter.view.x == 0
    turn = scatter.view.turn.copy()
    drag(scatter, (100, 100), (160, 120), button=3)
    assert np.allclose(turn, scatter.view.turn) and scatter.view.x == 60
    assert [scatter.itemcget(item, "text") for item in scatter.find_withtag("axes")
            if scatter.type(item) == "text"] == ["1", "2", "3"]  # fmt: skip


def test_cells_are_encircled_by_keys(root: Any) -> None:
    points = np.array([[x, y] for x in range(10) for y in range(10)], np.float32)
    look = Look(colouring(None, 100), np.zeros(100, bool), np.zeros(100, bool))
    scatter = Scatter(root, look)
    scatter.pack(fill="both", expand=True)
    root.update()
    scatter.show(points, ["A", "B"])
    wait(root, lambda: scatter.painted > 0)
    chosen: list[tuple[int, str]] = []
    pointed: list[Any] = []
    scatter.on_select = lambda cells, how: chosen.append((len(cells), how))
    scatter.on_point = lambda cell, _x, _y: pointed.append(cell)
    scatter.focus_force()
    root.update()

    def press(*keys: str) -> None:
        for key in keys:
            scatter.event_generate(f"<{key}>")
            root.update()

    for tool, corners in (("box", 1), ("lasso", 3)):
        scatter.tool = tool
        press("Left", *["Left"] * 12, *["Up"] * 12, "space")
        assert scatter.find_withtag("cross")
        if corners == 3:
            press(*["Right"] * 24, "space", *["Down"] * 24, "space")
        else:
            press(*["Right"] * 24, *["Down"] * 24)
        assert scatter.find_withtag("lasso")
        press("Shift-Return")
        number, how = chosen[-1]
        assert 0 < number < 100 and how == "add" and not scatter.find_withtag("lasso")
        press("Escape")
        assert not scatter.find_withtag("cross")
    assert len(pointed) > 50
