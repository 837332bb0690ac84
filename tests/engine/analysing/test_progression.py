from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from tests.engine.analysing.conftest import blobs, course, space_of
from wizard.engine.analysing import diffusion, graph, progression
from wizard.engine.errors import UserError
from wizard.visualize_plan import VisualizePlan


def plan(**more):
    return VisualizePlan(progression="day", **more)


def test_cells_on_a_course_are_put_in_its_order(made_course):
    scores, place, day = made_course
    pseudotime, found = progression.arrange(space_of(scores), {"day": day.astype(str)}, "", plan())
    assert spearmanr(pseudotime, place)[0] > 0.98
    assert pseudotime.dtype == np.float32 and pseudotime.min() == 0 and pseudotime.max() == 1
    # Shares of the cells: evenly spread.
    assert np.allclose(np.sort(pseudotime), np.linspace(0, 1, len(place)), atol=0.01)
    assert found.correlation.value == pytest.approx(spearmanr(pseudotime, day)[0], abs=0.01)
    assert found.correlation.low < found.correlation.value < found.correlation.high
    assert found.correlation.low > spearmanr(place, day)[0] - 0.05
    assert found.order == ["0", "1", "2", "3", "4"] and found.root == "0" and found.n_cells == 600
    assert found.intervals_over == "cells" and found.within is None and found.disconnected == 0
    medians = [stage.median for stage in found.stages]
    assert medians == sorted(medians) and sum(stage.cells for stage in found.stages) == 600
    assert len(found.steps) == 12 and sum(step.cells for step in found.steps) == 600
    assert found.cautions == []


def test_hold_out_cells_are_judged_apart(made_course):
    scores, _, day = made_course
    rng = np.random.default_rng(0)
    split = np.where(rng.random(len(day)) < 0.3, "holdout", "train")
    shown = day.copy()
    shown[split == "holdout"] = rng.permutation(shown[split == "holdout"])
    columns = {"day": shown.astype(str), "split": split}
    found = progression.arrange(space_of(scores), columns, "", plan())[1]
    assert found.n_holdout == (split == "holdout").sum()
    assert abs(found.holdout.value) < 0.25 < found.correlation.value
    assert found.holdout.low < 0 < found.holdout.high
    columns["split"] = np.full(len(day), "holdout")
    assert progression.arrange(space_of(scores), columns, "", plan())[1].holdout is None


def test_the_start_can_be_the_other_end(made_course):
    scores, place, day = made_course
    pseudotime, found = progression.arrange(space_of(scores), {"day": day.astype(str)}, "", plan(root="4"))
    assert spearmanr(pseudotime, place)[0] < -0.98
    assert found.correlation.value < -0.8, "the row is never turned round to fit the tag"
    assert "runs against" in found.cautions[0]
    assert progression.arrange(space_of(scores), {"day": day.astype(str)}, "", plan(root="Day 4"))[1].root == "4"


def test_the_same_seed_gives_the_same_row(made_course):
    scores, _, day = made_course
    space = space_of(scores)
    first, second = (progression.arrange(space, {"day": day.astype(str)}, "", plan())[0] for _ in range(2))
    assert (first == second).all()


def test_a_stray_cell_of_the_first_day_does_not_move_the_start(made_course):
    scores, place, day = made_course
    day = day.copy()
    day[np.argmax(place)] = 0
    pseudotime, _ = progression.arrange(space_of(scores), {"day": day.astype(str)}, "", plan())
    assert spearmanr(pseudotime, place)[0] > 0.97


def test_a_tag_that_has_nothing_to_do_with_the_features_seems_not_to():
    rng = np.random.default_rng(1)
    found = [
        progression.arrange(
            space_of(rng.normal(0, 1, (300, 6))), {"day": rng.integers(0, 4, 300).astype(str)}, "", plan()
        )[1].correlation
        for _ in range(12)
    ]
    assert abs(np.mean([one.value for one in found])) < 0.05
    assert sum(one.low <= 0 <= one.high for one in found) >= 9


def test_intervals_are_drawn_over_groups(made_course):
    scores, _, day = made_course
    donor = np.asarray([f"D{number}" for number in np.random.default_rng(0).integers(0, 6, len(day))])
    _, found = progression.arrange(space_of(scores), {"day": day.astype(str), "donor": donor}, "donor", plan())
    assert found.intervals_over == "6 values of donor"
    assert found.within.value > 0.9 and found.within.low <= found.within.value <= found.within.high


