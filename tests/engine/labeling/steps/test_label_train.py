from __future__ import annotations

import csv
import time

import numpy as np
import pytest

from tests.engine.labeling import made_project
from tests.engine.labeling.pictures import published_field
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Metric, Tell
from wizard.engine.labeling import model as files
from wizard.engine.labeling.using import Predictor
from wizard.engine.labeling.views import Region


def weights(project):
    found = files.load(files.models(project.root)[0])
    return found.weights[0]


def test_a_trained_network_says_what_it_learnt(trained):
    result = trained.result("label_train")
    assert result.labels == ["DAPI_CONFOCAL", "MAP2_CONFOCAL"] and result.steps == 30
    assert {one.label for one in result.checks} == set(result.labels)
    losses = [row["loss"] for row in result.history]
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])
    folder = trained.result_dir("label_train")
    with (folder / "history.csv").open(encoding="utf-8-sig") as stream:
        assert len(list(csv.DictReader(stream))) == 30
    assert (folder / "preview.png").is_file() and (folder / "report.html").is_file()
    assert not list((trained.root / "training_stains").glob("checkpoint*"))
    found = files.load(trained.root / result.model)
    assert found.stains == result.labels and sorted(sum(found.members, [])) == result.labels


def test_the_same_seed_gives_the_same_network_also_after_a_stop(tmp_path, trained, pictures):
    with made_project.opened(tmp_path / "other", pictures) as project:
        made_project.run(project, "parse")
        seen = []
        tell = Tell(lambda event: seen.append(event), should_stop=lambda: len(seen) > 4)
        stopped = made_project.run(project, "train", tell=tell)
        assert stopped.stopped and 0 < stopped.steps < 30
        assert files.models(project.root), "a stop keeps the best so far"
        result = made_project.run(project, "train", resume=True)
        assert not result.stopped and result.steps == 30
        assert any(isinstance(event, Metric) for event in seen)
        again = {row["step"]: row["loss"] for row in result.history}
        straight = {row["step"]: row["loss"] for row in trained.result("label_train").history}
        assert again == pytest.approx(straight, rel=1e-3)


def test_a_resume_with_other_settings_or_without_a_stop_is_refused(tmp_path, pictures):
    with made_project.opened(tmp_path / "other", pictures) as project:
        made_project.run(project, "parse")
        with pytest.raises(UserError, match="no stopped training"):
            made_project.run(project, "train", resume=True)
        calls = []
        made_project.run(project, "train", tell=Tell(should_stop=lambda: len(calls) > 1 or calls.append(1)))
        project.change({"label_train.rate": 0.001})
        with pytest.raises(UserError, match="cannot be taken up"):
            made_project.run(project, "train", resume=True)


def test_a_cancel_restores_what_was_there(tmp_path, pictures):
    with made_project.opened(tmp_path / "other", pictures) as project:
        made_project.run(project, "parse")
        place = project.root / "training_stains"
        place.mkdir()
        (place / "mine.txt").write_text("here")
        count = []
        with pytest.raises(Cancelled):
            made_project.run(project, "train", tell=Tell(cancelled=lambda: len(count) > 30 or count.append(1)))
        assert (place / "mine.txt").read_text() == "here" and not files.models(project.root)


@pytest.mark.slow
def test_the_time_is_kept(tmp_path, pictures):
    with made_project.opened(tmp_path / "other", pictures, **{"label_train.steps": 0}) as project:
        made_project.run(project, "parse")
        project.change({"label_train.minutes": 0.25})
        began = time.monotonic()
        result = made_project.run(project, "train")
        assert time.monotonic() - began < 15 + 5 and result.steps > 5
        rates = [row["rate"] for row in result.history]
        assert rates[-1] < 0.1 * max(rates), "the learning rate ends near zero"


@pytest.mark.slow
def test_planes_are_learnt_too_and_a_stain_is_added(tmp_path, pictures, trained):
    start = trained.root / trained.result("label_train").model
    more = {"label_train.start": str(start), "label_train.planes_too": True, "label_train.steps": 4}
    with made_project.opened(tmp_path / "other", pictures, **more) as project:
        made_project.run(project, "parse")
        result = made_project.run(project, "train")
        assert result.started_from == start.name and result.fresh
        assert all("plane" in name for name in result.fresh)
        found = files.load(project.root / result.model)
        assert found.stains == result.labels and len(found.labels) == 2 + 3


def test_a_new_stain_learns_first_while_what_was_learnt_holds_still(tmp_path, trained):
    for at in range(2):
        published_field(tmp_path / "p", at, 3, f"C{at}", ("DAPI_CONFOCAL", "ACTIN"), height=160, width=192)
    start = trained.root / trained.result("label_train").model
    more = {"label_train.start": str(start), "label_train.steps": 100}
    calls = []
    with made_project.opened(tmp_path / "other", tmp_path / "p", **more) as project:
        made_project.run(project, "parse")
        tell = Tell(should_stop=lambda: len(calls) > 1 or calls.append(1))
        result = made_project.run(project, "train", tell=tell)
        assert result.fresh and all(name.startswith("head_actin") for name in result.fresh)
        before, after = files.load(start).weights[0], files.load(project.root / result.model).weights[0]
        for name in before.keys() & after.keys():
            np.testing.assert_allclose(after[name], before[name], rtol=1e-5, atol=1e-6)


