"""What `evaluate` does besides evaluating, and `export`, as users call them."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.reports.test_latency_section import made
from wizard import cli, cli_judge
from wizard.results_explain import ExplainResult
from wizard.results_latency import LEFT_OUT


def test_one_run_at_once():
    assert cli_judge.asked({"judge_latency": False, "judge_explain": False}) == ""
    more = {"judge_latency": True, "judge_explain": False, "check": 1}
    assert cli_judge.asked(more) == "latency" and more == {"check": 1}
    with pytest.raises(click.UsageError, match="Only one of --explain and --latency"):
        cli_judge.asked({"judge_latency": True, "judge_explain": True})


@pytest.mark.parametrize(("flag", "step"), [("--latency", "latency"), ("--explain", "explain"), ("", "evaluate")])
def test_the_flags_choose_the_run(monkeypatch, tmp_path, flag, step):
    asked = []
    monkeypatch.setattr(cli, "perform", lambda root, steps, values, *_, **__: asked.append((steps, values)) or 0)
    words = ["evaluate", "--project", str(tmp_path), "--set", "evaluate.latency_frame=32", *([flag] if flag else [])]
    assert CliRunner().invoke(cli.command, words).exit_code == 0
    assert asked == [([step], {"evaluate.latency_frame": "32"})]


def test_what_is_printed():
    lines = cli_judge.latency_lines(made())
    assert lines[0].startswith("Fast, 2 ch, float32, 1 at once: median 1.00 ms, 99 % 3.00 ms")
    assert lines[2].endswith("It is too large.") and lines[-1] == LEFT_OUT
    assert cli_judge.explain_lines(ExplainResult(suggestion="Two channels suffice.")) == ["Two channels suffice."]


def test_export_prints_the_path_last(analysed_model, tmp_path):
    place = tmp_path / "out" / "m.onnx"
    answer = CliRunner().invoke(
        cli.command, ["export", "--model", str(analysed_model), "--to", "onnx", "--output", str(place)]
    )
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.splitlines()[-1] == str(place)
    assert place.is_file()


@pytest.fixture
def analysed_model(tmp_path):
    import numpy as np

    from wizard.engine.familiarity import Familiarity
    from wizard.engine.model import Model
    from wizard.engine.networks.base import build

    known = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    facts = {
        "network": "fast", "options": {}, "classes": ["a", "b"], "frame": [24, 24], "temperature": 1.0,
        "channels": [{"name": "Ch1", "number": 1}], "normalisation": {"kind": "by_255"},
    }  # fmt: skip
    model = Model(facts, build("fast", (24, 24, 1), 2, {}), Familiarity.fit(known, np.arange(40) % 2, known))
    return model.save(Path(tmp_path / "a.cytomodel"), "card")
