"""Preferences of a user, and the profile of a department below them."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from wizard import preferences, profile, recent
from wizard.engine import processors
from wizard.engine.errors import UserError
from wizard.preference_plan import PreferenceValues
from wizard.project import Project
from wizard.steps.projects import make_project
from wizard.steps.session import open_project

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def no_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYTOWIZARD_PROFILE", "")


def place_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Path:
    path = tmp_path / "profile.toml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    monkeypatch.setenv("CYTOWIZARD_PROFILE", str(path))
    return path


def stored(folder: Path) -> dict[str, object]:
    return json.loads((folder / preferences.FILE).read_text(encoding="utf-8"))


# What is remembered.


def test_what_is_changed_is_read_again(settings_folder: Path, tmp_path: Path) -> None:
    mine = preferences.load()
    assert mine.values == PreferenceValues() and mine.problems == []
    for name, value in (
        ("appearance", "dark"), ("scale", 150), ("language", "de"), ("decimals", "point"), ("threads", 3),
        ("notify", False), ("folder", str(tmp_path)),
    ):  # fmt: skip
        mine.change(name, value)
    again = preferences.load()
    assert again.values == mine.values and again.values.scale == 150
    assert again.language == "de" and again.decimal_mark == "."
    assert stored(settings_folder)["schema"] == preferences.SCHEMA


def test_only_what_was_changed_is_stored(settings_folder: Path) -> None:
    preferences.load().change("scale", 125)
    assert stored(settings_folder) == {"schema": 1, "scale": 125}


@pytest.mark.parametrize("name, value", [("scale", 79), ("scale", 201), ("threads", -1), ("appearance", "pink")])
def test_what_makes_no_sense_is_refused_in_words(settings_folder: Path, name: str, value: object) -> None:
    mine = preferences.load()
    with pytest.raises(UserError) as refusal:
        mine.change(name, value)
    assert str(value) in refusal.value.what and refusal.value.action
    assert mine.values == PreferenceValues() and not (settings_folder / preferences.FILE).exists()


def test_a_data_folder_must_be_there(settings_folder: Path, tmp_path: Path) -> None:
    mine = preferences.load()
    with pytest.raises(UserError, match="no folder"):
        mine.change("folder", str(tmp_path / "gone"))
    mine.change("folder", str(tmp_path))
    mine.change("folder", "")
    assert mine.values.folder == ""


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00\xff", '{"scale": 100'])
def test_a_damaged_file_is_put_aside_and_said(settings_folder: Path, text: str) -> None:
    settings_folder.mkdir(parents=True)
    (settings_folder / preferences.FILE).write_text(text, encoding="utf-8")
    mine = preferences.load()
    assert mine.values == PreferenceValues()
    aside = list(settings_folder.glob("preferences.damaged-*.json"))
    assert len(aside) == 1 and aside[0].read_text(encoding="utf-8") == text
    assert aside[0].name in mine.problems[0].action
    mine.change("scale", 110)
    assert preferences.load().values.scale == 110 and preferences.load().problems == []


def test_a_wrong_value_costs_only_itself_and_unknown_keys_are_kept(settings_folder: Path) -> None:
    settings_folder.mkdir(parents=True)
    text = '{"schema": 7, "scale": 1000, "threads": 2, "of_later": {"a": [1]}}'
    (settings_folder / preferences.FILE).write_text(text, encoding="utf-8")
    mine = preferences.load()
    assert mine.values.scale == 100 and mine.values.threads == 2 and mine.problems == []
    mine.change("notify", False)
    assert stored(settings_folder) == {
        "schema": 7, "scale": 1000, "threads": 2, "of_later": {"a": [1]}, "notify": False,
    }  # fmt: skip


def test_theme_and_size_of_earlier_versions_are_taken_over(settings_folder: Path) -> None:
    settings_folder.mkdir(parents=True)
    (settings_folder / recent.FILE).write_text('{"recent": ["/a"], "theme": "dark", "scale": 150}', encoding="utf-8")
    mine = preferences.load()
    assert (mine.values.appearance, mine.values.scale) == ("dark", 150)
    mine.change("scale", 125)
    assert stored(settings_folder) == {"schema": 1, "appearance": "dark", "scale": 125}
    assert recent.load().projects == ["/a"]


def test_two_windows_do_not_undo_each_other(settings_folder: Path) -> None:
    one, other = preferences.load(), preferences.load()
    one.change("scale", 150)
    other.change("appearance", "dark")
    assert preferences.load().values.scale == 150 and preferences.load().values.appearance == "dark"


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CYTOWIZARD_CONFIG_DIR", str(tmp_path / "file"))
    mine = preferences.load()
    mine.change("scale", 150)
    assert mine.values.scale == 150 and preferences.load().values.scale == 100


@pytest.mark.skipif(sys.platform == "win32", reason="variables of Unix")
@pytest.mark.parametrize("variable, mark", [("de_DE.UTF-8", ","), ("en_GB.UTF-8", "."), ("C", ".")])
def test_language_and_numbers_follow_the_computer(
    settings_folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str, mark: str
) -> None:
    monkeypatch.setenv("LC_ALL", variable)
    mine = preferences.load()
    assert mine.decimal_mark == mark and (mine.language == "de") == (mark == ",")
    mine.change("decimals", "comma")
    assert mine.decimal_mark == ","


# The profile.

PROFILE = """
    schema = 1
    name = "Haematology"
    locked = ["preferences.threads", "parse.group", "train.seed"]
    [preferences]
    threads = 2
    scale = 125
    [plan.parse]
    group = "donor"
    [plan.train]
    epochs = 7
