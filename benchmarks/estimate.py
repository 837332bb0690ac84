"""Is the estimate before a training honest? Estimate, train for real, and print actual over estimated seconds.

python -m benchmarks.estimate [--cells FOLDER ...] [--networks fast,balanced] [--set STEP.FIELD=VALUE ...]

Every estimate and every training has a process of its own, as in the window. Without --cells: the demo cells.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from wizard.cli import DEMO_CELLS
from wizard.engine.events import Event, Failed
from wizard.jobs import Job
from wizard.project import Project
from wizard.training_time import stored_words

TARGET = (0.67, 1.5)


def main() -> None:
    """Print a line for each data set and network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", action="append", type=Path, default=[])
    parser.add_argument("--networks", default="fast,balanced")
    parser.add_argument("--set", action="append", default=[], dest="sets")
    given = parser.parse_args()
    values = dict(text.split("=", 1) for text in given.sets)
    print("cells, network: estimated (low to high) s, the estimate itself s, actual s, actual/estimated, epochs")
    ratios = []
    with tempfile.TemporaryDirectory(prefix="cytowizard-") as place:
        os.environ["CYTOWIZARD_CONFIG_DIR"] = f"{place}/user"
        for cells in given.cells or [DEMO_CELLS]:
            with Project.open(Path(place) / cells.name) as project:
                project.change({"parse.input": [str(cells)], **values})
                run(project.root, "parse")
                for network in given.networks.split(","):
                    project.change({"train.network": network})
                    ratios.append(compare(project, f"{cells.name}, {network}"))
    inside = sum(TARGET[0] <= ratio <= TARGET[1] for ratio in ratios)
    print(f"{inside} of {len(ratios)} within {TARGET[0]} to {TARGET[1]}; load {os.getloadavg()[0]:.1f}")


def compare(project: Project, name: str) -> float:
    """Estimate and train; return actual over estimated seconds."""
    took = run(project.root, "estimate")
    told = project.result("estimate")
    low, likely, high = told.expected_seconds
    run(project.root, "train")
    result = project.result("train")
    ratio = result.seconds / likely
    print(f"{name}: {likely:.0f} ({low:.0f} to {high:.0f}), {took:.0f}, {result.seconds:.0f}, {ratio:.2f}, "
          f"{result.epochs} (told {told.epochs[1]}); \u201c{stored_words(told.expected_seconds)}\u201d", flush=True)  # fmt: skip
    return ratio


def run(root: Path, step: str) -> float:
    """Run a step as the window would; return its seconds."""
    began, job = time.monotonic(), Job(root, [step])
    events: list[Event] = []
    while not job.finished:
        events += job.events()
        time.sleep(0.05)
    failed = [event for event in events + job.events() if isinstance(event, Failed)]
    if failed:
        raise SystemExit(f"{failed[0].what} {failed[0].why}")
    return time.monotonic() - began


if __name__ == "__main__":
    main()
