"""The command line as users and scripts call it: in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cells import easy_folder
from wizard.cli import command
from wizard.plan import STEPS, read_toml, step_settings


def wizard(*words, **options):
    line = [sys.executable, "-m", "wizard", *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=300, **options)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A project made by `run` with all steps, and what the command said."""
    place = tmp_path_factory.mktemp("cli")
    easy_folder(place / "in")
    sets = ["--set", "train.epochs=12", "--set", "visualize.methods=pca", "--set", "visualize.dimensions=2"]
    answer = wizard(
        "run", "--input", "in", "--project", "Ä project", "--target", "class", *sets, cwd=place, env=environment()
    )
    return place / "Ä project", answer


def environment():
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}


def test_run_does_all_steps(done):
    root, answer = done
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    assert Path(lines[-1]) == root / "results" / "visualize" / "result.json"
    for step in STEPS:
        assert (root / "results" / step / "result.json").is_file()
        assert (root / "results" / step / "report.html").is_file()
    assert (root / "results" / "report" / "report.xlsx").is_file()
    assert str(root / "results" / "report" / "report.html") in answer.stdout
    assert "pca_2d.png" in answer.stdout


def test_progress_is_one_json_object_per_line(done):
    events = [json.loads(line) for line in done[1].stderr.splitlines()]
    assert [event["step"] for event in events if event["kind"] == "started"] == list(STEPS)
    assert [event["step"] for event in events if event["kind"] == "done"] == list(STEPS)
    assert {event["epoch"] for event in events if event["kind"] == "metric"} >= {1, 2, 3}


def test_the_fixed_layout_of_the_project(done):
    root, _ = done
    expected = [
        "plan.toml", "journal.jsonl", "data/main.cells/dataset.json", "data/main.cells/images.zarr/zarr.json",
        "data/main.cells/cells.parquet", "training/history.csv", "training/curves.png",
        "results/predict/predictions.csv", "results/extract/features.parquet", "results/visualize/maps.parquet",
    ]  # fmt: skip
    assert not [name for name in expected if not (root / name).is_file()]
    assert len(list((root / "models").glob("*.cytomodel"))) == 1


def test_predict_with_a_model_elsewhere(done, tmp_path):
    root, _ = done
    (model,) = (root / "models").glob("*.cytomodel")
    easy_folder(tmp_path / "new", per_class=3)
    answer = wizard("predict", "--project", tmp_path / "p", "--model", model, "--input", tmp_path / "new")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(Path(answer.stdout.splitlines()[-1]).read_text(encoding="utf-8"))["n_cells"] == 6


def test_user_errors_are_three_lines_and_exit_1(tmp_path):
    answer = wizard("parse", "--project", tmp_path / "p", "--input", tmp_path / "nowhere")
    assert answer.returncode == 1
    assert answer.stdout == ""
    what, action = answer.stderr.splitlines()[-2:]
    assert what == f"{tmp_path / 'nowhere'} does not exist."
    assert action.startswith("Check the name")
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["parse"],
        ["parse", "--project", "p", "--bogus"],
        ["fly"],
        ["run", "--project", "p", "--input", "x", "--steps", "parse,fly"],
        ["parse", "--project", "p", "--set", "parse.frame"],
        ["export", "--model", "m", "--to", "paper", "--output", "x"],
    ],
)
def test_wrong_usage_is_2(words):
    assert CliRunner().invoke(command, words).exit_code == 2


def test_every_setting_is_an_option():
    for step in STEPS[1:]:
        text = CliRunner().invoke(command, [step, "--help"]).output
        for item in step_settings(step):
            assert f"--{item.name.replace('_', '-')}" in text


