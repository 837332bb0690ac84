from __future__ import annotations

import numpy as np
import pytest

from wizard.engine import judged


def test_facts_of_validation_cells():
    logits = np.log(np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.3, 0.7]], np.float32))
    found = judged.facts(logits, np.array([0, 1, 0, 1]), 2, 1.0)
    assert found["confusion"] == [[2, 0], [1, 1]]
    assert found["confidences"] == pytest.approx([0.6, 0.7, 0.8, 0.9]) and found["right"] == [1, 1, 0, 1]
    levels = {threshold: (share, wrong) for threshold, share, wrong in found["levels"]}
    assert levels[0.0] == (1.0, 0.25) and levels[0.7][0] == 0.75 and levels[1.0] == (0.0, None)


def test_many_cells_are_thinned():
    logits = np.random.default_rng(0).normal(size=(25_000, 3)).astype(np.float32)
    found = judged.facts(logits, np.zeros(25_000, np.int64), 3, 2.0)
    assert 5_000 < len(found["confidences"]) <= 10_000 and found["confidences"] == sorted(found["confidences"])
    assert sum(map(sum, found["confusion"])) == 25_000
