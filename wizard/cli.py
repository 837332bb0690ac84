"""The command line: the seven steps, all in one pass, the demo; options come from the plan."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import click

from wizard import cli_house, cli_judge, cli_label, cli_predict, cli_train
from wizard.cli_report import report_lines
from wizard.engine.errors import UserError
from wizard.engine.events import Done, Event, Metric, Notice, Progress, Started, Tell, as_dict
from wizard.engine.run import failure, run_steps
from wizard.plan import LABEL, STEPS, TITLES, step_settings
from wizard.project import Project
from wizard.quiet import quiet
from wizard.settings import Setting, allowed
from wizard.steps.session import WindowProject

DEMO_CELLS = Path(__file__).parent / "assets" / "demo"
STOPPED = 130
_SEPARATE = {"input", "model", "target"}
"""Settings with an option of their own wording."""


class Screen:
    """Shows events: a bar on a terminal, one JSON object per line on stderr otherwise."""

    def __init__(self, as_json: bool) -> None:
        self.stream: TextIO = sys.stderr
        self._json = as_json or not sys.stderr.isatty()
        self._bar: Any = None
        self._task: Any = None

    def show(self, event: Event) -> None:
        """Show one event."""
        if self._json:
            print(json.dumps(as_dict(event), ensure_ascii=False), file=self.stream, flush=True)
        elif isinstance(event, Started):
            self._open(event)
        elif isinstance(event, Progress) and self._bar is not None:
            self._bar.update(self._task, completed=event.fraction, label=event.label)
        elif isinstance(event, Metric) and self._bar is not None:
            self._bar.console.print(_metric_line(event))
        elif isinstance(event, Notice) and self._bar is not None:
            about = f" ({event.file})" if event.file else ""
            self._bar.console.print(f"  {event.level}: {event.text}{about}", markup=False, highlight=False)
        elif isinstance(event, Done):
            self.close()

    def _open(self, event: Started) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.close()
        self._bar = Progress(
            TextColumn(f"[bold]{TITLES[event.step]}[/]"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(), TextColumn("{task.fields[label]}"), console=Console(file=self.stream),
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip
        self._task = self._bar.add_task(event.step, total=1.0, label="")
        self._bar.start()

    def close(self) -> None:
        """Finish the bar that is shown."""
        if self._bar is not None:
            self._bar.update(self._task, completed=1.0, label="")
            self._bar.stop()
            self._bar = None


def _metric_line(event: Metric) -> str:
    shown = ("loss", "val_loss", "val_accuracy")
    values = "  ".join(f"{name} {event.values[name]:.3f}" for name in shown if name in event.values)
    return f"  epoch {event.epoch}/{event.epochs}  {values}"


class Interrupts:
    """The first Ctrl-C asks to stop and keeps what is done, the second cancels, the third ends at once."""

    def __init__(self, screen: Screen) -> None:
        self.count = 0
        self._screen = screen
        self._said = False
        signal.signal(signal.SIGINT, self._note)
        if hasattr(signal, "SIGTERM"):
            signal.signal(signal.SIGTERM, self._note)

    def _note(self, *_: object) -> None:
        # Nothing is printed here: the signal may have come in the middle of another print.
        self.count += 1
        if self.count > 2:
            raise KeyboardInterrupt

    def stop(self) -> bool:
        """Tell whether a stop was asked for, and answer the user at the first time."""
        if self.count and not self._said:
            self._said = True
            text = "Stopping; what is done is kept. Press Ctrl-C again to cancel."
            self._screen.show(Notice("", "info", text))
        return self.count > 0

    def cancelled(self) -> bool:
        """Tell whether a cancel was asked for."""
        self.stop()
        return self.count > 1


def perform(
    root: str, steps: Sequence[str], values: dict[str, Any], plan_file: str, as_json: bool, **options: Any
) -> int:
    """Change the settings, run the steps, print the path of the last result.json; return the exit code."""

    def work(project: WindowProject, tell: Tell) -> cli_train.Ending:
        cli_house.settle(project, values, plan_file)
        done = run_steps(project, steps, tell, **options)
        return [*report_lines(project, steps), str(done[-1])], 0

    return in_project(root, as_json, work)


def in_project(root: str, as_json: bool, work: Callable[[WindowProject, Tell], cli_train.Ending]) -> int:
    """Do some work in the project, print the lines that it gives; return the exit code."""
    screen = Screen(as_json)
    interrupts = Interrupts(screen)
    tell = Tell(screen.show, interrupts.stop, interrupts.cancelled)
    try:
        problems = cli_house.heed()
        with closing(cli_house.open_project(root)) as project, quiet(project.root / "engine.log") as (_, stderr):
            screen.stream = stderr
            for text in problems:
                screen.show(Notice("", "warning", text))
            try:
                lines, code = work(project, tell)
            finally:
                screen.close()
                screen.stream = sys.__stderr__ or stderr
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 the edge of the program: every end gets its exit code
        return _fail(tell.step, error, screen, as_json)
    for line in lines:
        print(line, flush=True)
    return STOPPED if interrupts.stop() else code


def _fail(step: str, error: BaseException, screen: Screen, as_json: bool) -> int:
    event = failure(step, error)
    if as_json or not sys.stderr.isatty():
        screen.show(event)
    if event.outcome == "cancelled":
        if event.action and not as_json:
            print(event.what, event.action, file=sys.stderr)
        return STOPPED
    for line in (event.what, event.why, event.action, event.detail):
        if line:
            print(line, file=sys.stderr)
    return 1


def _places(given: str | Sequence[str]) -> str | list[str]:
    """Make paths absolute: a plan is used from other folders later."""
    if isinstance(given, str):
        return str(Path(given).expanduser().resolve())
    return [str(Path(item).expanduser().resolve()) for item in given]


def _values(sets: Sequence[str], given: dict[str, Any]) -> dict[str, Any]:
    values = {key: value for key, value in given.items() if value is not None}
    for item in sets:
        key, found, value = item.partition("=")
        if not found:
            raise click.UsageError(f"--set needs STEP.FIELD=VALUE, not {item!r}.")
        values[key.strip()] = value.strip()
    return values


def _common(function: Callable[..., Any]) -> Callable[..., Any]:
    decorators = (
        click.option("--project", "root", required=True, metavar="DIR", help="The project folder; made if new."),
        click.option("--set", "sets", multiple=True, metavar="STEP.FIELD=VALUE", help="Change a setting."),
        click.option("--plan", "plan_file", default="", metavar="FILE.toml", help="Take all settings from a plan."),
        click.option("--json", "as_json", is_flag=True, help="Progress as one JSON object per line on stderr."),
    )
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def _option(item: Setting) -> Callable[..., Any]:
    """Make the command-line option of a setting."""
    special = f"; {item.special}" if item.special else ""
    default = f" [default: {item.default}{special}]" if item.default not in ("", []) else f" [{item.special}]"
    return click.option(
        f"--{item.name.replace('_', '-')}",
        f"setting_{item.name}",
        default=None,
        metavar=item.unit.upper() or item.kind.upper(),
        help=f"{item.help} Takes {allowed(item)}.{default}",
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name=None, version=__import__("wizard").__version__, prog_name="CytoWizard")
def command() -> None:
    """CytoWizard: networks for single-cell images. For research use only.

    Without a command the window opens.
    """


_MORE_OPTIONS: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "train": cli_train.with_options, "predict": cli_predict.with_options, "evaluate": cli_judge.with_options,
}  # fmt: skip


def _given(step: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that were given as options of their own."""
    given = {f"{step}.{name.removeprefix('setting_')}": value for name, value in options.items()}
    return {key: _places(value) if key.endswith((".input", ".model")) else value
            for key, value in given.items() if value not in (None, ())}  # fmt: skip


