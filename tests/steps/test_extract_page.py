"""What the page of Extract shows, and what can be done on it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.window import below, go, settle, wait, words
from wizard import fileio, model_layers, results
from wizard.feature_lines import FILE
from wizard.project import Project
from wizard.results_extract import LayerShape
from wizard.results_train import LayerFacts
from wizard.widgets.table import Table

LAYERS = [
    LayerShape(name="stem_conv", shape=[40, 40, 24]),
    LayerShape(name="stage5_out", stage="stage 5", shape=[5, 5, 192]),
    LayerShape(name="pool", stage="pool", shape=[192]),
]
HEAD = ("feature", "kind", "unit", "meaning", "mean", "sd", "missing", "eta2", "auc", "auc_class", "rank")


@pytest.fixture
def app(open_app: Callable[..., Any], done_project: Path) -> Any:
    with Project.open(done_project) as project:
        folder = project.result_dir("extract")
        result = project.result("extract")
        result.layers, result.target = LAYERS, "class"
        result.classical, result.measured = ["area", "=Ch1 mean"], ["Intensity"]
        result.found = {"mask": 200, "threshold": 40, "nothing": 3}
        result.renamed = {"f0001": "f0001_2"}
        results.save(result, folder)
        lines = [[f"f{at:04d}", "network", "", "", at, 1, 0, at / 200, 0.6, "G1", 192 - at] for at in range(192)]
        lines += [["area", "classical", "px", "Pixels of the cell", 300, 20, 0.0123, 0.99, 0.02, "S", 1]]
        lines += [["=Ch1 mean", "classical", "", "<b>", 1, 1, 1, "", "", "", ""], ["Intensity", "measured", *[""] * 9]]
        fileio.write_csv(folder / FILE, HEAD, lines)
    return open_app(done_project)


def rows(view: Any) -> list[list[str]]:
    (table,) = below(view, Table)
    return [[str(value) for value in table.tree.item(row, "values")] for row in table.tree.get_children()]


def test_the_summary_says_what_stands_in_the_table(app: Any) -> None:
    shown = words(go(app, "extract"))
    for text in (
        "243",
        "192",
        "2 classical and 1 measured",
        "200 cells by its mask",
        "3 cells not at all",
        "f0001 \u2192",
    ):
        assert text in shown


def test_features_are_shown_by_their_relation_to_the_target(app: Any) -> None:
    view = go(app, "extract", "Features").features_view
    wait(app, lambda: view.table is not None)
    settle(app, 0.5)
    found = rows(view)
    assert len(found) == 195 and [row[0] for row in found[:2]] == ["area", "f0191"]
    assert found[0] == ["area", "Classical", "0.990", "0.020", "S", "300", "20", "1.23 %", "px", "Pixels of the cell"]
    assert "between the values of class" in words(view)
    view.show_only("classical")
    settle(app, 0.2)
    assert [row[0] for row in rows(view)] == ["area", "=Ch1 mean"] and "2 features" in words(view)
    view.show_only("of the network")
    settle(app, 0.3)
    assert len(rows(view)) == 192


def test_a_damaged_table_is_said(app: Any) -> None:
    (app.project.result_dir("extract") / FILE).write_text("a,b\n1,2\n", encoding="utf-8")
    view = go(app, "extract", "Features").features_view
    wait(app, lambda: "cannot be read" in words(view))


def test_a_layer_of_the_list_becomes_the_setting(app: Any) -> None:
    view = go(app, "extract", "Layers").layers_view
    assert view.table.picked == ["pool"] and app.project.plan.extract.layer == "pool"
    assert [str(one) for one in view.table.tree.item("stage5_out", "values")][:3] == [
        "stage5_out", "stage 5", "5 \u00d7 5 \u00d7 192",
    ]  # fmt: skip
    view.table.pick("stage5_out")
    settle(app, 0.2)
    assert app.project.plan.extract.layer == "stage 5"
    view.table.pick("stem_conv")
    settle(app, 0.2)
    assert app.project.plan.extract.layer == "stem_conv"
    field = app.page.form.fields["layer"]
    assert field.entry.get() == "stem_conv" and app.page.state_text.cget("text").startswith("Out of date")


def test_the_setting_offers_the_layers_of_the_model(app: Any) -> None:
    model = app.project.root / app.project.result("train").model
    model.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(model, "w") as archive:
        archive.writestr("manifest.json", json.dumps({"layers": [one.model_dump() for one in LAYERS]}))
    field = go(app, "extract").form.fields["layer"]
    wait(app, lambda: field.layers)
    assert [one.name for one in field.layers] == ["stem_conv", "stage5_out", "pool"]
    assert "pool: 192 features" in words(field)


def test_layers_are_known_from_the_file_the_extraction_or_the_training(tmp_path: Path, done_project: Path) -> None:
    with Project.open(done_project) as project:
        assert model_layers.known_layers(project) == []
        model = project.root / "models" / "compact.cytomodel"
        model.parent.mkdir(exist_ok=True)
        model.write_bytes(b"no zip")
        trained, extracted = project.result("train"), project.result("extract")
        trained.model = extracted.model = "models/compact.cytomodel"
        trained.layers = [LayerFacts(name="pool", kind="Dense", shape=[9], parameters=3)]
        results.save(trained, project.result_dir("train"))
        results.save(extracted, project.result_dir("extract"))
        assert [(one.stage, one.shape) for one in model_layers.known_layers(project)] == [("pool", [9])]
        extracted.layers = LAYERS
        results.save(extracted, project.result_dir("extract"))
        assert model_layers.known_layers(project) == LAYERS
        other = tmp_path / "other.cytomodel"
        other.write_bytes(b"")
        project.change({"extract.model": str(other)})
        assert model_layers.known_layers(project) == []


@pytest.mark.parametrize("manifest", [b"[]", b"{", b'{"layers": 3}', b'{"layers": [{"name": "a"}]}', b'{"layers": null}'],
                         ids=["list", "broken", "number", "no shape", "null"])  # fmt: skip
def test_a_damaged_model_file_lists_nothing(tmp_path: Path, manifest: bytes) -> None:
    path = tmp_path / "m.cytomodel"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", manifest)
    assert model_layers.in_file(path) == []


def test_a_format_can_be_left_out_again(app: Any) -> None:
    field = go(app, "extract").form.fields["formats"]
    field.boxes["h5ad"].toggle()
    settle(app, 0.2)
    assert app.project.plan.extract.formats == ["h5ad"]
    field.boxes["h5ad"].toggle()
    settle(app, 0.2)
    assert app.project.plan.extract.formats == [] and field.error == ""
