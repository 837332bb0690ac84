"""Pictures of every page, tab and dialog of the window, and the page that shows them all.

Run with: python -m benchmarks.screenshots --project DIR --out docs/screens [--page docs/screens.md]
(needs a display of 1366 x 768 or more, e.g. under xvfb-run; the project is copied, not changed)
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from tests import made_results, walk
from tests.window import settle, wait
from wizard.plan import TITLES
from wizard.project import Project
from wizard.steps.flow import ALL_STEPS

SIZE = (1366, 768)
COLOURS = 64
SHRUNK = 0.68
"""Of the pixels: enough to read every word, at half of the bytes."""
MEASURED = 8
"""Epochs of which the running training shows figures."""


@dataclass(frozen=True)
class Look:
    """How the window looks in one column of the page."""

    name: str
    title: str
    scale: int = 100
    appearance: str = "light"
    language: str = "en"
    brief: bool = False
    """Without the lists of files and the unfolded forms, which look the same but for size and colours."""


LOOKS = (
    Look("light", "Light"), Look("dark", "Dark", appearance="dark", brief=True),
    Look("large", "150 %", scale=150, brief=True), Look("german", "German", language="de"),
)  # fmt: skip


def shown(app: Any, brief: bool) -> Iterator[str]:
    """Show everything there is to see, one after the other."""
    yield from (name for name in walk.pages(app) if not (brief and name.endswith(" Files")))
    if not brief:
        yield from walk.unfolded(app)
    yield from walk.dialogs(app)


def save(app: Any, path: Path) -> None:
    """Save the window as a small PNG."""
    picture = walk.picture(app)
    size = (round(picture.width * SHRUNK), round(picture.height * SHRUNK))
    picture.resize(size, Image.Resampling.LANCZOS).quantize(COLOURS, Image.Quantize.FASTOCTREE).save(
        path, optimize=True
    )


def take(project: Path, out: Path) -> dict[str, dict[str, str]]:
    """Save all pictures; returns the files' names by page and look."""
    from wizard.app import App

    found: dict[str, dict[str, str]] = {}
    app = App()
    app.geometry(f"{SIZE[0]}x{SIZE[1]}+0+0")
    for look in LOOKS:
        walk.set_up(app, look.scale, look.appearance, look.language)
        if app.project is None:
            keep(app, "start", look, out, found)
    app.open_project(str(project))
    for look in LOOKS:
        walk.set_up(app, look.scale, look.appearance, look.language)
        for name in shown(app, look.brief):
            ready(app)
            keep(app, name, look, out, found)
    before(app, project.with_name("New project"), out, found)
    app.destroy()
    return found


def before(app: Any, root: Path, out: Path, found: dict[str, dict[str, str]]) -> None:
    """Take the pages of a project with nothing but its images, and those of the demo while it runs."""
    with Project.open(root) as project:
        project.change({"parse.input": [str(made_results.DEMO)]})
    walk.set_up(app)
    app.open_project(str(root))
    for look in LOOKS:
        walk.set_up(app, look.scale, look.appearance, look.language)
        for name in walk.pages(app):
            if not look.brief or name == "one pass":
                keep(app, f"empty {name}", look, out, found)
    walk.set_up(app)
    app.flow.start_all()
    wait(app, lambda: app.run is None or len(app.run.metrics) > MEASURED, 300)
    for look in LOOKS:
        walk.set_up(app, look.scale, look.appearance, look.language)
        for step in (ALL_STEPS, "train"):
            app.choose(step)
            settle(app, 1)
            if app.run is not None:
                keep(app, f"running {step}", look, out, found)
    if app.run is not None:
        app.cancel()
        wait(app, lambda: app.run is None, 60)


def ready(app: Any) -> None:
    """Wait for maps, which are read in the background."""
    panel = getattr(app.page, "panel", None)
    if app.overlay is None and panel is not None and panel.winfo_viewable():
        wait(app, lambda: panel.frames and panel.frames[0].scatter.painted, 60)


def keep(app: Any, name: str, look: Look, out: Path, found: dict[str, dict[str, str]]) -> None:
    """Save one picture and note its name."""
    file = f"{walk.file_name(name)}-{look.name}.png"
    save(app, out / file)
    found.setdefault(name, {})[look.name] = file


def page(found: dict[str, dict[str, str]], folder: str) -> str:
    """Return the page that shows all pictures: one table for each page of the window."""
    lines = [
        "# All pages of the window", "",
        "Made with `python -m benchmarks.screenshots --project DIR --out docs/screens` from the analysed demo cells, at "
        f"{SIZE[0]} x {SIZE[1]} pixels. They are made smaller for this page, to two thirds of the width; a click on one "
        "enlarges it.",
    ]  # fmt: skip
    for group in dict.fromkeys(group_of(name) for name in found):
        lines += ["", f"## {group}", "", f"| | {' | '.join(look.title for look in LOOKS)} |"]
        lines.append("|---" * (len(LOOKS) + 1) + "|")
        for name, files in found.items():
            if group_of(name) == group:
                cells = [
                    f'<a href="{folder}/{files[look.name]}"><img src="{folder}/{files[look.name]}" width="240" '
                    f'alt="{name}, {look.title}"></a>'
                    if look.name in files
                    else ""
                    for look in LOOKS
                ]
                lines.append(
                    f"| {name.removeprefix(group.lower()).removeprefix('empty').strip() or name} | {' | '.join(cells)} |"
                )
    return "\n".join(lines) + "\n"


def group_of(name: str) -> str:
    """Return the heading under which a picture stands."""
    first = name.partition(" ")[0]
    headings = {"start": "Start", "one": "All steps", "empty": "Before the first step", "running": "While it runs"}
    return headings.get(first) or (first.capitalize() if first in (*TITLES, "report") else "Over the window")


def main() -> None:
    asked = argparse.ArgumentParser(description="Pictures of every page of the window.")
    asked.add_argument("--project", type=Path, required=True, help="an analysed project")
    asked.add_argument("--out", type=Path, required=True, help="the folder for the pictures; what is in it goes")
    asked.add_argument("--page", type=Path, default=Path("docs/screens.md"))
    found = asked.parse_args()
    found.out.mkdir(parents=True, exist_ok=True)
    for old in found.out.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as place:
        os.environ["CYTOWIZARD_CONFIG_DIR"] = f"{place}/config"
        copy = Path(place) / "CytoWizard demo"
        shutil.copytree(found.project, copy, ignore=shutil.ignore_patterns(".lock*"))
        pictures = take(copy, found.out)
    folder = os.path.relpath(found.out, found.page.parent)
    found.page.write_text(page(pictures, folder), encoding="utf-8")
    size = sum(path.stat().st_size for path in found.out.glob("*.png")) / 1e6
    print(f"{sum(map(len, pictures.values()))} pictures of {len(pictures)} pages, {size:.1f} MB")


if __name__ == "__main__":
    main()
