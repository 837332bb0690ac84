"""The report of Visualize: maps with their quality, clusters, the progression and batch effects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tests import made_analyses
from tests.reports import samples
from wizard.reports import analysis_charts, film, maps
from wizard.reports.blocks import Figure, Heading, Table, Text
from wizard.reports.sections import visualize, visualize_analyses
from wizard.reports.step import write_step_reports
from wizard.results import VisualizeResult
from wizard.results_base import Estimate


def full(folder: Path, **more: object) -> VisualizeResult:
    """Return a result with everything in it, its table and film in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    made = samples.visualize(folder)
    table = pq.read_table(folder / "maps.parquet")
    rng = np.random.default_rng(0)
    days = [made_analyses.DAYS[row % 3] for row in range(table.num_rows)]
    pseudotime = np.clip(
        np.asarray([row % 3 for row in range(table.num_rows)]) / 3 + rng.random(table.num_rows) / 3, 0, 1
    )
    pseudotime[:4] = np.nan
    extra = {
        "day": pa.array(days), "cluster": pa.array([str(row % 5 + 1) for row in range(table.num_rows)]),
        "pseudotime": pa.array(pseudotime.astype(np.float32)),
    }  # fmt: skip
    for name, column in extra.items():
        table = table.append_column(name, column)
    pq.write_table(table, folder / "maps.parquet")
    for one in made.maps:
        one.trustworthiness, one.preservation = 0.987, 0.61
    return made.model_copy(
        update={
            "tags": ["class", "part", "day", "split", "cluster", "pseudotime"], "explained": [0.4, 0.2, 0.1],
            "loadings": made_analyses.loadings(), "clusters": made_analyses.clusters(samples.classes()),
            "progression": made_analyses.progression(folder), "batch": made_analyses.batches(), "judged_cells": 243,
            "judged_neighbours": 15, **more,
        }
    )  # fmt: skip


def texts(blocks: list) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, (Text, Heading)))


def named(blocks: list, kind: type, title: str):
    return next(block for block in blocks if isinstance(block, kind) and block.title == title)


def test_the_report_holds_everything_that_was_found(tmp_path):
    blocks = visualize.blocks(full(tmp_path), tmp_path)
    titles = [block.title for block in blocks if isinstance(block, (Figure, Table))]
    for wanted in ("Maps", "Explained variance", "Loadings", "Film strip", "Pseudotime by day", "Pseudotime on the map",
                   "Mix of the clusters", "Clusters on the map", "Batch effects", "Coordinates"):  # fmt: skip
        assert wanted in titles
    said = texts(blocks)
    assert "0.81 (95 % interval 0.76 to 0.86)" in said and "5 values of donor" in said
    assert "Agreement with class: 0.62" in said and "3 of 245 cells are not joined" in said
    assert "0.47 (95 % interval 0.42 to 0.52) before and 0.09" in said and "after ComBat" in said
    overview = named(blocks, Table, "Maps")
    assert overview.rows[0][2] == 0.987 and "Venna and Kaski" in overview.note and "243 cells" in overview.note
    assert "trustworthiness 0.987" in named(blocks, Figure, "UMAP 2-D").caption
    assert "5 clusters and a progression along day" in visualize.summary(full(tmp_path / "again"))


def test_every_figure_is_drawn(tmp_path):
    blocks = visualize.blocks(full(tmp_path), tmp_path)
    for block in blocks:
        if isinstance(block, Figure) and not block.title.endswith("3-D"):
            block.paint(block.path)
            with Image.open(block.path) as picture:
                assert min(picture.size) > 300, block.title
    vector = tmp_path / "film.svg"
    named(blocks, Figure, "Film strip").paint(vector)
    assert vector.read_text(encoding="utf-8").startswith("<?xml")


