"""How fast networks train on this computer: what was truly measured, kept in the user's folder."""

from __future__ import annotations

import hashlib
import json
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from wizard import __version__, fileio, recent
from wizard.augmentation_plan import AugmentationPlan
from wizard.train_plan import TrainPlan

FILE = "speeds.json"
MOST = 300
"""Measurements that are kept; the oldest go first."""

_SHAPING = (
    "network", "start", "intensities", "dropout", "freeze", "freeze_layers", "crop", "optimizer", "loss", "averaging",
    "mixup", "cutmix", "normalisation", "augmentation", "deterministic",
)  # fmt: skip
"""Settings on which the time of a step depends; all others change only how many steps there are."""


class Speed(BaseModel):
    """Seconds that a training takes here: for a cell that is learned, a cell that is judged, and besides."""

    learn: float
    judge: float
    epoch: float = 0.0
    """For each epoch besides, mostly for its checkpoint."""
    opening: float = 0.0
    """From the start to the first epoch."""
    closing: float = 0.0
    """From the last epoch to the result."""
    real: bool = False
    """True when it was taken from a whole training, not from a few steps."""
    created: str = ""

    def epoch_seconds(self, learned: int, judged: int) -> float:
        """Return the seconds of an epoch that shows so many cells and is judged on so many others."""
        return self.learn * learned + self.judge * judged + self.epoch


def key(plan: TrainPlan, shape: tuple[int, int, int], dtype: str, batch: int, cores: int) -> str:
    """Return what a speed is kept under: computer, versions, network, input, batch and what else shapes a step.

    `shape` is height, width and channels as the data set holds them.
    """
    settings: dict[str, Any] = {name: getattr(plan, name) for name in _SHAPING}
    if plan.augmentation == "own":
        settings |= {name: getattr(plan, name) for name in AugmentationPlan.model_fields}
    if plan.start:
        settings["start"] = _file_mark(plan.start)
    text = json.dumps([_computer(), cores, settings, shape, dtype, batch], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def find(name: str) -> Speed | None:
    """Return what was measured under a key on this computer, None when nothing was."""
    try:
        return Speed.model_validate(_stored()[name])
    except (KeyError, ValidationError):
        return None


def keep(name: str, speed: Speed) -> None:
    """Keep a speed; a disk that refuses costs only the memory of it."""
    stored = {**_stored(), name: speed.model_dump()}
    newest = sorted(stored, key=lambda one: str(stored[one].get("created", "")))[-MOST:]
    try:
        fileio.write_json(recent.folder() / FILE, {one: stored[one] for one in newest})
    except OSError:
        return


def changed() -> int:
    """Return a number that is another one when speeds were measured since."""
    try:
        return (recent.folder() / FILE).stat().st_mtime_ns
    except OSError:
        return 0


def _stored() -> dict[str, dict[str, Any]]:
    try:
        found = fileio.read_json(recent.folder() / FILE)
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, dict)}


@cache
def _computer() -> list[str]:
    found = [platform.node(), platform.machine(), platform.system(), __version__]
    for name in ("keras", "tensorflow-cpu", "tensorflow"):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return found


def _file_mark(path: str) -> list[Any]:
    try:
        facts = Path(path).expanduser().stat()
    except OSError:
        return [path]
    return [path, facts.st_size, facts.st_mtime_ns]
