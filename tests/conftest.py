"""Fixtures for all tests."""

from __future__ import annotations

from tests.window import done_project, open_app, root, screen, settings_folder

__all__ = ["done_project", "open_app", "root", "screen", "settings_folder"]
