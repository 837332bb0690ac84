"""The notification at the end of a long step."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.window import settle, wait
from wizard.widgets import notify
from wizard.widgets.notify import MARK, Notifier


@pytest.fixture
def away(root: Any, monkeypatch: pytest.MonkeyPatch) -> Notifier:
    """The notifier of a window that is not looked at; the desktop's helper is a stand-in."""
    sent: list[list[str]] = []

    def popen(command: list[str], **_options: Any) -> Any:
        sent.append(command)
        return Ended()

    monkeypatch.setattr("wizard.widgets.notify.shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("wizard.widgets.notify.subprocess.Popen", popen)
    monkeypatch.setattr(root, "focus_get", lambda: None)
    root.title("P")
    made = Notifier(root)
    made.sent = sent  # type: ignore[attr-defined]
    return made


class Ended:
    """A process that has ended."""

    def poll(self) -> int:
        return 0


def test_a_long_step_is_said_without_names(away: Any, root: Any) -> None:
    assert away.ended(notify.LONG_SECONDS + 1, True)
    assert root.title() == f"{MARK}P" and away.title("Q") == f"{MARK}Q"
    if sys.platform == "linux":
        assert away.sent[0][-2:] == [notify.TITLE, notify.DONE] and "P" not in away.sent[0]
        away.ended(100, True, failed=True)
        assert away.sent[1][-1] == notify.FAILED
        assert root.title() == f"{MARK}P"


def test_coming_back_takes_the_mark_away(away: Any, root: Any) -> None:
    away.ended(100, True)
    root.event_generate("<FocusIn>")
    assert root.title() == "P" and not away.waiting and away.title("Q") == "Q"


@pytest.mark.parametrize("seconds, on", [(59.0, True), (1000.0, False)])
def test_short_steps_and_the_switch(away: Any, root: Any, seconds: float, on: bool) -> None:
    assert not away.ended(seconds, on)
    assert root.title() == "P" and away.sent == []


def test_nothing_is_said_to_those_who_look(away: Any, root: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(root, "focus_get", lambda: root)
    assert not away.ended(100, True)

    def in_menu() -> None:
        raise KeyError("popdown")

    monkeypatch.setattr(root, "focus_get", in_menu)
    assert not away.ended(100, True)


def test_a_desktop_without_the_helper(away: Any, root: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wizard.widgets.notify.shutil.which", lambda _name: None)
    assert away.ended(100, True) and away.sent == []


def test_a_helper_that_hangs_is_ended(root: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wizard.widgets.notify._REAP_MS", 10)
    made = Notifier(root)
    hanging = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    made._reap(hanging, 2)
    wait(root, lambda: hanging.poll() is not None, 10)


def test_the_icon_gets_a_dot(open_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_app()
    monkeypatch.setattr(app, "focus_get", lambda: None)
    assert app.desk.notifier.ended(100, True)
    settle(app, 0.1)
    badge, plain = app.desk.notifier._badge, app.icon_picture
    size = plain.width()
    assert badge.get(size - size // 6, size // 6) != plain.get(size - size // 6, size // 6)
    assert badge.get(size // 2, size // 2) == plain.get(size // 2, size // 2)
