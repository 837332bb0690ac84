"""Wall time of all seven steps on the demo cells, against the limit of three minutes.

Run with: python -m benchmarks.demo_time
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_SECONDS = 180.0


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        began = time.monotonic()
        line = [sys.executable, "-m", "wizard", "demo", "--project", f"{place}/p"]
        subprocess.run(line, check=True, capture_output=True)
        seconds = time.monotonic() - began
        for path in sorted(Path(place).glob("p/results/*/result.json")):
            result = json.loads(path.read_text(encoding="utf-8"))
            print(f"  {result['step']:10} {result['seconds']:6.1f} s")
    print(f"demo: {seconds:.1f} s, {seconds / LIMIT_SECONDS:.2f} of the limit of {LIMIT_SECONDS:.0f} s")


if __name__ == "__main__":
    main()
