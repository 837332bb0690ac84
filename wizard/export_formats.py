"""The formats in which a model can be handed to other programs; light, so that the window can offer them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True)
class Format:
    """A format: its title, what it is for, the ending of its file ("" = a folder), the Python packages it needs."""

    title: str
    good_for: str
    suffix: str
    needs: tuple[str, ...] = ()


FORMATS = {
    "onnx": Format("ONNX", "One file that most programs and languages read.", ".onnx", ("onnxruntime", "tf2onnx")),
    "openvino": Format("OpenVINO", "Two files, fastest on Intel processors; 8-bit integers beside them where they "
                       "prove right.", ".xml", ("openvino",)),
    "savedmodel": Format("SavedModel", "A folder for TensorFlow programs and servers.", ""),
    "keras": Format("Keras", "One file to go on with in Python.", ".keras"),
}  # fmt: skip


def missing(kind: str) -> list[str]:
    """Return the packages that a format needs and this computer lacks."""
    return [name for name in FORMATS[kind].needs if find_spec(name) is None]
