"""The support file: what it holds, and above all what it does not."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests import made_results
from wizard import recent, support
from wizard.engine.errors import UserError
from wizard.engine.events import Failed
from wizard.plan import STEPS
from wizard.project import Project
from wizard.support import Situation
from wizard.support_clean import Cleaner

USER, HOST = "hildegard", "pc-labor-17"
FOLDER = "Studie Kowalczyk"
TAG, VALUES = "Einsender", ("Wojciechowska", "patient_0815x", "Zürn")
SOURCE = "Probe_Nakamura_2026.cif"
PLANTED = (USER, HOST, "Kowalczyk", TAG, *VALUES, "Nakamura", "Obermaier", "Geheim", "secretcohort", "Lindqvist")

TRACE = """Traceback (most recent call last):
  File "/home/hildegard/.venv/lib/python3.12/site-packages/wizard/engine/run.py", line 90, in _call
    result: StepResult = function(plan, project, tell, folder, **extra)
  File "C:\\Users\\hildegard\\Geheim\\own_network.py", line 3, in build
    raise ValueError("Lindqvist")
ValueError: cell 3 of 'Wojciechowska' in /data/Studie Kowalczyk/Geheim/Probe_Nakamura_2026.cif seen by Obermaier
"""


@pytest.fixture
def planted(tmp_path: Path, settings_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with names wherever a user's names can stand."""
    monkeypatch.setenv("USER", USER)
    monkeypatch.setattr("platform.node", lambda: HOST)
    root = tmp_path / USER / FOLDER
    with Project.open(root) as project:
        project.change({
            "parse.input": [str(root / "Geheim"), f"//server/{FOLDER}/{SOURCE}"], "parse.name": "secretcohort",
            "parse.rename": [f"level_1 = {TAG}"], "parse.exclude": [f"{TAG} = {VALUES[0]}, {VALUES[1]}"],
            "train.target": TAG, "train.epochs": 7, "parse.frame": "48",
        })  # fmt: skip
        made_results.write_results(project, STEPS)
        result = root / "results" / "parse" / "result.json"
        stored: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        stored["tags"] = {TAG: dict.fromkeys(VALUES, 5)}
        result.write_text(json.dumps(stored), encoding="utf-8")
        (root / "data" / "x.cells").mkdir(parents=True)
        about = {"sources": [{"path": f"/mnt/{FOLDER}/{SOURCE}", "hash": "00"}], "tags": [TAG]}
        (root / "data" / "x.cells" / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
        project.journal({"step": "parse", "start": "2026-11-21T10:00:00+00:00", "end": "2026-11-21T10:01:00+00:00",
                         "outcome": "done", "seed": 1, "settings_hash": "00ff", "versions": {"keras": "3.12"},
                         "by": USER})  # fmt: skip
        project.journal({"step": VALUES[0], "outcome": VALUES[1], "versions": {"Lindqvist": "Obermaier"}})
    with (root / "journal.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("not json Kowalczyk\n")
    (root / "engine.log").write_text(f"reading {SOURCE} of Zürn\nWARNING: {VALUES[1]} has 3 cells\n", encoding="utf-8")
    settings_folder.mkdir(parents=True, exist_ok=True)
    (settings_folder / "window.log").write_text(TRACE * 2, encoding="utf-8")
    kept = recent.Recent()
    kept.remember(root)
    kept.remember(Path("/srv/Obermaier/Lindqvist"))
    kept.save()
    return root


def situation(root: Path) -> Situation:
    failed = Failed("parse", f"{SOURCE} cannot be read.", f"Written by {USER}.", f"See {root}.", TRACE, "bug")
    return Situation(root, failed, {"text size": "150 %"})


def test_no_planted_name_is_in_the_file(planted: Path, tmp_path: Path) -> None:
    content = support.collect(situation(planted))
    support.save(tmp_path / "support.zip", content)
    with zipfile.ZipFile(tmp_path / "support.zip") as archive:
        names = archive.namelist()
        whole = "\n".join(archive.read(name).decode("utf-8") for name in names)
    assert [name for name in PLANTED if name.lower() in (whole + " ".join(names)).lower()] == []
    raw = (tmp_path / "support.zip").read_bytes().lower()
    assert [name for name in PLANTED if name.lower().encode() in raw] == []


def test_what_the_makers_need_is_in_it(planted: Path) -> None:
    content = support.collect(situation(planted))
    assert set(content) == {
        "about.txt", "error.txt", "versions.txt", "preferences.txt", "window.log", "project.txt", "install_check.txt",
        "plan.toml", "journal.jsonl", "engine.log",
    }  # fmt: skip
    assert "File wizard/engine/run.py, line 90, in _call" in content["error.txt"]
    assert "function(plan, project, tell, folder, **extra)" in content["window.log"]
    assert "ValueError: cell 3 of <text> in <path>" in content["window.log"]
    assert "epochs = 7" in content["plan.toml"] and 'input = "<2 paths>"' in content["plan.toml"]
    assert "frame = 48" in content["plan.toml"] and 'target = "<1 tag>"' in content["plan.toml"]
    assert "text size: 150 %" in content["versions.txt"] and "keras: " in content["versions.txt"]
    assert "has 3 cells" in content["engine.log"]
    runs = [json.loads(line) for line in content["journal.jsonl"].splitlines()]
    assert runs[0]["step"] == "parse" and runs[0]["versions"] == {"keras": "3.12"} and "by" not in runs[0]
    assert (runs[1]["step"], runs[1]["outcome"], runs[1]["versions"]) == ("other", "other", {}) and len(runs) == 2


def test_there_is_a_file_without_a_project_too(settings_folder: Path, tmp_path: Path) -> None:
    content = support.collect(Situation())
    assert set(content) == {"about.txt", "versions.txt", "preferences.txt"}
    content = support.collect(Situation(root=tmp_path / "gone"))
    assert "plan.toml" not in content


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises((UserError, NotADirectoryError)):
        support.save(tmp_path / "file" / "support.zip", {"a": "b"})


@pytest.mark.parametrize(
    "text, cleaned",
    [
        ("KeyError: 'Donor 5'", "KeyError: <text>"),
        ("cannot open /mnt/x/y z/a.cif.", "cannot open <path>"),
        (r"cannot open D:\Daten\Anna Weber\a.cif", "cannot open <path>"),
        ("ask anna.weber@clinic.example about it", "ask <name> about it"),
        ("the cells of Weber are dark", "the cells of <name> are dark"),
        ("reading run12.daf now", "reading <file> now"),
        ("cells of müller", "cells of <name>"),
        ("Out of memory: 3.5 GiB needed, 1.2 GiB free", "Out of memory: 3.5 GiB needed, 1.2 GiB free"),
    ],
)
def test_what_looks_like_a_name_is_taken_out(text: str, cleaned: str) -> None:
    assert Cleaner([]).text(text).rstrip(".") == cleaned.rstrip(".")


def test_known_names_are_found_in_any_case_and_inside_words() -> None:
    clean = Cleaner(["/data/Healthy Donor/B7", "ab"])
    assert clean.known("unHEALTHY; b7 and B71; ab, lab") == "un<name>; <name> and B71; <name>, lab"


def test_thousands_of_names_take_no_time(benchmark_seconds: float = 3.0) -> None:
    import time

    clean = Cleaner(f"/data/donor{number}/plate_{number:05d}.cif" for number in range(20_000))
    began = time.monotonic()
    clean.log("a line without names, quite long, as libraries write them\n" * 300)
    assert time.monotonic() - began < benchmark_seconds
