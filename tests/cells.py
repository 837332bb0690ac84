"""Made-up images in folders, for tests that need something smaller or odder than the demo cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile

DEMO = Path(__file__).parents[1] / "wizard" / "assets" / "demo"


def write_cell(folder: Path, name: str, image: np.ndarray, channels=(1, 2)) -> None:
    """Write (channels, y, x) as one TIFF per channel."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, plane in zip(channels, image, strict=True):
        tifffile.imwrite(folder / f"{name}_Ch{number}.tif", plane)


def easy_folder(root: Path, per_class: int = 24, side: int = 20, donors: int = 4, seed: int = 0) -> Path:
    """Write two classes that differ in the brightness of channel 2, spread over donors."""
    rng = np.random.default_rng(seed)
    for index in range(per_class):
        donor = "ABCDEFGH"[index % donors]
        for name, level in (("dim", 100), ("bright", 900)):
            image = rng.normal(200, 20, (2, side, side))
            image[1, 5:-5, 5:-5] += level
            folder = root / f"Donor {donor}" / name
            write_cell(folder, f"{name}{index:03d}", np.clip(image, 0, 4095).astype(np.uint16))
    return root
