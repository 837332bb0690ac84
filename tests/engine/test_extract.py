from __future__ import annotations

import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from wizard.engine.data import normalisation
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.model import load
from wizard.engine.run import run_steps
from wizard.project import Project


@pytest.fixture
def copy(analysed, tmp_path):
    shutil.copytree(analysed.root, tmp_path / "copy", ignore=shutil.ignore_patterns(".lock*"))
    with Project.open(tmp_path / "copy") as opened:
        yield opened


def features(project):
    table = pq.read_table(project.result_dir("extract") / "features.parquet")
    names = [name for name in table.column_names if name[0] == "f" and name[1:].isdigit()]
    return table, np.stack([table.column(name).to_numpy() for name in names], axis=1)


def test_pool_features_are_the_networks_own(analysed):
    table, found = features(analysed)
    assert table.column_names[:6] == ["cell_id", "source", "object", "class", "donor", "split"]
    assert found.shape == (48, 224)
    model = load(analysed.root / analysed.result("train").model)
    data = DataSet.open(analysed.data_set("main"))
    cells = normalisation.apply(data.load(np.arange(5)), model.manifest["normalisation"])
    from wizard.engine.backend import keras

    direct = keras.Model(model.network.input, model.layer("pool").output)(cells, training=False)
    np.testing.assert_allclose(found[:5], direct, atol=1e-4)


@pytest.mark.parametrize(
    ("layer", "layout", "columns"),
    [
        ("stage 4", "average", 128),
        ("stage 5", "average", 192),
        ("stage 5", "flatten", 3 * 3 * 192),
        ("pool", "flatten", 224),
    ],
)
def test_layers_and_layouts(copy, layer, layout, columns):
    copy.change({"extract.layer": layer, "extract.layout": layout})
    assert copy.state("extract").kind == "stale"
    run_steps(copy, ["extract"], Tell())
    assert features(copy)[1].shape == (48, columns)
    assert copy.result("extract").n_features == columns
    assert copy.state("visualize").kind == "stale"


def test_too_many_columns_are_refused(copy, monkeypatch):
    monkeypatch.setattr("wizard.engine.extract._MOST_COLUMNS", 1000)
    before = copy.result("extract").id
    copy.change({"extract.layer": "stage 5", "extract.layout": "flatten"})
    with pytest.raises(UserError, match="1728 columns"):
        run_steps(copy, ["extract"], Tell())
    assert copy.result("extract").id == before
