"""The model file: a zip of manifest, weights and card; loading rebuilds the network and checks every weight."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from wizard.engine import ensemble, model_file
from wizard.engine.data import normalisation
from wizard.engine.errors import UserError
from wizard.engine.familiarity import Familiarity
from wizard.engine.networks.base import Shape, build, network

_MOST_MEMBERS = 20
_NETWORK, _FAMILIARITY = "network/", "familiarity/"


@dataclass
class Model:
    """A trained network with all that is needed to use it.

    `manifest` (see `wizard.engine.train`) names classes, channels, frame, normalisation, temperature;
    `network` is the Keras model from (cell, y, x, channel) to logits; that of an ensemble holds `members` of
    the manifest networks of one kind.
    """

    manifest: dict[str, Any]
    network: Any
    familiarity: Familiarity
    features: dict[str, Any] = field(default_factory=dict)
    """Layers of an ensemble by name: the features of its members side by side; empty for a single network."""

    @property
    def classes(self) -> list[str]:
        """Class names in the order of the logits."""
        return list(self.manifest["classes"])

    def save(self, path: Path, card: str) -> Path:
        """Write the model file, whole or not at all."""
        weights = save_tensors(
            {_NETWORK + name: value for name, value in weights_of(self.network).items()}
            | {_FAMILIARITY + name: value for name, value in self.familiarity.arrays().items()}
        )
        return model_file.write(path, self.manifest, weights, card)

    def layer(self, stage: str) -> Any:
        """Return the Keras layer of a stage name, or of a layer's own name; raises UserError otherwise."""
        stages = network(self.manifest["network"]).stages
        name = stages.get(stage, stage)
        if name in self.features:
            return self.features[name]
        known = [layer.name for layer in self.network.layers]
        if name not in known:
            raise UserError(f"The network has no layer {stage!r}.", "", f"Choose one of: {', '.join(stages)}.")
        return self.network.get_layer(name)


def weights_of(net: Any) -> dict[str, NDArray[Any]]:
    """Return a network's weights by their paths (random states of drop-out layers are left out)."""
    return {name: np.asarray(weight.numpy()) for name, weight in ensemble.named_weights(net).items()}


def set_weights(net: Any, values: dict[str, NDArray[Any]]) -> None:
    """Put weights into a network after checking every name, shape and type; raises ValueError."""
    wanted = ensemble.named_weights(net)
    if set(wanted) != set(values):
        odd = sorted(set(wanted) ^ set(values))
        raise ValueError(f"{len(odd)} weights are missing or unknown, the first is {odd[0]}")
    for name, weight in wanted.items():
        value = values[name]
        if tuple(weight.shape) != value.shape or str(weight.dtype) != value.dtype.name:
            raise ValueError(f"the weight {name} is {value.dtype} {value.shape}, expected {tuple(weight.shape)}")
        if not np.isfinite(value).all():
            raise ValueError(f"the weight {name} holds values that are not numbers")
    for name, weight in wanted.items():
        weight.assign(values[name])


def load(path: Path) -> Model:
    """Load a model file. Nothing in it is executed: only names, numbers and arrays are read.

    Raises UserError when the file is missing, damaged, changed, or from a newer version.
    """
    try:
        manifest, weights = model_file.read(path, _check)
        shape: Shape = (*manifest["frame"], len(manifest["channels"]))
        net, features = _built(manifest, shape)
        arrays = load_tensors(weights)
        set_weights(net, under(arrays, _NETWORK))
        familiarity = Familiarity.from_arrays(under(arrays, _FAMILIARITY))
    except FileNotFoundError:
        raise UserError(f"The model {path} does not exist.", "", "Choose a .cytomodel file.") from None
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile, SafetensorError) as error:
        raise UserError(
            f"The model {path.name} cannot be used.",
            f"The file is damaged or was changed: {error}.",
            "Take another copy of the file, or train again.",
        ) from None
    return Model(manifest, net, familiarity, features)


def _built(manifest: dict[str, Any], shape: Shape) -> tuple[Any, dict[str, Any]]:
    """Build the network of a manifest, or all of an ensemble, with the ensemble's layers of features."""
    name, number = manifest["network"], manifest.get("members", 1)
    made = [build(name, shape, len(manifest["classes"]), manifest["options"]) for _ in range(number)]
    return ensemble.combine(made, network(name).stages) if number > 1 else (made[0], {})


def read_manifest(path: Path) -> dict[str, Any]:
    """Return a model file's manifest without building the network; raises UserError."""
    try:
        return model_file.read(path, _check, weights=False)[0]
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(f"The model {path.name} cannot be read.", f"{error}.", "Choose another file.") from None


def read_card(path: Path) -> str:
    """Return a model file's card (Markdown); raises UserError."""
    try:
        model_file.read(path, _check, weights=False)
        with zipfile.ZipFile(path) as archive:
            return archive.read("card.md").decode("utf-8")
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(f"The model {path.name} cannot be read.", f"{error}.", "Choose another file.") from None


def under(arrays: dict[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    """Return the arrays whose names begin with a prefix, without it."""
    return {name[len(prefix) :]: value for name, value in arrays.items() if name.startswith(prefix)}


def _check(path: Path, manifest: dict[str, Any]) -> None:
    model_file.refuse_newer(path, manifest)
    if manifest.get("task") == "stain":
        raise UserError(
            f"The model {path.name} does not tell cells apart.", "It predicts stains.", "Choose another model."
        )
    _check_manifest(manifest)


def _check_manifest(manifest: dict[str, Any]) -> None:
    """Refuse sizes that no cell model has before a network of that size is built; raises ValueError."""
    height, width = (int(side) for side in manifest["frame"])
    whole = [int(side) for side in manifest.get("parsed_frame", manifest["frame"])]
    inside = len(whole) == 2 and height <= whole[0] <= 2048 and width <= whole[1] <= 2048
    limits = (inside, min(height, width) >= 16, max(height, width) <= 2048, 1 <= len(manifest["channels"]) <= 64)
    if not all(limits) or not 2 <= len(manifest["classes"]) <= 10000:
        raise ValueError("its frame, channels or classes are out of bounds")
    if manifest.get("members", 1) not in range(1, _MOST_MEMBERS + 1):
        raise ValueError("the number of its networks is out of bounds")
    if not float(manifest["temperature"]) > 0:
        raise ValueError("its temperature cannot be used")
    normalisation.check(manifest["normalisation"], len(manifest["channels"]))


def newest(models: list[Path], wanted: str) -> Path:
    """Return the wanted model file, else the newest of the project; raises UserError when there is none."""
    if wanted:
        return Path(wanted).expanduser()
    if not models:
        raise UserError("There is no model yet.", "", "Train one first, or choose a .cytomodel file.")
    return models[0]
