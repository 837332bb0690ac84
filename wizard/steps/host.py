"""What a page may ask of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from wizard.engine.errors import UserError
from wizard.engine.events import Failed
from wizard.widgets.focus import Focus
from wizard.widgets.overlay import Cover

if TYPE_CHECKING:
    from wizard.steps.help_desk import HelpDesk
    from wizard.steps.run import Run
    from wizard.steps.session import WindowProject


class Host(Protocol):
    """The window, as far as pages know it."""

    keyboard: Focus
    help: HelpDesk
    project: WindowProject | None
    run: Run | None
    failure: Failed | None
    tabs: dict[str, str]
    """The tab that was last looked at on each page."""

    def start(self, steps: list[str], options: dict[str, object] | None = None) -> None:
        """Run steps in the engine."""

    def stop(self) -> None:
        """End the run and keep what is done."""

    def cancel(self) -> None:
        """End the run and restore what was before."""

    def settings_changed(self) -> None:
        """Show the states of the steps anew."""

    def tell(self, refusal: UserError) -> None:
        """Show a refusal that belongs to no field."""

    def over(self, overlay: Cover) -> None:
        """Take note of a card that was put over the window."""

    def save_support(self) -> None:
        """Offer to save a support file."""

    def dismiss_failure(self) -> None:
        """Take the failure panel away."""
