from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.neighbors import KNeighborsClassifier

from wizard.engine.embeddings import METHODS, Features
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.plan import VisualizePlan


def clouds(count=90, width=64):
    rng = np.random.default_rng(0)
    classes = np.repeat([0, 1, 2], count // 3)
    centres = rng.normal(size=(3, width)) * 4
    return (centres[classes] + rng.normal(size=(count, width))).astype(np.float32), classes


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("dimensions", [2, 3])
def test_maps_keep_neighbours_together(name, dimensions):
    raw, classes = clouds()
    made, _ = METHODS[name].make(Features(raw, VisualizePlan()), dimensions, VisualizePlan())
    assert made.shape == (90, dimensions)
    assert np.isfinite(made).all()
    assert KNeighborsClassifier(5).fit(made, classes).score(made, classes) > 0.9


@pytest.mark.parametrize("name", METHODS)
def test_maps_of_few_cells_and_the_same_seed(name):
    raw, _ = clouds(12, 8)
    plan = VisualizePlan(seed=3)
    first, second = (METHODS[name].make(Features(raw, plan), 2, plan)[0] for _ in range(2))
    np.testing.assert_allclose(first, second, atol=1e-3)


def test_pca_tells_the_share_of_variance():
    rng = np.random.default_rng(0)
    raw = np.outer(rng.normal(size=100), np.ones(20)) + rng.normal(size=(100, 20)) * 1e-3
    _, note = METHODS["pca"].make(Features(raw.astype(np.float32), VisualizePlan()), 2, VisualizePlan())
    assert "100%" in note


def test_tables(analysed):
    result = analysed.result("visualize")
    table = pq.read_table(analysed.result_dir("visualize") / "maps.parquet")
    assert [made.title for made in result.maps] == ["PCA 2-D", "t-SNE 2-D"]
    assert table.num_rows == 48
    assert {"cell_id", "class", "donor", "pca_2d_1", "tsne_2d_2"} <= set(table.column_names)
    assert result.colour == "class"
    assert "donor" in result.tags


def test_wrong_choices_are_refused(project):
    with pytest.raises(UserError, match="no features"):
        run_steps(project, ["visualize"], Tell())
    place = project.result_dir("extract")
    place.mkdir(parents=True)
    pq.write_table(
        pa.table({"cell_id": ["a"] * 3, **{f"f{i:04d}": [1.0, 2.0, 3.0] for i in range(4)}}), place / "features.parquet"
    )
    with pytest.raises(UserError, match="too few"):
        run_steps(project, ["visualize"], Tell())
    pq.write_table(
        pa.table({"cell_id": ["a"] * 12, **{f"f{i:04d}": [1.0] * 12 for i in range(4)}}), place / "features.parquet"
    )
    with pytest.raises(UserError, match="same for all"):
        run_steps(project, ["visualize"], Tell())
    project.change({"visualize.methods": ""})
    with pytest.raises(UserError, match="No map"):
        run_steps(project, ["visualize"], Tell())
