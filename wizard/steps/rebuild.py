"""The window built anew piece by piece: for another project, theme, text size or language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from typing_extensions import override

from wizard.steps.shell import Shell
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, scale
from wizard.widgets.focus import Focus
from wizard.widgets.later import later
from wizard.widgets.overlay import Cover

MOMENT = "One moment\u2026"


class Rebuild:
    """Builds what one window shows, at once at the start, later one piece per turn behind a cover."""

    def __init__(self, window: Any) -> None:
        self.window = window
        self.busy = False
        self.shell: Shell | None = None
        self.scale = 0.0
        """The text size that was built for; 0 at first."""
        self._old: list[Any] = []
        self._cover: _Moment | None = None
        self._cancel: Callable[[], None] = lambda: None
        self._then: list[Callable[[], object]] = []

    @property
    def pages(self) -> Area | None:
        """Where the page of a step goes; None without a project."""
        return self.shell.pages if self.shell is not None else None

    def refresh(self) -> None:
        """Show the states of the steps as they are now."""
        if self.shell is not None:
            self.shell.refresh()

    def begin(self, page: Any, then: Callable[[], object]) -> None:
        """Take the old parts away and build new ones, then call `then`; a building that is under way starts afresh."""
        self._then.append(then)
        if self.shell is None and not self.busy:
            # Nothing is seen yet.
            for piece in self._pieces():
                piece()
            return
        self.busy = True
        self._cancel()
        # The page first: it is the larger part.
        self._old += [part for part in (self.shell, page) if part is not None]
        self.shell = None
        self._put_cover()
        pieces = self._pieces()

        def turn() -> None:
            built = False
            try:
                next(pieces)()
                built = True
            finally:
                if not built:
                    self._uncover()
            if self.busy:
                self._cancel = later(self.window, 1, turn)

        self._cancel = later(self.window, 1, turn)

    def _put_cover(self) -> None:
        window = self.window
        if self._cover is not None:
            self._cover.end()
        # What lies over the window already hides the building, too.
        self._cover = _Moment(window, window.keyboard) if window.overlay is None else None
        if self._cover is not None:
            window.overlay = self._cover

    def _uncover(self) -> None:
        self.busy = False
        cover, self._cover = self._cover, None
        if cover is not None:
            cover.end()

    def _pieces(self) -> Iterator[Callable[[], object]]:
        while self._old:
            yield self._old.pop().destroy
        # Only now: customtkinter would draw all that goes in the new look first.
        yield self._dress
        yield self._build_shell
        yield self._build_page
        yield self._show
        yield self._finish

    def _dress(self) -> None:
        self.window.dress()
        if self._cover is not None:
            self._cover.dress()

    def _build_shell(self) -> None:
        window = self.window
        self.scale = scale(window)
        self.shell = shell = Shell(window, window)
        window.top, window.rail, window.footer = shell.top, shell.rail, shell.footer
        window.page = shell.start

    def _build_page(self) -> None:
        if self.pages is not None:
            self.window.show_page()

    def _show(self) -> None:
        assert self.shell is not None
        self.shell.place(x=0, y=0, relwidth=1, relheight=1)
        self.shell.lower()
        self.window.keyboard.install(self.shell)

    def _finish(self) -> None:
        self._uncover()
        window = self.window
        if getattr(window.page, "step", window.step) != window.step:
            window.show_page()
        window.refresh()
        calls, self._then = self._then, []
        for call in calls:
            call()


class _Moment(Cover):
    """Lies over the window while it is built; only the end of the building takes it away."""

    def __init__(self, window: Any, focus: Focus) -> None:
        super().__init__(window, focus)
        self._window = window
        self.cover.columnconfigure(0, weight=1)
        self.cover.rowconfigure(0, weight=1)
        self._words = Text(
            self.cover, MOMENT, size="heading", colour=palette.MUTED, back=palette.BACK, anchor="center"
        )  # fmt: skip
        self._words.grid(row=0, column=0, sticky="ew")
        focus.confine(self.cover)
        self.cover.focus_set()

    def dress(self) -> None:
        """Take on the language and the colours that are in force now."""
        self.cover.configure(bg=palette.now(palette.BACK))
        self._words.configure(bg=palette.now(palette.BACK))
        self._words.say(MOMENT, palette.MUTED)

    @override
    def close(self) -> None:
        """It stays."""

    def end(self) -> None:
        """Take it away; a question that came meanwhile stays in front."""
        if self._window.overlay is self:
            self._window.overlay = None
            super().close()
        else:
            self.cover.destroy()
