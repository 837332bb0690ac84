"""The command `label`: in silico labeling, from stacks of transmitted light to predicted stains."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from wizard.plan import LABEL, LABEL_STEPS

_NAMES = tuple(step.removeprefix(LABEL) for step in LABEL_STEPS)
_TAKING = ("evaluate", "predict", "extract")
"""Steps that can take pictures of their own."""

HELP = """In silico labeling: train a network that predicts stains from transmitted light, and use it.

STEPS are those of the other commands: parse, train, evaluate, predict, extract, visualize; without them all that are
possible are done: with --input all six, with --model predict, else all after parse. Settings are named as for cells,
e.g. --set train.minutes=5 or --set predict.format=zarr.
"""


def add(
    command: Any, common: Callable[..., Any], perform: Callable[..., int], values_of: Callable[..., dict[str, Any]]
) -> None:
    """Add the command to the program's others."""

    def label(
        steps: tuple[str, ...], root: str, sets: tuple[str, ...], plan_file: str, as_json: bool,
        inputs: tuple[str, ...], model_file: str | None, minutes: str | None, resume: bool, named: str | None,
        compare: bool,
    ) -> None:  # fmt: skip
        listed = [*steps, *(part.strip() for part in (named or "").split(",") if part.strip())]
        unknown = [step for step in listed if step not in _NAMES]
        if unknown:
            raise click.UsageError(f"Unknown step {', '.join(unknown)!r}. The steps are: {', '.join(_NAMES)}.")
        chosen = listed or _possible(inputs, model_file, resume)
        values = {"project.task": "stain"} | _inputs(chosen, inputs)
        if minutes is not None:
            values["label_train.minutes"] = minutes
        if model_file is not None:
            place = str(Path(model_file).expanduser().resolve())
            values |= {f"{LABEL}{step}.model": place for step in _TAKING if step in chosen}
        values |= {full(key): value for key, value in values_of(sets, {}).items()}
        order = [f"{LABEL}{step}" for step in _NAMES if step in chosen]
        if compare:
            order = [*order, "label_compare"] if listed else ["label_compare"]
        sys.exit(perform(root, order, values, plan_file, as_json, resume=resume))

    wrapped: Any = label
    for decorate in (
        click.option("--steps", "named", default=None, metavar="STEP,STEP,…", help="The same as STEPS, with commas."),
        click.option("--compare-heads", "compare", is_flag=True,
                     help="Train each head of train.heads for train.compare_minutes, and compare them."),
        click.option("--resume", is_flag=True, help="Take up a training that was stopped."),
        click.option("--minutes", default=None, metavar="MINUTES", help="How long the training may take."),
        click.option("--model", "model_file", default=None, metavar="FILE", help="A .cytomodel file of stains."),
        click.option("--input", "inputs", multiple=True, metavar="RAW",
                     help="Folder with stacks and stains (for parse), or with stacks alone; repeatable."),
    ):  # fmt: skip
        wrapped = decorate(wrapped)
    command.command("label", help=HELP)(click.argument("steps", nargs=-1)(common(wrapped)))


def _possible(inputs: Sequence[str], model_file: str | None, resume: bool) -> list[str]:
    if model_file is not None:
        return ["predict"]
    return list(_NAMES) if inputs and not resume else list(_NAMES[1:])


def _inputs(chosen: Sequence[str], inputs: Sequence[str]) -> dict[str, Any]:
    if not inputs:
        return {}
    places = [str(Path(item).expanduser().resolve()) for item in inputs]
    if "parse" in chosen:
        return {"label_parse.input": places}
    return {f"{LABEL}{step}.input": places for step in _TAKING if step in chosen}


def full(key: str) -> str:
    """Return a setting's full name: `train.minutes` is `label_train.minutes` here."""
    return f"{LABEL}{key}" if key.partition(".")[0] in _NAMES else key
