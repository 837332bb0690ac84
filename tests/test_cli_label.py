from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from tests.engine.labeling import made_project
from wizard.plan import LABEL_STEPS, MODELS, Plan, read_toml, to_toml


def label(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "wizard", "label", *map(str, arguments)], capture_output=True, text=True, timeout=300
    )


@pytest.mark.slow
def test_all_steps_run_without_a_screen(tmp_path):
    pictures = made_project.write_fields(tmp_path / "pictures")
    quick = ["--set", "train.crop=64", "--set", "train.batch=4", "--set", "train.width=0.25", "--set", "train.steps=8"]
    done = label("--project", tmp_path / "p", "--input", pictures, *quick)
    assert done.returncode == 0, done.stderr[-2000:]
    started = [json.loads(line)["step"] for line in done.stderr.splitlines() if '"started"' in line]
    assert started == list(LABEL_STEPS)
    last = done.stdout.splitlines()[-1]
    assert last.endswith("label_visualize/result.json")
    plan = read_toml(tmp_path / "p" / "plan.toml")
    assert plan.project.task == "stain" and plan.label_train.steps == 8
    for step in LABEL_STEPS:
        assert (tmp_path / "p" / "results" / step / "report.html").is_file()
    assert (tmp_path / "p" / "results" / "report" / "report.xlsx").is_file()
    (model,) = (tmp_path / "p" / "models" / "stains").glob("*.cytomodel")
    done = label("--project", tmp_path / "other", "--input", pictures, "--model", model, "--set", "predict.format=zarr")
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(list((tmp_path / "other" / "results" / "label_predict" / "pictures").glob("*.ome.zarr"))) == 3


def test_wrong_words_and_missing_pictures_are_said(tmp_path):
    done = label("wash", "--project", tmp_path / "p")
    assert done.returncode == 2 and "Unknown step 'wash'" in done.stderr
    done = label("parse", "--project", tmp_path / "p", "--input", tmp_path / "nothing")
    assert done.returncode == 1 and "nothing does not exist." in done.stderr
    done = label("predict", "--project", tmp_path / "p")
    assert done.returncode == 1 and "There is no model for stains yet." in done.stderr


def test_a_plan_for_cells_hides_the_settings_of_stains():
    text = to_toml(Plan())
    assert "[label_" not in text and "[project]" not in text and all(f"[{step}]" in text for step in MODELS)
    stains = Plan().with_values({"project.task": "stain"})
    assert "[label_train]" in to_toml(stains)


def test_run_takes_the_steps_of_the_task(tmp_path, monkeypatch):
    from wizard import cli

    asked = []
    monkeypatch.setattr(cli, "perform", lambda *given, **_more: asked.append(given) or 0)
    given = ["--project", str(tmp_path / "p"), "--input", str(tmp_path), "--set", "project.task=stain"]
    done = CliRunner().invoke(cli.command, ["run", *given, "--set", "train.minutes=2", "--steps", "check,parse,train"])
    assert done.exit_code == 0, done.output
    (_root, steps, values, _plan, _json) = asked[0]
    assert steps == ["check", "label_parse", "label_train"]
    assert values == {
        "label_parse.input": [str(tmp_path)], "project.task": "stain", "label_train.minutes": "2",
    }  # fmt: skip
    done = CliRunner().invoke(cli.command, ["run", *given, "--target", "class"])
    assert done.exit_code == 2 and "--target is for telling cells apart" in done.output
