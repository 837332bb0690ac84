from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from installer.console import Refusal
from installer.environment import LOG, STAMP
from installer.host import Host
from installer.prepare import Setup
from tests.installer.conftest import OTHER, SYSTEM, Machine, write_package

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the pretended machine is a Linux one")


def running(machine: Machine, python: Path, **changes: object) -> Setup:
    host: Host = replace(machine.setup.host, executable=python, **changes)
    machine.setup = replace(machine.setup, host=host)
    return machine.setup


def test_installs_once_and_then_does_nothing(machine: Machine) -> None:
    machine.prepare()
    assert (machine.folder / STAMP).is_file()
    assert (machine.runner.made(), machine.runner.pip_runs()) == (1, 1)
    machine.prepare()
    assert (machine.runner.made(), machine.runner.pip_runs()) == (1, 1)


def test_changed_list_is_installed_again_but_a_changed_comment_is_not(machine: Machine) -> None:
    machine.prepare()
    machine.requirements.write_text(machine.requirements.read_text().replace("# arrays", "# numbers"))
    machine.prepare()
    assert machine.runner.pip_runs() == 1
    machine.requirements.write_text(machine.requirements.read_text().replace("13.0.0", "13.0.1"))
    machine.prepare()
    assert machine.runner.pip_runs() == 2
    assert machine.runner.made() == 1


def test_developers_list_covers_the_list_that_it_includes(machine: Machine) -> None:
    developers = machine.requirements.with_name("requirements-dev.txt")
    developers.write_text("-r requirements.txt\npytest==9.2.0\n")
    machine.setup.prepare(developers, window=False)
    machine.prepare()
    assert machine.runner.pip_runs() == 1
    machine.requirements.write_text("numpy==2.4.7\n")
    machine.setup.prepare(developers, window=False)
    assert machine.runner.pip_runs() == 2


def test_interrupted_installation_is_mended(machine: Machine) -> None:
    machine.runner.pip_stops = True
    with pytest.raises(KeyboardInterrupt):
        machine.prepare()
    assert not (machine.folder / STAMP).exists()
    broken = write_package(machine.folder / "packages", "scipy-1.17.1", whole=False)
    machine.runner.pip_stops = False
    machine.prepare()
    assert not broken.exists()
    assert "scipy" in machine.output.getvalue()
    assert (machine.runner.made(), machine.runner.pip_runs()) == (1, 2)
    assert (machine.folder / STAMP).is_file()


def test_failed_update_leaves_no_stamp_of_before(machine: Machine) -> None:
    machine.prepare()
    before = machine.requirements.read_text()
    machine.requirements.write_text("numpy==9\n")
    machine.runner.pip_code, machine.runner.pip_lines = (
        1,
        ["ERROR: No matching distribution found for numpy==9"],
    )
    with pytest.raises(Refusal, match="could not be installed") as refused:
        machine.prepare()
    assert "numpy==9" in str(refused.value)
    machine.runner.pip_code = 0
    machine.requirements.write_text(before)
    machine.prepare()
    assert machine.runner.pip_runs() == 3


def test_environment_without_pip_is_made_anew(machine: Machine) -> None:
    machine.prepare()
    (machine.folder / "pip-works").unlink()
    machine.prepare()
    assert (machine.runner.made(), machine.runner.pip_runs()) == (2, 2)


def test_environment_of_a_removed_python_is_made_anew_and_keeps_its_log(machine: Machine) -> None:
    machine.runner.pip_lines = ["Collecting numpy==2.4.6"]
    machine.prepare()
    python = machine.folder / "bin" / "python"
    python.unlink()
    python.symlink_to("/gone/python3.9")
    machine.prepare()
    assert machine.runner.made() == 2
    assert (machine.folder / LOG).read_text().count("Collecting numpy") == 2


def test_environment_of_an_unsupported_python_is_made_anew(machine: Machine) -> None:
    machine.prepare()
    machine.runner.version = (3, 14)
    machine.prepare()
    assert machine.runner.made() == 2


