from __future__ import annotations

from pathlib import Path

import pytest

from wizard import recent, speeds
from wizard.speeds import Speed
from wizard.train_plan import TrainPlan
from wizard.training_length import epoch_number, expected_epochs, fitted_batch
from wizard.training_time import Cells, Expected, in_words, told

SPEED = Speed(learn=0.01, judge=0.001, epoch=0.5, opening=8.0, closing=4.0)
CELLS = Cells(1000, 250, 4)
EPOCH = 1000 * 0.01 + 250 * 0.001 + 0.5


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYTOWIZARD_CONFIG_DIR", str(tmp_path / "user"))


@pytest.mark.parametrize(
    ("low", "likely", "high", "text"),
    [
        (1, 2, 3, "A few seconds on this PC"), (18, 22, 41, "About 20 s on this PC (20 to 40)"),
        (28, 29, 31, "About 30 s on this PC"), (170, 240, 480, "About 4 min on this PC (2.8 to 8)"),
        (60 * 60, 90 * 60, 150 * 60, "About 1.5 h on this PC (1 to 2.5)"),
    ],
)  # fmt: skip
def test_words(low: float, likely: float, high: float, text: str) -> None:
    assert in_words(Expected(low, likely, high)) == text


def test_epochs_follow_the_rule_and_early_stopping() -> None:
    assert epoch_number(0, 1000) == 100 and epoch_number(7, 1000) == 7 and epoch_number(0, 0) == 150
    assert [fitted_batch(cells) for cells in (50, 400, 700, 2000)] == [8, 16, 32, 64]
    few = expected_epochs(0, 129, 30)
    assert few.high == 150 and few.low < few.likely < few.high
    assert expected_epochs(20, 129, 30) == expected_epochs(20, 10**6, 30)
    assert expected_epochs(20, 129, 30).low == 20


def test_epochs_networks_and_the_time_limit_count_at_once() -> None:
    ten = told(TrainPlan(epochs=10), CELLS, SPEED)
    assert ten.likely == pytest.approx(10 * EPOCH + 12)
    assert ten.low < ten.likely < ten.high
    assert told(TrainPlan(epochs=20), CELLS, SPEED).likely == pytest.approx(20 * EPOCH + 12)
    assert told(TrainPlan(epochs=10, folds=3), CELLS, SPEED).likely == pytest.approx(30 * EPOCH + 20)
    limited = told(TrainPlan(epochs=200, minutes=1.0), CELLS, SPEED)
    # Whole epochs: the one in which the limit passes is finished.
    assert limited.likely == pytest.approx(6 * EPOCH + 12)
    assert limited.high < 2 * limited.low
    fixed = told(TrainPlan(epochs=10, sampling="fixed", cells_per_class=50), CELLS, SPEED)
    assert fixed.likely == pytest.approx(10 * (200 * 0.01 + 0.25 + 0.5) + 12)


def test_what_was_seen_in_a_whole_training_is_told_more_narrowly() -> None:
    steps = told(TrainPlan(epochs=10), CELLS, SPEED)
    real = told(TrainPlan(epochs=10), CELLS, SPEED.model_copy(update={"real": True}))
    assert steps.low < real.low < real.likely < real.high < steps.high


def key(plan: TrainPlan, batch: int = 32, cores: int = 2, shape: tuple[int, int, int] = (48, 48, 2)) -> str:
    return speeds.key(plan, shape, "uint16", batch, cores)


def test_only_what_shapes_a_step_needs_a_new_measurement(tmp_path: Path) -> None:
    plain = key(TrainPlan())
    for values in ({"epochs": 9}, {"minutes": 3}, {"learning_rate": 0.1}, {"target": "day"}, {"rotation": 9.0}):
        assert key(TrainPlan(**values)) == plain, values
    others = [
        key(TrainPlan(network="fast")), key(TrainPlan(augmentation="smear")), key(TrainPlan(averaging="ema")),
        key(TrainPlan(), batch=64), key(TrainPlan(), cores=4), key(TrainPlan(), shape=(64, 48, 2)),
        key(TrainPlan(augmentation="own")), key(TrainPlan(augmentation="own", rotation=9.0)),
    ]  # fmt: skip
    assert len({plain, *others}) == len(others) + 1
    model = tmp_path / "a.cytomodel"
    model.write_bytes(b"one")
    first = key(TrainPlan(start=str(model)))
    model.write_bytes(b"another")
    assert first != key(TrainPlan(start=str(model)))


def test_speeds_are_kept_and_damage_costs_only_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert speeds.find("a") is None and speeds.changed() == 0
    monkeypatch.setattr(speeds, "MOST", 2)
    for number, name in enumerate("abc"):
        speeds.keep(name, SPEED.model_copy(update={"created": f"2026-01-0{number + 1}"}))
    assert speeds.find("a") is None and speeds.find("c") == SPEED.model_copy(update={"created": "2026-01-03"})
    assert speeds.changed()
    (recent.folder() / speeds.FILE).write_text("[1")
    assert speeds.find("c") is None
    speeds.keep("c", SPEED)
    assert speeds.find("c") == SPEED
