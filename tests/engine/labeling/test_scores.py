from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage, stats
from skimage import filters, metrics, segmentation

from tests.engine.labeling.pictures import light, nuclei
from wizard.engine.labeling import panels
from wizard.engine.labeling.baseline import Linear, features
from wizard.engine.labeling.objects import centres, compare, count_errors, inside, segment, sizes
from wizard.engine.labeling.scores import heat_map, otsu, pearson, pearson_foreground, pearson_sampled, scores, ssim

RNG = np.random.default_rng(0)
TRUE = nuclei(0, 200, 240, 20)[0]
GUESS = np.clip(ndimage.gaussian_filter(TRUE, 2) + RNG.normal(0, 0.03, TRUE.shape), 0, 1)


def test_pearson_is_scipys():
    assert pearson(TRUE, GUESS) == pytest.approx(stats.pearsonr(TRUE.ravel(), GUESS.ravel()).statistic, abs=1e-9)
    known = RNG.random(TRUE.shape) < 0.3
    assert pearson(TRUE, GUESS, known) == pytest.approx(stats.pearsonr(TRUE[known], GUESS[known]).statistic, abs=1e-9)
    bright = TRUE > 0.3
    assert pearson_foreground(TRUE, GUESS, 0.3) == pytest.approx(
        stats.pearsonr(TRUE[bright], GUESS[bright]).statistic, abs=1e-9
    )
    assert np.isnan(pearson(TRUE, np.full(TRUE.shape, 0.1))) and np.isnan(pearson(TRUE, GUESS, TRUE > 2))


def test_the_sample_is_fixed_and_fair():
    assert pearson_sampled(TRUE, GUESS) == pytest.approx(pearson(TRUE, GUESS))
    first = pearson_sampled(TRUE, GUESS, count=10_000)
    assert first == pearson_sampled(TRUE, GUESS, count=10_000) != pearson(TRUE, GUESS)
    assert first == pytest.approx(pearson(TRUE, GUESS), abs=0.02)


