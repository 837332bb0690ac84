"""Fixtures for all tests."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tests.window import done_project, open_app, root, screen, settings_folder

__all__ = ["done_project", "open_app", "root", "screen", "settings_folder"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Keep the cyclic collector from deleting Tk objects in a thread, which would end the process.

    The engine's libraries have threads of their own here; in the program they are in another process. So the collector
    is off while a window is open, and what is left of it is collected in the thread that made it.
    """
    if "screen" not in getattr(item, "fixturenames", ()):
        return (yield)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.enable()
