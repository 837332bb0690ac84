"""What the command line takes over from this computer: the department's profile and the cores that may be used."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from wizard import preferences
from wizard.engine import processors
from wizard.plan import read_toml
from wizard.steps.session import WindowProject, open_project

__all__ = ["heed", "open_project", "settle"]


def heed() -> list[str]:
    """Hold the libraries to the cores that the preferences allow; return what is wrong with the files, in sentences.

    The variable CYTOWIZARD_THREADS goes before the preferences: a script that sets it means it.
    """
    found = preferences.load()
    if not os.environ.get(processors.VARIABLE) and "numpy" not in sys.modules:
        processors.limit(found.values.threads)
    return [" ".join(problem.lines()) for problem in found.problems]


def settle(project: WindowProject, values: dict[str, Any], plan_file: str = "") -> None:
    """Take settings over from a plan and by name; what the profile locks stays. Raises UserError for a locked one."""
    if plan_file:
        project.plan = read_toml(Path(plan_file))
        project.heed(project.profile, new=False)
    project.change(values)
