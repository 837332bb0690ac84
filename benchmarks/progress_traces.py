"""Record what the engine says of its progress in a real run: the traces on which the time left is tested.

python -m benchmarks.progress_traces PROJECT STEP,STEP,... OUTPUT.json [--set STEP.FIELD=VALUE ...]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from wizard.engine.events import Event, Failed, Progress, Started
from wizard.jobs import Job
from wizard.project import Project


def main() -> None:
    """Run the steps as the window would and write a line for each word of progress."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("steps")
    parser.add_argument("output", type=Path)
    parser.add_argument("--set", action="append", default=[], dest="sets")
    given = parser.parse_args()
    with Project.open(given.project) as project:
        project.change(dict(text.split("=", 1) for text in given.sets))
        rows = record(project.root, given.steps.split(","))
    lines = ",\n".join(json.dumps(row) for row in rows)
    given.output.write_text(f'{{"rows": [\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{given.output}: {len(rows)} rows, {rows[-1][0]:.1f} s")


def record(root: Path, steps: list[str]) -> list[list[object]]:
    """Return [second, step, share of the step] for each word of progress; the last is of the end."""
    began, rows = time.monotonic(), list[list[object]]()
    job = Job(root, steps)
    last = -1.0

    def note(event: Event, now: float) -> float:
        if isinstance(event, Failed):
            raise SystemExit(f"{event.what} {event.why}")
        if isinstance(event, Started):
            rows.append([round(now, 2), event.step, 0.0])
        elif isinstance(event, Progress) and now - last >= 0.5:
            rows.append([round(now, 2), event.step, round(event.fraction, 5)])
            return now
        return last

    while not job.finished:
        events = job.events()
        for event in events:
            last = note(event, time.monotonic() - began)
        if not events:
            time.sleep(0.02)
    rows.append([round(time.monotonic() - began, 2), rows[-1][1], 1.0])
    return rows


if __name__ == "__main__":
    main()