def _step_command(step: str) -> None:
    def run_step(root: str, sets: tuple[str, ...], plan_file: str, as_json: bool, **more: Any) -> None:
        act = cli_train.asked(more)
        look, watching = more.pop("check", False), more.pop("watch", False)
        instead = cli_judge.asked(more)
        values = _values(sets, _given(step, more))
        if act.name:
            sys.exit(_act(act, root, values, plan_file, as_json))
        if watching:
            work = partial(cli_predict.watch, values=values, plan_file=plan_file)
            sys.exit(in_project(root, as_json, work))
        code = perform(root, ["survey" if look else instead or step], values, plan_file, as_json)
        sys.exit(_cues(root) if look and code == 0 else code)

    wrapped: Callable[..., Any] = run_step
    for item in reversed(step_settings(step)):
        if item.name not in _SEPARATE:
            wrapped = _option(item)(wrapped)
    names = {item.name for item in step_settings(step)}
    if step == "parse":
        wrapped = click.option(
            "--check", is_flag=True, help="Only look through the images and say what was found; nothing is parsed."
        )(wrapped)
    if step in _MORE_OPTIONS:
        wrapped = _MORE_OPTIONS[step](wrapped)
    if "target" in names:
        wrapped = click.option("--target", "setting_target", metavar="TAG", help="Tag to learn.")(wrapped)
    if "model" in names:
        wrapped = click.option("--model", "setting_model", metavar="FILE", help="A .cytomodel file.")(wrapped)
    if "input" in names:
        wrapped = click.option(
            "--input", "setting_input", multiple=True, metavar="RAW", help="Folder or file of images; repeatable."
        )(wrapped)
    doc = {"parse": "Raw images to a data set.", "train": "A data set to a model.",
           "evaluate": "A model and labelled cells to honest figures.",
           "predict": "A model and cells to a table of predictions.",
           "extract": "A model and cells to a table of features.", "visualize": "Features to maps.",
           "report": "All that is done to a workbook, a page, a PDF and figures."}[step]  # fmt: skip
    command.command(step, help=doc)(_common(wrapped))


