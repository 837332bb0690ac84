from __future__ import annotations

import errno
import itertools
import threading
import time

import numpy as np
import pytest

from wizard import fileio
from wizard.engine.data import augmentation
from wizard.engine.errors import UserError
from wizard.engine.model import weights_of
from wizard.engine.training import feed, loop
from wizard.engine.training.loop import Hooks
from wizard.engine.training.measure import duration, measure

TIMES = ("seconds", "images_per_second")
RECIPES = {
    "default": {},
    "averaged": {"averaging": "ema", "mixup": 0.4, "cutmix": 0.5, "sampling": "equal", "optimizer": "sgd"},
    "swa": {"averaging": "swa", "swa_share": 0.7, "schedule": "plateau", "plateau_patience": 1, "loss": "focal"},
}


class Killed(BaseException):
    """Ends the training like a power cut."""


def killing(after):
    """Hooks that kill at the `after`-th tick (from 1)."""
    ticks = itertools.count(1)

    def tick(share, label):
        if next(ticks) == after:
            raise Killed

    return Hooks(tick)


def curve(training):
    return [{name: value for name, value in row.items() if name not in TIMES} for row in training.state.history]


def same(first, second):
    for one, two in zip(curve(first), curve(second), strict=True):
        assert one.keys() == two.keys()
        np.testing.assert_allclose(list(one.values()), list(two.values()), rtol=1e-4, atol=1e-5)
    for name, value in weights_of(first.network).items():
        np.testing.assert_allclose(weights_of(second.network)[name], value, rtol=1e-4, atol=1e-5)


def broken_and_continued(make, values, at):
    for after in at:
        first = make("broken", **values)
        first.resume()
        with pytest.raises(Killed):
            first.run(killing(after))
    last = make("broken", **values)
    assert last.resume()
    last.run(Hooks())
    return last


@pytest.mark.parametrize("recipe", RECIPES)
def test_killed_inside_epochs_it_continues_to_the_same_curve(make, monkeypatch, recipe):
    monkeypatch.setattr(loop, "_SAVE_SECONDS", 0.0)
    values = RECIPES[recipe]
    whole = make("whole", **values)
    whole.run(Hooks())
    assert whole.ended_because == "all epochs were done"
    # Three steps an epoch: in the middle of the first, the second, and of the last.
    same(whole, broken_and_continued(make, values, (2, 3, 3)))


def test_streamed_from_disk_it_continues_to_the_same_curve(make, monkeypatch):
    monkeypatch.setattr(loop, "_SAVE_SECONDS", 0.0)
    monkeypatch.setattr(feed, "_IN_MEMORY", 0)
    monkeypatch.setattr(feed, "_BUFFER", 10 * 20 * 20 * 2 * 2)
    monkeypatch.setattr(feed, "_BLOCK", 4)
    whole = make("whole")
    assert whole.state.streamed
    whole.run(Hooks())
    monkeypatch.setattr(feed, "_IN_MEMORY", 2**40)
    first = make("broken")
    first.state.streamed = True
    with pytest.raises(Killed):
        first.run(killing(6))
    # The order of the cells stays that of the first run though there is memory now.
    last = make("broken")
    last.resume()
    last.run(Hooks())
    same(whole, last)


@pytest.mark.parametrize("streamed", [False, True])
def test_batches_hold_the_cells_of_the_order(make, monkeypatch, streamed):
    monkeypatch.setattr(feed, "_BUFFER", 10 * 20 * 20 * 2 * 2)
    training = make(augmentation="none", label_smoothing=0.0, normalisation="none")
    task, plan = training.task, training.plan
    own = feed.Feed(task, streamed)
    order = own.order(plan, 4)
    weights = np.array([1, 2], np.float32)
    batches = list(own.batches(order, 8, plan, weights, 4))
    later = list(own.batches(order, 8, plan, weights, 4, first=2))
    assert len(batches) == len(order) // 8
    for step, batch in enumerate(batches):
        part = order[step * 8 : step * 8 + 8]
        images = np.moveaxis(task.data.load(task.train_rows[part]), 1, -1)
        np.testing.assert_array_equal(batch.images, images)
        np.testing.assert_array_equal(batch.truth.argmax(1), task.train_classes[part])
        np.testing.assert_array_equal(batch.weights, weights[task.train_classes[part]])
        if step >= 2:
            np.testing.assert_array_equal(later[step - 2].images, batch.images)


