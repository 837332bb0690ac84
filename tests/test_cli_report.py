"""The command `report`: its files, its options, its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.reports.test_full_report import make
from wizard.cli import command
from wizard.plan import step_settings


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project folder with data set and training."""
    root = tmp_path_factory.mktemp("cli report") / "Ünï project"
    make(root, ("parse", "train")).close()
    return root


def wizard(*words):
    line = [sys.executable, "-m", "wizard", *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=300)


def test_it_writes_the_report_and_says_where(project):
    answer = wizard("report", "--project", project)
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    folder = project / "results" / "report"
    assert Path(lines[-1]) == folder / "result.json" and Path(lines[-1]).is_file()
    assert f"PDF: {folder / 'report.pdf'}" in lines and any("items need you" in line for line in lines)
    events = [json.loads(line) for line in answer.stderr.splitlines()]
    assert [event["kind"] for event in events if event["kind"] != "progress"] == ["started", "notice", "done"]
    fractions = [event["fraction"] for event in events if event["kind"] == "progress"]
    assert fractions == sorted(fractions)


def test_settings_can_be_given_both_ways(project):
    sets = ["--set", "report.files=html", "--set", "report.pseudonyms=yes", "--checklists", "no"]
    answer = wizard("report", "--project", project, *sets)
    assert answer.returncode == 0, answer.stderr
    folder = project / "results" / "report"
    assert (folder / "report.html").is_file() and not (folder / "report.pdf").exists()
    assert "Ünï" not in (folder / "report.html").read_text(encoding="utf-8")
    assert (project / "pseudonyms.csv").is_file()
    assert json.loads((folder / "result.json").read_text(encoding="utf-8"))["pseudonyms"] is True


def test_an_empty_project_is_a_user_error(tmp_path):
    answer = wizard("report", "--project", tmp_path / "p")
    assert answer.returncode == 1 and answer.stdout == ""
    assert "There is nothing to report yet." in answer.stderr and "Traceback" not in answer.stderr


def test_an_unknown_file_is_refused(project):
    answer = wizard("report", "--project", project, "--set", "report.files=docx")
    assert answer.returncode == 1 and "Files" in answer.stderr


def test_its_settings_are_options_and_wrong_usage_is_2():
    text = CliRunner().invoke(command, ["report", "--help"]).output
    for item in step_settings("report"):
        assert f"--{item.name}" in text
    assert CliRunner().invoke(command, ["report"]).exit_code == 2
    assert CliRunner().invoke(command, ["report", "--project", "p", "--set", "report.files"]).exit_code == 2
