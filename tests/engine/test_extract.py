from __future__ import annotations

import csv
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.engine.extracting.made import ODD, TAGS
from wizard import feature_lines, fileio
from wizard.engine.data import normalisation
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.extracting import layers, table
from wizard.engine.model import load
from wizard.engine.run import run_steps


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
        ("Stem_Conv", "average", 24),
        ("classes", "average", 2),
    ],
)
def test_layers_and_layouts(copied, layer, layout, columns):
    copied.change({"extract.layer": layer, "extract.layout": layout})
    assert copied.state("extract").kind == "stale"
    run_steps(copied, ["extract"], Tell())
    assert features(copied)[1].shape == (48, columns)
    assert copied.result("extract").n_features == columns
    assert copied.state("visualize").kind == "stale"


def test_too_many_columns_are_refused(copied, monkeypatch):
    monkeypatch.setattr("wizard.engine.extract._MOST_COLUMNS", 1000)
    before = copied.result("extract").id
    copied.change({"extract.layer": "stage 5", "extract.layout": "flatten"})
    with pytest.raises(UserError, match="1728 columns"):
        run_steps(copied, ["extract"], Tell())
    assert copied.result("extract").id == before


def extract(project, **settings):
    project.change({f"extract.{name}": value for name, value in settings.items()})
    tell = Tell()
    run_steps(project, ["extract"], tell)
    return project.result("extract"), [notice.text for notice in tell.notices]


def test_all_layers_are_listed_with_their_shapes(analysed):
    result = analysed.result("extract")
    listed = {one.name: one for one in result.layers}
    assert [one.stage for one in result.layers if one.stage] == ["stage 4", "stage 5", "pool"]
    assert listed["stage5_out"].shape == [3, 3, 192] and listed["pool"].shape == [224]
    assert list(listed)[-1] == "classes" and "cells" not in listed and len(listed) > 40
    assert result.layer_in_network == "pool" and result.layout == "average" and result.data_set == "data/main.cells"


@pytest.mark.parametrize(
    ("wanted", "close"), [("stage5_outt", "stage5_out"), ("stage5", "stage 5"), ("POOOL", "pool"), ("=1+1", "stage 4")]
)
def test_an_unknown_layer_is_refused_with_those_that_come_close(analysed, wanted, close):
    model = load(analysed.root / analysed.result("train").model)
    with pytest.raises(UserError) as refusal:
        layers.find(model, wanted)
    assert repr(wanted) in refusal.value.what and close in refusal.value.action


def test_layers_without_names_of_their_own_are_the_same_in_every_process(analysed):
    model = load(analysed.root / analysed.result("train").model)
    again = load(analysed.root / analysed.result("train").model)
    assert layers.readable(model) == layers.readable(again)
    assert layers.find(again, "dropout_1")[0] == "dropout_1"


def test_a_table_written_in_groups_is_the_same(copied, monkeypatch):
    whole = features(copied)[1]
    monkeypatch.setattr(table, "_CELLS", 7)
    extract(copied)
    path = copied.result_dir("extract") / "features.parquet"
    assert pq.read_metadata(path).num_row_groups == 7
    np.testing.assert_allclose(features(copied)[1], whole, rtol=1e-5, atol=1e-5)


def test_classical_features_stand_beside_those_of_the_network(copied):
    result, said = extract(copied, classical=True)
    found, network = features(copied)
    assert network.shape == (48, 224) and found.column_names[-len(result.classical) :] == result.classical
    assert "area" in result.classical and "Ch2 mean" in result.classical and "area um2" not in result.classical
    assert result.found == {"mask": 0, "threshold": 48, "nothing": 0} and said == []
    assert found.schema.field("area").type == pa.float32()
    bright = np.array(found.column("class").to_pylist()) == "bright"
    mean = found.column("Ch2 mean").to_numpy()
    np.testing.assert_allclose([mean[bright].mean(), mean[~bright].mean()], [900, 100], rtol=0.15)
    np.testing.assert_allclose(found.column("area").to_numpy()[bright], 100, rtol=0.3)
    lines = {line.name: line for line in feature_lines.read(copied.result_dir("extract"))}
    assert len(lines) == 224 + len(result.classical)
    assert lines["Ch2 mean"].eta2 > 0.95 and lines["Ch2 mean"].unit == "grey levels"
    assert lines["Ch2 mean"].auc == pytest.approx(0.0 if lines["Ch2 mean"].auc_class == "dim" else 1.0)
    assert lines["Ch1 background"].eta2 < 0.5