def test_a_feed_that_is_closed_ends_its_thread_and_errors_come_through():
    before = threading.active_count()
    items = feed.ahead(iter(range(1000)), 2)
    assert [next(items), next(items)] == [0, 1]
    items.close()
    assert threading.active_count() == before

    def failing():
        yield 1
        raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        list(feed.ahead(failing(), 2))


def test_best_weights_stay_in_the_checkpoint_that_first_wrote_them(make, monkeypatch):
    training = make(epochs=6)
    verdicts = iter([False, False, True, True, True, True])
    monkeypatch.setattr(loop, "clearly_worse", lambda *_: next(verdicts))
    best = {}

    def epoch(row):
        if row["epoch"] == 2:
            best.update({name: value.copy() for name, value in weights_of(training.network).items()})

    training.run(Hooks(epoch=epoch))
    names = sorted(path.name for path in training.files.folder.glob("*.safetensors"))
    assert names == ["checkpoint_2.safetensors", "checkpoint_5.safetensors", "checkpoint_6.safetensors"]
    assert len(list(training.files.folder.glob("*.json"))) == 2
    again = make(epochs=6)
    again.resume()
    for found in (weights_of(training.network), again.best):
        for name, value in best.items():
            np.testing.assert_array_equal(found[name], value)


def test_averaged_weights_are_judged_and_kept(make):
    training = make(averaging="ema", epochs=2)
    training.run(Hooks())
    for name, value in weights_of(training.network).items():
        np.testing.assert_array_equal(training._average.values[name], value)
    again = make(averaging="ema", epochs=2)
    again.resume()
    assert any(np.abs(value - again.best[name]).max() > 1e-6 for name, value in weights_of(again.network).items())
    for name, value in training.best.items():
        np.testing.assert_array_equal(again.best[name], value)


def test_a_loss_that_becomes_no_number_ends_it_with_the_best_weights(make, monkeypatch):
    training = make(epochs=9)
    real = augmentation.augment
    monkeypatch.setattr(
        augmentation, "augment",
        lambda images, *rest: real(images, *rest) * np.float32(np.nan if training.state.epoch == 2 else 1),
    )  # fmt: skip
    # The background thread is a few batches ahead, never an epoch.
    training.run(Hooks())
    assert training.ran_away and "epoch 3" in training.ended_because
    assert training.state.best_epoch == len(training.state.history) == 2
    for name, value in weights_of(training.network).items():
        assert np.isfinite(value).all()
        np.testing.assert_array_equal(value, training.best[name])


def test_weights_that_are_no_numbers_are_noticed_at_the_end_of_the_epoch(make):
    training = make(optimizer="sgd", learning_rate=1.0, momentum=0.0, gradient_clip=0.0)

    def tick(share, label):
        if training.state.step == 2:
            training.network.get_layer("classes").bias.assign([np.inf, 0])

    with pytest.raises(UserError, match="ran away"):
        training.run(Hooks(tick))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_full_or_lost_disk_keeps_the_last_checkpoint(make, monkeypatch, code):
    whole = make("whole")
    whole.run(Hooks())
    first = make("broken")
    real, writes = fileio.write_bytes, itertools.count(1)

    def write(path, data):
        if next(writes) >= 4:
            path.with_name(f".{path.name}.tmp").write_bytes(data[:100])
            raise OSError(code, "odd", str(path))
        return real(path, data)

    with monkeypatch.context() as patch:
        # Two writes an epoch: the description of the second epoch's checkpoint does not fit.
        patch.setattr(fileio, "write_bytes", write)
        with pytest.raises(UserError) as caught:
            first.run(Hooks())
    assert "1 whole epoch" in caught.value.why or "2 whole epochs" in caught.value.why
    assert "--resume" in caught.value.action
    last = make("broken")
    last.resume()
    assert last.state.epoch == 1
    last.run(Hooks())
    same(whole, last)


