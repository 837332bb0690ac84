from __future__ import annotations

import numpy as np
import pytest

from tests.engine.labeling.pictures import nuclei, published_field, save
from wizard.engine.errors import UserError
from wizard.engine.labeling.changes import Changes, changed, turned, turned_back
from wizard.engine.labeling.crops import Batch, Crops
from wizard.engine.labeling.finding import find_fields
from wizard.engine.labeling.preparing.levels import Levels
from wizard.engine.labeling.views import Region, View, divide, load

RNG = np.random.default_rng(0)
PLAIN = {name: Levels("none", 1.0, 0.0) for name in ("light", "DAPI_CONFOCAL", "MAP2_CONFOCAL")}


def view(seed=0, labels=2, **size):
    stain, _ = nuclei(seed, count=5, **size)
    stains = np.stack([stain] * labels, axis=-1).astype(np.float16)
    return View(
        f"view {seed}", np.stack([stain, 1 - stain], axis=-1).astype(np.float16), stains, np.ones(stains.shape, bool)
    )


def test_a_field_is_loaded(tmp_path):
    stack, stains = published_field(tmp_path, stains=("DAPI_CONFOCAL",))
    head = "lab-TEST,condition-A,acquisition_date,year-2015,well-A1,tile_computation-STITCHED"
    mask = np.zeros((128, 160))
    mask[:, :80] = 1
    save(tmp_path / f"{head},depth_computation-MAXPROJECT,channel-DAPI_CONFOCAL,is_mask-true.png", mask)
    (field,) = find_fields([str(tmp_path)]).fields
    found = load(field, ("DAPI_CONFOCAL", "MAP2_CONFOCAL"), 5, PLAIN)
    assert found.light.shape == (128, 160, 5) and found.stains.shape == (128, 160, 2)
    np.testing.assert_allclose(found.light[..., 3], stack[3], atol=1e-3)
    np.testing.assert_allclose(found.stains[..., 0], stains["DAPI_CONFOCAL"], atol=1e-3)
    assert found.known[:, :80, 0].all() and not found.known[:, 80:, 0].any() and not found.known[..., 1].any()
    assert load(field, ("DAPI_CONFOCAL",), 3, PLAIN).light.shape[-1] == 3


def test_stained_stacks_are_projected_and_constant_stains_are_unknown(tmp_path):
    published_field(tmp_path)
    (field,) = find_fields([str(tmp_path)]).fields
    twice = type(field)(field.name, field.inputs, {"DAPI_CONFOCAL": field.targets["DAPI_CONFOCAL"] * 2})
    one = load(field, ("DAPI_CONFOCAL",), 5, PLAIN)
    np.testing.assert_array_equal(load(twice, ("DAPI_CONFOCAL",), 5, PLAIN).stains, one.stains)
    (target,) = tmp_path.glob("*MAP2*")
    save(target, np.full((128, 160), 0.4))
    found = load(field, ("DAPI_CONFOCAL", "MAP2_CONFOCAL"), 5, PLAIN)
    assert found.known[..., 0].all() and not found.known[..., 1].any()