"""


def test_presets_stand_below_what_the_user_chose(
    settings_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_profile(tmp_path, monkeypatch, PROFILE)
    mine = preferences.load()
    assert (mine.values.threads, mine.values.scale) == (2, 125) and mine.locked("threads")
    mine.change("scale", 150)
    assert preferences.load().values.scale == 150
    with pytest.raises(UserError, match="set by Haematology"):
        mine.change("threads", 1)


def test_what_was_chosen_before_a_lock_waits(
    settings_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preferences.load().change("threads", 1)
    place_profile(tmp_path, monkeypatch, PROFILE)
    assert preferences.load().values.threads == 2
    monkeypatch.setenv("CYTOWIZARD_PROFILE", "")
    assert preferences.load().values.threads == 1


def test_a_new_project_starts_with_the_presets(
    settings_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_profile(tmp_path, monkeypatch, PROFILE)
    with make_project(str(tmp_path), "New", False) as project:
        assert project.plan.parse.group == "donor" and project.plan.train.epochs == 7
        project.change({"train.epochs": 3})
        with pytest.raises(UserError, match="Haematology") as refusal:
            project.change({"parse.group": "day"})
        assert "profile.toml" in refusal.value.why and project.plan.parse.group == "donor"
        project.change({"parse.group": "donor", "parse.seed": 5})
        assert project.plan.parse.seed == 5


def test_an_older_project_takes_over_only_what_is_locked(
    settings_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Project.open(tmp_path / "Old") as project:
        project.change({"parse.group": "day", "train.epochs": 30, "train.seed": 9})
    place_profile(tmp_path, monkeypatch, PROFILE)
    with open_project(tmp_path / "Old") as project:
        assert project.plan.parse.group == "donor" and project.plan.train.epochs == 30
        assert project.plan.train.seed != 9


@pytest.mark.parametrize(
    "text, key",
    [
        ("schema = 2", "schema"),
        ("colour = 1", "colour"),
        ("name = 3", "name"),
        ("preferences = 3", "preferences"),
        ("[preferences]\nscale = 300", "preferences.scale"),
        ("[preferences]\nscales = 100", "preferences.scales"),
        ("[plan]\ntrain = 1", "plan.train"),
        ("[plan.trains]\nepochs = 1", "plan.trains.epochs"),
        ("[plan.train]\nepochs = -5", "plan.train.epochs"),
        ("[plan.train]\nnothing = 1", "plan.train.nothing"),
        ('locked = "train.epochs"', "locked"),
        ('locked = ["train.nothing"]', "train.nothing"),
        ("locked = [", "profile.toml"),
    ],
)
def test_a_broken_profile_is_said_with_file_and_key_and_not_used(
    settings_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, key: str
) -> None:
    path = place_profile(tmp_path, monkeypatch, text)
    with pytest.raises(UserError):
        profile.read(path)
    mine = preferences.load()
    said = mine.problems[0]
    assert key in f"{said.what} {said.why}" and str(path) in said.why and said.action
    assert mine.values == PreferenceValues()
    with make_project(str(tmp_path), "New", False) as project:
        assert project.plan == Project.open(tmp_path / "Plain", lock=False).plan


def test_places_of_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CYTOWIZARD_PROFILE")
    assert [path.name for path in profile.places()] == [profile.FILE] * 2
    if sys.platform == "linux":
        assert str(profile.places()[0]) == "/etc/cytowizard/profile.toml"


def test_the_example_in_the_documentation_can_be_used(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "profile.md").read_text(encoding="utf-8")
    example = text.split("```toml")[1].split("```")[0]
    (tmp_path / "profile.toml").write_text(example, encoding="utf-8")
    found = profile.read(tmp_path / "profile.toml")
    assert found.preferences["language"] == "de" and found.plan["train.minutes"] == 30.0
    assert found.locked == {"preferences.threads", "parse.group"}


# Processor cores.


def test_the_libraries_are_told_how_many_cores() -> None:
    variables: dict[str, str] = {}
    assert processors.limit(1, variables) == 1
    assert variables["OMP_NUM_THREADS"] == variables["NUMBA_NUM_THREADS"] == variables["TF_NUM_INTRAOP_THREADS"] == "1"
    asked: dict[str, str] = {}
    assert processors.limit(0, asked) == processors.there() and asked == {}
    assert processors.limit(9999, asked) == processors.there()
    assert processors.limit(0, {processors.VARIABLE: "1"}) == 1
    assert processors.limit(0, {processors.VARIABLE: "many"}) == processors.there()


@pytest.mark.skipif(sys.platform != "linux", reason="reads the threads of a process")
@pytest.mark.skipif(processors.there() < 2, reason="one core")
def test_the_engine_really_uses_that_many(settings_folder: Path, tmp_path: Path) -> None:
    code = """
        from pathlib import Path
        from wizard.engine import processors
        processors.limit(1)
        import numba
        import tensorflow as tf
        from wizard.engine.data.threads import workers
        number = tf.random.normal((400, 400))
        float(tf.matmul(number, number)[0, 0])
        names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
        print(names.count("tf_Compute"), numba.get_num_threads(), workers(), processors.count())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=180, cwd=ROOT
    )
    assert done.stdout.split() == ["1", "1", "1", "1"], done.stderr[-2000:]


def test_a_job_is_started_with_the_cores_of_the_preferences(
    settings_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wizard import jobs

    Project.open(tmp_path / "P").close()
    preferences.load().change("threads", 1)
    given: list[object] = []
    monkeypatch.setattr("multiprocessing.context.SpawnProcess.start", lambda self: given.extend(self._args) or None)
    jobs.Job(tmp_path / "P", ["check"])
    assert given[-1] == 1
