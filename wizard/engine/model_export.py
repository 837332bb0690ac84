"""A run that writes a model's network for other programs and checks it against the model."""

from __future__ import annotations

from pathlib import Path

from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.export import export
from wizard.export_formats import FORMATS, missing
from wizard.project import Project
from wizard.results_export import ExportResult
from wizard.train_plan import TrainPlan

OPTIONS = ("model", "kind", "output")

_SHARES = {"Loading the model": 0.05, "Writing the network": 0.3, "Checking the answers": 0.6, "Saving": 0.8,
           "Trying 8-bit integers": 0.85}  # fmt: skip


def model_export(
    plan: TrainPlan, project: Project, tell: Tell, folder: Path, model: str = "", kind: str = "onnx", output: str = ""
) -> ExportResult:
    """Write the network of the model file `model` as one of `FORMATS` to `output`; what was written is checked.

    Raises UserError when that is not possible; then nothing was written.
    """
    lacking = missing(kind)
    if lacking:
        raise UserError(
            f"{FORMATS[kind].title} cannot be written on this computer.",
            f"An optional part of the program is not installed: {', '.join(lacking)}.",
            "Choose another format, or ask for the part to be installed.",
        )
    said: list[str] = []
    source = Path(model)
    source = source if source.is_absolute() else project.root / source
    made = export(source, kind, Path(output), said.append, lambda label: tell.progress(_SHARES[label], label))
    tell.progress(1.0, "")
    size = made.stat().st_size if made.is_file() else sum(p.stat().st_size for p in made.rglob("*") if p.is_file())
    return ExportResult(
        model=source.name, kind=kind, output=str(made.resolve()), bytes=size, checked=said[0], remarks=said[1:]
    )
