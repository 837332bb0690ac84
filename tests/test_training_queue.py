from __future__ import annotations

import pytest

from wizard import fileio, results, runs, training_queue
from wizard.engine.errors import UserError
from wizard.project import Project
from wizard.results import TrainResult
from wizard.train_plan import TrainPlan


@pytest.fixture
def project(tmp_path):
    with Project.open(tmp_path / "p") as opened:
        yield opened


def three(project):
    return [training_queue.add(project, TrainPlan(seed=seed), f"number {seed}").id for seed in (1, 2, 3)]


def order(project):
    return [entry.name for entry in training_queue.entries(project)]


def test_the_queue_is_empty_at_first(project):
    assert training_queue.entries(project) == []
    assert training_queue.next_waiting(project) is None
    training_queue.remove(project, "nothing")


def test_entries_keep_their_settings(project):
    plan = TrainPlan(network="fast", learning_rate=0.01, augmentation="smear", folds=3, target="dose")
    entry = training_queue.add(project, plan)
    assert entry.name == "Fast, dose, learning rate 0.01, augmentation smear, 3 networks"
    assert training_queue.add(project, TrainPlan()).name == "Balanced"
    (again, _) = training_queue.entries(project)
    assert again == entry
    project.change(again.values())
    assert project.plan.train == plan


@pytest.mark.parametrize(
    ("which", "by", "expected"), [(2, -1, "132"), (0, 1, "213"), (0, 9, "231"), (2, -9, "312"), (1, 0, "123")]
)
def test_entries_move_as_far_as_the_ends(project, which, by, expected):
    training_queue.move(project, three(project)[which], by)
    assert order(project) == [f"number {digit}" for digit in expected]
    training_queue.move(project, "gone", 1)
    assert order(project) == [f"number {digit}" for digit in expected]


def test_the_next_one_is_the_first_that_waits(project):
    one, two, three_ = three(project)
    training_queue.mark(project, one, "done", run="r1")
    training_queue.mark(project, two, "failed", "The disk is full.")
    assert training_queue.next_waiting(project).id == three_
    found = {entry.id: entry for entry in training_queue.entries(project)}
    assert (found[one].outcome, found[one].run) == ("done", "r1")
    assert (found[two].outcome, found[two].why) == ("failed", "The disk is full.")
    training_queue.clear(project)
    assert order(project) == ["number 3"]
    training_queue.remove(project, three_)
    assert order(project) == []


@pytest.mark.parametrize("text", ["{", "{}", '[{"name": "no id"}]', "[1]", "[" * 100_000])
def test_a_damaged_file_is_named(project, text):
    training_queue.place(project).write_text(text)
    with pytest.raises(UserError) as caught:
        training_queue.add(project, TrainPlan())
    assert "queue.json" in caught.value.why
    assert training_queue.place(project).read_text() == text


def test_after_a_power_cut_the_entry_waits_again_or_is_done(project):
    one, two, three_ = three(project)
    training_queue.mark(project, one, "running")
    training_queue.mark(project, two, "running")
    training_queue.mark(project, three_, "failed", "why")
    settings = TrainPlan(seed=2).model_dump(mode="json")
    created = training_queue.entries(project)[1].started
    result = TrainResult(step="train", id="x", created=created, run="r2", settings=settings)
    results.save(result, project.result_dir("train"))
    training_queue.recover(project)
    assert [entry.outcome for entry in training_queue.entries(project)] == ["waiting", "done", "failed"]
    assert training_queue.entries(project)[1].run == "r2"


def test_a_run_with_a_model_settles_its_entry_too(project):
    one, *_ = three(project)
    training_queue.mark(project, one, "running")
    entry = training_queue.entries(project)[0]
    runs.save(project, runs.Run(id="r", created=entry.started, settings=entry.settings, outcome="done", model="m"))
    training_queue.recover(project)
    assert training_queue.entries(project)[0].outcome == "done"


@pytest.mark.parametrize("kind", ["", "fold 2 of 3"])
def test_an_interrupted_training_of_an_entry_is_found(project, kind):
    entry = training_queue.add(project, TrainPlan(folds=3))
    assert not training_queue.resumes(project, entry)
    training_queue.mark(project, entry.id, "running")
    entry = training_queue.entries(project)[0]
    settings = entry.settings | ({"seed": 3} if kind else {})
    runs.save(project, runs.Run(id="r", created=entry.started, settings=settings, kind=kind))
    assert not training_queue.resumes(project, entry)
    project.training_dir.mkdir()
    fileio.write_json(project.training_dir / "checkpoint_1.json", {"state": {"run": "r"}})
    assert training_queue.resumes(project, entry)
    other = runs.Run(id="r", created=entry.started, settings={**settings, "network": "fast"}, kind=kind)
    runs.save(project, other)
    assert not training_queue.resumes(project, entry)
