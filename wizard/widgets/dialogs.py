"""The system's own dialogs for choosing files and folders, in one place."""

from __future__ import annotations

import tkinter as tk
from tkinter import filedialog

from wizard.words import catalogue


def ask_folder(parent: tk.Misc, title: str) -> str:
    """Let the user choose a folder; returns its path or ""."""
    return str(filedialog.askdirectory(parent=parent, title=catalogue.say(title), mustexist=True) or "")


def ask_file(parent: tk.Misc, title: str) -> str:
    """Let the user choose a file; returns its path or ""."""
    return str(filedialog.askopenfilename(parent=parent, title=catalogue.say(title)) or "")


def ask_files(parent: tk.Misc, title: str) -> list[str]:
    """Let the user choose some files; returns their paths."""
    return [str(path) for path in filedialog.askopenfilenames(parent=parent, title=catalogue.say(title)) or ()]


def ask_save(parent: tk.Misc, title: str, name: str) -> str:
    """Let the user choose where to save a file; returns the path or ""."""
    return str(filedialog.asksaveasfilename(parent=parent, title=catalogue.say(title), initialfile=name) or "")
