"""What a project is for: two buttons, each with a sentence."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import Any

from wizard.plan import step_settings
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, choose_button, quiet_button

QUESTION = "What is this project for?"
KEY = "project.task"
WORDS = {
    "cells": "Each image shows one cell; the network learns to name its class.",
    "stain": "Pictures of transmitted light, some of them stained; the network learns to predict the stain.",
}


class TaskChoice(Area):
    """Shows the task of the project; `choose` is called with another one."""

    def __init__(self, master: tk.Misc, task: str, choose: Callable[[str], object]) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        Text(self, QUESTION, weight="bold").grid(row=0, column=0, sticky="ew", pady=(20, 6))
        setting = next(item for item in step_settings("project") if item.key == KEY)
        self.buttons: dict[str, Any] = {}
        for row, (name, title) in enumerate(setting.choices.items()):
            button = quiet_button(self, title, lambda name=name: choose(name), height=38)  # type: ignore[misc]
            button.grid(row=2 * row + 1, column=0, sticky="ew", pady=(6, 2))
            choose_button(button, name == task)
            Text(self, WORDS[name], size="small", colour=palette.MUTED).grid(row=2 * row + 2, column=0, sticky="ew")
            self.buttons[name] = button
        self.remark = Text(self, "", size="small", colour=palette.MUTED)
        self.remark.grid(row=9, column=0, sticky="ew", pady=(6, 0))

    def allow(self, allowed: bool, why: str = "") -> None:
        """Let the task be changed, or not, and say why."""
        for button in self.buttons.values():
            button.configure(state="normal" if allowed else "disabled")
        self.remark.say(why)
