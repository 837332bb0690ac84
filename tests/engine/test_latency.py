from __future__ import annotations

import csv

import pytest

from wizard.engine import latency as module
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.latency import latency
from wizard.engine.run import run_steps
from wizard.evaluate_plan import EvaluatePlan
from wizard.plan import settings_hash
from wizard.results_latency import LatencyResult, Timing


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(module, "_FEWEST", 3)
    monkeypatch.setattr(module, "_MOST", 3)


def plan(**values):
    chosen = {"latency_networks": ["fast"], "latency_channels": [2], "latency_frame": 24, "latency_batches": [1, 5]}
    return EvaluatePlan(**{**chosen, **values})


def test_every_way_is_timed_and_written(project, tmp_path):
    result = latency(plan(), project, Tell(), tmp_path)
    found = [(one.precision, one.batch) for one in result.timings]
    assert found == [("float32", 1), ("float32", 5), ("int8", 1), ("int8", 5)]
    for one in result.timings:
        assert one.failed == "" and one.engine.endswith(one.precision) and one.network_title == "Fast"
        assert 0 < one.median_ms <= one.p99_ms
        assert one.cells_per_second == pytest.approx(1000 * one.batch / one.median_ms, rel=0.01)
        assert one.sorting_rate == pytest.approx(1000 * one.batch / one.p99_ms, rel=0.01)
    with (tmp_path / "latency.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["batch"] for row in rows] == ["1", "5", "1", "5"]
    assert (tmp_path / "latency.png").stat().st_size > 1000
    assert result.fastest.batch == 1 and result.cores >= 1


def test_what_cannot_be_timed_has_its_reason(project, tmp_path):
    result = latency(plan(latency_networks=["mobilenetv2"], latency_frame=16, latency_precisions=["float32"]),
                     project, Tell(), tmp_path)  # fmt: skip
    assert all(bool(one.failed) != bool(one.median_ms) for one in result.timings)


def test_nothing_chosen_is_refused_and_wrong_numbers_too(project, tmp_path):
    with pytest.raises(UserError, match="nothing to time"):
        latency(plan(latency_networks=[]), project, Tell(), tmp_path)
    for wrong in ({"latency_channels": [0]}, {"latency_batches": "1, x"}, {"latency_networks": ["nosuch"]}):
        with pytest.raises(UserError):
            project.change({f"evaluate.{name}": value for name, value in wrong.items()})


def test_a_stop_keeps_what_was_timed(project, tmp_path):
    asked = []
    tell = Tell(should_stop=lambda: asked.append(1) or len(asked) > 1)
    result = latency(plan(latency_channels=[1, 2], latency_precisions=["float32"]), project, tell, tmp_path)
    assert result.stopped and {one.channels for one in result.timings} == {1}


def test_it_is_a_run_beside_the_steps(project):
    before = settings_hash(project.plan, "evaluate")
    project.change({"evaluate.latency_networks": "fast", "evaluate.latency_channels": "1", "evaluate.latency_frame": 16,
                    "evaluate.latency_batches": "1", "evaluate.latency_precisions": "float32"})  # fmt: skip
    assert settings_hash(project.plan, "evaluate") == before
    run_steps(project, ["latency"], Tell())
    assert len(project.result("latency").timings) == 1
    assert project.state("evaluate").kind == "blocked"


def test_the_fastest_is_that_of_the_smallest_batch():
    timings = [
        Timing(
            network=name, network_title=name, channels=1, precision="float32", batch=batch, median_ms=ms, failed=failed
        )
        for name, batch, ms, failed in (("a", 1, 2.0, ""), ("b", 1, 1.0, ""), ("c", 8, 0.5, ""), ("d", 1, 0.0, "no"))
    ]
    assert LatencyResult(timings=timings).fastest.network == "b"
    assert LatencyResult(timings=timings[3:]).fastest is None
