from __future__ import annotations

import csv

import numpy as np
import pytest

from tests.cells import write_cell
from tests.engine.training.conftest import TINY
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Metric, Tell
from wizard.engine.model import load, weights_of
from wizard.engine.networks.base import NETWORKS
from wizard.engine.run import run_steps
from wizard.engine.training.judging import clearly_worse
from wizard.engine.training.parts import choose_parts
from wizard.plan import TrainPlan

KEYS = ("loss", "accuracy", "val_loss", "val_accuracy", "val_balanced_accuracy")


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setitem(NETWORKS, TINY.name, TINY)


def parsed(project, folder, **values):
    """Parse, and set Train to a network that is compiled in a second."""
    small = {"train.network": TINY.name, "train.learning_rate": 0.01, "train.epochs": 4}
    project.change({"parse.input": [str(folder)], **small, **values})
    run_steps(project, ["parse"], Tell())
    return project


def curves(result):
    return np.array([[row[key] for key in KEYS] for row in result.history])


def test_the_result(analysed):
    result = analysed.result("train")
    assert result.classes == ["bright", "dim"]
    assert result.epochs == len(result.history) == 16
    assert result.validation["n_cells"] + sum(parts["train"] for parts in result.counts.values()) == 36
    assert result.validation["accuracy"] > 0.9
    assert (analysed.root / result.model).is_file()
    with (analysed.result_dir("train") / "history.csv").open(encoding="utf-8-sig") as stream:
        assert [row["epoch"] for row in csv.DictReader(stream)] == [f"{epoch}.0" for epoch in range(1, 17)]
    assert not list(analysed.training_dir.glob("checkpoint_*"))


def test_validation_is_by_donor_and_without_holdout_cells(analysed):
    data = DataSet.open(analysed.data_set("main"))
    parts = choose_parts(data, TrainPlan())
    donors = data.values("donor")
    assert parts.validation_by == "group donor"
    assert not set(donors[parts.train]) & set(donors[parts.validation])
    assert not set(parts.train) & set(data.where("holdout"))
    assert not set(parts.validation) & set(data.where("holdout"))


class Killed(BaseException):
    """Ends the training like a power cut: nothing is tidied up."""


def test_a_killed_training_continues_to_the_same_curve_and_another_seed_gives_another(project, easy):
    parsed(project, easy)
    run_steps(project, ["train"], Tell())
    whole = project.result("train")

    def emit(event):
        if isinstance(event, Metric) and event.epoch == 2:
            raise Killed

    with pytest.raises(Killed):
        run_steps(project, ["train"], Tell(emit))
    assert project.result("train").id == whole.id
    run_steps(project, ["train"], Tell(), resume=True)
    again = project.result("train")
    np.testing.assert_allclose(curves(again), curves(whole), rtol=1e-4, atol=1e-4)
    models = [load(project.root / result.model).network for result in (whole, again)]
    for name, value in weights_of(models[0]).items():
        np.testing.assert_allclose(weights_of(models[1])[name], value, rtol=1e-3, atol=1e-4)
    project.change({"train.seed": 2})
    run_steps(project, ["train"], Tell())
    assert np.abs(curves(project.result("train")) - curves(whole)).max() > 1e-3


def test_resume_needs_the_same_settings_and_something_to_resume(project, easy):
    parsed(project, easy)
    with pytest.raises(UserError, match="no interrupted training"):
        run_steps(project, ["train"], Tell(), resume=True)

    def emit(event):
        if isinstance(event, Metric):
            raise Killed

    with pytest.raises(Killed):
        run_steps(project, ["train"], Tell(emit))
    project.change({"train.learning_rate": 0.02})
    with pytest.raises(UserError, match="cannot be continued"):
        run_steps(project, ["train"], Tell(), resume=True)


