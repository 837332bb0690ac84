from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from tests.engine.training.conftest import TINY, build
from wizard import runs
from wizard.engine import compare
from wizard.engine.compare import Entry, choose, reason
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Metric, Tell
from wizard.engine.networks.base import NETWORKS, Network
from wizard.engine.run import run_steps
from wizard.plan import TrainPlan
from wizard.results import Candidate

NOISE = np.tile([0.3, -0.3], 100)
RNG = np.random.default_rng(0)


@pytest.fixture
def three(project, easy, monkeypatch):
    """A project in which the first two compared networks are tiny and the third needs larger frames."""
    for name, smallest in (("fast", 8), ("balanced", 8), ("thorough", 500)):
        entry = Network(name, name.title(), "For tests.", smallest, build, TINY.stages)
        monkeypatch.setitem(NETWORKS, name, entry)
    project.change({
        "parse.input": [str(easy)], "train.batch": 8, "train.learning_rate": 0.01, "train.compare_minutes": 0.2,
        "train.compare_networks": ["fast", "balanced", "thorough"],
    })  # fmt: skip
    run_steps(project, ["parse"], Tell())
    return project


def rows_of(path):
    with path.open(encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def test_of_equally_good_ones_the_cheapest_is_chosen():
    losses = RNG.normal(1, 0.3, 200)
    noisy = losses + 0.001 + NOISE
    chosen, worse, errors = choose([losses, noisy], [100.0, 10.0])
    assert chosen == 1 and worse[0] == 0 and 0 < worse[1] <= errors[1]


def test_a_clearly_better_one_is_chosen_whatever_it_costs():
    losses = RNG.normal(1, 0.3, 200)
    chosen, worse, errors = choose([losses + 0.2 + RNG.normal(0, 0.1, 200), losses], [1.0, 1000.0])
    assert chosen == 1 and worse[0] > 2 * errors[0]


def test_of_equally_cheap_ones_the_lowest_loss_is_chosen():
    losses = RNG.normal(1, 0.3, 200)
    chosen, *_ = choose([losses + 0.01 + NOISE, losses], [5.0, 5.0])
    assert chosen == 1


def test_the_pairing_sees_small_differences_that_the_spread_of_the_cells_would_hide():
    losses = RNG.normal(1, 3.0, 100)
    chosen, *_ = choose([losses + 0.1, losses], [1.0, 2.0])
    assert chosen == 1


def judged(name, loss, worse=0.0, error=0.0):
    figures = Candidate(network=name, network_title=name.title(), learning_rate=0.002, augmentation="flow cell",
                        loss=loss, worse_by=worse, worse_error=error)  # fmt: skip
    return Entry(TrainPlan(), figures, losses=np.zeros(3))


def test_the_reason_is_in_plain_words():
    fast, best = judged("fast", 0.52, 0.02, 0.03), judged("balanced", 0.5)
    assert "Fast, 0.002, flow cell is chosen: it needs the least computing" in reason([fast, best], 0, 80)
    assert "0.020 is within its standard error of 0.030" in reason([fast, best], 0, 80)
    worse = judged("fast", 0.9, 0.4, 0.03)
    assert "had the lowest loss on the 80 validation cells. The other" in reason([worse, best], 1, 80)
    assert "none of them needs less computing" in reason([fast, best], 1, 80)
    assert "the only one" in reason([best], 0, 80)


def test_every_combination_is_a_candidate_from_random_weights():
    plan = TrainPlan(compare_networks=["fast", "balanced"], compare_rates=[0.002, 0.01], start="m.cytomodel", folds=3,
                     compare_augmentations=["smear", "none"], epochs=7, freeze="pool")  # fmt: skip
    entries = compare.candidates(plan)
    assert len(entries) == 8
    assert {(e.plan.epochs, e.plan.folds, e.plan.start, e.plan.freeze) for e in entries} == {(0, 1, "", "none")}
    assert len({(e.plan.network, e.plan.learning_rate, e.plan.augmentation) for e in entries}) == 8


def test_one_candidate_is_nothing_to_compare(three):
    three.change({"train.compare_networks": ["fast"]})
    with pytest.raises(UserError, match="nothing to compare"):
        run_steps(three, ["compare"], Tell())


def test_a_comparison_keeps_runs_and_leaves_model_and_checkpoints_alone(three):
    three.training_dir.mkdir(exist_ok=True)
    (three.training_dir / "checkpoint_7.json").write_text("{}", encoding="utf-8")
    run_steps(three, ["compare"], Tell())
    result = three.result("compare")
    fast, balanced, thorough = result.candidates
    assert "too small" in thorough.failed and not thorough.run
    assert result.choice in (0, 1) and result.reason
    assert min(fast.worse_by, balanced.worse_by) == 0 and fast.epochs and balanced.epochs
    assert fast.parameters == balanced.parameters > 0
    kept = [runs.load(three, figures.run) for figures in (fast, balanced)]
    assert [(run.kind, run.network, run.outcome) for run in kept] == [
        ("comparison", "fast", "done"), ("comparison", "balanced", "done"),
    ]  # fmt: skip
    assert kept[0].settings["minutes"] == pytest.approx(0.1)
    table = rows_of(three.result_dir("compare") / "compare.csv")
    assert [row["chosen"] for row in table].count("yes") == 1 and table[2]["failed"]
    assert (three.result_dir("compare") / "compare.png").is_file()
    assert not (three.result_dir("compare") / "training").exists()
    assert not three.models() and three.result("train") is None
    assert [path.name for path in three.training_dir.iterdir()] == ["checkpoint_7.json"]


def test_stop_judges_what_there_is(three):
    seen = []
    tell = Tell(lambda e: seen.append(e) if isinstance(e, Metric) else None, lambda: len(seen) >= 2)
    run_steps(three, ["compare"], tell)
    result = three.result("compare")
    assert result.stopped and result.choice == 0
    assert "Stopped" in result.candidates[1].failed


def test_cancel_leaves_nothing(three):
    seen = []
    tell = Tell(seen.append, cancelled=lambda: sum(isinstance(e, Metric) for e in seen) >= 2)
    with pytest.raises(Cancelled):
        run_steps(three, ["compare"], tell)
    assert three.result("compare") is None and not runs.every(three)


def test_a_network_too_slow_for_its_share_says_so_and_gives_its_time_to_the_others(three, monkeypatch):
    real, calls = compare.measure, []

    def slow_once(training):
        calls.append(training)
        timing = real(training)
        return replace(timing, seconds_per_epoch=500.0) if len(calls) == 1 else timing

    monkeypatch.setattr(compare, "measure", slow_once)
    run_steps(three, ["compare"], Tell())
    result = three.result("compare")
    assert "An epoch takes about 8 minutes" in result.candidates[0].failed
    assert result.choice == 1 and "the only one" in result.reason
    assert runs.load(three, result.candidates[1].run).settings["minutes"] == pytest.approx(0.2)


def test_none_that_can_be_trained_is_said(three):
    three.change({"train.compare_networks": ["thorough"], "train.compare_rates": [0.1, 0.2]})
    run_steps(three, ["compare"], Tell())
    result = three.result("compare")
    assert result.choice == -1 and "None of them" in result.reason
