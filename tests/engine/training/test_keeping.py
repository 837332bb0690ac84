from __future__ import annotations

import errno
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.engine.training.conftest import TINY
from wizard import fileio, runs
from wizard.engine.events import Tell
from wizard.engine.model import weights_of
from wizard.engine.training import checkpoint, keeping, outcome
from wizard.engine.training.checkpoint import Checkpoints
from wizard.engine.training.loop import Hooks
from wizard.engine.training.preparing import prepare
from wizard.project import Project
from wizard.train_plan import TrainPlan


@pytest.fixture
def place(tiny, easy_parsed, tmp_path):
    """A project of its own with the cells of `easy_parsed`."""
    with Project.open(tmp_path / "kept") as project:
        shutil.copytree(easy_parsed.root / "data", project.root / "data")
        yield project


def plan_of(**values):
    return TrainPlan(**{"network": TINY.name, "epochs": 4, "batch": 8, "learning_rate": 0.01, **values})


def begun(project, plan, resume=False, said=None):
    files = Checkpoints(project.training_dir)
    made = prepare(plan, project, files, Tell())
    if resume:
        assert made.training.resume()
    else:
        files.begin()
    return made, keeping.begin(project, plan, made, say=(said if said is not None else []).append)


def go(made, keeper, **hooks):
    made.training.run(Hooks(kept=lambda: keeper.epoch(made.training), **hooks))


def whole(project, plan, said=None):
    """Train to the end; return what was prepared, the record and the weights after each epoch."""
    made, keeper = begun(project, plan, said=said)
    seen = []
    made.training.run(Hooks(
        epoch=lambda row: seen.append({k: v.copy() for k, v in weights_of(made.training.network).items()}),
        kept=lambda: keeper.epoch(made.training),
    ))  # fmt: skip
    result = outcome.finish(made.training, made.parts, plan, made.options, project, made.data, Tell(),
                            made.network_name)  # fmt: skip
    keeper.finish(made.training, result)
    return made, runs.load(project, keeper.id), seen


def test_the_record_of_a_training_that_ended_well(place):
    made, run, seen = whole(place, plan_of(save_epochs=2))
    state = made.training.state
    assert run.outcome == "done"
    assert run.ended_because == "all epochs were done"
    assert (run.epochs, run.best_epoch, run.history) == (4, state.best_epoch, state.history)
    assert (run.network, run.network_title, run.target, run.classes) == (TINY.name, "Tiny", "class", ["bright", "dim"])
    assert run.settings == plan_of(save_epochs=2).model_dump(mode="json")
    assert run.saved == sorted({2, 4, run.best_epoch})
    assert run.validation["accuracy"] == state.history[run.best_epoch - 1]["val_accuracy"]
    assert (place.root / run.model).is_file()
    folder = runs.folder(place, run.id)
    assert (folder / "history.csv").is_file()
    assert not (folder / runs.PROCESS).exists()
    assert {path.name for path in folder.glob("*.safetensors")} == set(run.saved_sha256)
    for name, digest in run.saved_sha256.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    kept = load_file(folder / keeping.epoch_file(2))
    assert set(kept) == set(seen[1])
    for name, value in seen[1].items():
        np.testing.assert_array_equal(kept[name], value)


def test_the_last_weights_come_with_the_optimizer(place):
    made, run, seen = whole(place, plan_of())
    kept = load_file(runs.folder(place, run.id) / keeping.LAST)
    checkpoint.restore(made.training.network, made.training.learn.optimizer, kept)
    for name, value in weights_of(made.training.network).items():
        np.testing.assert_array_equal(value, seen[-1][name])
    assert int(made.training.learn.optimizer.iterations.numpy()) > 0


@pytest.mark.parametrize("kind", ["ema", "swa"])
def test_averaged_weights_are_kept_as_they_were_judged(place, kind):
    made, run, seen = whole(place, plan_of(averaging=kind, save_epochs=1, swa_share=0.9, ema_decay=0.9))
    best = load_file(runs.folder(place, run.id) / keeping.epoch_file(run.best_epoch))
    for name, value in made.training.best.items():
        np.testing.assert_array_equal(best[name], value)
    assert run.saved == [1, 2, 3, 4]
    last = load_file(runs.folder(place, run.id) / keeping.epoch_file(4))
    assert any(np.abs(last[name] - value).max() > 0 for name, value in seen[-1].items())