def test_out_of_memory_is_said_in_words(make, monkeypatch):
    import tensorflow as tf

    for error in (MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM")):
        training = make()

        def fail(*parts, error=error):
            raise error

        monkeypatch.setattr(training.learn, "_compiled", fail)
        with pytest.raises(UserError, match="out of memory") as caught:
            training.run(Hooks())
        assert "Set the batch size to 4" in caught.value.action


def changing(values):
    """Hooks whose changes come in the course of the first epoch."""
    waiting = [{}, values]
    return lambda: waiting.pop(0) if waiting else {}


def test_settings_change_from_the_next_epoch_on(make):
    training = make(epochs=2, schedule="constant")
    said, told = [], []
    values = {
        "train.learning_rate": "0.001", "epochs": 4, "batch": 4, "augmentation": "none", "dropout": 0.5,
        "class_weights": "none", "label_smoothing": 0.2, "patience": 50, "network": "compact", "schedule": "cosine",
        "weight_decay": 1, "mixup": "much",
    }  # fmt: skip
    training.run(Hooks(changes=changing(values), say=said.append, inform=told.append))
    rows = training.state.history
    assert len(rows) == 4
    assert rows[0]["learning_rate"] == pytest.approx(0.01)
    steps = len(training.task.train_rows) // 4
    share = (1 + (steps - 1) / steps) / 4
    assert rows[1]["learning_rate"] == pytest.approx(0.001 * 0.5 * (1 + np.cos(np.pi * share)), rel=1e-3)
    names = [change["setting"] for change in training.state.adjustments]
    assert names == ["learning_rate", "epochs", "batch", "augmentation", "dropout", "class_weights",
                     "label_smoothing", "patience", "schedule"]  # fmt: skip
    first = training.state.adjustments[0]
    assert (first["epoch"], first["old"], first["new"]) == (2, 0.01, 0.001) and first["time"]
    assert [text.split()[0] for text in said] == ["network", "weight_decay", "Mixup:"]
    assert training.network.get_layer("dropout").rate == 0.5
    assert told[0] == "From epoch 2 on: Learning rate 0.01 → 0.001." and len(told) == len(names)


def test_changes_survive_a_power_cut(make):
    values = {"learning_rate": 0.002, "dropout": 0.6, "epochs": 4, "class_weights": "custom",
              "class_weight_values": ["dim = 3"]}  # fmt: skip
    whole = make("whole")
    whole.run(Hooks(changes=changing(values)))
    first = make("broken")
    first.state.run = "20261121-1"
    hooks = killing(5)
    with pytest.raises(Killed):
        first.run(Hooks(hooks.tick, changes=changing(values)))
    last = make("broken")
    last.resume()
    assert last.state.epoch == 1 and last.state.run == "20261121-1"
    last.run(Hooks())
    assert last.state.adjustments == first.state.adjustments
    same(whole, last)


def test_changes_that_cannot_be_used_are_refused(make):
    said = []
    training = make(dropout=0.0, epochs=2)
    values = {"dropout": 0.3, "class_weights": "custom", "class_weight_values": ["nobody = 2"]}
    training.run(Hooks(changes=changing(values), say=said.append))
    assert len(said) == 2 and "without such a drop-out" in said[0] and "nobody" in said[1]
    assert not training.state.adjustments


def test_a_pause_holds_at_once_and_stops_the_clock(make):
    training = make(epochs=2, minutes=10.0)
    paused, ticks = threading.Event(), []

    def tick(share, label):
        ticks.append((label, training.state.step, training._clock.seconds()))
        if len(ticks) == 2:
            paused.set()
            threading.Timer(1.0, paused.clear).start()

    began = time.monotonic()
    training.run(Hooks(tick, paused=paused.is_set))
    spent = time.monotonic() - began
    held = [entry for entry in ticks if entry[0] == "Paused"]
    assert len(held) > 5 and len({step for _, step, _ in held}) == 1
    assert held[-1][2] - held[0][2] < 0.3
    assert training.state.seconds < spent - 0.8
    assert sum(row["seconds"] for row in training.state.history) < spent - 0.8


def test_the_history_holds_recalls_and_speed(make):
    training = make(epochs=1)
    training.run(Hooks())
    row = training.state.history[0]
    assert np.mean([row["recall_bright"], row["recall_dim"]]) == pytest.approx(row["val_balanced_accuracy"])
    assert row["images_per_second"] > 0


def test_measuring_changes_nothing(make):
    plain, measured = make("a", epochs=2), make("b", epochs=2)
    timing = measure(measured)
    assert timing.images_per_second > 0 and timing.epochs == 2
    assert timing.seconds == pytest.approx(2 * timing.seconds_per_epoch)
    assert "on this computer" in timing.words()
    plain.run(Hooks())
    measured.run(Hooks())
    same(plain, measured)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "less than a second"), (1, "1 second"), (80, "80 seconds"), (100, "1.7 minutes"), (240, "4 minutes"),
     (7300, "2 hours"), (40 * 3600, "1.7 days")],
)  # fmt: skip
def test_durations(seconds, text):
    assert duration(seconds) == text
