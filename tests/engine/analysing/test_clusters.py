from __future__ import annotations

import csv
import random

import numpy as np
import pytest

from tests.engine.analysing.conftest import blobs, space_of
from wizard.engine.analysing import clusters, graph
from wizard.visualize_plan import VisualizePlan


def columns(kinds, **more):
    return {
        "cell_id": [f"c{place}" for place in range(len(kinds))],
        "class": [f"K{kind}" for kind in kinds],
        "split": ["train"] * len(kinds),
        **more,
    }


def test_groups_that_lie_apart_are_found_the_largest_first(made_blobs):
    scores, kinds = made_blobs
    plan = VisualizePlan(resolution=0.2)
    labels, found = clusters.find(space_of(scores), columns(kinds), "class", plan)
    assert (labels == kinds).all()
    assert [one.name for one in found.clusters] == ["1", "2", "3"]
    assert [one.cells for one in found.clusters] == [120, 80, 60]
    assert found.clusters[0].tags["class"] == {"K0": 120}
    assert found.agreement == pytest.approx(1) and found.stability == pytest.approx(1)
    assert found.tag == "class" and found.resolution == 0.2 and "Leiden" in found.method


def test_a_higher_resolution_gives_more_clusters(made_blobs):
    scores, kinds = made_blobs
    space = space_of(scores)
    few, many = (
        len(clusters.find(space, columns(kinds), "class", VisualizePlan(resolution=level))[1].clusters)
        for level in (0.2, 5.0)
    )
    assert many > few


def test_the_same_seed_gives_the_same_clusters_and_leaves_the_lot_of_others_alone(made_blobs):
    scores, kinds = made_blobs
    random.seed(3)
    expected = random.random()
    random.seed(3)
    space = space_of(scores)
    first, _ = clusters.find(space, columns(kinds), "class", VisualizePlan(resolution=3.0))
    assert random.random() == expected
    second, _ = clusters.find(space, columns(kinds), "class", VisualizePlan(resolution=3.0))
    assert (first == second).all()


def test_typical_cells_are_the_innermost(made_blobs):
    scores, kinds = made_blobs
    _, found = clusters.find(space_of(scores), columns(kinds), "class", VisualizePlan(resolution=0.2))
    first = found.clusters[0]
    inside = scores[kinds == 0]
    off = np.linalg.norm(inside - inside.mean(axis=0), axis=1)
    assert len(first.typical) == clusters.TYPICAL
    assert first.typical[0] == f"c{int(off.argmin())}"


def test_measurements_and_identities_are_not_counted_as_tags(made_blobs):
    scores, kinds = made_blobs
    number = len(kinds)
    more = {"area": np.linspace(1, 9, number), "source": ["a.tif"] * number, "object": np.arange(number),
            "day": [str(place % 3) for place in range(number)], "hour": np.arange(number) % 4}  # fmt: skip
    _, found = clusters.find(space_of(scores), columns(kinds, **more), "class", VisualizePlan())
    assert set(found.clusters[0].tags) == {"class", "split", "day", "hour"}


def test_many_values_are_counted_together(made_blobs):
    scores, kinds = made_blobs
    more = {"well": [f"W{place % 90}" for place in range(len(kinds))]}
    _, found = clusters.find(space_of(scores), columns(kinds, **more), "class", VisualizePlan(resolution=0.2))
    counts = found.clusters[0].tags["well"]
    assert len(counts) <= 25 and clusters.OTHERS in counts and sum(counts.values()) == 120


@pytest.mark.parametrize("values", [["a"] * 260, [str(place) for place in range(260)], [""] * 260])
def test_no_agreement_with_a_tag_that_groups_nothing(made_blobs, values):
    scores, kinds = made_blobs
    _, found = clusters.find(space_of(scores), columns(kinds, lot=values), "lot", VisualizePlan())
    assert found.agreement is None and found.clusters


def test_few_cells_and_no_tag():
    scores, kinds = blobs((6, 5))
    labels, found = clusters.find(space_of(scores), columns(kinds), "", VisualizePlan())
    assert len(labels) == 11 and found.tag == "" and found.agreement is None
    assert sum(one.cells for one in found.clusters) == 11


def test_copies_of_one_cell_do_no_harm():
    scores = np.zeros((40, 4), np.float32)
    labels, found = clusters.find(space_of(scores), {"cell_id": list("x" * 40)}, "", VisualizePlan())
    assert len(labels) == 40 and found.clusters


def test_the_graph_is_symmetric_and_its_weights_are_shares(made_blobs):
    space = space_of(made_blobs[0])
    made = graph.fuzzy(space.neighbours, space.distances)
    assert abs(made - made.T).max() < 1e-12
    assert made.data.min() > 0 and made.data.max() <= 1
    assert made.diagonal().sum() == 0
    # Each cell's nearest neighbour has the full weight.
    assert np.allclose(np.asarray(made[np.arange(260), space.neighbours[:, 0]]), 1)


def test_missing_neighbours_are_left_out():
    neighbours = np.array([[1, -1], [0, 2], [1, -1]], np.int32)
    distances = np.array([[1, np.inf], [1, 2], [2, np.inf]], np.float32)
    made = graph.fuzzy(neighbours, distances, 2)
    assert made[0, 2] == 0 and made[0, 1] == 1
    assert np.isfinite(graph.gaussian(neighbours, distances, 2).data).all()


def test_the_tables_hold_every_count(made_blobs, tmp_path):
    scores, kinds = made_blobs
    odd = {"note": ["=1+1" if kind else "<b>é" for kind in kinds]}
    _, found = clusters.find(space_of(scores), columns(kinds, **odd), "class", VisualizePlan(resolution=0.2))
    files = clusters.write(found, tmp_path)
    assert list(files.values()) == ["clusters.csv", "cluster_cells.csv"]
    with (tmp_path / "clusters.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    mine = [row for row in rows if row["cluster"] == "2" and row["tag"] == "class"]
    assert [(row["value"], row["cells"], row["share_of_cluster"], row["share_of_value"]) for row in mine] == [
        ("K1", "80", "1.00000", "1.00000")
    ]
    assert any(row["value"] == "'=1+1" for row in rows)
    with (tmp_path / "cluster_cells.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 3 * clusters.TYPICAL
