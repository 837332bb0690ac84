from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from installer import bootstrap, commands
from installer.environment import LOCK, STAMP

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 8, 1), (3, 10, 13)])
def test_old_python_is_told_what_to_install(version: tuple[int, ...]) -> None:
    assert not bootstrap.supported(version)
    text = bootstrap.advice(version, "linux")
    assert "too old" in text
    assert "3.11, 3.12 or 3.13" in text
    assert text.splitlines()[-1].endswith("bootstrap.py demo")


def test_new_python_is_told_too() -> None:
    assert not bootstrap.supported((3, 14, 0))
    assert "too new" in bootstrap.advice((3, 14, 0), "win32")
    assert "py -3.12" in bootstrap.advice((3, 14, 0), "win32")


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 13, 9)])
def test_supported_python(version: tuple[int, ...]) -> None:
    assert bootstrap.supported(version)


def test_unsupported_python_hands_over_to_a_supported_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.name == "nt":
        pytest.skip("made of shell scripts")
    for name, code in (("python3.12", 127), ("python3.11", 0)):
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\nexit {code}\n")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.other_python("linux") == ["python3.11"]
    (tmp_path / "python3.11").unlink()
    assert bootstrap.other_python("linux") == []


def test_bootstrap_itself_uses_the_syntax_of_old_python() -> None:
    import ast

    ast.parse((ROOT / "installer" / "bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_bootstrap_needs_the_standard_library_only() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import installer.commands"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code, str(ROOT)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_further_arguments_of_test_go_to_pytest() -> None:
    given = commands.arguments(["test", "tests/engine", "-k", "parse", "--maxfail=1"])
    assert given.rest == ["tests/engine", "-k", "parse", "--maxfail=1"]


def test_unknown_arguments_of_other_commands_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        commands.arguments(["demo", "--fast"])
    assert ended.value.code == 2
    assert "--fast" in capsys.readouterr().err


def test_environment_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CYTOWIZARD_VENV", raising=False)
    assert commands.environment_folder(tmp_path) == tmp_path / ".venv"
    monkeypatch.setenv("CYTOWIZARD_VENV", str(tmp_path / "other"))
    assert commands.environment_folder(tmp_path) == tmp_path / "other"


def make_wheel(folder: Path) -> None:
    """Write a small package as a wheel."""
    info = "smallest-1.0.dist-info"
    files = {
        "smallest.py": b"answer = 42\n",
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: smallest\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{info}/RECORD,,\n"
    with zipfile.ZipFile(folder / "smallest-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(content)}\n"
        wheel.writestr(f"{info}/RECORD", record)


@pytest.fixture
def small_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose only requirement is a package made here, so that no network is needed."""
    root = tmp_path / "répo with spaces"
    shutil.copytree(ROOT / "installer", root / "installer", ignore=shutil.ignore_patterns("__pycache__"))
    make_wheel(tmp_path)
    (root / "requirements.txt").write_text("smallest==1.0  # the smallest\n", encoding="utf-8")
    (root / "wizard").mkdir()
    (root / "wizard" / "__main__.py").write_text(
        "import smallest, sys\nprint('wizard', smallest.answer, *sys.argv[1:])\nsys.exit(3)\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.delenv("CYTOWIZARD_VENV", raising=False)
    return root


def boot(root: Path, *arguments: str) -> tuple[int, str]:
    """Run the bootstrap of a repository from another folder."""
    command = [sys.executable, str(root / "installer" / "bootstrap.py"), *arguments]
    done = subprocess.run(
        command,
        cwd=root.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.slow
def test_from_nothing_to_the_program_and_back_from_damage(small_repository: Path) -> None:
    root = small_repository
    code, text = boot(root, "demo", "--project", "mine")
    assert code == 3, text
    assert f"wizard 42 demo --project {root.parent / 'mine'}" in text
    assert (root / ".venv" / STAMP).is_file()

    began = time.monotonic()
    code, text = boot(root, "install")
    assert code == 0
    assert "Installing" not in text
    assert time.monotonic() - began < 5

    (root / ".venv" / STAMP).unlink()
    (module,) = (root / ".venv").rglob("smallest.py")
    module.write_text("")
    code, text = boot(root, "install")
    assert code == 0, text
    assert "installed anew: smallest" in text
    assert module.read_text() == "answer = 42\n"

    (pip,) = (path for path in (root / ".venv").rglob("pip") if (path / "__main__.py").is_file())
    shutil.rmtree(pip)
    code, text = boot(root, "demo")
    assert code == 3, text
    assert "wizard 42 demo" in text


@pytest.mark.slow
def test_package_that_does_not_exist_is_told_without_a_traceback(small_repository: Path) -> None:
    (small_repository / "requirements.txt").write_text("nowhere==1.0\n", encoding="utf-8")
    code, text = boot(small_repository, "install")
    assert code == 1
    assert "nowhere==1.0" in text
    assert "Traceback" not in text


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the lock is held by a POSIX helper here")
def test_second_installation_waits_for_the_first(small_repository: Path) -> None:
    import fcntl

    folder = small_repository / ".venv"
    folder.mkdir()
    with (folder / LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        command = [sys.executable, str(small_repository / "installer" / "bootstrap.py"), "install"]
        second = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
        assert second.stdout is not None
        assert "waiting" in second.stdout.readline()
        assert second.poll() is None
        assert not (folder / "pyvenv.cfg").exists()
    assert "is installed" in second.communicate(timeout=300)[0]
    assert second.returncode == 0