def test_otsu_and_ssim_are_those_of_scikit_image():
    assert otsu(TRUE) == pytest.approx(filters.threshold_otsu(TRUE.astype(float)), abs=1e-6)
    assert otsu(np.ones(5)) == 1
    wanted = metrics.structural_similarity(
        TRUE.astype(float), GUESS, data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ssim(TRUE, GUESS) == pytest.approx(wanted, abs=1e-6)
    assert ssim(TRUE, TRUE) == pytest.approx(1)


def test_the_heat_map_counts_per_thousand():
    truth, guess = np.array([0.05, 0.05, 0.15, 1.0]), np.array([0.0, 0.95, 0.19, 1.2])
    found = heat_map(truth, guess)
    assert found.sum() == 1000
    assert found[0, 0] == found[0, 9] == found[1, 1] == found[9, 9] == 250
    assert heat_map(truth, guess, np.array([True, False, False, True]))[9, 9] == 500


def test_all_figures_together():
    found = scores(TRUE, GUESS, interval=(TRUE - 0.1, TRUE + np.where(np.arange(240) < 120, 0.1, -0.05)))
    assert found.pearson == pytest.approx(pearson(TRUE, GUESS)) and found.pixels == TRUE.size
    assert found.coverage == pytest.approx(0.5)
    assert found.foreground == pytest.approx((otsu(TRUE) < TRUE).mean(), abs=1e-6)
    assert found.mae == pytest.approx(np.abs(TRUE - GUESS).mean())
    assert scores(TRUE, GUESS, threshold=0.3).threshold == 0.3
    nothing = scores(TRUE, GUESS, np.zeros(TRUE.shape, bool))
    assert nothing.pixels == 0 and np.isnan(nothing.pearson)


def test_nuclei_are_found():
    stain, places = nuclei(3, 200, 240, 20)
    found = segment(stain, 12)
    assert found.max() == 20
    distance = np.abs(centres(found)[:, None] - places[None]).max(-1).min(1)
    assert distance.max() < 1.0
    assert np.bincount(found.ravel())[1:].mean() == pytest.approx(np.pi * 36, rel=0.15)
    assert segment(np.full((50, 60), 0.3), 12).max() == 0 and centres(np.zeros((5, 5), np.int32)).shape == (0, 2)


def test_touching_nuclei_are_divided():
    rows, columns = np.mgrid[:60, :90]
    stain = np.maximum(np.hypot(rows - 30, columns - 35) < 10, np.hypot(rows - 30, columns - 51) < 10).astype(float)
    found = segment(stain, 20)
    assert found.max() == 2 and found[30, 30] != found[30, 56]
    assert (segmentation.find_boundaries(found, mode="inner") & (found > 0)).any()


def grid_of(*places):
    return np.array(places, float).reshape(-1, 2)


def test_errors_by_the_published_rule():
    true = grid_of((50, 50), (50, 100), (50, 150), (50, 170), (120, 50))
    assert compare(true, true, 16).accuracy == 1
    predicted = grid_of((50, 52), (50, 94), (50, 107), (50, 160), (200, 200))
    found = compare(true, predicted, 16)
    assert (found.split, found.merged, found.added, found.missed) == (1, 1, 1, 1)
    assert found.accuracy == pytest.approx((5 - 4) / 5)
    assert compare(true, grid_of(), 16).missed == 5
    assert compare(grid_of(), true, 16).added == 5 and np.isnan(compare(grid_of(), true, 16).accuracy)


def test_errors_of_pictures():
    stain, places = nuclei(3, 200, 240, 20)
    same = count_errors(stain, np.clip(stain * 0.6 + 0.1, 0, 1), 12)
    assert same.accuracy == 1 and same.true == len(inside(places, (200, 240), 6))
    y, x = inside(places, (200, 240), 20)[0].round().astype(int)
    gone = stain.copy()
    gone[y - 9 : y + 10, x - 9 : x + 10] = 0.2
    found = count_errors(stain, gone, 12)
    assert (found.missed, found.added) == (1, 0)


def test_sizes_of_live_and_dead_nuclei():
    live, dead = nuclei(1, 200, 240, 12, 8)[0], nuclei(2, 200, 240, 12, 5)
    field = np.concatenate([live, dead[0]], axis=1)
    found = sizes(segment(field, 13), dead[1] + (0, 240), 5)
    assert len(found.live) == 12 and len(found.dead) == 12
    assert found.live.mean() == pytest.approx(16, abs=1) and found.dead.mean() == pytest.approx(10, abs=1)
    assert found.statistic == 1 and found.p < 1e-4
    assert np.isnan(sizes(segment(field, 13), np.zeros((0, 2)), 5).p)


def test_the_error_panel():
    truth, guess = np.full((20, 30), 0.2), np.full((20, 30), 0.2)
    guess[5, 5], truth[6, 6] = 0.8, 0.8
    found = panels.panel({"DAPI": (truth, guess), "MAP2": (guess, truth)})
    assert found.shape == (2 * 28, 3 * 38, 3) and found.dtype == np.uint8
    assert tuple(found[0, 0]) == panels.PURPLE and tuple(found[0, 38]) == panels.TURQUOISE
    assert tuple(found[0, 80]) == panels.BLACK
    assert found[4 + 5, 4 + 5].tolist() == [255] * 3 and found[4, 4].tolist() == [0] * 3
    errors = found[4:24, 80:110]
    assert errors[5, 5].tolist() == [191, 96, 0] and errors[6, 6].tolist() == [0, 96, 191]
    assert errors.sum() == 2 * (191 + 96)
    assert panels.together(truth, guess)[5, 5].tolist() == [255, 128, 0]
    assert panels.panel({"a": (truth, guess)}, truth).shape == (28, 4 * 38, 3)
    lit = panels.overlay(np.full((20, 30), 0.5), {"DAPI": (guess, (0.0, 0.4, 1.0))})
    assert lit[5, 5, 2] == 255 and lit[0, 0].tolist() == [76, 76, 76]


def test_the_linear_floor():
    stain = nuclei(0, 200, 240, 20)[0]
    given = np.moveaxis(light(stain, 13), 0, -1)
    assert features(given).shape == (200, 240, 33)
    model = Linear.fit(given[:, :150], stain[:, :150, None])
    assert pearson(stain[:, 160:], model.predict(given[:, 160:])[..., 0]) > 0.7
    known = np.zeros((200, 150, 1), bool)
    known[:, :40] = True
    part = stain[:, :150, None].copy()
    part[~known] = 9
    assert pearson(stain[:, 160:], Linear.fit(given[:, :150], part, known).predict(given[:, 160:])[..., 0]) > 0.6
