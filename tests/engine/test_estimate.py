from __future__ import annotations

import pytest

from tests.engine.training.conftest import TINY
from wizard import speeds, training_time
from wizard.engine import estimate, processors
from wizard.engine.events import Tell
from wizard.engine.networks.base import NETWORKS
from wizard.engine.run import run_steps


@pytest.fixture(autouse=True)
def tiny(monkeypatch, tmp_path):
    monkeypatch.setitem(NETWORKS, TINY.name, TINY)
    monkeypatch.setattr(estimate, "_LEAST", 0.3)
    monkeypatch.setenv("CYTOWIZARD_CONFIG_DIR", str(tmp_path / "user"))


@pytest.fixture
def parsed(project, easy):
    project.change({
        "parse.input": [str(easy)], "train.network": TINY.name, "train.learning_rate": 0.01, "train.epochs": 4,
    })  # fmt: skip
    run_steps(project, ["parse"], Tell())
    return project


def expected(project):
    return training_time.expected(project, project.plan.train, processors.count())


def test_an_estimate_trains_nothing_and_is_kept_for_this_computer(parsed):
    assert expected(parsed) is None
    run_steps(parsed, ["estimate"], Tell())
    found = parsed.result("estimate")
    assert found.images_per_second > 0 and found.epoch_seconds > 0 and found.epochs == [4, 4, 4]
    assert found.train_cells + found.validation_cells == 36 and found.classes == 2
    low, likely, high = found.expected_seconds
    assert 0 < low < likely < high
    assert not parsed.training_dir.exists() and not list(parsed.result_dir("estimate").glob("checkpoint_*"))
    assert expected(parsed).likely == pytest.approx(likely, abs=0.1)
    assert parsed.result("train") is None


def test_settings_that_do_not_matter_need_no_new_measurement(parsed):
    run_steps(parsed, ["estimate"], Tell())
    four = expected(parsed)
    parsed.change({"train.epochs": 400, "train.learning_rate": 0.02, "train.class_weights": "none"})
    many = expected(parsed)
    assert many.likely > four.likely and many.epochs > four.epochs
    parsed.change({"train.network": "fast"})
    assert expected(parsed) is None
    parsed.change({"train.network": TINY.name, "train.optimizer": "sgd"})
    assert expected(parsed) is None


def test_a_whole_training_tells_the_next_one_more_exactly(parsed):
    run_steps(parsed, ["train"], Tell())
    name = training_time.key_of(parsed, parsed.plan.train, processors.count())
    speed = speeds.find(name)
    assert speed is not None and speed.real
    result = parsed.result("train")
    found = expected(parsed)
    assert found.likely == pytest.approx(result.seconds, rel=0.5, abs=1.0)
