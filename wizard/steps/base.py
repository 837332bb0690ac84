"""What the window expects of every page beside the start page."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from wizard.widgets.basics import Area
from wizard.widgets.form import Form

if TYPE_CHECKING:
    from wizard.steps.session import WindowProject


class Page(Area):
    """Base of all pages of a project."""

    step: ClassVar[str]
    side = "settings"
    """In narrow windows: whether settings or result are shown."""
    form: Form | None = None
    project: WindowProject

    def flush(self) -> None:
        """Store what was typed but not stored yet."""

    def refresh(self) -> None:
        """Show everything as it is now."""

    def tick(self) -> None:
        """Follow a run that is under way."""

    def show_side(self, side: str) -> None:
        """Choose `settings` or `result`."""
        self.side = side
