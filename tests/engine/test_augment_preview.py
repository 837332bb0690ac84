from __future__ import annotations

import numpy as np
import pytest

from tests.cells import DEMO
from wizard import results
from wizard.engine import augment_preview
from wizard.engine.data import augmentation, normalisation
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.run import run_steps

STILL = {"flip_horizontal": False, "flip_vertical": False, "rotation": 0.0, "shift": 0.0, "zoom": 0.0}


def show(project, **values):
    project.change({f"train.{name}": value for name, value in values.items()})
    (path,) = run_steps(project, ["augment_preview"], Tell())
    with np.load(path.parent / "preview.npz", allow_pickle=False) as arrays:
        return project.result("augment_preview"), dict(arrays)


@pytest.fixture
def parsed(project):
    project.change({"parse.input": [str(DEMO)]})
    run_steps(project, ["parse"], Tell())
    return project


def test_cells_of_every_class_with_their_copies_in_the_instruments_grey_levels(parsed):
    found, arrays = show(parsed)
    data = DataSet.open(parsed.data_set("main"))
    assert {cell.label for cell in found.cells} == set(data.values("class").tolist())
    assert [channel.number for channel in found.channels] == [3, 4, 6]
    assert found.target == "class" and found.augmentation == "flow cell"
    train = {cell.tobytes() for cell in data.load(data.where("train"))}
    for index in range(len(found.cells)):
        cell, copies = arrays[f"cell_{index}"], arrays[f"copies_{index}"]
        assert cell.tobytes() in train, "held-out cells are not shown"
        assert copies.shape == (augment_preview.COPIES, *cell.shape) and copies.dtype == cell.dtype
        np.testing.assert_allclose(np.median(copies[:, 0], axis=(1, 2)), np.median(cell[0]), rtol=0.1)
    assert parsed.state("train").kind != "done"


@pytest.mark.parametrize("kind", list(normalisation.NORMALISATIONS))
def test_without_changes_copies_are_the_cells_themselves(kind):
    cells = np.random.default_rng(0).integers(0, 4096, (5, 2, 20, 20)).astype(np.uint16)
    constants = normalisation.fit(kind, cells)
    copies = augment_preview.augmented_copies(cells, augmentation.Augmentation(**STILL), constants, 1)
    ends = np.percentile(cells, (1, 99)) if kind == "percentile" else (0, 4096)
    wanted = np.broadcast_to(cells[:, None], copies.shape).astype(int).clip(*ends)
    assert np.abs(copies.astype(int) - wanted).max() <= (8 if kind == "percentile" else 1)


def test_brightness_is_seen_as_it_is(parsed):
    plain, before = show(parsed, augmentation="own", **STILL)
    _, after = show(parsed, brightness_add=2.0)
    data = DataSet.open(parsed.data_set("main"))
    sd = data.load(data.where("train")).std(axis=(0, 2, 3))
    moved = np.array([
        after[f"copies_{index}"].astype(float).mean(axis=(2, 3)) - before[f"copies_{index}"].mean(axis=(2, 3))
        for index in range(len(plain.cells))
    ])  # fmt: skip
    assert np.all(np.abs(moved).max(axis=(0, 1)) > sd), "no stretch to full contrast hides it"


def test_the_same_seed_shows_the_same_and_ranges_that_do_not_count_are_said(parsed):
    _, first = show(parsed, augmentation="smear")
    again, second = show(parsed, noise=0.4)
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert "Noise" in again.notices[0].text and "own" in again.notices[0].text
    _, other = show(parsed, seed=2)
    assert any(not np.array_equal(first[name], other[name]) for name in first)


def test_large_frames_give_fewer_cells(parsed, monkeypatch):
    monkeypatch.setattr(augment_preview, "_BYTES", 1)
    found, arrays = show(parsed)
    assert len(found.cells) == 1 and set(arrays) == {"cell_0", "copies_0"}


def test_without_a_data_set_it_is_said_what_to_do(project):
    with pytest.raises(UserError, match="cannot be opened"):
        run_steps(project, ["augment_preview"], Tell())
    assert project.result("augment_preview") is None


def test_the_result_is_stored_like_that_of_a_step():
    assert results.RESULTS["augment_preview"] is results.AugmentPreviewResult
