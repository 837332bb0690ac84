"""Lists everything that is cut off or covered, over all pages, text sizes and languages.

Run with: python -m tests.survey_layout PROJECT [80 100 125 150 200] (needs a display; PROJECT is not changed)
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from tests import walk
from tests.layout import problems


def main() -> None:
    import os

    from wizard.app import App

    project, sizes = sys.argv[1], [int(size) for size in sys.argv[2:]] or [80, 100, 125, 150, 200]
    with tempfile.TemporaryDirectory() as place:
        os.environ["CYTOWIZARD_CONFIG_DIR"] = f"{place}/config"
        copy = shutil.copytree(project, Path(place) / "project", ignore=shutil.ignore_patterns(".lock*"))
        app = App(str(copy))
        app.geometry("1366x768+0+0")
        found: dict[str, list[str]] = defaultdict(list)
        for language in ("en", "de"):
            for size in sizes:
                walk.set_up(app, size, language=language)
                for part in (walk.pages, walk.unfolded, walk.dialogs):
                    for name in part(app):
                        for problem in problems(app):
                            found[problem].append(f"{language} {size} {name}")
        for problem, where in sorted(found.items(), key=lambda item: -len(item[1])):
            print(f"{len(where):3} x {problem}  [{'; '.join(where[:3])}]", flush=True)
        app.destroy()


if __name__ == "__main__":
    main()
