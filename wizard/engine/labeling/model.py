"""The model file for stains: a zip of manifest, weights and card, as for cells; nothing in it is executed.

The manifest names network, head, stains, planes, preparation, grey levels and the range of the training pictures.
A model may hold several sets of weights (`members`), of one or more networks, each for some of the stains.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from wizard.engine import model_file
from wizard.engine.errors import UserError
from wizard.engine.labeling.heads import HEADS, Head, head
from wizard.engine.labeling.networks.base import NETWORKS, Sides, build, network
from wizard.engine.labeling.preparing.levels import Levels, from_dict
from wizard.engine.labeling.preparing.operations import OPERATIONS
from wizard.engine.labeling.preparing.quality import Ranges
from wizard.engine.model import set_weights, under
from wizard.project import newest_models

TASK = "stain"
_MOST, _MOST_NETWORKS = 64, 8
Arrays = dict[str, NDArray[Any]]


@dataclass
class StainModel:
    """What a model file holds; `weights` has one set for each of the manifest's `members`, by path in the network."""

    manifest: dict[str, Any]
    weights: list[Arrays]

    @property
    def labels(self) -> list[str]:
        """All stains in the order of the network's raw channels; with autoencoding planes come behind them."""
        return list(self.manifest["labels"])

    @property
    def stains(self) -> list[str]:
        """The stains that are predicted for the user."""
        return self.labels[: self.manifest["stains"]]

    @property
    def planes(self) -> int:
        """Planes of transmitted light that go in."""
        return int(self.manifest["planes"])

    @property
    def head(self) -> Head:
        """What is told of each pixel."""
        return head(self.manifest["head"])

    @property
    def members(self) -> list[list[str]]:
        """The stains for which each set of weights is used."""
        return [list(labels) for labels in self.manifest["members"]]

    @property
    def widths(self) -> list[float]:
        """By how much the interval of each stain is widened; 1 = as the network says."""
        found = self.manifest.get("widths", {})
        return [float(found.get(label, 1.0)) for label in self.stains]

    @property
    def levels(self) -> dict[str, Levels]:
        """Grey levels of `light` and of each stain."""
        return {name: from_dict(found) for name, found in self.manifest["levels"].items()}

    @property
    def ranges(self) -> Ranges:
        """What the transmitted light of the training looked like."""
        return Ranges.from_dict(self.manifest["ranges"])

    def network(self, member: int = 0, sides: Sides = (None, None)) -> Any:
        """Return the Keras model with a set of weights, from planes to raw channels."""
        found = self.manifest
        net = build(found["network"], self.planes, self.labels, found["head"], sides, **found["options"])
        set_weights(net, self.weights[member])
        return net

    def save(self, path: Path, card: str) -> Path:
        """Write the model file, whole or not at all."""
        data = save_tensors(
            {f"{number}/{name}": value for number, set_ in enumerate(self.weights) for name, value in set_.items()}
        )
        self.manifest["task"] = TASK
        return model_file.write(path, self.manifest, data, card)


def load(path: Path) -> StainModel:
    """Load a model file; raises UserError when it is missing, damaged, newer, or one that tells cells apart."""
    try:
        manifest, data = model_file.read(path, _check)
        arrays = load_tensors(data)
        sets: list[Arrays] = [under(arrays, f"{number}/") for number in range(len(manifest["members"]))]
        made = StainModel(manifest, sets)
        for number in range(len(sets)):
            made.network(number)
        return made
    except FileNotFoundError:
        raise UserError(f"The model {path} does not exist.", "", "Choose a .cytomodel file.") from None
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile, SafetensorError) as error:
        raise UserError(
            f"The model {path.name} cannot be used.",
            f"The file is damaged or was changed: {error}.",
            "Take another copy of the file, or train again.",
        ) from None


def _check(path: Path, manifest: dict[str, Any]) -> None:
    if manifest.get("task") != TASK:
        raise UserError(
            f"The model {path.name} does not predict stains.", "It tells cells apart.", "Choose another model."
        )
    model_file.refuse_newer(path, manifest)
    _check_manifest(manifest)


def _check_manifest(manifest: dict[str, Any]) -> None:
    """Refuse what no model for stains says, before anything of that size is built; raises ValueError."""
    labels, planes = manifest["labels"], manifest["planes"]
    if (
        not isinstance(labels, list)
        or not all(isinstance(label, str) for label in labels)
        or not isinstance(planes, int)
    ):
        raise ValueError("its stains or planes cannot be read")
    if not 1 <= planes <= _MOST or not 1 <= len(labels) <= 2 * _MOST or not 1 <= manifest["stains"] <= len(labels):
        raise ValueError("its stains or planes are out of bounds")
    if manifest["network"] not in NETWORKS or manifest["head"] not in HEADS:
        raise ValueError("its network or head is unknown")
    if not set(manifest["prepare"]) <= set(OPERATIONS):
        raise ValueError("its preparation is unknown")
    if not all(0.01 <= float(width) <= 100 for width in manifest.get("widths", {}).values()):
        raise ValueError("its intervals are out of bounds")
    for name in ("light", *labels[: manifest["stains"]]):
        from_dict(manifest["levels"][name])
    used = [label for member in manifest["members"] for label in member]
    networks = len(used) // len(labels)
    most = networks * len(labels)
    if (
        not 1 <= networks <= _MOST_NETWORKS
        or len(manifest["members"]) > most
        or (sorted(used) != sorted([*labels] * networks))
    ):
        raise ValueError("its sets of weights do not fit its stains")
    _check_options(manifest["options"])


def _check_options(options: dict[str, Any]) -> None:
    limits = {"width": (0.05, 8.0), "dropout": (0.0, 0.9), "base": (8, 2000), "projection": (0, 256)}
    for name, value in options.items():
        low, high = limits.get(name, (1, 0))
        if not isinstance(value, (int, float)) or not low <= value <= high:
            raise ValueError(f"its option {name} cannot be used")


def models(root: Path) -> list[Path]:
    """Return the models for stains of a project, newest first."""
    return newest_models(root / "models" / "stains")


def chosen(root: Path, wanted: str) -> Path:
    """Return the wanted model file, else the newest of the project; raises UserError when there is none."""
    if wanted:
        return Path(wanted).expanduser()
    found = models(root)
    if not found:
        raise UserError("There is no model for stains yet.", "", "Train one first, or choose a .cytomodel file.")
    return found[0]


def decoded_order(model: StainModel) -> list[tuple[list[int], str]]:
    """Return (sets of weights, stain) for each stain that is predicted, in order; the sets' answers are averaged."""
    return [
        ([number for number, labels in enumerate(model.members) if label in labels], label) for label in model.stains
    ]


def entry_of(model: StainModel) -> Any:
    """Return the registry's entry of a model's network."""
    return network(model.manifest["network"])
