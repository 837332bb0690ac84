from __future__ import annotations

import numpy as np
import pytest

from tests.cells import easy_folder
from wizard.engine import predict as predict_module
from wizard.engine.errors import Cancelled, Paused
from wizard.engine.events import Tell
from wizard.engine.predicting import reading
from wizard.engine.predicting.keeping import Chunks, folder_of
from wizard.engine.run import run_steps


def part(cells, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(cells, 2)).astype(np.float32), rng.random(cells).astype(np.float32)


def test_what_was_written_is_taken_up(tmp_path):
    chunks = Chunks.open(tmp_path, "key", 2)
    parts = [part(5, 0), part(3, 1)]
    for each in parts:
        chunks.add(*each)
    again = Chunks.open(tmp_path, "key", 2)
    assert again.done == 8
    for (rows, logits, distances), wanted, where in zip(again, parts, (slice(0, 5), slice(5, 8)), strict=True):
        assert rows == where
        np.testing.assert_array_equal(logits, wanted[0])
        np.testing.assert_array_equal(distances, wanted[1])
    assert Chunks.open(tmp_path, "another", 2).done == 0 and not list(tmp_path.glob("*.npz"))


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(b"PK"), lambda path: path.unlink(),
                                  lambda path: path.write_bytes(path.read_bytes()[:-40])])  # fmt: skip
def test_damaged_parts_are_computed_again(tmp_path, harm):
    chunks = Chunks.open(tmp_path, "key", 2)
    for seed in range(3):
        chunks.add(*part(4, seed))
    harm(chunks.files[1])
    again = Chunks.open(tmp_path, "key", 2)
    assert again.done == 4 and len(list(tmp_path.glob("*.npz"))) == 1


def test_only_a_cancel_drops_it(tmp_path):
    for error, left in ((Paused, True), (OSError, True), (Cancelled, False)):
        chunks = Chunks.open(tmp_path, "key", 2)
        with pytest.raises(error), chunks:
            chunks.add(*part(4, 0))
            raise error
        assert tmp_path.is_dir() == left


def test_a_stopped_prediction_goes_on_where_it_stood(other, tmp_path, monkeypatch, rows_of):
    folder = easy_folder(tmp_path / "new", per_class=170, donors=2)
    other.change({"predict.input": [str(folder)]})
    run_steps(other, ["predict"], Tell())
    whole = rows_of(other)
    folder_of(other).rename(tmp_path / "old")
    monkeypatch.setattr(predict_module, "CHUNK", 64)
    seen = []

    def stop_after_some():
        return len(list(folder_of(other).glob("*.npz"))) > 0

    with pytest.raises(Paused):
        run_steps(other, ["predict"], Tell(should_stop=stop_after_some))
    assert rows_of(other) == whole, "the earlier result must stay"
    real = predict_module.stream

    def watched(inference, data, rows, *more):
        seen.append(len(rows))
        return real(inference, data, rows, *more)

    monkeypatch.setattr(predict_module, "stream", watched)
    monkeypatch.setattr(reading.cells, "choose", lambda *_: pytest.fail("the images were read again"))
    run_steps(other, ["predict"], Tell())
    assert rows_of(other) == whole
    assert 0 < seen[0] < 340 and other.result("predict").taken_up == 340 - seen[0]


def test_another_threshold_needs_no_network(other, tmp_path, monkeypatch, rows_of):
    other.change({"predict.input": [str(easy_folder(tmp_path / "new", per_class=8))], "predict.unsure": 0.5})
    run_steps(other, ["predict"], Tell())
    before = other.result("predict")
    monkeypatch.setattr(predict_module, "stream", lambda *_: pytest.fail("the network was run again"))
    other.change({"predict.unsure": 1.0})
    run_steps(other, ["predict"], Tell())
    after = other.result("predict")
    assert (before.threshold, after.threshold, before.taken_up, after.taken_up) == (0.5, 1.0, 0, 16)
    assert after.images_per_second == pytest.approx(before.images_per_second)


def test_a_changed_image_is_read_again(other, tmp_path, rows_of):
    folder = easy_folder(tmp_path / "new", per_class=6)
    other.change({"predict.input": [str(folder)]})
    run_steps(other, ["predict"], Tell())
    first = {row["source"]: row["predicted"] for row in rows_of(other)}
    dim, bright = (sorted(folder.rglob(f"{name}000_Ch2.tif"))[0] for name in ("dim", "bright"))
    dim.write_bytes(bright.read_bytes())
    run_steps(other, ["predict"], Tell())
    second = {row["source"]: row["predicted"] for row in rows_of(other)}
    changed = [name for name in first if first[name] != second[name]]
    assert len(changed) == 1 and changed[0].endswith("dim000")