def measured(data, ids, **columns):
    pq.write_table(pa.table({"cell_id": ids, **columns}), data.path / "measurements.parquet")


@pytest.mark.parametrize("order", ["same", "other", "fewer"])
def test_measurements_are_joined_by_cell(copied, order):
    data = DataSet.open(copied.data_set("main"))
    ids, values = data.cells["cell_id"].tolist(), np.arange(48.0)
    values[5] = np.inf
    expected = np.where(np.isfinite(values), values, np.nan)
    if order != "same":
        turn = np.random.default_rng(0).permutation(48)[: 48 if order == "other" else 40]
        expected = np.where(np.isin(np.arange(48), turn), expected, np.nan)
        ids, values = [ids[at] for at in turn], values[turn]
    measured(data, ids, **{"class": values, "Intensity (a/b)": values.astype(np.float32), "note": ["x"] * len(ids)})
    result, _ = extract(copied)
    assert result.measured == ["class_2", "Intensity (a/b)"]
    found = features(copied)[0]
    np.testing.assert_array_equal(found.column("class_2").to_numpy(), expected)
    assert set(found.column("class").to_pylist()) == {"bright", "dim"}
    assert extract(copied, measurements=False)[0].measured == []


def test_other_images_bring_their_measurements(copied, tmp_path):
    place = tmp_path / "other.cells"
    shutil.copytree(copied.data_set("main"), place)
    data = DataSet.open(place)
    measured(data, data.cells["cell_id"].tolist(), area=np.arange(48.0))
    result, _ = extract(copied, input=[str(place)], classical=True)
    assert result.n_cells == 48 and result.measured == ["area_2"] and result.data_set == "data/extract.cells"
    assert sorted(features(copied)[0].column("area_2").to_pylist()) == list(range(48))


def test_odd_names_reach_every_file(copied):
    place = copied.data_set("main")
    info, cells = fileio.read_json(place / "dataset.json"), pq.read_table(place / "cells.parquet")
    for number, tag in enumerate(tag for tag in TAGS if tag != "class"):
        values = [ODD[(at + number) % len(ODD)] for at in range(48)]
        cells = cells.append_column(tag, [values])
        info["tags"].append(tag)
    pq.write_table(cells, place / "cells.parquet")
    fileio.write_json(place / "dataset.json", info)
    result, said = extract(copied, formats=["csv", "tsv", "h5ad", "mat", "projector"])
    folder = copied.result_dir("extract")
    assert all((folder / name).is_file() for name in result.files.values()) and len(result.files) == 12
    assert result.renamed == {"f0001": "f0001_2"} and "'f0001'" in said[0]
    found = features(copied)[0]
    assert found.column("f0001_2").to_pylist() == cells.column("f0001").to_pylist()
    assert found.column("=cmd").to_pylist() == cells.column("=cmd").to_pylist()
    with (folder / "features.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 48 and not any(str(text)[:1] in ("=", "@") for row in rows for text in row.values())
    import anndata

    assert anndata.read_h5ad(folder / "features.h5ad").shape == (48, 224)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page


def test_a_table_that_needs_too_much_memory_is_refused(copied, monkeypatch):
    monkeypatch.setattr("wizard.engine.extract._MOST_MEMORY", 1000)
    with pytest.raises(UserError, match="too large"):
        extract(copied)


def test_a_stop_keeps_the_cells_up_to_then(copied, monkeypatch):
    whole = features(copied)[1]
    monkeypatch.setattr(table, "_CELLS", 20)
    monkeypatch.setattr("wizard.engine.inference.running.BATCH", 8)
    asked = []
    copied.change({"extract.classical": True, "extract.formats": ["h5ad", "projector"]})
    run_steps(copied, ["extract"], Tell(should_stop=lambda: len(asked) > 3 or asked.append(1)))
    result = copied.result("extract")
    assert result.stopped and result.n_cells == 40 and "first 40 of 48" in result.notices[-1].text
    found, network = features(copied)
    np.testing.assert_allclose(network, whole[:40], rtol=1e-5, atol=1e-5)
    assert not np.isnan(found.column("area").to_numpy()).any()
    assert len(np.loadtxt(copied.result_dir("extract") / "projector" / "tensors.tsv")) == 40
