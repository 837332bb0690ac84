"""Takes the pictures anew that `tests/screens` compares the window with. Run with: python -m tests.screens.renew

Look at what changed (`git diff --stat`, and the pictures) before you commit them.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from tests import xvfb
from tests.screens import shots
from tests.window import settle


def main() -> None:
    for old in shots.FOLDER.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as place, xvfb.display():
        os.environ["CYTOWIZARD_CONFIG_DIR"] = f"{place}/config"
        from wizard.app import App

        app = App()
        app.geometry(shots.WINDOW)
        settle(app, 0.5)
        count = 0
        for _shot, name, picture in shots.take(app, shots.made_project(Path(place))):
            shots.save(picture, name)
            count += 1
        shots.FACTS.write_text(json.dumps(shots.facts(app), indent=1) + "\n", encoding="utf-8")
        app.destroy()
    size = sum(path.stat().st_size for path in shots.FOLDER.glob("*.png")) / 1000
    print(f"{count} pictures, {size:.0f} kB, in {shots.FOLDER}")


if __name__ == "__main__":
    main()
