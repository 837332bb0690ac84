from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wizard.engine import run
from wizard.engine.errors import Cancelled, UserError, from_os_error
from wizard.engine.events import Done, Failed, Progress, Started, Tell, as_dict
from wizard.engine.run import run_steps


def test_events_of_a_run(project, easy):
    seen = []
    project.change({"parse.input": [str(easy)]})
    run_steps(project, ["parse"], Tell(seen.append))
    assert isinstance(seen[0], Started)
    assert isinstance(seen[-1], Done)
    fractions = [event.fraction for event in seen if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    assert as_dict(seen[-1]) == {"kind": "done", "step": "parse", "result": seen[-1].result, "stopped": False}


def test_a_bar_never_goes_back():
    seen = []
    tell = Tell(seen.append)
    tell.begin("train")
    for fraction in (0.5, 0.2, 2.0):
        tell._last = -1.0
        tell.progress(fraction, "x")
    assert [event.fraction for event in seen] == [0.5, 0.5, 1.0]


def test_cancel_is_heard_at_every_word():
    tell = Tell(cancelled=lambda: True)
    for say in (lambda: tell.progress(0.1), lambda: tell.notice("info", "x"), lambda: tell.metric(1, 2, {})):
        with pytest.raises(Cancelled):
            say()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "cannot be read or written"),
        (errno.EROFS, "cannot be"),
        (errno.EIO, "did not answer"),
    ],
)
def test_a_failing_disk_is_said_and_leaves_the_results(project, easy, monkeypatch, number, words):
    project.change({"parse.input": [str(easy)]})
    run_steps(project, ["parse"], Tell())
    before = project.result("parse").id

    def broken(*_):
        raise OSError(number, os.strerror(number), "/somewhere")

    monkeypatch.setattr("wizard.engine.data.build.dataset.create_images", broken)
    with pytest.raises(UserError, match=words):
        run_steps(project, ["parse"], Tell())
    assert project.result("parse").id == before


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small file system")
def test_a_really_full_disk(easy, tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        from wizard.project import Project

        with Project.open(place / "p") as project:
            project.change({"parse.input": [str(easy)], "parse.frame": 64, "parse.padding": "reflect"})
            with pytest.raises(UserError, match="full"):
                run_steps(project, ["parse"], Tell())
            assert project.result("parse") is None
            assert not list((project.root / "data").glob("*.cells"))
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_other_os_errors_are_bugs():
    assert from_os_error(OSError(errno.EBADF, "bad")) is None


def test_failures_in_words():
    user = run.failure("parse", UserError("a", "b", "c"))
    assert (user.what, user.why, user.action, user.outcome) == ("a", "b", "c", "error")
    assert run.failure("parse", Cancelled()).outcome == "cancelled"
    try:
        raise KeyError("x")
    except KeyError as error:
        bug = run.failure("parse", error)
    assert isinstance(bug, Failed)
    assert bug.outcome == "bug"
    assert "KeyError" in bug.detail


def test_out_of_memory_is_said(project, monkeypatch):
    def hungry(*_, **__):
        raise MemoryError

    monkeypatch.setattr("wizard.engine.parse.gather", hungry)
    with pytest.raises(UserError, match="memory"):
        run_steps(project, ["parse"], Tell())


def test_install_check(project):
    run_steps(project, ["check"], Tell())
    result = project.result("check")
    assert [item.name for item in result.items] == [
        "System", "Processor", "Memory", "Disk", "Write access", "Window", "Libraries", "Training",
    ]  # fmt: skip
    assert {item.name: item.verdict for item in result.items}["Libraries"] == "ok"
    assert result.versions["cytowizard"]


def test_export_gives_the_models_answers(analysed, tmp_path):
    from wizard.engine.export import EXPORTS, export

    model = analysed.root / analysed.result("train").model
    for kind in EXPORTS:
        made = export(model, kind, tmp_path / "Müller" / f"out.{kind}")
        assert made.exists()
    with pytest.raises(UserError):
        export(Path("nowhere.cytomodel"), "keras", tmp_path / "x")
