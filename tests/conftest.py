"""Fixtures for all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from tests.analysed import analysed, copied, copied_root
from tests.window import done_project, open_app, root, screen, settings_folder

__all__ = ["analysed", "copied", "copied_root", "done_project", "open_app", "root", "screen", "settings_folder"]


@pytest.fixture(autouse=True, scope="session")
def own_user_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the program keeps for a user, such as measured speeds, goes into a folder of the tests."""
    before = os.environ.get("CYTOWIZARD_CONFIG_DIR")
    folder = tmp_path_factory.mktemp("user")
    os.environ["CYTOWIZARD_CONFIG_DIR"] = str(folder)
    yield folder
    if before is None:
        del os.environ["CYTOWIZARD_CONFIG_DIR"]
    else:
        os.environ["CYTOWIZARD_CONFIG_DIR"] = before


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Keep the cyclic collector from deleting Tk objects in a thread, which would end the process.

    The engine's libraries have threads of their own here; in the program they are in another process. So the collector
    is off while a window is open, and what is left of it is collected in the thread that made it. What was there before
    is frozen for good, also when the window thaws its own: looking through the engine's libraries takes a second.
    """
    if "screen" not in getattr(item, "fixturenames", ()):
        return (yield)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        with mock.patch.multiple(gc, freeze=_nothing, unfreeze=_nothing):
            return (yield)
    finally:
        gc.collect()
        gc.enable()


def _nothing() -> None:
    """Stand in for a call that must not count."""