def _act(act: cli_train.Act, root: str, values: dict[str, Any], plan_file: str, as_json: bool) -> int:
    """Do what `train` was asked for besides a plain training; return the exit code."""
    if act.name in ("history", "queue", "take_back") and (values or plan_file):
        raise click.UsageError(f"--{act.name.replace('_', '-')} takes no settings: they are those kept there.")
    if act.name == "resume":
        return perform(root, ["train"], values, plan_file, as_json, resume=True)
    if act.name in ("find_rate", "compare", "estimate"):
        step = {"find_rate": "lr_finder"}.get(act.name, act.name)
        return perform(root, [step], values, plan_file, as_json)
    if act.name == "take_back":
        return in_project(root, as_json, lambda project, tell: cli_train.take_back(project, tell, act))
    if act.name == "queue":
        return in_project(root, as_json, cli_train.train_queue)
    try:
        if act.name == "history":
            lines = cli_train.history_lines(Project.open(root, create=False, lock=False))
        else:
            with closing(cli_house.open_project(root)) as project:
                lines = cli_train.add_to_queue(project, values, plan_file)
    except (UserError, OSError) as error:
        return _fail("train", error, Screen(as_json), as_json)
    print("\n".join(lines))
    return 0


def _cues(root: str) -> int:
    """Print what a look through the images found; return 1 if something stops the parsing."""
    result = Project.open(root, lock=False).result("survey")
    formats = ", ".join(f"{count:,} × {name}" for name, count in result.formats.items())
    print(f"{result.n_cells:,} cells in {result.n_files:,} files: {formats}", file=sys.stderr)
    for name, values in result.tags.items():
        listed = ", ".join(f"{value or '(none)'} {count:,}" for value, count in list(values.items())[:20])
        print(f"tag {name}: {listed}{' …' if len(values) > 20 else ''}", file=sys.stderr)
    for cue in result.cues:
        print(f"{cue.level:8} {cue.subject}: {cue.text} {cue.action}".rstrip(), file=sys.stderr)
    return int(any(cue.level == "problem" for cue in result.cues))


