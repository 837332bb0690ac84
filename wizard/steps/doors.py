"""How the user comes to a project: a new one, the demo, a folder, images of their own, the list of recent ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.widgets import dialogs

if TYPE_CHECKING:
    from wizard.steps.session import WindowProject

Opened = Callable[..., object]
"""Shows a project, and calls what it is given once it is there."""


class Doors:
    """Helps one window; `window` is the application, `opened` shows a project there."""

    def __init__(self, window: Any, opened: Opened) -> None:
        self.window, self._opened = window, opened

    def choose_project(self) -> None:
        """Let the user choose a project folder."""
        folder = dialogs.ask_folder(self.window, "Choose a project folder")
        if folder:
            self.window.open_project(folder)

    def new_project(self) -> None:
        """Ask for name and place of a new project."""
        self._ask(self._opened)

    def new_demo(self) -> None:
        """Ask for name and place of a demo project."""
        self._ask(self._demo_opened, demo=True)

    def choose_images(self) -> None:
        """Let the user choose a folder of images to analyse in one pass."""
        folder = dialogs.ask_folder(self.window, "Choose the folder with your images")
        if folder:
            self.analyse([folder])

    def analyse(self, images: Sequence[str]) -> None:
        """Ask for name and place of a new project for some images, then show the choices of a pass over them."""
        self._ask(self._images_opened, images=list(images))

    def forget(self, project: str) -> None:
        """Take a project out of the list of recent ones."""
        self.window.recent.forget(project)
        self.window.recent.save()
        self.window.rebuild()

    def _ask(self, opened: Opened, *, demo: bool = False, images: Sequence[str] = ()) -> None:
        window = self.window
        if window.overlay is not None or window.run is not None:
            return
        from wizard.steps.projects import ProjectDialog, usual_place

        place = usual_place(window.recent.present(), window.preferences.values.folder)
        name = _name_for(images[0]) if images else ""
        window.dialog = ProjectDialog(window, window.keyboard, place, demo, opened, images, name)
        window.over(window.dialog.overlay)

    def _demo_opened(self, project: WindowProject) -> None:
        self._opened(project, self.window.help.first_run)

    def _images_opened(self, project: WindowProject) -> None:
        self._opened(project, self.window.flow.opened_with_images)


def _name_for(image: str) -> str:
    """Return the name that a project for some images is offered: that of their folder."""
    path = Path(image)
    return path.name if path.is_dir() else path.parent.name
