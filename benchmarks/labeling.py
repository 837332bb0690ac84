"""In silico labeling: what it costs beside the published network, how fast it predicts, and what it reaches in a time.

Run with: python -m benchmarks.labeling [--pictures FOLDER] [--seconds 300 900] [--heads quantiles ...] [--seeds 1]
                                        [--holdout 0.2] [--mirrored] [--other FOLDER]
Without --pictures only costs and speed are measured. Pearson is that of the pixels held out, beside a linear model of
33 figures of each pixel; of one field the last columns are held out, with --mirrored also the first in a training of
its own. `--other` are stained fields that are evaluated as well.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from wizard.engine.events import Tell
from wizard.engine.labeling.answering import fastest
from wizard.engine.labeling.heads import decoded
from wizard.engine.labeling.networks import build, network
from wizard.engine.labeling.networks.cost import PUBLISHED_WINDOW, parameters, per_pixel
from wizard.engine.labeling.tiling import predict, tiles_for
from wizard.engine.run import run_steps
from wizard.label_plan import LabelTrainPlan
from wizard.project import Project

PLANES, LABELS, SIDE = 13, 3, 1024
NETWORKS = LabelTrainPlan().networks
PUBLISHED_PARAMETERS = 9_273_708
"""Of the released network: base depth 400, 52 planes mixed into 16, 35 labels, 256 grey levels."""


def costs() -> None:
    """Parameters, and multiply-adds per pixel against windows of 250 px that give 8 x 8."""
    labels = [f"label {number}" for number in range(35)]
    released = parameters(build("published", 52, labels, "bins", projection=16))
    print(f"published network as released: {released:,} parameters, table {PUBLISHED_PARAMETERS:,}: "
          f"{'equal' if released == PUBLISHED_PARAMETERS else 'DIFFERENT'}")  # fmt: skip
    rows = (("published", "bins", 506, "one pass over 506 px"), ("unet", "quantiles", 512, "whole tile"))
    for name, head, side, what in rows:
        count = parameters(build(name, PLANES, labels[:LABELS], head))
        each = per_pixel(name, PLANES, LABELS, head, side)
        print(f"{name:9} {head:9} {what:20} {count:>9,} parameters, {each / 1e3:8,.1f} k multiply-adds a pixel, "
              f"{PUBLISHED_WINDOW / each:6,.0f}x fewer than the published windows")  # fmt: skip
    how = tiles_for(network("unet"), (SIDE, SIDE))
    tiles = (-(-(SIDE - how.core) // how.stride) + 1) ** 2
    spent = per_pixel("unet", PLANES, LABELS, "quantiles", how.tile) * tiles * how.tile**2 / SIDE**2
    for count in (1, NETWORKS):
        words = "network" if count == 1 else "networks averaged, the default"
        print(f"unet with tiles of {how.tile} px and their overlap, {count} {words}: {count * spent / 1e3:.1f} k "
              f"multiply-adds a pixel, {PUBLISHED_WINDOW / spent / count:,.0f}x fewer (target 500x)")  # fmt: skip


def speed(repeats: int = 3) -> None:
    """Seconds for one field of 1024 x 1024 px with 13 planes, three labels, median and interval, networks averaged."""
    light = np.random.default_rng(0).uniform(0.3, 0.7, (SIDE, SIDE, PLANES)).astype(np.float32)
    how = tiles_for(network("unet"), (SIDE, SIDE))
    labels = [f"label {number}" for number in range(LABELS)]
    nets = [build("unet", PLANES, labels, "quantiles", (how.tile, how.tile)) for _ in range(NETWORKS)]
    made = [fastest(decoded(net, "quantiles")) for net in nets]
    engine = made[0][1]

    def run(pictures: np.ndarray) -> np.ndarray:
        return np.mean([one(pictures) for one, _engine in made], axis=0)

    predict(run, light, how)
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        predict(run, light, how)
        times.append(time.perf_counter() - began)
    print(f"{SIDE}x{SIDE}x{PLANES} to {LABELS} labels, {NETWORKS} networks: best {min(times):.2f} s, all "
          f"{', '.join(f'{one:.2f}' for one in times)} s by {engine} (target 2 s on two idle cores; the published way "
          "took 256 s on 32)")  # fmt: skip


def reach(project: Project, seconds: float, head: str, seed: int, others: list[str]) -> None:
    """Train for a time and tell Pearson on the pixels held out, beside the linear model."""
    project.change({"label_train.minutes": seconds / 60, "label_train.head": head, "label_train.seed": seed})
    began = time.monotonic()
    run_steps(project, ["label_train"], Tell())
    trained = project.result("label_train")
    print(f"  {trained.steps} steps, {time.monotonic() - began:.0f} s with reports, "
          f"{trained.networks} networks, {trained.members} sets of weights")  # fmt: skip
    for input_ in ([], others) if others else ([],):
        project.change({"label_evaluate.input": input_})
        run_steps(project, ["label_evaluate"], Tell())
        result = project.result("label_evaluate")
        print(f"  {', '.join(input_) or 'hold-out'} ({result.pixels:,} pixels, {result.predict_seconds:.2f} s)")
        for one in result.stains:
            linear = "" if one.linear_pearson is None else (
                f"; linear model {one.linear_pearson:.3f}, bright {one.linear_foreground or float('nan'):.3f}"
            )  # fmt: skip
            print(f"    {one.label:16} Pearson {one.pearson:.3f}, bright {one.pearson_foreground:.3f}, "
                  f"SSIM {one.ssim:.3f}{linear}")  # fmt: skip
        if result.objects is not None:
            one = result.objects
            print(f"    nuclei: {one.true} true, {one.predicted} predicted, {one.split} split, {one.merged} merged, "
                  f"{one.added} added, {one.missed} missed")  # fmt: skip


def mirrored(pictures: Path, place: Path) -> Path:
    """Write all pictures of a folder with left and right exchanged."""
    place.mkdir()
    for path in pictures.glob("*.png"):
        with Image.open(path) as picture:
            Image.fromarray(np.ascontiguousarray(np.asarray(picture)[:, ::-1])).save(place / path.name)
    return place


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--pictures")
    words.add_argument("--seconds", type=float, nargs="+", default=[300.0])
    words.add_argument("--heads", nargs="+", default=["quantiles"])
    words.add_argument("--seeds", type=int, default=1)
    words.add_argument("--holdout", type=float, default=0.2)
    words.add_argument("--mirrored", action="store_true")
    words.add_argument("--other", nargs="*", default=[])
    given = words.parse_args()
    costs()
    speed()
    if not given.pictures:
        return
    with tempfile.TemporaryDirectory() as place:
        pictures = {"last": given.pictures}
        if given.mirrored:
            pictures["first"] = mirrored(Path(given.pictures), Path(place) / "mirrored")
        for strip, folder in pictures.items():
            with Project.open(f"{place}/{strip}") as project:
                project.change({"project.task": "stain", "label_parse.input": [str(folder)],
                                "label_parse.holdout": given.holdout, "label_evaluate.planes": False})  # fmt: skip
                run_steps(project, ["label_parse"], Tell())
                for head in given.heads:
                    for seed in range(1, given.seeds + 1):
                        for seconds in given.seconds:
                            print(f"{strip} columns held out, {head}, seed {seed}, {seconds:.0f} s:")
                            reach(project, seconds, head, seed, given.other)


if __name__ == "__main__":
    main()
