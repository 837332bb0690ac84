from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.engine.training.conftest import TINY
from wizard import fileio, runs
from wizard.engine.data.dataset import DataSet, write_cells
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.inference import Inference
from wizard.engine.inference import run as run_inference
from wizard.engine.model import load, set_weights
from wizard.engine.networks.base import build
from wizard.engine.run import run_steps
from wizard.engine.training import keeping, outcome
from wizard.engine.training.checkpoint import Checkpoints
from wizard.engine.training.loop import Hooks
from wizard.engine.training.parts import choose_parts
from wizard.engine.training.preparing import open_cells, prepare
from wizard.engine.training.take_back import take_back
from wizard.project import Project
from wizard.train_plan import TrainPlan

PLAN = TrainPlan(network=TINY.name, epochs=4, batch=8, learning_rate=0.01, save_epochs=1, patience=1000)


def trained(project, kind="", parts=None):
    files = Checkpoints(project.training_dir)
    made = prepare(PLAN, project, files, Tell(), parts)
    files.begin()
    keeper = keeping.begin(project, PLAN, made, kind)
    made.training.run(Hooks(kept=lambda: keeper.epoch(made.training)))
    result = outcome.finish(made.training, made.parts, PLAN, made.options, project, made.data, Tell(),
                            made.network_name)  # fmt: skip
    keeper.finish(made.training, result)
    files.finish()
    return runs.load(project, keeper.id)


@pytest.fixture
def place(tiny, easy_parsed, tmp_path):
    with Project.open(tmp_path / "back") as project:
        shutil.copytree(easy_parsed.root / "data", project.root / "data")
        project.plan = project.plan.model_copy(update={"train": PLAN})
        yield project


@pytest.fixture
def kept(place):
    return trained(place)


def back(project, run, epoch, folder=None):
    folder = folder or project.result_dir("train")
    return take_back(PLAN, project, Tell(), folder, run, epoch)


def test_the_model_predicts_as_the_network_did_after_that_epoch(place, kept):
    result = back(place, kept.id, 2)
    data = open_cells(place, place.plan.train)
    rows = np.arange(len(data))
    model = load(place.root / result.model)
    bare = build(TINY.name, (*data.frame, len(data.channels)), 2, {})
    set_weights(bare, load_file(runs.folder(place, kept.id) / keeping.epoch_file(2)))
    one, two = (
        run_inference(Inference(net, [net.layers[-1]]), data, rows, kept.constants, lambda *_: None)[0]
        for net in (model.network, bare)
    )
    np.testing.assert_array_equal(one, two)
    assert model.manifest["normalisation"] == kept.constants
    assert place.models()[0] == place.root / result.model


def test_the_result_names_epoch_run_and_figures(place, kept):
    result = back(place, kept.id, 2)
    row = kept.history[1]
    assert (result.taken_back, result.run, result.best_epoch, result.epochs) == (True, kept.id, 2, 4)
    assert not result.stopped
    assert result.validation["n_cells"] == kept.validation["n_cells"]
    for name in ("loss", "accuracy", "balanced_accuracy"):
        assert result.validation[name] == pytest.approx(row[f"val_{name}"], abs=1e-6)
    assert load(place.root / result.model).manifest["validation"] == result.validation
    assert (place.result_dir("train") / "history.csv").is_file()


def test_calibration_uses_the_cells_of_that_training(place):
    data = open_cells(place, place.plan.train)
    usual = choose_parts(data, PLAN)
    every = np.sort(np.concatenate([usual.train, usual.validation]))
    other = dataclasses.replace(usual, train=every[::2], validation=every[1::2])
    kept = trained(place, "fold 2 of 2", other)
    result = back(place, kept.id, 3)
    assert result.validation["n_cells"] == len(every[1::2])
    assert result.validation["accuracy"] == pytest.approx(kept.history[2]["val_accuracy"], abs=1e-6)
    assert sum(parts["validation"] for parts in result.counts.values()) == len(every[1::2])


def test_an_interrupted_training_beside_it_stays(place, kept):
    place.training_dir.mkdir(exist_ok=True)
    waiting = place.training_dir / "checkpoint_7.json"
    waiting.write_text("{}")
    back(place, kept.id, 1)
    assert waiting.is_file()


def test_the_step_replaces_the_result_and_evaluate_uses_it(place, kept):
    run_steps(place, ["train"], Tell(), take_back=(kept.id, 1))
    result = place.result("train")
    assert (result.taken_back, result.best_epoch) == (True, 1)
    assert place.state("train").kind != "stale"
    run_steps(place, ["evaluate"], Tell())
    assert place.result("evaluate").model == result.model


def damage(path):
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("name", "deed", "words"),
    [
        (keeping.epoch_file(2), damage, "does not match its checksum"),
        (keeping.epoch_file(2), lambda path: path.unlink(), "epoch_0002.safetensors is missing"),
        (keeping.CELLS, lambda path: path.write_bytes(b"no archive"), "damaged or were changed"),
    ],
)
def test_damaged_files_are_refused_and_what_was_there_stays(place, kept, name, deed, words):
    before = place.models()
    deed(runs.folder(place, kept.id) / name)
    with pytest.raises(UserError) as caught:
        back(place, kept.id, 2)
    assert words in caught.value.why
    assert place.models() == before


@pytest.mark.parametrize(
    "values", [{"network": 5}, {"options": {"dropout": "x"}}, {"constants": {}}, {"classes": ["dim"]}, {"history": []}]
)
def test_a_changed_record_is_refused(place, kept, values):
    path = runs.folder(place, kept.id) / "run.json"
    fileio.write_json(path, {**fileio.read_json(path), **values})
    with pytest.raises(UserError):
        back(place, kept.id, 2)


@pytest.mark.parametrize("run", ["gone", "..", "", "../runs", "a/b"])
def test_unknown_runs_are_refused(place, kept, run):
    with pytest.raises(UserError, match="no training called"):
        back(place, run, 2)


def test_an_epoch_that_is_not_kept_is_refused_with_those_that_are(place, kept):
    with pytest.raises(UserError) as caught:
        back(place, kept.id, 9)
    assert "Saved epochs of this training: 1, 2, 3, 4." in caught.value.why


@pytest.mark.parametrize("column", ["split", "cell_id", "class"])
def test_other_cells_another_split_or_other_classes_are_refused(place, kept, column):
    data = DataSet.open(place.data_set("main"))
    columns = {name: values.tolist() for name, values in data.cells.items()}
    columns[column] = columns[column][::-1]
    write_cells(data.path, columns)
    with pytest.raises(UserError, match="cannot be taken back") as caught:
        back(place, kept.id, 2)
    assert "not those of its training" in caught.value.why


def test_cells_that_were_parsed_the_same_way_again_are_the_same(place, kept, easy_parsed):
    shutil.rmtree(place.root / "data")
    shutil.copytree(easy_parsed.root / "data", place.root / "data")
    assert back(place, kept.id, 4).best_epoch == 4


@pytest.mark.slow
def test_a_network_of_a_cross_validation_becomes_a_model_by_itself(place):
    place.change({"train.folds": 2})
    run_steps(place, ["train"], Tell())
    (second, first) = runs.every(place)
    assert {first.kind, second.kind} == {"fold 1 of 2", "fold 2 of 2"}
    place.change(runs.values(second))
    run_steps(place, ["train"], Tell(), take_back=(second.id, 2))
    result = place.result("train")
    assert result.validation["n_cells"] == second.validation["n_cells"]
    assert result.validation["accuracy"] == pytest.approx(second.history[1]["val_accuracy"], abs=1e-6)
    assert load(place.root / result.model).manifest["members"] == 1
