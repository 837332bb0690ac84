from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cells import easy_folder
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.engine.visualize import visualize


def table_of(project):
    return pq.read_table(project.result_dir("visualize") / "maps.parquet").to_pydict()


def test_tables(analysed):
    result = analysed.result("visualize")
    table = pq.read_table(analysed.result_dir("visualize") / "maps.parquet")
    assert [made.title for made in result.maps] == ["PCA 2-D", "t-SNE 2-D"]
    assert table.num_rows == 48
    assert {"cell_id", "class", "donor", "pca_2d_1", "tsne_2d_2", "cluster"} <= set(table.column_names)
    assert result.colour == "class"
    assert {"donor", "split", "cluster"} <= set(result.tags)
    assert result.data_sets == ["data/main.cells"]
    assert (result.n_cells, result.n_laid_out, result.n_placed) == (48, 48, 0)


def test_every_map_says_how_far_it_can_be_trusted(analysed):
    result = analysed.result("visualize")
    for made in result.maps:
        assert 0.5 < made.trustworthiness <= 1
        assert 0 < made.preservation <= 1
    assert (result.judged_cells, result.judged_neighbours) == (48, 15)
    assert sum(result.explained) <= 1.0001
    assert result.explained == sorted(result.explained, reverse=True)
    assert result.loadings[0].component == "PC1"
    assert all(name.startswith("f0") for name in result.loadings[0].features)
    lines = (analysed.result_dir("visualize") / "loadings.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == result.n_features + 1


def test_maps_are_taken_over_when_only_other_settings_change(copied, monkeypatch):
    before = table_of(copied)
    monkeypatch.setattr("wizard.engine.embeddings.tsne._flat", lambda *_: pytest.fail("drawn again"))
    copied.change({"visualize.colour": "donor", "visualize.progression": "class", "visualize.order": "round,long"})
    values = sorted(set(before["class"]))
    copied.change({"visualize.order": values})
    run_steps(copied, ["visualize"], Tell())
    after, result = table_of(copied), copied.result("visualize")
    assert after["tsne_2d_1"] == before["tsne_2d_1"]
    assert result.colour == "donor"
    assert result.progression.correlation.value > 0.5
    assert result.progression.film is not None
    assert (copied.result_dir("visualize") / next(iter(result.progression.film.sheets.values()))).is_file()
    assert max(after["pseudotime"]) <= 1
    monkeypatch.setattr("wizard.engine.embeddings.tsne._flat", lambda space, *_: np.zeros((len(space), 2), np.float32))
    copied.change({"visualize.perplexity": 5.0})
    run_steps(copied, ["visualize"], Tell())
    assert set(table_of(copied)["tsne_2d_1"]) == {0.0}


def test_other_cells_are_placed_and_move_nothing(copied, tmp_path):
    before = table_of(copied)
    new = easy_folder(tmp_path / "new", per_class=5, seed=9)
    copied.change({"visualize.place": [str(new)]})
    run_steps(copied, ["visualize"], Tell())
    after, result = table_of(copied), copied.result("visualize")
    assert result.n_placed == 10
    assert after["placed"] == [False] * 48 + [True] * 10
    assert after["pca_2d_1"][:48] == before["pca_2d_1"]
    assert after["split"][48:] == ["new"] * 10
    assert set(after["cluster"][48:]) <= set(before["cluster"])
    assert result.data_sets == ["data/main.cells", "data/visualize.cells"]
    points = np.stack([after["tsne_2d_1"], after["tsne_2d_2"]], axis=1)
    own, classes = points[:48], np.array(after["class"])
    for point, kind in zip(points[48:], classes[48:], strict=True):
        nearest = np.argsort(np.linalg.norm(own - point, axis=1))[:5]
        assert (classes[nearest] == kind).mean() > 0.5


def test_of_too_many_cells_some_are_laid_out(copied, tmp_path):
    plan = copied.plan.visualize.model_copy(update={"most": 30, "methods": ["pca"]})
    folder = tmp_path / "out"
    folder.mkdir()
    tell = Tell()
    result = visualize(plan, copied, tell, folder)
    table = pq.read_table(folder / "maps.parquet").to_pydict()
    assert (result.n_cells, result.n_laid_out) == (48, 30)
    assert np.isfinite(table["pca_2d_1"]).all()
    assert set(table["cluster"]) <= {one.name for one in result.clusters.clusters}
    assert any("30 of 48" in notice.text for notice in tell.notices)


@pytest.mark.parametrize("method", ["combat", "none"])
def test_batches_are_measured_and_corrected_only_when_asked(copied, tmp_path, method):
    plan = copied.plan.visualize.model_copy(update={"batch": "donor", "correct": method, "methods": ["pca"]})
    folder = tmp_path / "out"
    folder.mkdir()
    tell = Tell()
    result = visualize(plan, copied, tell, folder)
    assert result.batch.tag == "donor"
    assert (result.batch.after is not None) == (method == "combat" and not result.batch.why)
    assert any("corrected for donor" in notice.text for notice in tell.notices) == (method == "combat")


def test_a_tag_with_the_name_of_a_column_keeps_it(copied, tmp_path):
    place = copied.result_dir("extract") / "features.parquet"
    table = pq.read_table(place)
    table = table.append_column("cluster", pa.array(["mine"] * 48)).append_column("pca_2d_1", pa.array(["x"] * 48))
    pq.write_table(table, place)
    folder = tmp_path / "out"
    folder.mkdir()
    result = visualize(copied.plan.visualize.model_copy(update={"methods": ["pca"]}), copied, Tell(), folder)
    made = pq.read_table(folder / "maps.parquet").to_pydict()
    assert set(made["cluster"]) == {"mine"}
    assert "1" in made["cluster_2"]
    assert {"cluster", "cluster_2"} <= set(result.tags)
    assert set(made["pca_2d_1"]) == {"x"}
    assert result.maps[0].columns == ["pca_2d_1_2", "pca_2d_2"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "nothing"}, "no tag called 'nothing'"),
        ({"batch": "nothing"}, "no tag called 'nothing'"),
        ({"batch": "none", "correct": "harmony"}, "cannot be corrected"),
        ({"progression": "nothing"}, "no tag called 'nothing'"),
        ({"progression": "class", "order": ["x", "y"]}, "order"),
        ({"features": "classical"}, "no features of the kind"),
        ({"place": ["x"], "correct": "combat", "batch": "donor"}, "corrected batches"),
    ],
    ids=["colour", "batch", "correction", "progression", "order", "features", "placing"],
)
def test_settings_that_do_not_fit_the_cells(copied, tmp_path, change, words):
    folder = tmp_path / "out"
    folder.mkdir()
    plan = copied.plan.visualize.model_copy(update={"methods": ["pca"], **change})
    with pytest.raises(UserError, match=words):
        visualize(plan, copied, Tell(), folder)


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
    (place / "features.parquet").write_bytes(b"PAR1 nothing")
    project.change({"visualize.methods": "pca"})
    with pytest.raises(UserError, match="cannot be read"):
        run_steps(project, ["visualize"], Tell())


def test_stop_keeps_the_maps_that_are_drawn(copied):
    copied.change({"visualize.seed": 7})
    run_steps(copied, ["visualize"], Tell(should_stop=lambda: True))
    result = copied.result("visualize")
    assert result.stopped and [made.title for made in result.maps] == ["PCA 2-D"]
    assert any("t-SNE" in notice.text and "Stopped" in notice.text for notice in result.notices)
    assert "pca_2d_1" in table_of(copied) and "tsne_2d_1" not in table_of(copied)
