"""8-bit integers instead of float32: made once for a model, proven on its validation cells, kept beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio, runs
from wizard.engine.cells import of_model
from wizard.engine.data import normalisation
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.inference import convert
from wizard.engine.inference.base import Floats, Inference, in_short
from wizard.engine.inference.engines import OpenVino
from wizard.engine.inference.running import run

if TYPE_CHECKING:
    from wizard.engine.events import Tell
    from wizard.engine.model import Model
    from wizard.engine.training.parts import Parts
    from wizard.project import Project

LEAST_AGREEMENT, MOST_LOSS = 0.995, 0.005
"""Share of the cells whose top class must stay, and most that a class's recall may fall."""
WORTH_SECONDS = 60.0
"""A run that takes longer in float32 is worth the making (some seconds, once for a model)."""
NAMES = ("logits", "pool")
"""Outputs of the kept network."""
_RECIPE = 1
"""Raised when they are made in another way, so that those kept before are made anew."""
_CALIBRATION = 300
_HEAVY = ("Convolution", "GroupConvolution")
_LIGHT = ("MatMul", "ReduceMean", "ReduceMax", "Multiply")
"""Left in float32 where there are convolutions, whose cost dwarfs theirs."""
_FEW = 30
"""Up to so many convolutions the thorough correction of biases takes seconds."""
_XML, _WEIGHTS, _CHECK = "model.xml", "model.bin", "check.json"


@dataclass(frozen=True)
class Check:
    """What the validation cells said: shares of `n_cells`; `class_name` lost most recall, `loss` (in 0..1)."""

    n_cells: int
    agreement: float
    loss: float
    class_name: str
    accuracy: float
    accuracy_float32: float
    familiarity_agreement: float

    @property
    def passed(self) -> bool:
        """True when 8-bit integers may be used."""
        return min(self.agreement, self.familiarity_agreement) >= LEAST_AGREEMENT and self.loss <= MOST_LOSS

    def words(self) -> str:
        """Say the figures."""
        return (
            f"on the model's {self.n_cells:,} validation cells the same class is named for {self.agreement:.2%}, "
            f"\u201cunlike the training cells\u201d is judged the same for {self.familiarity_agreement:.2%}, and "
            f"{_recall(self)}; accuracy {self.accuracy:.2%}, in float32 {self.accuracy_float32:.2%}"
        )


def _recall(check: Check) -> str:
    if check.loss <= 0:
        return "no class's recall falls"
    return f"recall falls by at most {100 * check.loss:.2f} points (class {check.class_name})"


def instead_of(
    floats: OpenVino, model: Model, layers: Sequence[Any], project: Project, tell: Tell, many: bool, wanted: str,
    seconds: float,
) -> Inference:  # fmt: skip
    """Return the same in 8-bit integers if they are proven right, else `floats`; the user is told which and why.

    `wanted` is "int8" or "auto"; with the latter they are only made when float32 takes `seconds` above a minute.
    """
    known = made(model, layers, project, tell, wanted == "auto" and seconds < WORTH_SECONDS)
    if known is None:
        return floats
    if isinstance(known, str):
        if wanted == "int8":
            tell.notice("warning", f"8-bit integers are not used: {known}.")
        return floats
    check, network = known
    if network is None:
        tell.notice(
            "warning" if wanted == "int8" else "info",
            f"8-bit integers failed their check, so float32 is used: {check.words()}.",
        )
        return floats
    tell.notice("info", f"8-bit integers are used: {check.words()}.")
    return engine(network, model, layers, many)


def engine(network: Any, model: Model, layers: Sequence[Any], many: bool) -> OpenVino:
    """Return an engine for the wanted ones of an 8-bit network's outputs."""
    names = [NAMES[_outputs(model).index(layer)] for layer in layers]
    return OpenVino(with_outputs(network, names), Inference(model.network, layers).model, "int8", many)


