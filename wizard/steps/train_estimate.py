"""How long the training will take, said beside the button that starts it, and the act that measures it."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from wizard import preferences, speeds, training_time
from wizard.engine import processors
from wizard.plan import Plan
from wizard.project import Project
from wizard.steps.live import LiveNotes
from wizard.steps.train_live import LiveTabs
from wizard.train_plan import TrainPlan
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.later import later
from wizard.widgets.link import Link
from wizard.widgets.tabs import Builder

MEASURE, AGAIN = "Estimate the time", "Estimate again"
PROMISE = "The network learns for some seconds. How long the whole training takes will then stand above its button."
UNKNOWN = "The time for these settings is not measured yet."


def words(project: Project, plan: Plan | TrainPlan) -> str | None:
    """Say how long the training of a plan takes on this computer; None when that was never measured."""
    own = plan.train if isinstance(plan, Plan) else plan
    found = training_time.expected(project, own, cores())
    return None if found is None else training_time.in_words(found)


def cores() -> int:
    """Return how many cores a training that the window starts will use."""
    wanted = preferences.load().values.threads
    return min(wanted, processors.there()) if wanted else processors.count()


class TimeLine(LiveTabs):
    """A page with a line above its button that says how long the training will take."""

    time_words: Text | None = None
    time_link: Link | None = None
    _line: Area | None = None
    _time_mark: object = None
    _estimating = False

    @override
    def _build_left(self) -> None:
        super()._build_left()
        line = self._line = Area(self.left)
        line.columnconfigure(0, weight=1)
        self.time_words = Text(line, colour=palette.MUTED)
        self.time_words.grid(row=0, column=0, sticky="ew", padx=(0, 8))
        self.time_link = Link(line, MEASURE, self.estimate)
        self.time_link.grid(row=0, column=1, sticky="ne")
        line.grid(row=2, column=0, sticky="ew", padx=16, pady=(10, 0))
        self.acts.grid(row=3, column=0, sticky="ew", padx=16, pady=(8, 12))

    def estimate(self) -> None:
        """Measure on this computer how long the training will take."""
        self.flush()
        if self.form is not None and not self.form.wrong:
            self.host.start([training_time.ESTIMATE])

    @override
    def live_views(self) -> dict[str, Builder]:
        if not self._runs:
            return super().live_views()
        return {"Working": lambda parent: LiveNotes(parent, PROMISE)}

    @property
    def _runs(self) -> bool:
        return self.host.run is not None and training_time.ESTIMATE in self.host.run.steps

    @override
    def refresh(self) -> None:
        super().refresh()
        self._show_time()
        if self._estimating != self._runs:
            # The progress and what was asked for stand beside the settings.
            later(self, 1, lambda: self.show_side("settings"))
        self._estimating = self._runs

    def _show_time(self) -> None:
        if self._line is None or self.time_words is None or self.time_link is None:
            return
        free = self.host.run is None and self.project.state(self.step).kind != "blocked"
        free = free and not (self.form is not None and self.form.wrong)
        if not free:
            self._time_mark = None
            self._line.grid_remove()
            return
        mark = self._time_parts()
        if mark == self._time_mark:
            return
        self._time_mark = mark
        found = words(self.project, self.project.plan.train)
        self.time_words.say(found or UNKNOWN)
        self.time_link.say(AGAIN if found else MEASURE)
        self._line.grid()

    def _time_parts(self) -> tuple[Any, ...]:
        """Return all that the words depend on."""
        results = (self.project.result(name) for name in ("parse", training_time.ESTIMATE))
        return (self.project.plan.train, speeds.changed(), *(result.id for result in results if result is not None))
