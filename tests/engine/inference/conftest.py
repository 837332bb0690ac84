from __future__ import annotations

import numpy as np
import pytest

from tests.engine.training.conftest import TINY, build
from wizard.engine.data.dataset import DataSet
from wizard.engine.familiarity import Familiarity
from wizard.engine.model import Model
from wizard.engine.networks.base import NETWORKS


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setitem(NETWORKS, TINY.name, TINY)


@pytest.fixture
def model(tiny):
    """A small untrained model for the cells of `analysed` (two channels at its frame)."""

    def make(data: DataSet, **manifest):
        net = build((*data.frame, len(data.channels)), 2, {})
        known = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
        facts = {
            "network": TINY.name, "classes": ["bright", "dim"], "frame": list(data.frame), "id": "0" * 12,
            "channels": data.info["channels"], "normalisation": {"kind": "by_255"}, "weights_sha256": "x",
        }  # fmt: skip
        return Model(facts | manifest, net, Familiarity.fit(known, np.arange(40) % 2, known))

    return make


@pytest.fixture
def data(analysed):
    return DataSet.open(analysed.data_set("main"))