def test_options_and_set_reach_the_plan(done, tmp_path):
    root, _ = done
    answer = wizard(
        "parse",
        "--project",
        tmp_path / "p",
        "--input",
        root.parent / "in",
        "--frame",
        "32",
        "--set",
        "parse.holdout=0.5",
    )
    result = json.loads(Path(answer.stdout.splitlines()[-1]).read_text(encoding="utf-8"))
    assert result["frame"] == [32, 32]
    assert result["counts"] == {"train": 24, "holdout": 24}
    plan = (tmp_path / "p" / "plan.toml").read_text(encoding="utf-8")
    again = tmp_path / "again.toml"
    again.write_text(plan.replace("frame = 32", "frame = 40"), encoding="utf-8")
    answer = wizard("parse", "--project", tmp_path / "q", "--plan", again)
    assert json.loads(Path(answer.stdout.splitlines()[-1]).read_text(encoding="utf-8"))["frame"] == [40, 40]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_keeps_what_is_done(done, tmp_path):
    root, _ = done
    line = [sys.executable, "-m", "wizard", "run", "--project", str(tmp_path / "p"), "--input", str(root.parent / "in"),
            "--set", "train.epochs=2000", "--set", "train.patience=2000", "--steps", "parse,train,evaluate"]  # fmt: skip
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for said in process.stderr:
            if '"metric"' in said:
                process.send_signal(signal.SIGINT)
                asked = time.monotonic()
                break
        out, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert time.monotonic() - asked < 40
    assert out.splitlines()[-1].endswith("result.json")
    result = json.loads((tmp_path / "p" / "results" / "train" / "result.json").read_text(encoding="utf-8"))
    assert result["stopped"]
    assert result["epochs"] < 2000
    assert not (tmp_path / "p" / "results" / "evaluate").exists()


@pytest.mark.slow
def test_no_socket_is_opened(tmp_path):
    easy_folder(tmp_path / "in", per_class=8)
    code = (
        "import socket, sys\n"
        "def refuse(self, *address): raise AssertionError(f'a connection to {address}')\n"
        "socket.socket.connect = socket.socket.connect_ex = socket.socket.bind = refuse\n"
        "from wizard.cli import main\n"
        "sys.argv[1:] = ['run', '--project', 'p', '--input', 'in', '--set', 'train.epochs=1']\n"
        "main()\n"
    )
    line = [sys.executable, "-c", code]
    answer = subprocess.run(line, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment())
    assert answer.returncode == 0, answer.stderr


def test_check_alone(tmp_path):
    answer = wizard("check", cwd=tmp_path, env=environment())
    assert answer.returncode == 0, answer.stderr
    assert "Libraries" in answer.stderr


PROFILE = """
schema = 1
name = "Institute"
locked = ["train.network"]

[preferences]
threads = 1

[plan.train]
epochs = 7
network = "fast"
"""


@pytest.fixture
def at_the_institute(tmp_path, monkeypatch):
    path = tmp_path / "profile.toml"
    path.write_text(PROFILE, encoding="utf-8")
    monkeypatch.setenv("CYTOWIZARD_PROFILE", str(path))
    monkeypatch.setenv("CYTOWIZARD_CONFIG_DIR", str(tmp_path / "config"))
    return path


def test_a_new_project_begins_with_the_profile_and_keeps_what_is_locked(at_the_institute, tmp_path):
    project = tmp_path / "p"
    done = wizard("train", "--project", str(project), "--set", "train.seed=3")
    assert done.returncode == 1, "there are no cells yet"
    plan = read_toml(project / "plan.toml").train
    assert (plan.epochs, plan.network, plan.seed) == (7, "fast", 3)
    refused = wizard("train", "--project", str(project), "--set", "train.network=thorough")
    assert refused.returncode == 1 and "is set by Institute and cannot be changed here" in refused.stderr
    other = tmp_path / "plan.toml"
    other.write_text('[train]\nnetwork = "thorough"\nepochs = 9\n', encoding="utf-8")
    wizard("train", "--project", str(project), "--plan", str(other))
    plan = read_toml(project / "plan.toml").train
    assert (plan.network, plan.epochs) == ("fast", 9)


def test_a_broken_profile_is_said_and_the_work_goes_on(at_the_institute, tmp_path):
    at_the_institute.write_text("locked = [", encoding="utf-8")
    done = wizard("train", "--project", str(tmp_path / "p"))
    assert "The profile of this computer cannot be used" in done.stderr and "Parse" in done.stderr


@pytest.mark.parametrize(("variable", "cores"), [("", "1"), ("2", "2")])
def test_the_cores_of_the_preferences_count_unless_the_variable_is_set(at_the_institute, monkeypatch, variable, cores):
    monkeypatch.setenv("CYTOWIZARD_THREADS", variable)
    code = "from wizard import cli_house; cli_house.heed(); import os; print(os.environ['CYTOWIZARD_THREADS'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == cores
