"""Start to first paint against one second, and the longest pause of the window while training against 200 ms.

Run with: python -m benchmarks.window (needs a display, e.g. under xvfb-run)
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

PAINT_SECONDS, PAUSE_SECONDS, STARTS = 1.0, 0.2, 5

_PAINT = """
import time
from wizard.app import App
app = App()
app.wait_visibility()
app.update()
print(time.time())
app.destroy()
"""

_PAUSE = """
import sys, time
from wizard.app import App
from wizard.cli import DEMO_CELLS
from wizard.project import Project
with Project.open(sys.argv[1]) as project:
    project.change({"parse.input": [str(DEMO_CELLS)], "train.epochs": 60})
app = App(sys.argv[1])
app.update()
app.start(["parse", "train"])
longest, last, began = 0.0, time.monotonic(), time.monotonic()
def tick():
    global longest, last
    now = time.monotonic()
    longest, last = max(longest, now - last), now
    if app.run is None or app.run.over or now - began > 300:
        app.quit()
    else:
        app.after(5, tick)
app.choose("train")
app.update()
last = time.monotonic()
app.after(5, tick)
app.mainloop()
print(longest)
app.destroy()
"""


def child(code: str, *words: str) -> float:
    """Run code in a process of its own; return the number that it prints last."""
    with tempfile.TemporaryDirectory() as config:
        found = subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True, text=True,
                               env={**os.environ, "CYTOWIZARD_CONFIG_DIR": config})  # fmt: skip
    return float(found.stdout.split()[-1])


def main() -> None:
    starts = []
    for _ in range(STARTS):
        began = time.time()
        starts.append(child(_PAINT) - began)
    middle = statistics.median(starts)
    shown = ", ".join(f"{seconds:.2f}" for seconds in starts)
    print(f"first paint: {middle:.2f} s (of {shown}), {middle / PAINT_SECONDS:.2f} of the limit of {PAINT_SECONDS:g} s")
    with tempfile.TemporaryDirectory() as place:
        pause = child(_PAUSE, f"{place}/p")
    print(f"longest pause while training: {pause * 1000:.0f} ms, {pause / PAUSE_SECONDS:.2f} of the limit of "
          f"{PAUSE_SECONDS * 1000:.0f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