def with_outputs(network: Any, names: Sequence[str]) -> Any:
    """Return an OpenVINO network that has only the named outputs, in that order."""
    ov = convert.openvino()
    ends = []
    for name in names:
        ends.append(ov.opset13.result(network.output(name).get_node().input_value(0)))
        ends[-1].output(0).tensor.set_names({name})
    return ov.Model(ends, network.get_parameters(), "int8")


def made(
    model: Model, layers: Sequence[Any], project: Project, tell: Tell, only_kept: bool
) -> tuple[Check, Any] | str | None:
    """Return check and 8-bit network (None if it failed) of a model, as kept or newly made.

    Otherwise says why there is none, or returns None when `only_kept` and nothing is kept.
    """
    if model.features:
        return "they are not made for several networks in one model"
    if any(layer not in _outputs(model) for layer in layers):
        return "they are made for the classes and the layer pool only"
    folder = place(model, project)
    found = _kept(folder, model)
    if found is not None or only_kept:
        return found
    known = _known_cells(model, project)
    if isinstance(known, str):
        return known
    tell.progress(0.0, "Preparing 8-bit integers (once for this model)")
    try:
        network, check = _make(model, *known, tell)
    except ImportError:
        return "NNCF, which makes them, is not installed"
    except (RuntimeError, ValueError) as error:
        return f"they cannot be made for this network ({in_short(error)})"
    _keep(folder, model, network, check)
    return check, network if check.passed else None


def _outputs(model: Model) -> list[Any]:
    return [model.network.layers[-1], model.layer("pool")]


def place(model: Model, project: Project) -> Path:
    """Return the folder beside the model file in which its 8-bit network is kept."""
    own = str(model.manifest["id"])
    stem = next((path.stem for path in project.models() if path.stem.endswith(own)), own)
    return project.root / "models" / f"{stem}.int8"


def _known_cells(model: Model, project: Project) -> tuple[DataSet, Parts] | str:
    """Return the project's cells with those that the model learned and was validated on, or why they are not known."""
    from wizard.engine.training import keeping

    record = runs.load(project, str(model.manifest.get("run") or ""))
    if record is None:
        return "the project has no record of this model's training, so its validation cells are not known"
    try:
        data = of_model(DataSet.open(project.data_set(project.plan.parse.name)), model.manifest)
        parts = keeping.kept_parts(project, record, data)
        fits = keeping.cells_digest(data, record.target) == record.cells and parts.classes == model.classes
    except (OSError, ValueError, UserError):
        fits = False
    return (data, parts) if fits else "the project's cells are no longer those of this model's training"


def _make(model: Model, data: DataSet, parts: Parts, tell: Tell) -> tuple[Any, Check]:
    network = quantised(model, data, parts.train, tell)
    layers = _outputs(model)
    check = _compare(model, engine(network, model, layers, True), data, parts, tell)
    return network, check


def quantised(model: Model, data: DataSet, rows: NDArray[np.int64], tell: Tell) -> Any:
    """Return the OpenVINO network in 8-bit integers whose ranges are those of some of the cells in `rows`.

    Post-training quantisation of NNCF. Raises ImportError without it, RuntimeError or ValueError when it fails.
    """
    convert.openvino()
    import nncf

    some = rows[np.unique(np.linspace(0, len(rows) - 1, _CALIBRATION).astype(np.int64))]
    images = normalisation.apply(data.load(some), model.manifest["normalisation"])
    return quantise(Inference(model.network, _outputs(model)).model, images, nncf, tell)


