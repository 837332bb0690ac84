"""Small projects for stains, for the tests."""

from __future__ import annotations

from tests.engine.labeling.pictures import published_field
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project

QUICK = {
    "project.task": "stain", "label_train.crop": 64, "label_train.batch": 4, "label_train.width": 0.25,
    "label_train.steps": 30, "label_train.rate": 0.005, "label_parse.holdout": 0.3,
}  # fmt: skip


def write_fields(folder, number=3, planes=3, **size):
    """Fields A0, A1, ... with the published names; the second lacks a stain."""
    for at in range(number):
        stains = ("DAPI_CONFOCAL",) if at == 1 else ("DAPI_CONFOCAL", "MAP2_CONFOCAL")
        published_field(folder, at, planes, f"A{at}", stains, **(size or {"height": 160, "width": 192, "count": 14}))
    return folder


def opened(root, pictures, **more):
    """A project whose settings are quick and whose pictures are chosen."""
    project = Project.open(root)
    project.change(QUICK | {"label_parse.input": [str(pictures)]} | more)
    return project


def run(project, *steps, tell=None, **options):
    """Run steps; return the result of the last."""
    run_steps(project, [f"label_{step}" for step in steps], tell or Tell(), **options)
    return project.result(f"label_{steps[-1]}")
