from __future__ import annotations

import csv

import numpy as np
import pytest

from tests.engine.training.conftest import TINY
from wizard.engine import lr_finder
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.lr_finder import suggestion
from wizard.engine.networks.base import NETWORKS
from wizard.engine.run import run_steps


def test_a_rate_is_suggested_and_nothing_else_is_touched(project, easy, monkeypatch):
    monkeypatch.setitem(NETWORKS, TINY.name, TINY)
    monkeypatch.setattr(lr_finder, "_STEPS", 60)
    project.change({"parse.input": [str(easy)]})
    run_steps(project, ["parse"], Tell())
    project.plan = project.plan.model_copy(
        update={"train": project.plan.train.model_copy(update={"network": TINY.name, "batch": 16})}
    )
    run_steps(project, ["lr_finder"], Tell())
    result = project.result("lr_finder")
    assert 1e-4 <= result.suggestion <= 0.3
    assert len(result.rates) == len(result.losses) <= 60
    with (project.result_dir("lr_finder") / "rates.csv").open(encoding="utf-8-sig") as stream:
        assert len(list(csv.DictReader(stream))) == len(result.rates)
    assert (project.result_dir("lr_finder") / "rates.png").stat().st_size > 1000
    assert not project.training_dir.exists() and not project.models() and project.result("train") is None


def test_the_suggestion_is_well_below_the_lowest_loss():
    rates = np.geomspace(1e-6, 1, 121)
    losses = 1 - 0.8 * np.exp(-((np.log10(rates) + 2) ** 2))
    assert suggestion(rates, losses) == pytest.approx(0.002)
    with pytest.raises(UserError, match="No learning rate"):
        suggestion(rates, np.ones(121))