def quantise(plain: Any, images: Floats, nncf: Any, tell: Tell, thorough: bool = True) -> Any:
    """Quantise a Keras model with two outputs; `images` (cell, y, x, channel) give the ranges.

    It is made less `thorough` where only its speed matters.
    """

    def cells() -> Iterator[Floats]:
        for place in range(len(images)):
            tell.check_cancel()
            yield images[place : place + 1]

    nncf.set_log_level(40)
    found = convert.to_openvino(plain, NAMES)
    heavy = [op.get_friendly_name() for op in found.get_ordered_ops() if op.get_type_name() in _HEAVY]
    # The first convolution sees the raw grey levels; the figures beside the convolutions cost next to nothing.
    left = nncf.IgnoredScope(names=heavy[:1], types=list(_LIGHT), validate=False) if heavy else nncf.IgnoredScope()
    return nncf.quantize(
        found, nncf.Dataset(list(cells())), preset=nncf.QuantizationPreset.MIXED, subset_size=len(images),
        ignored_scope=left, fast_bias_correction=not thorough or len(heavy) > _FEW,
    )  # fmt: skip


def _compare(model: Model, ours: Inference, data: DataSet, parts: Parts, tell: Tell) -> Check:
    """Compare the answers for the validation cells with those of Keras."""
    from wizard.engine.inference.choosing import openvino_engine

    layers, constants = _outputs(model), model.manifest["normalisation"]
    floats = openvino_engine(Inference(model.network, layers).model, True)
    rows, true = parts.validation, parts.class_of[parts.validation]
    answers = [run(one, data, rows, constants, lambda *_: tell.check_cancel()) for one in (floats, ours)]
    (before, now), (features, own) = ([pair[place] for pair in answers] for place in (0, 1))
    was, named = before.argmax(axis=1), now.argmax(axis=1)
    losses = [
        float((was[true == number] == number).mean() - (named[true == number] == number).mean())
        if (true == number).any() else 0.0
        for number in range(len(model.classes))
    ]  # fmt: skip
    worst = int(np.argmax(losses))
    unlike = [model.familiarity.unfamiliar(found.reshape(len(found), -1)) for found in (features, own)]
    return Check(
        n_cells=len(rows), agreement=float((was == named).mean()), loss=losses[worst],
        class_name=model.classes[worst], accuracy=float((named == true).mean()),
        accuracy_float32=float((was == true).mean()), familiarity_agreement=float((unlike[0] == unlike[1]).mean()),
    )  # fmt: skip


def _maker() -> dict[str, Any]:
    """Return what an 8-bit network depends on besides the weights: other programs and processors round otherwise."""
    ov = convert.openvino()
    processor = str(ov.Core().get_property("CPU", "FULL_DEVICE_NAME"))
    return {"recipe": _RECIPE, "openvino": ov.__version__, "processor": processor}


def _sums(*files: bytes) -> list[str]:
    return [hashlib.sha256(data).hexdigest() for data in files]


def _keep(folder: Path, model: Model, network: Any, check: Check) -> None:
    """Write the network (if it passed) and the figures of its check, whole or not at all."""
    files = convert.openvino_files(network) if check.passed else (b"", b"")
    facts = {
        "weights_sha256": model.manifest["weights_sha256"], **_maker(),
        "files_sha256": _sums(*files),
        "passed": check.passed, "check": asdict(check),
    }  # fmt: skip
    with fileio.fresh_folder(folder) as staging:
        if check.passed:
            fileio.write_bytes(staging / _XML, files[0])
            fileio.write_bytes(staging / _WEIGHTS, files[1])
        fileio.write_json(staging / _CHECK, facts)


def _kept(folder: Path, model: Model) -> tuple[Check, Any] | None:
    """Return what is kept for these very weights, program and processor; None when it is not there or was changed."""
    try:
        facts = json.loads((folder / _CHECK).read_text(encoding="utf-8"))
        check = Check(**facts["check"])
        wanted = {"weights_sha256": model.manifest["weights_sha256"], **_maker()}
        if any(facts[name] != value for name, value in wanted.items()):
            return None
        if not check.passed:
            return check, None
        xml, weights = ((folder / name).read_bytes() for name in (_XML, _WEIGHTS))
        return (check, convert.from_files(xml, weights)) if _sums(xml, weights) == facts["files_sha256"] else None
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None
