"""The run that explains the project's model."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.cells import easy_folder
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Tell
from wizard.engine.explaining.channel_view import ChannelView
from wizard.engine.run import run_steps
from wizard.project import Project
from wizard.results_explain import HOW


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    """A project whose classes differ in channel 2 only, trained and explained; tests must not change its results."""
    place = tmp_path_factory.mktemp("explained")
    with Project.open(place / "project") as opened:
        opened.change({
            "parse.input": [str(easy_folder(place / "easy", per_class=32))], "train.epochs": 20,
            "evaluate.bootstrap": 100, "evaluate.explain_cells": 3, "evaluate.explain_minutes": 0.15,
        })  # fmt: skip
        run_steps(opened, ["parse", "train"], Tell())
        events = []
        run_steps(opened, ["explain"], Tell(emit=events.append))
        yield opened, opened.result("explain"), events


def figures(result, how):
    return {tuple(row.channels): row for row in result.ablation if row.how == how}


def test_the_study_finds_the_informative_channel(explained):
    _, result, _ = explained
    for how in ("mean", "permuted"):
        rows = figures(result, how)
        assert set(rows) == {(0, 1), (0,), (1,)}
        assert rows[0, 1].accuracy.value == 1.0 and rows[0, 1].change.value == 0.0
        assert rows[1,].accuracy.value > 0.9, "without channel 1 nothing is lost"
        assert rows[0,].accuracy.value < 0.8, "without channel 2 all is"
    trained = figures(result, "retrained")
    assert set(trained) == {(0, 1), (0,), (1,)}
    assert all(row.failed == "" and row.epochs > 0 and row.seconds > 0 for row in trained.values())


def test_the_evidence_of_a_bright_cell_lies_in_its_channel(explained):
    _, result, _ = explained
    bright = [cell for cell in result.cells if cell.label == cell.predicted == "bright"]
    assert bright and all(abs(cell.channels[1]) > abs(cell.channels[0]) for cell in bright)
    assert result.gap < 0.1
    assert result.shares[1] > 0.6 and sum(result.shares) == pytest.approx(1, abs=1e-3)


def test_maps_and_tables_lie_beside_the_result(explained):
    project, result, _ = explained
    folder = project.result_dir("explain")
    height, width = result.frame
    with np.load(folder / "maps.npz", allow_pickle=False) as maps:
        for place in range(len(result.cells)):
            assert maps[f"cell_{place}"].shape == maps[f"gradients_{place}"].shape == (2, height, width)
            assert maps[f"gradcam_{place}"].shape == (height, width)
            assert maps[f"occlusion_{place}"].shape == (3, height, width)
        for place in range(len(result.averages)):
            assert maps[f"mean_gradients_{place}"].shape == (2, height, width)
        assert all(np.isfinite(maps[name]).all() for name in maps.files)
    assert {cell.label for cell in result.cells} == {"bright", "dim"} and len(result.cells) == 6
    assert [one.label for one in result.averages] == ["bright", "dim"]
    assert not (folder / "training").exists()
    table = (folder / "channels.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(table) == 1 + len(result.ablation) and all(words in "".join(table) for words in HOW.values())
    for name in ("report.html", "explain.xlsx", "channels.png", "average_maps.png", "example_maps.png"):
        assert (folder / name).stat().st_size > 1000
    assert set(result.files) >= {"Report", "Workbook", "Maps as arrays", "Every subset of channels"}


def test_it_is_a_part_of_the_report_over_all(explained):
    project, result, _ = explained
    text = (project.root / "results" / "report" / "report.html").read_text(encoding="utf-8")
    assert "<h2>Explain the model</h2>" in text and "Which channels suffice" in text
    own = (project.result_dir("explain") / "report.html").read_text(encoding="utf-8")
    assert "Cells per class" in own and "Maps show where the network is sensitive" in own
    assert result.upstream == {"train": project.result("train").id}


def test_the_models_and_checkpoints_stay_as_they_are(explained):
    project, _, _ = explained
    assert len(project.models()) == 1
    assert len(list((project.root / "runs").iterdir())) == 1, "the history holds the real training only"


def test_the_bar_moves_and_says_what_is_done(explained):
    _, _, events = explained
    bars = [event for event in events if event.kind == "progress"]
    assert [bar.fraction for bar in bars] == sorted(bar.fraction for bar in bars)
    said = " ".join(bar.label for bar in bars)
    assert "Maps of cell" in said and "Training network 2 of 3" in said


def fast(explained, **more):
    project, _, _ = explained
    values = {"explain_cells": 1, "explain_minutes": 0.0, "explain_methods": ["gradcam"], **more}
    return project.plan.evaluate.model_copy(update=values), project


def run(plan, project, tell, folder):
    from wizard.engine.explain import explain

    return explain(plan, project, tell, folder)


def test_chosen_subsets_are_tried(explained, tmp_path):
    plan, project = fast(explained, explain_subsets=["2"], explain_methods=[])
    result = run(plan, project, Tell(), tmp_path / "out")
    assert {tuple(row.channels) for row in result.ablation} == {(0, 1), (1,)}
    assert result.suggested == [1] and not result.cells and not result.methods
    assert not (tmp_path / "out" / "maps.npz").exists()


def test_an_unknown_subset_is_refused(explained, tmp_path):
    plan, project = fast(explained, explain_subsets=["7"])
    with pytest.raises(UserError, match="no channel '7'"):
        run(plan, project, Tell(), tmp_path / "out")


def test_stop_keeps_the_maps_made_so_far(explained, tmp_path):
    said = []

    def stop():
        return any("Maps of cell" in label and "cell 1 " not in label for label in said)

    plan, project = fast(explained, explain_cells=3)
    tell = Tell(emit=lambda event: said.append(event.label), should_stop=stop)
    result = run(plan, project, tell, tmp_path / "out")
    assert result.stopped and 0 < len(result.cells) < 6 and not result.ablation


def test_stop_before_anything_is_there_leaves_nothing(explained, tmp_path):
    plan, project = fast(explained)
    with pytest.raises(Cancelled):
        run(plan, project, Tell(should_stop=lambda: True), tmp_path / "out")


def test_cancel_ends_it(explained, tmp_path):
    plan, project = fast(explained)
    with pytest.raises(Cancelled):
        run(plan, project, Tell(cancelled=lambda: True), tmp_path / "out")


def test_without_holdout_cells_it_says_so(explained, tmp_path, monkeypatch):
    from wizard.engine.data.dataset import DataSet

    plan, project = fast(explained)
    monkeypatch.setattr(DataSet, "where", lambda self, *splits: np.zeros(0, np.int64))
    with pytest.raises(UserError, match="no hold-out cells"):
        run(plan, project, Tell(), tmp_path / "out")


def test_a_view_of_some_channels_reads_only_those(explained):
    from wizard.engine.data.dataset import DataSet

    project, _, _ = explained
    data = DataSet.open(project.data_set("main"))
    view = ChannelView.of(data, (1,))
    rows = np.array([5, 0, 3])
    assert (view.load(rows) == data.load(rows)[:, [1]]).all()
    assert view.images.shape == (len(data), 1, *data.frame) and [one.number for one in view.channels] == [2]
    assert (view.middle((16, 16)).load(rows) == data.middle((16, 16)).load(rows)[:, [1]]).all()
    assert json.dumps(view.info["channels"]) != json.dumps(data.info["channels"])
