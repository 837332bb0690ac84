"""Runs steps of a project in order: one journal line each, whole results or none."""

from __future__ import annotations

import platform
import time
import traceback
import uuid
from collections.abc import Sequence
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from wizard import __version__, fileio, results
from wizard.engine.errors import Cancelled, Paused, UserError, from_os_error
from wizard.engine.events import Done, Failed, Started, Tell
from wizard.plan import LABEL_STEPS, PLAN_OF, settings_hash
from wizard.project import UPSTREAM, Project, now
from wizard.results import NoticeText, StepResult

MODULES = {"check": "install_check"} | {
    step: f"labeling.steps.{step}" for step in (*LABEL_STEPS, "label_compare", "label_look")
}
"""Engine modules whose name is not the step's; the function is called as the module."""

_UNREPORTED = (
    "survey", "augment_preview", "lr_finder", "estimate", "compare", "watching", "model_export",
    "label_look",
)  # fmt: skip
"""Quick runs without a report, for which the reports are not even loaded."""


_OWN_JOURNAL = ("watching",)
"""Runs that write their line of the journal themselves."""


def run_steps(project: Project, steps: Sequence[str], tell: Tell, **options: Any) -> list[Path]:
    """Run `steps` one after the other and return the paths of their result.json.

    Raises UserError, Cancelled, or whatever a bug raises; results of earlier steps stay.
    A user's stop ends the run after the step that it met.
    """
    done: list[Path] = []
    for index, step in enumerate(steps):
        tell.begin(step)
        tell.emit(Started(step, index, len(steps)))
        path, stopped = _run_step(project, step, tell, options)
        tell.emit(Done(step, str(path), stopped))
        done.append(path)
        if stopped:
            break
    if any(step != "check" and _is_reported(step) for step in steps):
        _report_all(project)
    return done


def _run_step(project: Project, step: str, tell: Tell, options: dict[str, Any]) -> tuple[Path, bool]:
    start, began = now(), time.monotonic()
    outcome = "bug"
    try:
        with fileio.fresh_folder(project.result_dir(step)) as folder:
            result = _call(project, step, tell, folder, options)
            _sign(result, project, step, tell, time.monotonic() - began)
            if _is_reported(step):
                tell.progress(0.0, "Writing the report")
                _report(project, result, folder)
            results.save(result, folder)
        outcome = "stopped" if result.stopped else "done"
        return project.result_dir(step) / "result.json", result.stopped or tell.should_stop()
    except UserError:
        outcome = "error"
        raise
    except (Cancelled, KeyboardInterrupt):
        outcome = "cancelled"
        raise
    except OSError as error:
        known = from_os_error(error)
        outcome = "error" if known else "bug"
        if known:
            raise known from error
        raise
    except MemoryError:
        outcome = "error"
        raise UserError(
            "The computer ran out of memory.",
            "The cells or the network of this step are too large for it.",
            "Close other programs, use a smaller frame size or batch, or a smaller network.",
        ) from None
    finally:
        if step not in _OWN_JOURNAL:
            _write_journal(project, step, start, outcome)


def _call(project: Project, step: str, tell: Tell, folder: Path, options: dict[str, Any]) -> StepResult:
    name = MODULES.get(step, step)
    module = import_module(f"wizard.engine.{name}")
    function = getattr(module, name.rpartition(".")[2])
    plan = getattr(project.plan, PLAN_OF.get(step, step), None)
    extra = {key: value for key, value in options.items() if key in getattr(module, "OPTIONS", ())}
    result: StepResult = function(plan, project, tell, folder, **extra)
    return result


def _sign(result: StepResult, project: Project, step: str, tell: Tell, seconds: float) -> None:
    plan = getattr(project.plan, PLAN_OF.get(step, step), None)
    result.step, result.id, result.created = step, uuid.uuid4().hex[:12], now()
    result.seconds = round(seconds, 2)
    result.settings = plan.model_dump() if plan is not None else {}
    result.settings_hash = settings_hash(project.plan, step)
    result.versions = versions()
    result.notices = [NoticeText(level=n.level, text=n.text, file=n.file) for n in tell.notices]
    upstream = {name: project.result(name) for name in UPSTREAM.get(PLAN_OF.get(step, step), ())}
    result.upstream = {name: before.id for name, before in upstream.items() if before is not None}


def _is_reported(step: str) -> bool:
    """Tell whether a run gets a report."""
    if step in _UNREPORTED:
        return False
    from wizard.reports.sections import BLOCKS

    return step in BLOCKS


def _report(project: Project, result: StepResult, folder: Path) -> None:
    from wizard.reports import write_step_reports

    result.files = write_step_reports(project.name, result, folder) | result.files


def _report_all(project: Project) -> None:
    """Write one report over all runs that have a section in it and a result.

    A full report that the user has written stays until it is written again: it may be one without names.
    """
    if project.result("report") is not None:
        return
    from wizard.reports import write_project_report
    from wizard.reports.sections import BLOCKS

    found = [project.result(step) for step in BLOCKS]
    write_project_report(project.root, project.name, [result for result in found if result is not None])


def _write_journal(project: Project, step: str, start: str, outcome: str) -> None:
    plan = getattr(project.plan, PLAN_OF.get(step, step), None)
    try:
        project.journal(
            {
                "step": step,
                "start": start,
                "end": now(),
                "outcome": outcome,
                "seed": getattr(plan, "seed", None),
                "settings_hash": settings_hash(project.plan, step),
                "versions": versions(),
            }
        )
    except OSError:
        # A full or read-only disk is reported by the step itself; the journal must not hide it.
        return


def versions() -> dict[str, str]:
    """Return the versions of the program and of the libraries that shape its results."""
    named = ("keras", "tensorflow-cpu", "tensorflow", "numpy", "scikit-learn", "umap-learn", "phate", "openTSNE")
    found = {"cytowizard": __version__, "python": platform.python_version()}
    for name in named:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def failure(step: str, error: BaseException) -> Failed:
    """Describe any end but a good one as an event."""
    if isinstance(error, OSError):
        error = from_os_error(error) or error
    if isinstance(error, UserError):
        return Failed(step, error.what, error.why, error.action)
    if isinstance(error, Paused):
        return Failed(step, "Stopped. What was read so far is kept.", "", "Start again to go on from there.",
                      outcome="cancelled")  # fmt: skip
    if isinstance(error, (Cancelled, KeyboardInterrupt)):
        return Failed(step, "Cancelled. Everything is as it was before.", outcome="cancelled")
    detail = "".join(traceback.format_exception(error))
    return Failed(
        step,
        "The program made a mistake.",
        f"{type(error).__name__}: {error}",
        "Results written before are intact. The details below help the makers to mend it.",
        detail,
        "bug",
    )
