from __future__ import annotations

import numpy as np
import pytest

from tests import fcs_reader
from wizard.engine.predicting import fcs

COLUMNS = [("Object", "Object number", 1000.0), ("P, 1", "p wütend|x", 1.0), ("Object", "", 0.2)]


def test_it_is_read_back(tmp_path):
    events = np.random.default_rng(0).random((1001, 3)).astype(np.float32)
    path = fcs.write(tmp_path / "a.fcs", COLUMNS, 1001, [events[:700], events[700:]], {"$FIL": "x|y", "class 1": "a"})
    found = fcs_reader.read(path)
    assert found.event_count == 1001 and found.version == "3.1"
    np.testing.assert_array_equal(found.events, events)
    assert found.pnn_labels == ["Object", "P_ 1", "Object_2"]
    assert found.pns_labels[:2] == ["Object number", "p wütend_x"]
    assert found.text["fil"] == "x_y" and found.text["class 1"] == "a"


def test_a_wrong_number_of_events_is_refused_and_nothing_is_left(tmp_path):
    with pytest.raises(ValueError, match="2 events"):
        fcs.write(tmp_path / "a.fcs", COLUMNS, 3, [np.zeros((2, 3), np.float32)], {})
    assert not list(tmp_path.iterdir())


def test_a_file_without_events(tmp_path):
    assert fcs.write(tmp_path / "a.fcs", COLUMNS, 0, [], {}).stat().st_size > 256
