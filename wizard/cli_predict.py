"""What the command `predict` does besides predicting once: watching a folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from wizard import cli_house
from wizard.engine.events import Tell
from wizard.steps.session import WindowProject


def with_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that make `predict` do something else."""
    return click.option(
        "--watch", is_flag=True,
        help="Predict new files of the input folder as they arrive, into one growing table; Ctrl-C ends it.",
    )(function)  # fmt: skip


def watch(project: WindowProject, tell: Tell, values: dict[str, Any], plan_file: str) -> tuple[list[str], int]:
    """Watch the input folder until the user stops; return the lines to print and the exit code."""
    from wizard.engine.predicting.watch import watch as watch_folder

    cli_house.settle(project, values, plan_file)
    tell.begin("predict")
    done = watch_folder(project.plan.predict, project, tell)
    counts = ", ".join(f"{number:,} {name}" for name, number in done.counts.most_common())
    lines = [f"Cells predicted: {done.cells:,} of {done.files:,} files{' (' + counts + ')' if counts else ''}."]
    return [*lines, str(done.table)], 0
