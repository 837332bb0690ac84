from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from wizard.engine.data import normalisation
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.inference import Inference, running, stream

CONSTANTS = {"kind": "by_255"}


class Sums(Inference):
    """Answers with the sum of the pixels."""

    def __init__(self, fail=None):
        self._fail = fail

    def __call__(self, images):
        sums = images.sum(axis=(1, 2, 3))[:, None]
        if self._fail is not None and len(images) > self._fail:
            sums[self._fail] = np.nan
        return [sums]


def readers():
    return [thread for thread in threading.enumerate() if thread.name == "reading cells"]


def test_cells_come_in_order_and_the_reader_ends(data):
    rows = np.random.default_rng(0).permutation(len(data))
    said = []
    found = list(stream(Sums(), data, rows, CONSTANTS, lambda share, words: said.append(share)))
    assert np.array_equal(np.concatenate([part for part, _ in found]), rows)
    sums = np.concatenate([outputs[0][:, 0] for _, outputs in found])
    assert np.allclose(sums, data.load(rows).sum(axis=(1, 2, 3)) / 255, rtol=1e-4)
    assert said[-1] == 1.0 and readers() == []


def test_only_a_few_batches_wait(data, monkeypatch):
    made = []
    monkeypatch.setattr(running, "BATCH", 4)
    apply = normalisation.apply
    monkeypatch.setattr(normalisation, "apply", lambda *given: made.append(1) or apply(*given))
    answers = stream(Sums(), data, np.arange(len(data)), CONSTANTS, lambda *_: None)
    next(answers)
    time.sleep(0.3)
    assert 1 < len(made) <= running._AHEAD + 3 < len(data) // 4
    answers.close()
    assert readers() == []


def test_a_failing_read_is_raised_where_the_cells_are_wanted(data, monkeypatch):
    def fail(*_):
        raise OSError("the drive is gone")

    monkeypatch.setattr(normalisation, "apply", fail)
    with pytest.raises(OSError, match="the drive is gone"):
        list(stream(Sums(), data, np.arange(4), CONSTANTS, lambda *_: None))
    assert readers() == []


def test_a_cancel_ends_the_reader(data, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 4)

    def cancel(*_):
        raise Cancelled

    with pytest.raises(Cancelled):
        list(stream(Sums(), data, np.arange(len(data)), CONSTANTS, cancel))
    assert readers() == []


def test_values_that_are_not_numbers_are_refused(data):
    with pytest.raises(UserError, match="not numbers"):
        list(stream(Sums(fail=2), data, np.arange(8), CONSTANTS, lambda *_: None))
