from __future__ import annotations

import io
from pathlib import Path

import pytest

from installer import packages
from installer.console import Console, Refusal
from installer.environment import repair
from tests.installer.conftest import write_package

LOG = Path("install.log")


@pytest.mark.parametrize(
    ("said", "name", "size"),
    [
        (
            "  Downloading https://x.org/a/tensorflow_cpu-2.21.0-cp311-x.whl (271.3 MB)",
            "tensorflow_cpu",
            "(271.3 MB)",
        ),
        ("Using cached rich-15.0.0-py3-none-any.whl (310 kB)", "rich", "(310 kB)"),
        ("Processing /wheels/gast-0.7.0-py3-none-any.whl (from -r list.txt (line 8))", "gast", None),
        ("Processing c:\\wheels\\gast-0.7.0-py3-none-any.whl", "gast", None),
    ],
)
def test_obtained_packages_are_recognised(said: str, name: str, size: str | None) -> None:
    found = packages.OBTAINED.match(said)
    assert found is not None
    assert found.groups() == (name, size)


def test_description_of_a_package_is_not_the_package() -> None:
    assert packages.OBTAINED.match("  Downloading rich-15.0.0-py3-none-any.whl.metadata (18 kB)") is None


@pytest.mark.parametrize(
    ("said", "why", "action"),
    [
        (
            "ERROR: Could not install packages: [Errno 28] No space left on device",
            "disk is full",
            "Free some",
        ),
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError(...: Failed to establish a new "
            "connection: [Errno -3] Temporary failure in name resolution')\n"
            "ERROR: No matching distribution found for absl-py==2.5.1",
            "could not be reached",
            "Check the network",
        ),
        (
            "ERROR: SSLError(SSLCertVerificationError(1, 'certificate verify failed'))",
            "certificate",
            "PIP_CERT",
        ),
        (
            "ERROR: ProxyError('Cannot connect to proxy.', 407 Proxy Authentication Required)",
            "proxy",
            "HTTPS_PROXY",
        ),
        ("OSError: [Errno 2] ... HINT: Windows Long Path support is not enabled", "too long", "short path"),
        ("ERROR: [WinError 5] Access is denied: 'C:\\\\x'", "not allowed", "Close CytoWizard"),
        ("ERROR: No matching distribution found for numpy==9", "numpy==9", "Python 3.12"),
    ],
)
def test_failures_of_pip_are_told_in_plain_words(said: str, why: str, action: str) -> None:
    refusal = packages.failure(1, said.splitlines(), LOG)
    assert why in refusal.why
    assert action in refusal.action
    assert "install.log" in refusal.action
    assert "Errno" not in str(refusal)


def test_unknown_failure_of_pip_shows_its_own_words_and_the_log() -> None:
    refusal = packages.failure(1, ["Collecting x", "ERROR: the moon is full"], LOG)
    assert "the moon is full" in refusal.why
    assert "install.log" in refusal.action


def test_killed_pip_is_told() -> None:
    assert "memory" in packages.failure(-9, [], LOG).why


def test_names_follow_markers_and_included_lists(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text(
        'tensorflow-cpu==2 ; sys_platform != "darwin"   # x\ntensorflow==2 ; sys_platform == "darwin"\n# note\n'
    )
    (tmp_path / "more.txt").write_text('-r base.txt\nopenTSNE==1.0.4\ncolorama==1 ; sys_platform == "win32"\n')
    more = tmp_path / "more.txt"
    assert packages.names(more, "linux") == {"tensorflow-cpu", "opentsne"}
    assert packages.names(more, "win32") == {"tensorflow-cpu", "opentsne", "colorama"}
    assert packages.names(more, "darwin") == {"tensorflow", "opentsne"}


def test_bar_never_goes_back_and_ends_below_full(tmp_path: Path) -> None:
    shown: list[float] = []
    console = Console(io.StringIO(), moving=False)
    console.progress = lambda fraction, text: shown.append(fraction)  # type: ignore[method-assign]
    progress = packages.Progress(console, {"numpy", "et-xmlfile"}, tmp_path, lambda line: None)
    lines = [
        "Collecting numpy==2.4.6 (from -r requirements.txt (line 8))",
        "  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl.metadata (6.6 kB)",
        "  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl (16.9 MB)",
        "Requirement already satisfied: et-xmlfile==2.0.0 in /x (from -r requirements.txt)",
        "Installing collected packages: numpy",
    ]
    for line in lines:
        progress.line(line)
    write_package(tmp_path, "numpy-2.4.6")
    write_package(tmp_path, "et_xmlfile-2.0.0")
    progress._looked = 0.0
    progress.tick()
    assert shown == sorted(shown)
    assert shown[0] == pytest.approx(0.05)
    assert shown[1] == pytest.approx(0.05), "a package's description is not the package"
    assert shown[2] == pytest.approx(0.25)
    assert shown[3] == pytest.approx(0.5)
    assert shown[-1] == pytest.approx(0.99)


def test_space_wanted_grows_with_what_is_left_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 2 * packages.GIGABYTE

    monkeypatch.setattr("installer.packages.shutil.disk_usage", lambda _: Usage)
    packages.check_space(tmp_path, 30)
    with pytest.raises(Refusal, match="too little room"):
        packages.check_space(tmp_path, 80)


def test_repair_forgets_exactly_the_packages_that_are_not_whole(tmp_path: Path) -> None:
    good = write_package(tmp_path, "good-1.0")
    unfinished = write_package(tmp_path, "unfinished-1.0", whole=False)
    shorter = write_package(tmp_path, "shorter-1.0")
    (tmp_path / "shorter.py").write_text("x")
    lost = write_package(tmp_path, "lost-1.0")
    (tmp_path / "lost.py").unlink()
    bare = tmp_path / "bare-1.0.dist-info"
    bare.mkdir()
    (tmp_path / "~umpy").mkdir()
    assert repair(tmp_path) == ["bare", "lost", "shorter", "unfinished"]
    assert good.is_dir()
    assert not any(path.exists() for path in (unfinished, shorter, lost, bare, tmp_path / "~umpy"))
    assert repair(tmp_path) == []


def test_moving_line_stays_one_line_and_tolerates_any_text(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    monkeypatch.setenv("COLUMNS", "60")
    console = Console(stream, moving=True)
    console.progress(0.1, "Downloading a")
    console.progress(2.0, "é" * 300)
    console.say("done")
    text = raw.getvalue().decode("ascii")
    assert text.count("\n") == 2
    assert "100%" in text
    assert max(len(part.rstrip("\n")) for part in text.splitlines()[0].split("\r")) <= 59