def test_stamp_of_another_python_does_not_count(machine: Machine) -> None:
    machine.prepare()
    machine.runner.version = (3, 13)
    machine.prepare()
    assert (machine.runner.made(), machine.runner.pip_runs()) == (1, 2)


def test_repair_installs_though_all_seems_well(machine: Machine) -> None:
    machine.prepare()
    (machine.folder / "packages" / "numpy.py").write_text("")
    machine.prepare(again=True)
    assert machine.runner.pip_runs() == 2
    assert "installed anew: numpy\n" in machine.output.getvalue()


def test_demo_does_not_ask_for_tk_and_the_window_does(machine: Machine) -> None:
    machine.prepare()
    assert not any("apt-get" in command for command in machine.runner.ran)
    machine.prepare(window=True)
    installs = [command for command in machine.runner.ran if "apt-get" in command and "install" in command]
    assert len(installs) == 1
    assert {"python3-tk", "fonts-dejavu-core"} <= set(installs[0])
    assert (machine.runner.made(), machine.runner.pip_runs()) == (1, 1)


def test_venv_is_installed_before_the_environment_is_made(machine: Machine) -> None:
    machine.runner.parts[str(SYSTEM)] = set()
    machine.prepare()
    update, install = (command for command in machine.runner.ran if "apt-get" in command)
    assert "update" in update
    assert "python3-venv" in install
    assert "DEBIAN_FRONTEND=noninteractive" in install
    assert machine.runner.made() == 1


def test_user_with_sudo_installs_by_sudo(machine: Machine) -> None:
    running(machine, SYSTEM, is_root=False)
    machine.runner.sudo = True
    machine.setup = replace(machine.setup, host=_with_sudo(machine.setup.host))
    machine.prepare(window=True)
    assert any(command[:2] == ["sudo", "-n"] and "apt-get" in command for command in machine.runner.ran)


def test_user_without_sudo_is_told_the_one_line(machine: Machine) -> None:
    running(machine, SYSTEM, is_root=False)
    with pytest.raises(Refusal) as refused:
        machine.prepare(window=True)
    line = str(refused.value).splitlines()[-1].strip()
    assert line == "sudo apt-get update && sudo apt-get install -y python3-tk fonts-dejavu-core"
    assert machine.runner.made() == 0
    assert not machine.folder.exists()


def test_system_packages_that_cannot_be_fetched_are_a_refusal(machine: Machine) -> None:
    machine.runner.apt_works = False
    with pytest.raises(Refusal, match="could not be installed") as refused:
        machine.prepare(window=True)
    assert "Failed to fetch" in str(refused.value)


def test_python_with_tk_takes_over_an_environment_without(machine: Machine) -> None:
    machine.prepare()
    running(machine, OTHER)
    machine.prepare(window=True)
    assert not any("apt-get" in command for command in machine.runner.ran)
    assert (machine.runner.made(), machine.runner.pip_runs()) == (2, 2)
    machine.prepare(window=True)
    assert machine.runner.pip_runs() == 2


def test_own_python_without_tk_is_pointed_to_the_systems(machine: Machine) -> None:
    machine.runner.parts[str(OTHER)] = {"venv"}
    running(machine, OTHER)
    with pytest.raises(Refusal, match="Tk") as refused:
        machine.prepare(window=True)
    assert "/usr/bin/python3" in str(refused.value)


def test_folder_with_other_files_is_left_alone(machine: Machine) -> None:
    machine.folder.mkdir()
    letter = machine.folder / "letter.txt"
    letter.write_text("dear")
    with pytest.raises(Refusal, match="other files"):
        machine.prepare()
    assert letter.read_text() == "dear"


def test_full_disk_is_refused_before_anything_is_made(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1000

    monkeypatch.setattr("installer.packages.shutil.disk_usage", lambda _: Usage)
    with pytest.raises(Refusal, match="too little room") as refused:
        machine.prepare()
    assert "GB" in refused.value.why
    assert machine.runner.made() == 0


def _with_sudo(host: Host) -> Host:
    class WithSudo(Host):
        def has(self, program: str) -> bool:
            return program in ("sudo", "apt-get")

    return WithSudo(host.platform, host.machine, host.version, host.executable, is_root=False)