for _step in (*STEPS[1:], "report"):
    _step_command(_step)


@command.command("check")
@click.option("--project", "root", default="", metavar="DIR", help="Keep the result in this project.")
@click.option("--json", "as_json", is_flag=True, help="Progress as one JSON object per line on stderr.")
def check(root: str, as_json: bool) -> None:
    """Look whether this computer is fit for the work."""
    place = root or str(Path(tempfile.mkdtemp(prefix="cytowizard-")) / "check")
    code = perform(place, ["check"], {}, "", as_json)
    result = Project.open(place, lock=False).result("check")
    if result is not None and code == 0:
        for item in result.items:
            print(f"{item.verdict:8} {item.name}: {item.text}. {item.action}".rstrip(), file=sys.stderr)
        code = 0 if result.passed else 1
    sys.exit(code)


@command.command("run")
@_common
@click.option("--input", "inputs", multiple=True, required=True, metavar="RAW", help="Folder or file; repeatable.")
@click.option("--target", default=None, metavar="TAG", help="Tag to learn.")
@click.option("--steps", default=",".join(STEPS), metavar="STEP,STEP,…", show_default=True, help="Steps to run.")
def run_command(
    root: str, sets: tuple[str, ...], plan_file: str, as_json: bool, inputs: tuple[str, ...], target: str | None,
    steps: str,
) -> None:  # fmt: skip
    """All steps in one pass, from raw images to reports."""
    chosen = [step.strip() for step in steps.split(",") if step.strip()]
    unknown = [step for step in chosen if step not in STEPS]
    if unknown or not chosen:
        raise click.UsageError(f"Unknown step {', '.join(unknown)!r}. The steps are: {', '.join(STEPS)}.")
    values = _values(sets, {"parse.input": _places(inputs), "train.target": target})
    if values.get("project.task") == "stain":
        chosen = [step if step == "check" else f"{LABEL}{step}" for step in chosen]
        values = {cli_label.full(key): value for key, value in values.items()}
        if "label_train.target" in values:
            raise click.UsageError("--target is for telling cells apart; stains are chosen by --set parse.stains=…")
    sys.exit(perform(root, chosen, values, plan_file, as_json))


@command.command("demo")
@click.option("--project", "root", default="demo-project", metavar="DIR", show_default=True)
@click.option("--set", "sets", multiple=True, metavar="STEP.FIELD=VALUE", help="Change a setting.")
@click.option("--json", "as_json", is_flag=True, help="Progress as one JSON object per line on stderr.")
def demo(root: str, sets: tuple[str, ...], as_json: bool) -> None:
    """All seven steps on the bundled demo cells."""
    values = _values(sets, {"parse.input": [str(DEMO_CELLS)]})
    sys.exit(perform(root, STEPS, values, "", as_json))


@command.command("export")
@click.option("--model", "model_file", required=True, metavar="FILE", help="A .cytomodel file.")
@click.option("--to", "kind", required=True, type=click.Choice(["onnx", "savedmodel", "openvino", "keras"]),
              help="Format.")  # fmt: skip
@click.option("--output", required=True, metavar="FILE", help="File (or folder, for savedmodel) to write.")
def export(model_file: str, kind: str, output: str) -> None:
    """Write a model's network for other programs."""
    from wizard.engine.export import export as write

    try:
        with tempfile.TemporaryDirectory(prefix="cytowizard-") as place, quiet(Path(place) / "log") as (_, stderr):
            done = write(Path(model_file), kind, Path(output), lambda text: print(text, file=stderr, flush=True))
        print(done)
    except UserError as error:
        print("\n".join(error.lines()), file=sys.stderr)
        sys.exit(1)


cli_label.add(command, _common, perform, _values)


def main() -> None:
    """Run the command line."""
    # A path printed in a console with a small character set must not end the program.
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    command(prog_name="python -m wizard")
