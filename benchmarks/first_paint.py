"""From the start of the process to the first painted window, against half a second.

    python -m benchmarks.first_paint [--starts 9] [--imports]

Needs a display. Prints the median and the best by the clock, and the computing (of all threads) that they took, which
other programs on the computer do not lengthen; with `--imports` what the start loads, the slowest last.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

LIMIT_SECONDS = 0.5
_PAINT = """
import time
from wizard.app import App
app = App()
app.wait_visibility()
app.update()
print(time.time(), time.process_time())
app.destroy()
"""
_SHOWN = 25


def start(config: str, *options: str) -> tuple[float, float, str]:
    """Start the window once; return its seconds, its computing and what was said on stderr."""
    began = time.time()
    done = subprocess.run([sys.executable, *options, "-c", _PAINT], check=True, capture_output=True, text=True,
                          env={**os.environ, "CYTOWIZARD_CONFIG_DIR": config})  # fmt: skip
    painted, computing = (float(word) for word in done.stdout.split())
    return painted - began, computing, done.stderr


def imports(said: str) -> list[str]:
    """Return the slowest imports, each with its own and all milliseconds."""
    lines = [line.removeprefix("import time:").split("|") for line in said.splitlines() if line.count("|") == 2]
    slow = sorted(((int(every), int(own), name) for own, every, name in lines if own.strip().isdigit()))[-_SHOWN:]
    return [f"{own / 1000:7.1f} {every / 1000:7.1f} ms  {name.strip()}" for every, own, name in slow]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=9)
    parser.add_argument("--imports", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as config:
        if given.imports:
            print("\n".join(imports(start(config, "-X", "importtime")[2])))
        found = [start(config)[:2] for _ in range(given.starts)]
    for name, values in (("by the clock", [one[0] for one in found]), ("computing", [one[1] for one in found])):
        middle = statistics.median(values)
        print(f"first paint, {name}: median {middle:.2f} s, best {min(values):.2f} s of {given.starts} starts, "
              f"{middle / LIMIT_SECONDS:.2f} of the limit of {LIMIT_SECONDS:g} s")  # fmt: skip


if __name__ == "__main__":
    main()