def test_about_ten_epochs_are_saved_without_a_wish(place):
    _, run, _ = whole(place, plan_of(epochs=40, patience=1000))
    assert set(run.saved) >= {4, 8, 12, 16, 20, 24, 28, 32, 36, 40}
    assert len(run.saved) <= 11


class Killed(BaseException):
    pass


def killed_after(project, plan, epoch):
    made, keeper = begun(project, plan)

    def fall(row):
        if row["epoch"] == epoch:
            raise Killed

    with pytest.raises(Killed):
        go(made, keeper, epoch=fall)
    return keeper


def test_a_killed_training_is_interrupted_and_goes_on_in_the_same_record(place):
    plan = plan_of(save_epochs=1)
    keeper = killed_after(place, plan, 2)
    run = runs.load(place, keeper.id)
    assert (run.outcome, run.epochs, run.saved) == ("running", 2, [1, 2])
    assert not runs.interrupted(place, run)
    assert runs.resumable(place) == [run.id]
    fileio.write_json(keeper.folder / runs.PROCESS, {**runs.this_process(), "started": 1.0})
    assert runs.interrupted(place, run)
    made, again = begun(place, plan, resume=True)
    assert again.id == keeper.id
    go(made, again)
    result = outcome.finish(made.training, made.parts, plan, made.options, place, made.data, Tell(), made.network_name)
    again.finish(made.training, result)
    (run,) = runs.every(place)
    assert (run.outcome, run.epochs, run.saved) == ("done", 4, [1, 2, 3, 4])


def test_a_run_that_cannot_be_continued_any_more_is_closed(place):
    plan = plan_of()
    old = killed_after(place, plan, 1)
    (old.folder / runs.PROCESS).unlink()
    _, keeper = begun(place, plan)
    assert runs.load(place, old.id).outcome == "running"
    Checkpoints(place.training_dir).finish()
    runs.tidy(place)
    assert runs.load(place, old.id).outcome == "stopped"
    assert runs.load(place, keeper.id).outcome == "running"


def test_cancel_leaves_no_record_and_failure_says_why(place):
    _, keeper = begun(place, plan_of())
    keeper.discard()
    assert runs.every(place) == []
    made, keeper = begun(place, plan_of(save_epochs=1))
    go(made, keeper)
    keeper.fail("The loss was no number.")
    (run,) = runs.every(place)
    assert (run.outcome, run.ended_because, run.saved) == ("failed", "The loss was no number.", [1, 2, 3, 4])


def test_a_full_disk_costs_the_saved_epoch_and_not_the_training(place, monkeypatch):
    real, said = fileio.write_bytes, []

    def write(path, data):
        if Path(path).name.startswith("epoch_0002"):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return real(path, data)

    monkeypatch.setattr(fileio, "write_bytes", write)
    _, run, _ = whole(place, plan_of(save_epochs=2, patience=1000), said)
    assert run.outcome == "done"
    assert 2 not in run.saved
    assert 4 in run.saved
    assert len(said) == 1
    assert "disk is full" in said[0]


def test_no_more_than_the_limit_is_kept_and_the_best_and_last_always(place, monkeypatch):
    made, _, _ = whole(place, plan_of(epochs=1))
    one = sum(value.nbytes for value in weights_of(made.training.network).values())
    after = sum(v.nbytes for v in checkpoint.arrays_of(made.training.network, made.training.learn.optimizer).values())
    limit = 6 * one + after + 6000
    monkeypatch.setattr(keeping, "MOST_BYTES", limit)
    _, run, _ = whole(place, plan_of(epochs=24, save_epochs=1, patience=1000))
    files = [path.stat().st_size for path in runs.folder(place, run.id).glob("*.safetensors")]
    assert sum(files) <= limit
    assert {run.best_epoch, 24} <= set(run.saved)
    assert keeping.LAST in run.saved_sha256
    assert 3 < len(run.saved) < 12


def test_the_cells_of_a_training_come_back(place):
    made, run, _ = whole(place, plan_of(epochs=1))
    parts = keeping.kept_parts(place, run, made.data)
    np.testing.assert_array_equal(parts.train, np.sort(made.parts.train))
    np.testing.assert_array_equal(parts.validation, np.sort(made.parts.validation))
    np.testing.assert_array_equal(parts.class_of, made.parts.class_of)
    assert parts.validation_by == made.parts.validation_by
    assert run.cells == keeping.cells_digest(made.data, "class")
