"""What a report over a whole project rests on: the results by step, and where they come from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from wizard import fileio
from wizard.plan import LABEL, PLAN_OF, step_settings
from wizard.reports.pseudonyms import Names
from wizard.reports.sections.common import model_name, named
from wizard.results import (
    EvaluateResult,
    ExplainResult,
    ExtractResult,
    ParseResult,
    PredictResult,
    StepResult,
    TrainResult,
    VisualizeResult,
)

_PIECE = 4 << 20


@dataclass(frozen=True)
class Origin:
    """A file or data set with its checksum: what it is, its name, the checksum."""

    what: str
    name: str
    checksum: str


@dataclass(frozen=True)
class Study:
    """The results of a project by step, with the checksums of its files."""

    name: str
    results: Mapping[str, StepResult]
    origins: list[Origin] = field(default_factory=list)
    sources: list[tuple[str, int, str]] = field(default_factory=list)
    """Path, cells and SHA-256 of everything that was read."""

    def _of(self, step: str) -> Any:
        return self.results.get(step)

    def result(self, step: str) -> Any:
        """Return the result of a step, None when it was not done."""
        return self.results.get(step)

    @property
    def of_stains(self) -> bool:
        """Whether the project predicts stains."""
        return any(step.startswith(LABEL) for step in self.results)

    @property
    def parsed(self) -> ParseResult | None:
        """The data set."""
        return self._of("parse")

    @property
    def trained(self) -> TrainResult | None:
        """The training."""
        return self._of("train")

    @property
    def judged(self) -> EvaluateResult | None:
        """The evaluation."""
        return self._of("evaluate")

    @property
    def explained(self) -> ExplainResult | None:
        """The explanation."""
        return self._of("explain")

    @property
    def predicted(self) -> PredictResult | None:
        """The predictions."""
        return self._of("predict")

    @property
    def extracted(self) -> ExtractResult | None:
        """The features."""
        return self._of("extract")

    @property
    def mapped(self) -> VisualizeResult | None:
        """The maps."""
        return self._of("visualize")

    @property
    def versions(self) -> dict[str, str]:
        """Versions of the program and its libraries, those of the last result first."""
        found: dict[str, str] = {}
        for result in reversed(list(self.results.values())):
            found = {**result.versions, **found}
        return found

    def setting(self, step: str, name: str) -> Any:
        """Return a setting with which a step was done; None when it is not known."""
        result = self.results.get(step)
        return None if result is None else result.settings.get(name)

    def words(self, step: str, name: str) -> str:
        """Return a setting in the words of the form; empty when it is not known."""
        value = self.setting(step, name)
        for item in step_settings(PLAN_OF.get(step, step)):
            if item.name == name and value is not None:
                return str(named(item, value))
        return ""


def study_of(root: Path, name: str, results: Iterable[StepResult]) -> Study:
    """Gather what a report needs from a project's folder; the checksum of a large model takes some seconds."""
    by_step = {result.step: result for result in results}
    origins, sources = _data(root, by_step.get("parse"))
    origins += _models(root, by_step.values())
    plan = root / "plan.toml"
    if plan.is_file():
        origins.append(Origin("Settings of all steps (SHA-256)", plan.name, sha256(plan)))
    return Study(name, by_step, origins, sources)


def _data(root: Path, parsed: Any) -> tuple[list[Origin], list[tuple[str, int, str]]]:
    if parsed is None or not parsed.data_set:
        return [], []
    try:
        info = fileio.read_json(root / parsed.data_set / "dataset.json")
        sources = [(str(one["path"]), int(one["n_cells"]), str(one.get("sha256", ""))) for one in info["sources"]]
        return [Origin("Data set (fingerprint)", parsed.data_set, str(info["fingerprint"]))], sources
    except (OSError, ValueError, KeyError, TypeError):
        return [], []


def _models(root: Path, results: Iterable[StepResult]) -> list[Origin]:
    paths = {str(getattr(result, "model", "")) for result in results} - {""}
    found = []
    for path in sorted(paths):
        place = Path(path) if Path(path).is_absolute() else root / path
        if place.is_file():
            found.append(Origin("Model file (SHA-256)", model_name(path), sha256(place)))
    return found


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def nameless(study: Study, results: Iterable[StepResult], names: Names) -> Study:
    """Return the study with stand-ins for all names; the checksums of single files are left out."""
    origins = [replace(one, name=names.text(one.name)) for one in study.origins]
    sources = [(names.source(path), cells, "") for path, cells, _ in study.sources]
    return Study("Project", {result.step: result for result in results}, origins, sources)
