"""Parse of 100,000 cells end to end: cells per second, and peak memory against its limit.

Run with: python -m benchmarks.parse_large [EXAMPLE.cif] [--cells N]. The cells are those of an ImageStream file (6 channels,
image and mask), over and over. Decoding, framing, digests, compression, tables, report and gallery are all counted;
importing the program and making the large file are not. The first run compiles; the second is the figure.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT = 1024
EXAMPLE = Path(__file__).parents[2] / "shared" / "data" / "ifc" / "example.cif"

_RUN = """
import sys, time, resource, os
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project
import wizard.engine.parse, wizard.reports
with Project.open(sys.argv[2]) as project:
    project.change({"parse.input": [sys.argv[1]]})
    wall, cpu = time.monotonic(), time.process_time()
    run_steps(project, ["parse"], Tell())
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    result = project.result("parse")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(result.n_cells, wall, cpu, peak)
"""


def main() -> None:
    from tests.engine.readers.cif_writer import repeat

    options = argparse.ArgumentParser()
    options.add_argument("example", nargs="?", type=Path, default=EXAMPLE)
    options.add_argument("--cells", type=int, default=100_000)
    chosen = options.parse_args()
    place = Path(tempfile.mkdtemp(prefix="cytowizard-bench-"))
    try:
        small = repeat(chosen.example, place / "small.cif", 500)
        large = repeat(chosen.example, place / "large.cif", chosen.cells)
        size = large.stat().st_size
        for name, path in (("warm-up", small), ("figure", large)):
            done = subprocess.run(
                [sys.executable, "-c", _RUN, str(path), str(place / f"project-{name}")],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            cells, wall, cpu, peak = (float(each) for each in done.stdout.split()[-4:])
            print(
                f"{name}: {cells:,.0f} cells in {wall:.1f} s = {cells / wall:,.0f} cells/s ({cells / cpu:,.0f} per "
                f"CPU second), peak memory {peak:,.0f} MB = {peak / LIMIT:.2f} of the limit of {LIMIT} MB"
            )
        print(
            f"the file has {size / 1e6:,.0f} MB, the data set {_size(place / 'project-figure' / 'data') / 1e6:,.0f} MB"
        )
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
