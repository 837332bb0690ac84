"""How long the workbook of 200,000 predictions takes and how much memory: `python -m benchmarks.workbook [ROWS]`.

Prints the share of the limits (60 s and 500 MB for 200,000 rows) that was needed. More rows than a sheet of Excel takes
are split over sheets: `python -m benchmarks.workbook 1200000`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from wizard import fileio

_CLASSES = ["Anaphase", "G1", "G2", "Metaphase", "Prophase", "S", "Telophase"]
_SECONDS, _BYTES = 60.0, 500e6


def predictions(path: Path, rows: int) -> None:
    """Write a predictions table as the step Predict does."""
    random = np.random.default_rng(1)
    header = ["cell_id", "source", "object", "predicted", "confidence", *(f"p_{name}" for name in _CLASSES), "unsure",
              "unfamiliar", "donor", "day", "split"]  # fmt: skip

    def lines() -> Iterator[list[object]]:
        for row in range(rows):
            chances = random.dirichlet(np.full(len(_CLASSES), 0.3)).round(5).tolist()
            best = int(np.argmax(chances))
            yield [f"{row:016x}", f"Donor {row % 8}/Day {row % 5}/plate_{row // 1000}.cif", row % 1000, _CLASSES[best],
                   chances[best], *chances, "no", "yes" if row % 97 == 0 else "no", f"D{row % 8}", row % 5,
                   "train"]  # fmt: skip

    fileio.write_csv(path, header, lines())


def measure(folder: str, rows: int) -> None:
    """Write the workbook and print seconds, peak memory above the start, and sheets; runs in a fresh process."""
    import resource

    from wizard.reports import workbook
    from wizard.reports.blocks import Report, Section
    from wizard.reports.sections import predict
    from wizard.results import PredictResult

    def peak() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0

    place = Path(folder)
    result = PredictResult(step="predict", n_cells=rows, classes=_CLASSES, counts={})
    began, before = time.monotonic(), peak()
    report = Report("Predict", "Benchmark", "2026-01-01T00:00:00", [Section("Results", predict.blocks(result, place))])
    workbook.write(report, place / "predict.xlsx")
    seconds, most = time.monotonic() - began, peak()
    size = (place / "predict.xlsx").stat().st_size
    print(f"{rows:,} predictions, {size / 1e6:.0f} MB of workbook")
    print(f"seconds {seconds:.1f}, {seconds / _SECONDS:.2f} of the limit for 200,000 rows")
    print(f"peak memory {most / 1e6:.0f} MB ({(most - before) / 1e6:.0f} MB above the start), "
          f"{most / _BYTES:.2f} of the limit")  # fmt: skip


def main() -> None:
    """Make the predictions and measure in a process of its own."""
    if len(sys.argv) > 2:
        measure(sys.argv[1], int(sys.argv[2]))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as folder:
        predictions(Path(folder) / "predictions.csv", rows)
        subprocess.run([sys.executable, "-m", "benchmarks.workbook", folder, str(rows)], check=True)


if __name__ == "__main__":
    main()
