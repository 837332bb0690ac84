"""What the command `evaluate` does besides evaluating: explain the model, time networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from wizard.results import ExplainResult, LatencyResult
from wizard.results_latency import LEFT_OUT

_FLAGS = {
    "explain": "Show where the model looks and which channels it needs; nothing is evaluated.",
    "latency": "Time networks on this computer, cell by cell; nothing is evaluated.",
}
"""Option → what it does; each is the name of the run."""


def with_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that make `evaluate` do something else."""
    for name, text in reversed(_FLAGS.items()):
        function = click.option(f"--{name}", f"judge_{name}", is_flag=True, help=text)(function)
    return function


def asked(more: dict[str, Any]) -> str:
    """Take the options of `with_options` out of the given ones and return the run, empty for none.

    Raises UsageError for two at once.
    """
    given = {name: more.pop(f"judge_{name}", False) for name in _FLAGS}
    chosen = [name for name, value in given.items() if value]
    if len(chosen) > 1:
        raise click.UsageError(f"Only one of {' and '.join('--' + name for name in chosen)} at once.")
    return chosen[0] if chosen else ""


def latency_lines(result: LatencyResult) -> list[str]:
    """Return the table of a latency study."""
    lines = []
    for one in result.timings:
        said = one.failed or (
            f"median {one.median_ms:.2f} ms, 99 % {one.p99_ms:.2f} ms, {one.cells_per_second:,.0f} cells/s, "
            f"sorting rate {one.sorting_rate:,.0f} cells/s ({one.engine})"
        )
        lines.append(f"{one.network_title}, {one.channels} ch, {one.precision}, {one.batch} at once: {said}")
    return [*lines, LEFT_OUT]


def explain_lines(result: ExplainResult) -> list[str]:
    """Return what an explanation suggests."""
    return [line for line in (result.suggestion,) if line]
