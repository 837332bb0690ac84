from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from wizard import fileio
from wizard.engine.events import Tell
from wizard.engine.inference import Inference, eight_bit, prepare
from wizard.engine.model import load
from wizard.project import Project

GOOD = eight_bit.Check(200, 1.0, 0.0, "bright", 0.9, 0.9, 1.0)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Few cells say little about 8-bit integers: what they say is set here, and the quicker correction is used."""
    monkeypatch.setattr(eight_bit, "_FEW", 0)
    monkeypatch.setattr(eight_bit, "_compare", lambda *_: GOOD)


@pytest.fixture
def trained(analysed, tmp_path):
    """A copy of the analysed project without 8-bit networks, under a name with an umlaut."""
    shutil.copytree(analysed.root, tmp_path / "Zellen für Jürgen", ignore=shutil.ignore_patterns("*.int8", ".lock*"))
    with Project.open(tmp_path / "Zellen für Jürgen") as opened:
        yield opened


def both(model):
    return [model.network.layers[-1], model.layer("pool")]


def ready(project, wanted, cells=10, layers=None):
    model, tell = load(project.models()[0]), Tell()
    engine = prepare(model, layers(model) if layers else both(model), wanted, project, cells, tell)
    return engine, [notice.text for notice in tell.notices]


def test_it_is_made_once_and_its_figures_are_said(trained, data, monkeypatch):
    engine, said = ready(trained, "int8")
    assert engine.engine.endswith(" int8")
    assert len(said) == 1 and said[0].startswith("8-bit integers are used: on the model's")
    (folder,) = (trained.root / "models").glob("*.int8")
    assert folder.stem == trained.models()[0].stem
    assert sorted(path.name for path in folder.iterdir()) == ["check.json", "model.bin", "model.xml"]
    facts = fileio.read_json(folder / "check.json")
    assert facts["passed"] and facts["check"]["agreement"] >= 0.995 and facts["check"]["n_cells"] > 0

    monkeypatch.setattr(eight_bit, "_make", None)
    again, repeated = ready(trained, "auto")
    assert again.engine.endswith(" int8") and repeated == said
    images = np.random.default_rng(0).normal(size=(5, *data.frame, 2)).astype(np.float32)
    assert np.allclose(again(images)[0], engine(images)[0], atol=1e-5)
    # Of the outputs that are kept, any choice in any order.
    pool, _ = ready(trained, "int8", layers=lambda model: both(model)[1:])
    assert np.allclose(pool(images)[0], engine(images)[1], atol=1e-5)


def test_automatic_makes_it_only_for_long_runs(trained):
    engine, said = ready(trained, "auto", cells=48)
    assert engine.engine.endswith("float32") and said == []
    assert not list((trained.root / "models").glob("*.int8"))
    engine, said = ready(trained, "auto", cells=50_000_000)
    assert engine.engine.endswith("int8") and len(said) == 1


def test_one_that_fails_the_check_is_not_used_nor_made_again(trained, monkeypatch):
    monkeypatch.setattr(eight_bit, "_compare", lambda *_: replace(GOOD, agreement=0.994))
    engine, said = ready(trained, "int8")
    assert engine.engine.endswith("float32")
    assert said[0].startswith("8-bit integers failed their check, so float32 is used") and "99.40%" in said[0]
    (folder,) = (trained.root / "models").glob("*.int8")
    assert [path.name for path in folder.iterdir()] == ["check.json"]
    monkeypatch.setattr(eight_bit, "_make", None)
    assert ready(trained, "int8")[1] == said


@pytest.mark.parametrize("name", ["model.xml", "model.bin", "check.json"])
def test_changed_files_are_made_anew(trained, name):
    ready(trained, "int8")
    (folder,) = (trained.root / "models").glob("*.int8")
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    assert ready(trained, "auto", cells=1)[0].engine.endswith("float32")
    assert ready(trained, "int8")[0].engine.endswith("int8")
    assert len((folder / name).read_bytes()) >= len(whole) // 2


def test_it_says_why_it_cannot_be_proven(trained):
    shutil.rmtree(trained.root / "runs")
    engine, said = ready(trained, "int8")
    assert engine.engine.endswith("float32") and "no record of this model's training" in said[0]
    _, said = ready(trained, "int8", layers=lambda model: [model.layer("stage 4")])
    assert "classes and the layer pool only" in said[0]
    assert ready(trained, "auto", cells=50_000_000)[1] == []


def test_the_figures_of_a_check(trained, monkeypatch):
    monkeypatch.undo()
    model = load(trained.models()[0])
    data, parts = eight_bit._known_cells(model, trained)

    class Half(Inference):
        def __call__(self, images):
            logits, pool = super().__call__(images)
            logits[:, 1] = -logits[:, 0] - 1
            return [logits, pool]

    check = eight_bit._compare(model, Half(model.network, both(model)), data, parts, Tell())
    assert check.n_cells == len(parts.validation) and check.familiarity_agreement == 1.0
    same = eight_bit._compare(model, Inference(model.network, both(model)), data, parts, Tell())
    assert (same.agreement, same.loss) == (1.0, 0.0) and same.accuracy == same.accuracy_float32
    assert check.agreement <= 1.0 and check.loss >= 0.0


def test_the_rule_of_the_check():
    assert GOOD.passed
    assert not replace(GOOD, agreement=0.9949).passed
    assert not replace(GOOD, loss=0.0051).passed
    assert not replace(GOOD, familiarity_agreement=0.99).passed
    assert "falls by at most 0.40 points (class bright)" in replace(GOOD, loss=0.004).words()