def test_whole_groups_are_held_out():
    train, test = divide([(50, 60)] * 6, 0.3, 8, groups=["A", "A", "B", "B", "C", "C"])
    assert len(test) == 2 and {region.view // 2 for region in train}.isdisjoint({region.view // 2 for region in test})
    assert divide([(50, 60)] * 6, 0.3, 8, groups=["A", "A", "B", "B", "C", "C"]) == (train, test)


def test_one_field_is_cut_with_a_gap():
    (train,), (test,) = divide([(50, 100)], 0.2, 16)
    assert (train.left, train.right, test.left, test.right) == (0, 64, 80, 100)
    assert train.bottom == test.bottom == 50


def test_crops_see_the_bright_objects():
    views = [view(height=400, width=600), view(1, height=300, width=300)]
    regions = [Region(0, 0, 0, 400, 500), Region(1, 0, 0, 300, 300)]

    def bright(share):
        crops = Crops(views, regions, 64, bright=share, tries=6, seed=1)
        drawn = [crops.draw(10) for _ in range(12)]
        for view_, top, left in (place for batch in drawn for place in batch.places):
            region = regions[view_]
            assert region.top <= top <= region.bottom - 64 and region.left <= left <= region.right - 64
        return np.mean([(batch.stains > 0.4).any(axis=(1, 2, 3)).mean() for batch in drawn])

    assert bright(1.0) > 2 * bright(0.0)


def test_crops_are_what_the_views_hold_and_are_repeatable():
    views = [view()]
    first, again = (Crops(views, [Region(0, 0, 0, 128, 160)], 32, seed=5).draw(6) for _ in range(2))
    np.testing.assert_array_equal(first.light, again.light)
    for at, (_, top, left) in enumerate(first.places):
        np.testing.assert_array_equal(first.stains[at], views[0].stains[top : top + 32, left : left + 32])
    assert first.light.dtype == np.float32 and first.weights.shape == (6, 32, 32, 2)


def test_a_label_that_is_nowhere_known_is_no_trouble():
    one = view()
    one.known[..., 1] = False
    batch = Crops([one], [Region(0, 0, 0, 128, 160)], 128, bright=1.0).draw(4)
    assert batch.weights[..., 1].sum() == 0 and batch.weights[..., 0].all()


def test_small_regions_are_refused():
    with pytest.raises(UserError, match="view 0 is too small for training crops of 64 px"):
        Crops([view()], [Region(0, 0, 0, 128, 60)], 64)
    with pytest.raises(UserError, match="no field of view"):
        Crops([view()], [], 64)


def batch(size=24, planes=5):
    light = RNG.uniform(0.2, 0.8, (16, size, size, planes)).astype(np.float32)
    return Batch(light, light[..., :2].copy(), (light[..., :2] > 0.5).astype(np.float32), [(0, 0, 0)] * 16)


def test_turns_go_together():
    given = batch()
    made = changed(given, Changes(gain=0, offset=0, noise=0, focus=0, blur=0), np.random.default_rng(0))
    np.testing.assert_array_equal(made.light[..., :2], made.stains)
    np.testing.assert_array_equal(made.stains > 0.5, made.weights > 0)
    assert len({made.light[n].tobytes() == given.light[n].tobytes() for n in range(16)}) == 2
    np.testing.assert_allclose(made.light.mean((1, 2)), given.light.mean((1, 2)), rtol=1e-5)


def test_turned_and_back():
    image = RNG.uniform(0, 1, (4, 7, 2))
    for turns in range(4):
        for flip in (False, True):
            np.testing.assert_array_equal(turned_back(turned(image, turns, flip), turns, flip), image)


@pytest.mark.parametrize(
    "one", [{"gain": 0.2}, {"offset": 0.1}, {"noise": 0.05}, {"focus": 2}, {"blur": 2.0}, {"planes": 0.5}]
)
def test_light_is_changed_alone(one):
    off = {"turns": False, "flips": False, "gain": 0, "offset": 0, "noise": 0, "focus": 0, "blur": 0, "planes": 0}
    given = batch()
    same = changed(given, Changes(**off), np.random.default_rng(0))
    np.testing.assert_array_equal(same.light, given.light)
    made = changed(given, Changes(**{**off, **one}), np.random.default_rng(1))
    assert (made.light != given.light).any()
    np.testing.assert_array_equal(made.stains, given.stains)
    assert made.light.min() >= 0 and made.light.max() <= 1
    again = changed(given, Changes(**{**off, **one}), np.random.default_rng(1))
    np.testing.assert_array_equal(again.light, made.light)


def test_focus_moves_the_whole_stack():
    given = batch()
    off = {"turns": False, "flips": False, "gain": 0, "offset": 0, "noise": 0, "blur": 0}
    made = changed(given, Changes(focus=1, **off), np.random.default_rng(3))
    for at in range(16):
        moved = [np.clip(np.arange(5) + by, 0, 4) for by in (-1, 0, 1)]
        assert any((made.light[at] == given.light[at][..., order]).all() for order in moved)