def test_a_stain_that_no_check_pixel_has_is_learnt_all_the_same(tmp_path):
    for at in range(7):
        stains = ("DAPI_CONFOCAL", "MAP2_CONFOCAL") if at < 4 else ("DAPI_CONFOCAL",)
        published_field(tmp_path / "p", at, 2, f"A{at}", stains, height=96, width=96, count=4)
    with made_project.opened(tmp_path / "other", tmp_path / "p", **{"label_train.steps": 12}) as project:
        made_project.run(project, "parse")
        result = made_project.run(project, "train")
        assert [one.label for one in result.checks if one.loss is None] == ["MAP2_CONFOCAL"]
        assert result.steps == 12 and result.members == 1
        assert len(made_project.run(project, "evaluate").stains) >= 1


def test_what_cannot_be_trained_on_is_refused(tmp_path, pictures):
    with made_project.opened(tmp_path / "other", pictures) as project:
        with pytest.raises(UserError, match="no fields of view yet"):
            made_project.run(project, "train")
        made_project.run(project, "parse")
        for values, words in (
            ({"label_train.stains": "ACTIN"}, "no stain called ACTIN"),
            ({"label_train.stains": "", "label_train.crop": 256}, r"z_depth-0,channel-PHASE_CONTRAST.* is 192×160 px, too small"),
            ({"label_train.crop": 64, "label_train.network": "published"}, "too small for Published"),
        ):  # fmt: skip
            project.change(values)
            with pytest.raises(UserError, match=words):
                made_project.run(project, "train")


def test_a_runaway_training_is_said(tmp_path, pictures, monkeypatch):
    from wizard.engine.labeling import training

    with made_project.opened(tmp_path / "other", pictures) as project:
        made_project.run(project, "parse")
        monkeypatch.setattr(training.math, "isfinite", lambda value: False)
        with pytest.raises(UserError, match="ran away"):
            made_project.run(project, "train")


def test_one_small_strip_is_refused_by_name(tmp_path):
    folder = tmp_path / "p"
    published_field(folder, 0, 3, "A0", height=96, width=96, count=3)
    with made_project.opened(tmp_path / "other", folder, **{"label_train.crop": 64}) as project:
        made_project.run(project, "parse")
        with pytest.raises(UserError, match="too small for training crops"):
            made_project.run(project, "train")


def test_time_that_is_left_trains_a_further_network_whose_answers_are_averaged(tmp_path, pictures):
    more = {"label_train.steps": 0, "label_train.passes": 40, "label_train.minutes": 5, "label_train.networks": 2}
    with made_project.opened(tmp_path / "other", pictures, **more) as project:
        made_project.run(project, "parse")
        notices = []
        tell = Tell(lambda event: notices.append(getattr(event, "text", "")))
        result = made_project.run(project, "train", tell=tell)
        assert result.networks == 2 and result.train_seconds < 200, "it ends when all is learnt"
        assert any("network 2 begins" in text for text in notices)
        assert any("More fields make a better network" in text for text in notices)
        rates = [row["rate"] for row in result.history]
        half = len(rates) // 2
        assert rates[half - 1] < 0.1 * max(rates) < rates[half + 12] and rates[-1] < 0.1 * max(rates)
        assert [row["step"] for row in result.history] == list(range(1, len(rates) + 1))
        found = files.load(project.root / result.model)
        used = sorted(sum(found.members, []))
        assert used == sorted(result.labels * 2) and result.members == len(found.members) >= 2
        predictor = Predictor(found)
        light = np.random.default_rng(0).uniform(0, 1, (160, 192, 3)).astype(np.float32)
        whole = predictor.whole(light, Region(0, 0, 0, 160, 192), 3)
        parts = []
        for number, labels in enumerate(found.members):
            alone = files.StainModel(
                found.manifest | {"members": [found.stains], "widths": {}}, [found.weights[number]]
            )
            parts.append((labels, Predictor(alone).whole(light, Region(0, 0, 0, 160, 192), 3)))
        for at, label in enumerate(found.stains):
            wanted = np.mean([part[..., at] for labels, part in parts if label in labels], axis=0)
            np.testing.assert_allclose(whole[..., at], wanted, atol=2e-3)


def test_a_stop_in_a_further_network_keeps_the_first_and_goes_on(tmp_path, pictures):
    more = {"label_train.steps": 0, "label_train.passes": 25, "label_train.minutes": 5}
    with made_project.opened(tmp_path / "other", pictures, **more) as project:
        made_project.run(project, "parse")
        said = []
        tell = Tell(
            lambda event: said.append(getattr(event, "text", "")),
            should_stop=lambda: any("network 2 begins" in text for text in said),
        )
        stopped = made_project.run(project, "train", tell=tell)
        assert stopped.stopped and sorted(sum(files.load(project.root / stopped.model).members, [])) == stopped.labels
        result = made_project.run(project, "train", resume=True)
        assert not result.stopped and result.networks == 2 and result.steps > stopped.steps