def test_a_damaged_checkpoint_falls_back_to_the_one_before(project, easy):
    parsed(project, easy)

    def emit(event):
        if isinstance(event, Metric) and event.epoch == 3:
            raise Killed

    with pytest.raises(Killed):
        run_steps(project, ["train"], Tell(emit))
    newest = project.training_dir / "checkpoint_3.safetensors"
    newest.write_bytes(newest.read_bytes()[:-100])
    seen = []
    run_steps(project, ["train"], Tell(lambda event: seen.append(event)), resume=True)
    assert [event.epoch for event in seen if isinstance(event, Metric)] == [1, 2, 3, 4]


def test_stop_keeps_the_best_so_far(project, easy):
    parsed(project, easy, **{"train.epochs": 200, "train.patience": 200})
    epochs = []
    tell = Tell(lambda event: epochs.append(event) if isinstance(event, Metric) else None, lambda: len(epochs) >= 3)
    run_steps(project, ["train", "evaluate"], tell)
    result = project.result("train")
    assert result.stopped
    assert result.epochs == 3
    assert load(project.root / result.model).classes == ["bright", "dim"]
    assert project.result("evaluate") is None


def test_cancel_restores_the_state_before(project, easy):
    parsed(project, easy)
    run_steps(project, ["train"], Tell())
    before = project.result("train").id
    files = sorted(path.name for path in project.training_dir.iterdir())
    seen = []
    tell = Tell(seen.append, cancelled=lambda: sum(isinstance(event, Metric) for event in seen) >= 2)
    with pytest.raises(Cancelled):
        run_steps(project, ["train"], tell)
    assert project.result("train").id == before
    assert sorted(path.name for path in project.training_dir.iterdir()) == files
    assert len(project.models()) == 1


def test_early_stopping_and_time_limit(project, easy, monkeypatch):
    parsed(project, easy, **{"train.epochs": 60, "train.patience": 2})
    verdicts = iter([False, False, True, True])
    with monkeypatch.context() as patch:
        patch.setattr("wizard.engine.training.loop.clearly_worse", lambda *_: next(verdicts))
        run_steps(project, ["train"], Tell())
    assert (project.result("train").epochs, project.result("train").best_epoch) == (4, 2)
    assert "got worse" in project.result("train").ended_because
    project.change({"train.patience": 500, "train.epochs": 2000, "train.minutes": 0.02})
    run_steps(project, ["train"], Tell())
    assert "time limit" in project.result("train").ended_because


def test_clearly_worse_needs_more_than_noise():
    rng = np.random.default_rng(0)
    lowest = rng.normal(1, 0.3, 500)
    assert not clearly_worse(lowest, lowest)
    assert not clearly_worse(lowest + rng.normal(0.001, 0.5, 500), lowest)
    assert clearly_worse(lowest + rng.normal(0.1, 0.5, 500), lowest)


@pytest.mark.parametrize("values", [{"train.target": "class"}, {}])
def test_one_class_is_refused(project, tmp_path, values):
    for index in range(8):
        write_cell(tmp_path / "in" / "only", f"a{index}", np.full((2, 16, 16), index, np.uint16))
    parsed(project, tmp_path / "in", **values)
    with pytest.raises(UserError, match="only one class|nothing to tell apart"):
        run_steps(project, ["train"], Tell())
    assert project.result("train") is None


def test_target_and_group_must_differ_and_targets_must_exist(project, easy):
    parsed(project, easy)
    project.change({"train.target": "donor"})
    with pytest.raises(UserError, match="group"):
        run_steps(project, ["train"], Tell())
    project.change({"train.target": "dose"})
    with pytest.raises(UserError, match="no tag called 'dose'"):
        run_steps(project, ["train"], Tell())


def test_weak_targets_are_called_weak(project, easy):
    parsed(project, easy, **{"train.target": "donor", "train.epochs": 1})
    run_steps(project, ["train"], Tell())
    result = project.result("train")
    assert result.weak
    assert result.classes == ["A", "B", "C", "D"]
    assert any("weak" in notice.text for notice in result.notices)


