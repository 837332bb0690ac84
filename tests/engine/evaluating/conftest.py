from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from wizard.engine.evaluating.judged import Judged
from wizard.engine.evaluating.redraw import Redraw, of_groups


class Cells(SimpleNamespace):
    """What the parts of Evaluate ask of a data set."""

    def values(self, tag):
        return self.cells[tag]

    def __len__(self):
        return len(self.cells["cell_id"])


def make(true, shares, groups=None, rounds=400, tags=None, classes=None):
    """Return judged cells with these classes and probabilities; `groups` are redrawn as a whole."""
    true, shares = np.asarray(true), np.asarray(shares, float)
    number = len(true)
    tags = {name: np.asarray(values, dtype=str) for name, values in (tags or {}).items()}
    if groups is not None:
        tags["donor"] = np.asarray(groups, dtype=str)
    columns = {
        "cell_id": np.array([f"{place:016x}" for place in range(number)]),
        "source": np.array([f"file{place // 5}.tif" for place in range(number)]),
        "object": np.arange(number),
        "digest": np.array([f"d{place}" for place in range(number)]),
        **tags,
    }
    redraw = Redraw(None, number, rounds, 1)
    if groups is not None:
        redraw = of_groups(np.unique(tags["donor"], return_inverse=True)[1], rounds, 1)
    names = classes or [f"c{place}" for place in range(shares.shape[1])]
    data = Cells(cells=columns, tags=list(tags))
    return Judged(data, np.arange(number), true, shares.argmax(axis=1), shares, shares, names, redraw,
                  "donor" if groups is not None else "")  # fmt: skip


def random_shares(true, classes, skill, seed=0):
    """Return probabilities that know the class by `skill`."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 1, (len(true), classes))
    scores[np.arange(len(true)), true] += skill
    shares = np.exp(scores)
    return shares / shares.sum(axis=1, keepdims=True)


@pytest.fixture
def judged():
    true = np.random.default_rng(3).integers(0, 3, 300)
    return make(true, random_shares(true, 3, 1.5), np.arange(300) % 12)