def test_page_and_workbook_are_written(tmp_path):
    made = full(tmp_path)
    made.maps = made.maps[:1]
    write_step_reports("Project", made, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (
        "Progression along day" in page and "Batch effects of donor" in page and "http" not in page.split("<body>")[1]
    )


def test_a_result_of_an_older_program_is_still_shown(tmp_path):
    made = samples.visualize(tmp_path)
    blocks = visualize.blocks(made, tmp_path)
    titles = [block.title for block in blocks if isinstance(block, (Figure, Table))]
    assert "Maps" in titles and "Clusters" not in titles and "Loadings" not in titles
    assert visualize.summary(made).endswith("PHATE 3-D.")


def test_tags_that_had_the_names_first_are_not_taken_for_ours(tmp_path):
    made = full(tmp_path)
    made.tags = ["cluster", "day", "split", "cluster_2", "pseudotime"]
    present = [*made.tags, "umap_2d_1"]
    assert visualize_analyses.own_column(made, "cluster", present) == "cluster_2"
    assert visualize_analyses.own_column(made, "pseudotime", present) == "pseudotime"
    assert visualize_analyses.own_column(made, "placed", present) == ""


def test_what_could_not_be_measured_is_said(tmp_path):
    nothing = Estimate(value=None, low=None, high=None)
    made = full(
        tmp_path, batch=made_analyses.batches(rows=[], before=None, why="All cells are of one batch (donor)."),
        progression=made_analyses.progression(correlation=nothing, within=None, stages=[], steps=[]),
    )  # fmt: skip
    blocks = visualize.blocks(made, tmp_path)
    assert "Batch effects were not measured. All cells are of one batch" in texts(blocks)
    assert "Film strip" not in [block.title for block in blocks if isinstance(block, Figure)]


def test_useless_and_harmful_corrections_are_said():
    useless = made_analyses.batches(after=made_analyses.estimate(0.5))
    assert "better leave it out" in visualize_analyses.batches_in_words(useless)
    harmful = made_analyses.batches(classes_after=made_analyses.estimate(0.6))
    assert "took real differences along" in visualize_analyses.batches_in_words(harmful)
    assert visualize_analyses.verdict(made_analyses.batches()) == ""


@pytest.mark.parametrize("number", [1, 40, 90])
def test_any_number_of_clusters_with_odd_names_is_drawn(tmp_path, number):
    names = ["=1+1", "<script>", "x" * 300, "🧫", "خلايا", "$x^2$", "_hidden"]
    analysis_charts.paint_clusters(made_analyses.clusters(names, number), tmp_path / "c.png")
    assert (tmp_path / "c.png").stat().st_size > 5000


def test_few_cells_of_a_stage_are_drawn_as_points(tmp_path):
    found = made_analyses.progression()
    analysis_charts.paint_stages(found, np.array([0.1, 0.5, np.nan]), ["Day 1", "Day 7", "Day 42"], tmp_path / "s.png")
    assert (tmp_path / "s.png").is_file()


def test_the_film_has_a_column_per_step(tmp_path):
    gallery = made_analyses.progression(tmp_path).film
    gallery.cells = gallery.cells[:-2]
    sheet = np.zeros((200, gallery.columns * gallery.tile[1], 3), np.uint8)
    made = film.strip(gallery, sheet)
    assert made.shape == (4 * (gallery.tile[0] + 2), 12 * (gallery.tile[1] + 2), 3)
    assert [len(places) for places in film.steps_of(gallery)] == [4] * 11 + [2]
    assert film.strip(gallery, sheet, 1).shape[0] == gallery.tile[0] + 2


@pytest.mark.parametrize("names", [["Colour", "Red", "Green", "Blue"], [f"Ch{place}" for place in range(16)]])
def test_films_of_colour_and_of_many_channels_stay_of_a_size(tmp_path, names):
    found = made_analyses.progression(tmp_path)
    first = next(iter(found.film.sheets.values()))
    found.film.sheets = dict.fromkeys(names, first)
    film.paint(found, tmp_path, tmp_path / "film.png")
    with Image.open(tmp_path / "film.png") as picture:
        assert picture.size[1] < 2.2 * picture.size[0]


def test_many_ordered_values_keep_their_order_in_the_colours():
    colours = film.ordered_colours([f"Day {place}" for place in range(40)])
    assert len(set(colours.values())) == 40


def test_placed_cells_get_a_ring(tmp_path, monkeypatch):
    ringed = []
    monkeypatch.setattr(maps, "_ring", lambda axis, points, number: ringed.append(len(points)))
    points = np.random.default_rng(0).normal(0, 1, (20, 2))
    points[0] = np.nan
    placed = np.arange(20) < 5
    maps.paint(points, ["a"] * 20, "class", "PCA", "title", tmp_path / "m.png", placed)
    assert ringed == [4]


def test_names_cannot_enter_the_page(tmp_path):
    bad = "<script>alert(1)</script>"
    made = full(
        tmp_path, maps=[], progression=made_analyses.progression(tag=bad, root="=1+1"),
        clusters=made_analyses.clusters([bad, "=1+1"]), batch=made_analyses.batches(tag=bad),
    )  # fmt: skip
    write_step_reports("Project", made, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
