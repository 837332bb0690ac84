from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from tests.engine.training.conftest import TINY
from wizard import runs
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Metric, Tell
from wizard.engine.model import load, weights_of
from wizard.engine.run import run_steps
from wizard.engine.training import changes, keeping
from wizard.engine.training.parts import choose_parts, fold_parts
from wizard.engine.training.pooling import mean_history
from wizard.project import Project
from wizard.train_plan import TrainPlan

SMALL = {"train.network": TINY.name, "train.learning_rate": 0.01, "train.batch": 8}


class Killed(BaseException):
    """Ends the training like a power cut: nothing is tidied up."""


@pytest.fixture(scope="module")
def cells(tmp_path_factory, easy_parsed):
    return DataSet.open(easy_parsed.data_set("main"))


@pytest.fixture
def project(tiny, easy_parsed, tmp_path):
    """A project of its own with the parsed easy cells."""
    import shutil

    shutil.copytree(easy_parsed.root, tmp_path / "project", ignore=shutil.ignore_patterns(".lock*"))
    with Project.open(tmp_path / "project") as opened:
        opened.change({**SMALL, "train.folds": 3, "train.epochs": 3})
        yield opened


def metrics(number):
    """Return a Tell that dies at the `number`-th finished epoch."""
    seen = []

    def emit(event):
        if isinstance(event, Metric):
            seen.append(event)
            if len(seen) == number:
                raise Killed

    return Tell(emit)


