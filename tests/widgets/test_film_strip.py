"""The film strip, bars of mixes, and marks with intervals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests import made_analyses
from tests.window import settle, wait
from wizard.widgets import palette
from wizard.widgets.film_strip import FilmPanel, columns_of
from wizard.widgets.interval_chart import IntervalChart, Line, Mark
from wizard.widgets.mix_bars import OTHERS, MixBars, gradient, ink_on, shares_in_words


def shown(root: Any, folder: Path) -> FilmPanel:
    found = made_analyses.progression(folder)
    assert found.film is not None
    panel = FilmPanel(root, found.film, folder, found.steps, found.order)
    panel.grid(row=0, column=0, sticky="nsew")
    wait(root, lambda: panel.strip.sheet is not None)
    settle(root, 0.2)
    return panel


def test_pointing_says_which_cell_or_step_it_is(root: Any, tmp_path: Path) -> None:
    strip = shown(root, tmp_path).strip
    wide, high = strip._tile()
    assert strip.words_at(3, 3).startswith("Step 1. ")
    assert strip.words_at(3 * (wide + 2) + 3, high + 5).startswith("Step 4. ")
    below = int(strip["height"]) - 30
    assert strip.words_at(3, below) == "Step 1, pseudotime 0.00 to 0.08, 20 cells: Day 1 75 %, not known 25 %"
    assert strip.words_at(5000, 3) == ""


def test_the_keys_move_over_the_strip(root: Any, tmp_path: Path) -> None:
    panel = shown(root, tmp_path)
    strip = panel.strip
    strip.focus_force()
    settle(root, 0.1)
    strip.event_generate("<Right>")
    settle(root, 0.1)
    assert strip.at == (0, 0) and str(panel.words.cget("text")).startswith("Step 1.")
    for key in ("Right", "Down", "Down"):
        strip.event_generate(f"<{key}>")
    settle(root, 0.1)
    assert strip.at == (1, 2) and str(panel.words.cget("text")).startswith("Step 2.")
    assert strip.find_withtag("reached")
    for _ in range(20):
        strip.event_generate("<Left>")
    settle(root, 0.1)
    assert strip.at == (0, 2)


def test_the_strip_fits_its_width(root: Any, tmp_path: Path) -> None:
    strip = shown(root, tmp_path).strip
    wide, _ = strip._tile()
    assert 12 * (wide + 2) <= strip.winfo_width()
    high = int(strip["height"])
    root.geometry("500x700+0+0")
    settle(root, 0.4)
    assert int(strip["height"]) < high


def test_a_missing_sheet_is_said(root: Any, tmp_path: Path) -> None:
    panel = shown(root, tmp_path)
    (tmp_path / panel.strip.film.sheets["Ch4"]).unlink()
    panel.strip.show_channel("Ch4")
    wait(root, lambda: panel.strip.problem)
    assert "cannot be read" in panel.strip.problem


def test_steps_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    film = made_analyses.progression(tmp_path).film
    assert film is not None
    film.cells = film.cells[::-1]
    assert [film.cells[places[0]].label for places in columns_of(film)] == [str(step) for step in range(1, 13)]


def test_bars_name_their_shares(root: Any) -> None:
    mixes = {"A": {f"v{place}": 10 for place in range(12)}, "B": {"v1": 5}, "C": {}}
    bars = MixBars(root, mixes)
    bars.grid(row=0, column=0, sticky="nsew")
    settle(root, 0.3)
    legend = [bars.itemcget(item, "text") for item in bars.find_withtag("legend") if bars.type(item) == "text"]
    assert len(legend) == 9 and legend[-1] == OTHERS
    shares = [bars.itemcget(item, "text") for item in bars.find_withtag("share")]
    assert any(share.endswith(" 100 %") for share in shares) and shares[0][0] == "A"
    assert [bars.itemcget(item, "text") for item in bars.find_withtag("count")] == ["120", "5", "0"]


def test_colours_run_from_dark_to_light_and_letters_on_them_are_readable() -> None:
    colours = gradient(5)
    assert len(set(colours)) == 5 and palette.contrast(colours[0], "#FFFFFF") > palette.contrast(colours[4], "#FFFFFF")
    assert all(palette.contrast(ink_on(colour), colour) >= 4.5 for colour in (*colours, *palette.SERIES))
    assert gradient(1) and gradient(0) == []


def test_shares_are_said_in_words() -> None:
    assert shares_in_words({"a": 3, "b": 1}) == "a 75 %, b 25 %"
    assert shares_in_words({"a": 6, "b": 2, "": 1, "d": 1}, 2) == "a 60 %, b 20 % and 2 more"


def test_marks_stand_where_their_values_are(root: Any) -> None:
    lines = [Line("one", (Mark(0.5, 0.4, 0.6), Mark(0.9, 0.8, 1.2, 1)), "5 cells", 0.25)]
    chart = IntervalChart(root, lines, ["before", "after"], "scale")
    chart.grid(row=0, column=0, sticky="ew")
    settle(root, 0.3)
    first, second = (chart.coords(item) for item in chart.find_withtag("interval"))
    chance = chart.coords(chart.find_withtag("chance")[0])
    assert chance[0] < first[0] < first[2] < second[0] <= second[2] < chart.winfo_width()
    legend = [chart.itemcget(item, "text") for item in chart.find_withtag("legend")]
    assert legend == ["before", "after", "by chance"]
