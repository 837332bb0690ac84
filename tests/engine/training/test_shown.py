from __future__ import annotations

import numpy as np
import pytest

from wizard import fileio
from wizard.engine.training import shown
from wizard.engine.training.feed import Batch
from wizard.engine.training.loop import Hooks
from wizard.engine.training.shown import FILE, LastBatch


def batch(number=30, side=8):
    rng = np.random.default_rng(0)
    truth = np.eye(3, dtype=np.float32)[np.arange(number) % 3] * np.float32(0.8) + np.float32(0.05)
    return Batch(rng.normal(size=(number, side, side, 2)).astype(np.float32), truth, np.ones(number, np.float32))


def test_the_file_holds_what_the_network_sees(tmp_path):
    paths = []
    pictures = LastBatch(tmp_path, ["a", "b", "ü"], ["Ch1", "Ch2 DNA"], paths.append)
    pictures.note(batch())
    pictures.note(batch())
    assert paths == [str(tmp_path / FILE)]
    with np.load(tmp_path / FILE, allow_pickle=False) as arrays:
        assert set(arrays) == {"images", "classes", "names", "channels"}
        np.testing.assert_array_equal(arrays["images"], batch().images[:24])
        assert arrays["images"].dtype == np.float32
        np.testing.assert_array_equal(arrays["classes"], np.arange(24) % 3)
        assert arrays["classes"].dtype == np.int64
        assert arrays["names"].tolist() == ["a", "b", "ü"] and arrays["channels"].tolist() == ["Ch1", "Ch2 DNA"]


def test_large_cells_are_fewer(tmp_path, monkeypatch):
    monkeypatch.setattr(shown, "_BYTES", 3 * 8 * 8 * 2 * 4)
    LastBatch(tmp_path, "abc", "xy", lambda path: None).note(batch())
    with np.load(tmp_path / FILE, allow_pickle=False) as arrays:
        assert len(arrays["images"]) == 3


def test_nobody_watching_and_a_full_disk_cost_nothing(tmp_path, monkeypatch):
    LastBatch(tmp_path, "abc", "xy", None).note(batch())
    assert not list(tmp_path.iterdir())

    def full(*_):
        raise OSError(28, "full")

    monkeypatch.setattr(fileio, "write_with", full)
    LastBatch(tmp_path, "abc", "xy", lambda path: pytest.fail("nothing was written")).note(batch())


def test_a_training_shows_its_batches(make, monkeypatch):
    monkeypatch.setattr(shown, "_SECONDS", 0.0)
    training, paths, kept = make(epochs=2), [], []
    training.run(Hooks(shown=paths.append, kept=lambda: kept.append(training.state.epoch)))
    size = min(training.batch, len(training.task.train_rows))
    assert len(paths) == 2 * (len(training.task.train_rows) // size)
    assert kept == [1, 2]
    with np.load(paths[0], allow_pickle=False) as arrays:
        assert arrays["images"].shape == (size, *training.task.data.frame, 2)
        assert arrays["names"].tolist() == list(training.task.names)