def test_a_loss_that_is_no_number_is_said(project, easy):
    parsed(project, easy, **{"train.learning_rate": 1.0})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wizard.engine.data.augmentation.augment", lambda images, *_: images * np.float32(np.nan))
        with pytest.raises(UserError, match="ran away"):
            run_steps(project, ["train"], Tell())


def test_small_classes_are_left_out_by_name(project, easy):
    write_cell(easy / "Donor A" / "rare", "r", np.full((2, 20, 20), 9, np.uint16))
    parsed(project, easy, **{"train.epochs": 1, "parse.group": "none", "parse.holdout": 0})
    run_steps(project, ["train"], Tell())
    result = project.result("train")
    assert "rare" not in result.classes
    assert any("rare" in notice.text for notice in result.notices)


@pytest.mark.parametrize("normalisation", ["percentile", "per_cell"])
def test_other_normalisations_and_images_on_disk(project, easy, monkeypatch, normalisation):
    monkeypatch.setattr("wizard.engine.training.feed._IN_MEMORY", 0)
    parsed(project, easy, **{"train.normalisation": normalisation, "train.augmentation": "smear", "train.epochs": 2})
    run_steps(project, ["train"], Tell())
    model = load(project.root / project.result("train").model)
    assert model.manifest["normalisation"]["kind"] == normalisation


def test_changes_on_the_way_are_in_the_result_its_table_and_the_report(project, easy, monkeypatch):
    parsed(project, easy, **{"train.epochs": 3, "train.learning_rate": 0.02})
    waiting = [{}, {"learning_rate": 0.005, "augmentation": "none"}]
    run_steps(project, ["train"], Tell(changes=lambda: waiting.pop(0) if waiting else {}))
    result = project.result("train")
    assert [(c["epoch"], c["setting"]) for c in result.adjustments] == [(2, "learning_rate"), (2, "augmentation")]
    for folder in (project.training_dir, project.result_dir("train")):
        with (folder / "adjustments.csv").open(encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
        assert [row["new"] for row in rows] == ["0.005", "none"]
    report = next(project.result_dir("train").glob("*.html")).read_text(encoding="utf-8")
    assert "Settings changed while it ran" in report and "Validation recall of dim" in report
    assert any("on this computer" in notice.text for notice in result.notices)
    assert not list(project.training_dir.glob("checkpoint_*"))


def test_a_training_that_runs_away_later_keeps_its_best_model_and_says_why(project, easy, monkeypatch):
    parsed(project, easy, **{"train.epochs": 9})
    seen = []

    def emit(event):
        seen.append(event)
        if isinstance(event, Metric) and event.epoch == 2:
            monkeypatch.setattr(
                "wizard.engine.data.augmentation.augment", lambda images, *_: images * np.float32(np.nan)
            )

    run_steps(project, ["train"], Tell(emit))
    result = project.result("train")
    assert (result.epochs, result.best_epoch) == (2, 2)
    assert "no number" in result.ended_because
    assert any("tenth of the learning rate" in notice.text for notice in result.notices)
    assert load(project.root / result.model).classes == ["bright", "dim"]


@pytest.mark.parametrize("loss", ["focal", "one_vs_rest"])
def test_other_losses_give_probabilities_that_sum_to_one(project, easy, loss):
    parsed(project, easy, **{"train.epochs": 12, "train.loss": loss})
    run_steps(project, ["train", "predict"], Tell())
    with (project.result_dir("predict") / "predictions.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    shares = np.array([[float(row[name]) for name in row if name.startswith("p_")] for row in rows])
    assert shares.shape[1] == 2
    np.testing.assert_allclose(shares.sum(1), 1, atol=1e-3)


def test_what_was_told_before_stands_in_the_result(project, easy):
    parsed(project, easy)
    run_steps(project, ["train"], Tell())
    low, likely, high = project.result("train").expected_seconds
    assert 0 < low <= likely <= high
