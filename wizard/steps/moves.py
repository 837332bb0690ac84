"""Which moves are possible from a page, and why not; no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wizard.plan import TITLES, plain

if TYPE_CHECKING:
    from wizard.project import Project


def neighbour(steps: Sequence[str], step: str, by: int) -> str:
    """Return the step before (-1) or after (1) among `steps`, or "" at the ends and beside the steps."""
    if step not in steps:
        return ""
    place = steps.index(step) + by
    return steps[place] if 0 <= place < len(steps) else ""


def why_no_next(project: Project, step: str) -> str:
    """Return why the next page cannot be used yet, or ""."""
    following = neighbour(project.steps, step, 1)
    if not following:
        return "This is the last step." if step in project.steps else "Choose a step at the left."
    state = project.state(following)
    # Parse without input is not held up by an earlier step: its page is where the input is given.
    return state.reason if state.kind == "blocked" and plain(following) != "parse" else ""


def remaining(project: Project, step: str) -> list[str]:
    """Return the steps from `step` on that are not done."""
    steps = project.steps
    first = steps.index(step) if step in steps else 0
    return [name for name in steps[first:] if project.state(name).kind != "done"]


def why_no_run(project: Project, steps: list[str]) -> str:
    """Return why these steps cannot be run one after the other, or ""."""
    from wizard.project import UPSTREAM

    if not steps:
        return "All steps from here on are done."
    if any(plain(step) == "parse" and not getattr(project.plan, step).input for step in steps):
        return "Choose the folder with your images on the Parse page first."
    for step in steps:
        if project.state(step).kind != "blocked" or plain(step) == "parse":
            continue
        for name in UPSTREAM[step]:
            if name not in steps and project.result(name) is None:
                return f"{TITLES[name]} comes first."
    return ""
