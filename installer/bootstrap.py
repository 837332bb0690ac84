#!/usr/bin/env python3
"""Install CytoWizard into its own folder and start it: `python3 installer/bootstrap.py --help`.

It uses the standard library only. This file alone keeps to the syntax of Python 3.7, so that a
Python that is too old gets a sentence and not a traceback; the modules beside it need Python 3.11.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = Path(__file__).resolve().parent.parent


def supported(version: tuple[int, ...]) -> bool:
    """Tell whether CytoWizard runs on a Python of this version (major, minor, ...)."""
    return OLDEST <= tuple(version[:2]) <= NEWEST


def advice(version: tuple[int, ...], platform: str) -> str:
    """Say why this Python cannot be used and what to do."""
    found = ".".join(str(part) for part in version[:3])
    fault = "too old" if tuple(version[:2]) < OLDEST else "too new"
    if platform == "win32":
        action = "Install Python 3.12 from python.org, then type: py -3.12 installer\\bootstrap.py demo"
    elif platform == "darwin":
        action = "Install Python 3.12 from python.org, then type: python3.12 installer/bootstrap.py demo"
    else:
        action = "Install one of these, then type, for example: python3.12 installer/bootstrap.py demo"
    return f"Python {found} is {fault} for CytoWizard.\nIt needs Python 3.11, 3.12 or 3.13.\n{action}"


def candidates(platform: str) -> list[list[str]]:
    """List the commands under which a supported Python may be installed."""
    minors = (12, 13, 11)
    if platform == "win32":
        return [["py", f"-3.{minor}"] for minor in minors]
    return [[f"python3.{minor}"] for minor in minors]


def other_python(platform: str) -> list[str]:
    """Return the command of a supported Python on this machine, or an empty list."""
    question = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    for command in candidates(platform):
        if shutil.which(command[0]) is None:
            continue
        quiet = subprocess.DEVNULL
        if subprocess.call([*command, "-c", question], stdout=quiet, stderr=quiet) == 0:
            return command
    return []


def main() -> int:
    """Run with this Python if it fits, else with another one that does, else say what is missing."""
    if supported(sys.version_info[:3]):
        sys.path.insert(0, str(ROOT))
        from installer.commands import main as run

        return run(sys.argv[1:], ROOT)
    other = other_python(sys.platform)
    if not other:
        print(advice(sys.version_info[:3], sys.platform), file=sys.stderr)
        return 1
    try:
        return subprocess.call(other + [str(Path(__file__).resolve())] + sys.argv[1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