def rows_of(path):
    with path.open(encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def test_every_training_cell_is_validated_once_and_its_group_is_not_learned(cells):
    whole = choose_parts(cells, TrainPlan())
    parts, words = fold_parts(cells, whole, 3, 1)
    assert not words and len(parts) == 3
    judged = np.concatenate([part.validation for part in parts])
    assert sorted(judged) == sorted(cells.where("train"))
    donors = cells.values("donor")
    for part in parts:
        assert not set(donors[part.train]) & set(donors[part.validation])
        assert not set(part.train) & set(cells.where("holdout"))
        assert part.validation_by == "group donor"


def test_fewer_groups_than_folds_divide_single_cells_and_say_so(cells):
    parts, words = fold_parts(cells, choose_parts(cells, TrainPlan()), 5, 1)
    assert "fewer values of donor" in words and parts[0].validation_by == "cell"
    assert sorted(np.concatenate([part.validation for part in parts])) == sorted(cells.where("train"))
    assert all(len(set(part.class_of[part.train])) == 2 for part in parts)


def test_a_class_of_one_group_divides_single_cells(cells):
    whole = choose_parts(cells, TrainPlan())
    donors = cells.values("donor")
    rows = cells.where("train")
    only = donors[rows] == donors[rows][0]
    class_of = np.where(np.isin(np.arange(len(cells)), rows[only]), 1, 0)
    parts, words = fold_parts(cells, replace(whole, class_of=class_of), 3, 1)
    assert "one value of donor only" in words and parts[0].validation_by == "cell"


def test_the_folds_of_parse_are_taken_where_as_many_hold_training_cells(cells):
    whole = choose_parts(cells, TrainPlan())
    number = np.arange(len(cells)) % 3 + 2
    parted = replace(cells, cells={**cells.cells, "fold": number})
    parts, words = fold_parts(parted, whole, 3, 1)
    assert "folds of Parse" in words
    for index, part in enumerate(parts):
        assert set(number[part.validation]) == {index + 2}


def test_copies_of_validation_cells_are_not_learned(cells):
    whole = choose_parts(cells, TrainPlan())
    first, _ = fold_parts(cells, whole, 3, 1)
    digest = cells.cells["digest"].copy()
    digest[first[0].train[0]] = digest[first[0].validation[0]]
    copied = replace(cells, cells={**cells.cells, "digest": digest})
    parts, _ = fold_parts(copied, whole, 3, 1)
    assert first[0].train[0] not in parts[0].train
    assert sorted(np.concatenate([part.validation for part in parts])) == sorted(cells.where("train"))


def test_more_folds_than_cells_are_refused(cells):
    with pytest.raises(UserError, match="too few cells"):
        fold_parts(cells, choose_parts(cells, TrainPlan()), 37, 1)


def test_the_mean_history_is_over_the_networks_that_reached_an_epoch():
    mean = mean_history([[{"epoch": 1.0, "loss": 1.0}, {"epoch": 2.0, "loss": 0.5}], [{"epoch": 1.0, "loss": 2.0}]])
    assert mean == [{"epoch": 1.0, "loss": 1.5}, {"epoch": 2.0, "loss": 0.5}]


def test_three_networks_become_one_model_that_every_step_can_use(project):
    project.change({"train.epochs": 12})
    run_steps(project, ["train", "evaluate", "predict", "extract"], Tell())
    result = project.result("train")
    data = DataSet.open(project.data_set("main"))
    assert [fold.fold for fold in result.folds] == [1, 2, 3]
    assert len({tuple(fold.groups) for fold in result.folds}) == 3
    assert result.parameters == load(project.root / result.model).network.count_params()
    assert load(project.root / result.model).manifest["members"] == 3
    table = rows_of(project.result_dir("train") / "crossvalidation.csv")
    assert [row["cell_id"] for row in table] == data.cells["cell_id"][data.where("train")].tolist()
    groups = {fold.fold: fold.groups for fold in result.folds}
    donor = dict(zip(data.cells["cell_id"], data.values("donor"), strict=True))
    assert all(donor[row["cell_id"]] in groups[int(row["fold"])] for row in table)
    right = np.mean([row["true"] == row["predicted"] for row in table])
    assert result.cross_accuracy.value == pytest.approx(right) and right > 0.9
    assert result.cross_accuracy.low <= right <= result.cross_accuracy.high
    assert result.validation["n_cells"] == len(table)
    assert [row["fold"] for row in rows_of(project.result_dir("train") / "folds.csv")] == ["1", "2", "3"]
    assert not list(project.training_dir.glob("checkpoint_*")) and not list(project.training_dir.glob("fold_*"))
    kept = [runs.load(project, fold.run) for fold in result.folds]
    assert [(run.kind, run.outcome, run.model) for run in kept] == [
        (f"fold {number} of 3", "done", result.model) for number in (1, 2, 3)
    ]
    assert project.result("evaluate").accuracy.value > 0.9
    predicted = project.result("predict")
    assert predicted.n_unfamiliar < 0.2 * predicted.n_cells
    assert project.result("extract").n_features == 12
    report = next(project.result_dir("train").glob("*.html")).read_text(encoding="utf-8")
    assert "Cross-validation" in report


def test_a_training_killed_in_its_second_fold_goes_on_to_the_same_model(project):
    run_steps(project, ["train"], Tell())
    whole = project.result("train")
    with pytest.raises(Killed):
        run_steps(project, ["train"], metrics(5))
    assert (project.training_dir / "fold_1.safetensors").is_file()
    assert list(project.training_dir.glob("checkpoint_*.json"))
    seen = []
    run_steps(project, ["train"], Tell(seen.append), resume=True)
    again = project.result("train")
    assert [event.epoch for event in seen if isinstance(event, Metric)] == [4, 5, 6, 7, 8, 9]
    for one, other in zip(whole.history, again.history, strict=True):
        assert one["val_loss"] == pytest.approx(other["val_loss"], rel=1e-3, abs=1e-4)
    values = [weights_of(load(project.root / result.model).network) for result in (whole, again)]
    assert len(values[0]) == 3 * 8
    for name, value in values[0].items():
        np.testing.assert_allclose(values[1][name], value, rtol=1e-3, atol=1e-4)
    assert not list(project.training_dir.glob("fold_*"))


def test_a_damaged_fold_is_trained_again(project):
    with pytest.raises(Killed):
        run_steps(project, ["train"], metrics(5))
    place = project.training_dir / "fold_1.safetensors"
    place.write_bytes(place.read_bytes()[:-10])
    seen = []
    run_steps(project, ["train"], Tell(seen.append), resume=True)
    assert len([event for event in seen if isinstance(event, Metric)]) == 9
    assert len(project.result("train").folds) == 3


def test_a_resume_needs_the_same_settings(project):
    with pytest.raises(UserError, match="no interrupted training"):
        run_steps(project, ["train"], Tell(), resume=True)
    with pytest.raises(Killed):
        run_steps(project, ["train"], metrics(4))
    for values in ({"train.folds": 2}, {"train.folds": 1}, {"train.learning_rate": 0.02}):
        before = {key: getattr(project.plan.train, key.removeprefix("train.")) for key in values}
        project.change(values)
        with pytest.raises(UserError, match="cannot be continued"):
            run_steps(project, ["train"], Tell(), resume=True)
        project.change({f"train.{key.removeprefix('train.')}": value for key, value in before.items()})
    assert (project.training_dir / "fold_1.safetensors").is_file()


@pytest.mark.parametrize(("epochs", "folds"), [(3, 1), (4, 2)])
def test_stop_keeps_what_is_finished_and_the_best_so_far(project, epochs, folds):
    seen = []
    tell = Tell(lambda e: seen.append(e) if isinstance(e, Metric) else None, lambda: len(seen) >= epochs)
    run_steps(project, ["train"], tell)
    result = project.result("train")
    assert result.stopped and len(result.folds) == folds
    assert load(project.root / result.model).manifest["members"] == folds
    judged = rows_of(project.result_dir("train") / "crossvalidation.csv")
    assert len(judged) == sum(fold.n_validation for fold in result.folds)


def test_cancel_restores_and_leaves_no_runs(project):
    run_steps(project, ["train"], Tell())
    before, kept = project.result("train").id, {run.id for run in runs.every(project)}
    files = sorted(path.name for path in project.training_dir.iterdir())
    seen = []
    tell = Tell(seen.append, cancelled=lambda: sum(isinstance(event, Metric) for event in seen) >= 5)
    with pytest.raises(Cancelled):
        run_steps(project, ["train"], tell)
    assert project.result("train").id == before
    assert {run.id for run in runs.every(project)} == kept
    assert sorted(path.name for path in project.training_dir.iterdir()) == files
    assert len(project.models()) == 1


def test_changes_on_the_way_say_in_which_fold(project):
    waiting = [{}, {}, {}, {}, {"learning_rate": 0.005}]
    run_steps(project, ["train"], Tell(changes=lambda: waiting.pop(0) if waiting else {}))
    result = project.result("train")
    assert [(change["fold"], change["setting"], change["new"]) for change in result.adjustments] == [
        (2, "learning_rate", 0.005), (3, "learning_rate", 0.005)
    ]  # fmt: skip
    assert rows_of(project.result_dir("train") / "adjustments.csv")[0]["fold"] == "2"


def test_what_was_set_in_one_fold_counts_in_the_next_ones_and_is_said(project):
    said, waiting = [], [{}, {"learning_rate": 0.005, "patience": 2}]
    tell = Tell(said.append, changes=lambda: waiting.pop(0) if waiting else {})
    run_steps(project, ["train"], tell)
    rows = rows_of(project.result_dir("train") / "adjustments.csv")
    assert [(row["fold"], row["epoch"], row["setting"], row["new"], row["why"]) for row in rows] == [
        ("1", "2", "learning_rate", "0.005", changes.SET), ("1", "2", "patience", "2", changes.SET),
        *[(fold, "1", name, new, changes.KEPT) for fold in "23"
          for name, new in (("learning_rate", "0.005"), ("patience", "2"))],
    ]  # fmt: skip
    made = [runs.load(project, fold.run) for fold in project.result("train").folds]
    rates = [[row["learning_rate"] for row in run.history] for run in made]
    assert max(rates[1]) <= 0.005 and max(rates[2]) <= 0.005 and max(rates[0]) > 0.005
    assert any("As you set it for the network before." in getattr(event, "text", "") for event in said)


def test_what_was_set_counts_also_after_an_interruption(project):
    waiting = [{}, {"learning_rate": 0.005}]
    killed = metrics(4)
    killed.changes = lambda: waiting.pop(0) if waiting else {}
    with pytest.raises(Killed):
        run_steps(project, ["train"], killed)
    run_steps(project, ["train"], Tell(), resume=True)
    result = project.result("train")
    assert [(change["fold"], change["why"]) for change in result.adjustments] == [
        (1, changes.SET), (2, changes.KEPT), (3, changes.KEPT)
    ]  # fmt: skip


def test_a_saved_epoch_of_a_fold_can_be_taken_back(project):
    run_steps(project, ["train"], Tell())
    run = runs.load(project, project.result("train").folds[1].run)
    project.change(runs.values(run))
    run_steps(project, ["train"], Tell(), take_back=(run.id, run.saved[0]))
    result = project.result("train")
    assert result.taken_back and not result.folds
    assert load(project.root / result.model).manifest.get("members", 1) == 1
    assert keeping.kept_parts(project, run, DataSet.open(project.data_set("main"))).validation_by == "group donor"


def test_the_estimate_is_for_all_networks(project):
    run_steps(project, ["estimate"], Tell())
    found = project.result("estimate")
    folds = project.plan.train.folds
    assert folds == 3 and found.expected_seconds[1] >= folds * found.epochs[1] * found.epoch_seconds
    assert not (project.training_dir / "fold_1.safetensors").exists()


def test_networks_can_start_from_a_model_and_say_so(project):
    project.change({"train.folds": 1})
    run_steps(project, ["train"], Tell())
    project.change({"train.folds": 2, "train.start": str(project.models()[0])})
    run_steps(project, ["train"], Tell())
    result = project.result("train")
    assert "learned from some of the validation cells" in result.start
    assert [runs.load(project, fold.run).start for fold in result.folds] == [result.start] * 2
    project.change({"train.folds": 1, "train.start": str(project.root / result.model), "train.network": "fast"})
    run_steps(project, ["train"], Tell())
    again = project.result("train")
    assert again.network == TINY.name and "first of its 2 networks" in again.start
