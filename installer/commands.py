"""The commands of the bootstrap: install, demo, run, test, check, bench."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from installer.console import Console, Refusal, from_os_error
from installer.environment import Environment
from installer.host import Host
from installer.prepare import Setup
from installer.running import Runner, heed_termination

_SIDE_BY_SIDE = ("-n", "2", "--dist", "loadfile")
"""Two files of tests at a time; `-n 0` after it switches that off."""


def install(setup: Setup, given: argparse.Namespace) -> int:
    """Install only."""
    setup.prepare(setup.root / "requirements.txt", window=False, again=given.repair)
    setup.console.say(f"CytoWizard is installed in {setup.environment.folder}")
    return 0


def demo(setup: Setup, given: argparse.Namespace) -> int:
    """Run all seven steps on the demo cells."""
    setup.prepare(setup.root / "requirements.txt", window=False)
    return _wizard(setup, "demo", "--project", str(Path(given.project).absolute()))


def run(setup: Setup, given: argparse.Namespace) -> int:
    """Open the window."""
    setup.prepare(setup.root / "requirements.txt", window=True)
    if not given.project:
        return _wizard(setup)
    code = "import sys; from wizard.app import main; main(sys.argv[1])"
    command = [str(setup.environment.python), "-c", code, str(Path(given.project).absolute())]
    return setup.runner.hand_over(command, setup.root)


def test(setup: Setup, given: argparse.Namespace) -> int:
    """Run the tests, without the slow ones unless asked."""
    setup.prepare(setup.root / "requirements-dev.txt", window=True, screen=True)
    command = [str(setup.environment.python), "-m", "pytest", "-m", "not slow", *_SIDE_BY_SIDE, *given.rest]
    return setup.runner.hand_over(command, setup.root)


def check(setup: Setup, given: argparse.Namespace) -> int:
    """Check style, types and imports; all three run, the first failure counts."""
    setup.prepare(setup.root / "requirements-dev.txt", window=False)
    program = setup.environment.program
    commands = ([program("ruff"), "check", "."], [program("mypy")], [program("lint-imports")])
    codes = [setup.runner.hand_over([str(part) for part in command], setup.root) for command in commands]
    return next((code for code in codes if code), 0)


def bench(setup: Setup, given: argparse.Namespace) -> int:
    """Run the scripts in benchmarks, or the named one."""
    setup.prepare(setup.root / "requirements.txt", window=False)
    scripts = {path.stem: path for path in sorted((setup.root / "benchmarks").glob("[!_]*.py"))}
    chosen = [scripts[given.name]] if given.name in scripts else [] if given.name else list(scripts.values())
    if not chosen:
        what = f"There is no benchmark called {given.name}." if given.name else "There are no benchmarks."
        raise Refusal(what, "", f"Those in the folder benchmarks are: {', '.join(scripts) or 'none'}.")
    for script in chosen:
        setup.console.say(f"== {script.name}")
        code = setup.runner.hand_over([str(setup.environment.python), str(script)], setup.root)
        if code:
            return code
    return 0


def _wizard(setup: Setup, *arguments: str) -> int:
    return setup.runner.hand_over([str(setup.environment.python), "-m", "wizard", *arguments], setup.root)


COMMANDS: dict[str, Callable[[Setup, argparse.Namespace], int]] = {
    "install": install,
    "demo": demo,
    "run": run,
    "test": test,
    "check": check,
    "bench": bench,
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    main_parser = argparse.ArgumentParser(
        prog="bootstrap.py", description="Install CytoWizard into its own folder and start it."
    )
    commands = main_parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    parsers = {name: commands.add_parser(name, help=doc.__doc__) for name, doc in COMMANDS.items()}
    repairing = "check every file, even if all seems well"
    parsers["install"].add_argument("--repair", action="store_true", help=repairing)
    folder = "folder of results (default: %(default)s)"
    parsers["demo"].add_argument("--project", default="demo-project", help=folder)
    parsers["bench"].add_argument("name", nargs="?", default="", help="file name without .py; all if left out")
    parsers["run"].add_argument("--project", help="project folder to open")
    parsers["test"].epilog = "Further arguments go to pytest, e.g.: test tests/engine -k parse"
    return main_parser


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; what `test` does not know is kept for pytest in `rest`."""
    reader = parser()
    given, rest = reader.parse_known_args(argv)
    if rest and given.command != "test":
        reader.error(f"unknown: {' '.join(rest)}")
    given.rest = rest
    return given


def environment_folder(root: Path) -> Path:
    """Return the folder of the environment: CYTOWIZARD_VENV, else `.venv` in the repository."""
    named = os.environ.get("CYTOWIZARD_VENV")
    return Path(named).expanduser().absolute() if named else root / ".venv"


def main(argv: Sequence[str], root: Path) -> int:
    """Run a command; return 0, 1 (refused, with the reason on stderr), 130 (stopped) or its own code."""
    given = arguments(argv)
    runner, console = Runner(), Console()
    environment = Environment(environment_folder(root), runner)
    heed_termination()
    try:
        host = Host.here()
        return COMMANDS[given.command](Setup(root, host, environment, runner, console), given)
    except KeyboardInterrupt:
        console.say("Stopped. Run the same command again to go on; what was downloaded is kept.")
        return 130
    except (Refusal, OSError) as error:
        console.end_progress()
        if isinstance(error, OSError):
            error = from_os_error(error, f"install into {environment.folder}")
        Console(sys.stderr).say(str(error))
        return 1
