from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.cells import easy_folder
from wizard import results
from wizard.engine.errors import UserError
from wizard.plan import STEPS, settings_hash
from wizard.project import UPSTREAM, Project
from wizard.results import RESULTS


@pytest.fixture
def project(tmp_path):
    with Project.open(tmp_path / "Versuch 1 (Müller)") as opened:
        yield opened


def finish(project, step, number=1):
    """Store an empty result as the runner would."""
    result = RESULTS[step](step=step, id=f"{step}{number}", settings_hash=settings_hash(project.plan, step))
    plan = getattr(project.plan, step, None)
    result.settings = plan.model_dump() if plan else {}
    result.upstream = {name: project.result(name).id for name in UPSTREAM[step] if project.result(name)}
    folder = project.result_dir(step)
    folder.mkdir(parents=True, exist_ok=True)
    results.save(result, folder)


def kinds(project):
    return {step: state.kind for step, state in project.states().items()}


def test_a_new_project(project):
    assert (project.root / "plan.toml").is_file()
    assert kinds(project) == {
        "check": "ready", "parse": "blocked", "train": "blocked", "evaluate": "blocked", "predict": "blocked",
        "extract": "blocked", "visualize": "blocked",
    }  # fmt: skip
    assert project.state("train").reason == "Parse comes first."
    assert "folder" in project.state("parse").reason


def test_steps_become_done_and_stale(project):
    project.change({"parse.input": ["x"]})
    for step in STEPS:
        assert project.state(step).kind == "ready"
        finish(project, step)
    assert set(kinds(project).values()) == {"done"}
    project.change({"train.epochs": 3})
    assert project.state("train").reason == "Epochs was fitted to the number of cells, now 3. Train again."
    assert kinds(project) == {
        "check": "done", "parse": "done", "train": "stale", "evaluate": "stale", "predict": "stale",
        "extract": "stale", "visualize": "stale",
    }  # fmt: skip
    assert project.state("visualize").reason == (
        "Train is out of date. Epochs was fitted to the number of cells, now 3. Visualize comes after it."
    )
    finish(project, "train", 2)
    assert project.state("evaluate").reason == "Train ran again since. Evaluate again."
    assert project.state("train").kind == "done"


def test_a_setting_put_back_is_fresh_again(project):
    project.change({"parse.input": ["x"]})
    finish(project, "parse")
    project.change({"parse.seed": 5})
    assert project.state("parse").kind == "stale"
    project.change({"parse.seed": 1})
    assert project.state("parse").kind == "done"


def test_a_model_from_elsewhere_needs_no_training(project):
    project.change({"predict.model": "other.cytomodel"})
    assert project.state("predict").kind == "ready"


def test_a_wrong_change_changes_nothing(project):
    before = (project.root / "plan.toml").read_text(encoding="utf-8")
    with pytest.raises(UserError):
        project.change({"parse.frame": 40, "train.epochs": -1})
    assert project.plan.parse.frame == 0
    assert (project.root / "plan.toml").read_text(encoding="utf-8") == before


def test_settings_survive_closing(project):
    project.change({"train.epochs": 9})
    project.close()
    with Project.open(project.root) as again:
        assert again.plan.train.epochs == 9


def test_opened_twice_is_refused_and_says_by_whom(project):
    with pytest.raises(UserError, match="open already") as caught:
        Project.open(project.root)
    assert str(os.getpid()) in caught.value.why


def test_a_lock_dies_with_its_process(tmp_path):
    code = f"import os; from wizard.project import Project; Project.open({str(tmp_path / 'p')!r}); os._exit(9)"
    subprocess.run([sys.executable, "-c", code], check=False)
    Project.open(tmp_path / "p").close()


def test_what_is_no_project(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="is a file"):
        Project.open(tmp_path / "file")
    with pytest.raises(UserError, match="not a CytoWizard project"):
        Project.open(tmp_path / "folder", create=False)


def test_a_damaged_plan_is_named(project):
    project.close()
    (project.root / "plan.toml").write_text("[parse\n", encoding="utf-8")
    with pytest.raises(UserError, match="plan.toml cannot be read"):
        Project.open(project.root)
    (project.root / "plan.toml").unlink()
    Project.open(project.root).close()


def test_a_damaged_result_counts_as_none(project):
    project.change({"parse.input": ["x"]})
    finish(project, "parse")
    (project.result_dir("parse") / "result.json").write_text("{", encoding="utf-8")
    assert project.result("parse") is None
    assert project.state("parse").kind == "ready"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="cannot be read or written"):
        Project.open(tmp_path / "p")


def test_journal(project, tmp_path):
    from wizard.engine.events import Tell
    from wizard.engine.run import run_steps

    project.change({"parse.input": [str(easy_folder(tmp_path / "in", 4))]})
    run_steps(project, ["parse"], Tell())
    with pytest.raises(UserError):
        run_steps(project, ["evaluate"], Tell())
    lines = [json.loads(line) for line in (project.root / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["step"], line["outcome"]) for line in lines] == [("parse", "done"), ("evaluate", "error")]
    assert {"start", "end", "seed", "versions", "settings_hash"} <= set(lines[0])
