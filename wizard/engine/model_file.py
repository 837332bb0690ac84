"""The file of a model, for cells or for stains: a zip of manifest, weights and card; nothing in it is executed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wizard import fileio
from wizard.engine.errors import UserError

SCHEMA = 1
MEMBERS = ("manifest.json", "weights.safetensors", "card.md")
_LIMITS = {"manifest.json": 16 * 2**20, "weights.safetensors": 4 * 2**30, "card.md": 2**20}

Manifest = dict[str, Any]


def write(path: Path, manifest: Manifest, weights: bytes, card: str) -> Path:
    """Write a model file, whole or not at all; schema and the checksum of the weights are put into the manifest."""
    manifest["schema"], manifest["weights_sha256"] = SCHEMA, hashlib.sha256(weights).hexdigest()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False))
        archive.writestr("weights.safetensors", weights)
        archive.writestr("card.md", card)
    return fileio.write_bytes(path, packed.getvalue())


def read(path: Path, check: Callable[[Path, Manifest], None], weights: bool = True) -> tuple[Manifest, bytes]:
    """Return manifest and weights (or no weights) of a model file; `check` refuses manifests before weights are read.

    Raises OSError, KeyError, TypeError, ValueError or zipfile.BadZipFile for a file that is missing or damaged.
    """
    with zipfile.ZipFile(path) as archive:
        infos = {info.filename: info for info in archive.infolist()}
        if sorted(infos) != sorted(MEMBERS) or len(archive.infolist()) != len(MEMBERS):
            raise ValueError("it does not hold exactly a manifest, weights and a card")
        for name, info in infos.items():
            if info.file_size > _LIMITS[name] or info.compress_type != zipfile.ZIP_STORED:
                raise ValueError(f"its part {name} is too large or compressed")
        manifest = json.loads(archive.read("manifest.json"))
        if not isinstance(manifest, dict) or not isinstance(manifest.get("schema"), int):
            raise ValueError("its manifest is not one of a model")
        check(path, manifest)
        data = archive.read("weights.safetensors") if weights else b""
    if weights and hashlib.sha256(data).hexdigest() != manifest["weights_sha256"]:
        raise ValueError("the weights do not match their checksum")
    return manifest, data


def refuse_newer(path: Path, manifest: Manifest) -> None:
    """Raise UserError for a model that a newer version of the program made."""
    if manifest["schema"] > SCHEMA:
        raise UserError(f"The model {path.name} was made by a newer CytoWizard.", "", "Update this program.")