def test_a_group_that_is_the_tag_itself_is_no_group(made_course):
    scores, _, day = made_course
    _, found = progression.arrange(space_of(scores), {"day": day.astype(str)}, "day", plan())
    assert found.intervals_over == "cells" and found.within is None


def test_values_outside_the_order_are_arranged_but_not_counted(made_course):
    scores, _, day = made_course
    texts = day.astype(str).astype(object)
    texts[:30] = ""
    texts[day == 2] = "treated"
    order = ["0", "1", "3", "4"]
    pseudotime, found = progression.arrange(space_of(scores), {"day": texts}, "", plan(order=order))
    outside = int(((texts == "") | (texts == "treated")).sum())
    assert not np.isnan(pseudotime).any()
    assert found.outside == outside and found.n_cells == 600 - outside
    assert f"{outside} cells have a value" in found.cautions[0]
    assert [stage.value for stage in found.stages] == order


def test_cells_that_are_not_joined_have_no_pseudotime():
    scores, _, day = course(300)
    apart = np.concatenate([scores, scores[:100] + 500])
    days = np.concatenate([day, np.full(100, 4)])
    pseudotime, found = progression.arrange(space_of(apart, 40), {"day": days.astype(str)}, "", plan())
    assert np.isnan(pseudotime[300:]).all() and not np.isnan(pseudotime[:300]).any()
    assert found.disconnected == 100 and found.n_cells == 300 and found.neighbours == 15
    assert "100 of 400 cells" in found.cautions[0]


def test_groups_far_apart_leave_only_the_start_and_this_is_said():
    scores, kinds = blobs((80, 80), gap=400)
    _, found = progression.arrange(space_of(scores, 30), {"day": kinds.astype(str)}, "", plan())
    assert found.disconnected == 80 and found.correlation.value is None
    said = " ".join(found.cautions)
    assert "cannot be told" in said and "could be arranged: 1" in said


@pytest.mark.parametrize("number", [4, 12, 30])
def test_few_cells(number):
    scores, _, _ = course(number)
    days = np.arange(number) % 2
    pseudotime, found = progression.arrange(space_of(scores), {"day": days.astype(str)}, "", plan())
    assert len(pseudotime) == number and len(found.steps) == min(12, number)


def test_copies_of_cells_do_no_harm():
    scores = np.repeat(np.eye(3, 5, dtype=np.float32), 30, axis=0)
    pseudotime, _ = progression.arrange(space_of(scores), {"day": np.repeat(["1", "2", "3"], 30)}, "", plan())
    assert len(pseudotime) == 90


def test_a_tag_or_start_that_is_not_there_is_said(made_course):
    scores, _, day = made_course
    space = space_of(scores)
    with pytest.raises(UserError, match="no tag called 'day'"):
        progression.arrange(space, {"hour": day.astype(str)}, "", plan())
    with pytest.raises(UserError, match="cannot start at '9'"):
        progression.arrange(space, {"day": day.astype(str)}, "", plan(root="9"))


def test_diffusion_coordinates_are_those_of_the_transition_matrix():
    scores, _, _ = course(60)
    space = space_of(scores, 20)
    kernel = graph.gaussian(space.neighbours, space.distances, 20)
    places = diffusion.coordinates(kernel, 0)
    density = np.asarray(kernel.sum(axis=1)).ravel()
    flat = kernel.toarray() / np.outer(density, density)
    walk = flat / flat.sum(axis=1, keepdims=True)
    share = flat.sum(axis=1) / flat.sum()
    values, vectors = np.linalg.eig(walk)
    order = np.argsort(-values.real)[1:4]
    for place, which in enumerate(order):
        right = vectors[:, which].real
        right /= np.sqrt((share * right**2).sum())
        wanted = right * values[which].real / (1 - values[which].real)
        # Sorted from the largest eigenvalue down, whatever the sign.
        assert min(np.abs(places[:, place] - wanted).max(), np.abs(places[:, place] + wanted).max()) < 1e-6


def test_many_cells_take_the_sparse_way_to_the_same_coordinates(monkeypatch):
    scores, _, _ = course(300)
    space = space_of(scores, 15)
    kernel = graph.gaussian(space.neighbours, space.distances, 15)
    dense = diffusion.coordinates(kernel, 0)
    monkeypatch.setattr(diffusion, "_DENSE", 10)
    lean = diffusion.coordinates(kernel, 0)
    assert np.allclose(np.abs(dense), np.abs(lean), rtol=1e-3, atol=1e-3 * np.abs(dense).max())
