"""Small pictures with known nuclei, for the tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage


def nuclei(seed=0, height=128, width=160, count=12, radius=6.0):
    """A stain (y, x) in 0..1 with round nuclei, and their centres (n, 2)."""
    rng = np.random.default_rng(seed)
    centres: list[tuple[float, float]] = []
    while len(centres) < count:
        y, x = rng.uniform(radius * 2, height - radius * 2), rng.uniform(radius * 2, width - radius * 2)
        if all((y - a) ** 2 + (x - b) ** 2 > (3 * radius) ** 2 for a, b in centres):
            centres.append((y, x))
    rows, columns = np.mgrid[:height, :width]
    stain = np.full((height, width), 0.2)
    for y, x in centres:
        stain += 0.25 * (1 - np.tanh((np.hypot(rows - y, columns - x) - radius) * 0.75))
    return stain.astype(np.float32), np.array(centres)


def light(stain, planes=5, seed=0):
    """A transmitted-light stack (plane, y, x) in 0..1 in which the nuclei of a stain show as reliefs."""
    rng = np.random.default_rng(seed)
    made = []
    for z in range(planes):
        away = abs(z - planes // 2) + 1.0
        relief = ndimage.gaussian_filter(stain, away) - ndimage.gaussian_filter(stain, away + 2)
        made.append(0.5 + relief * (1.5 if z >= planes // 2 else -1.5))
    return np.clip(np.array(made) + rng.normal(0, 0.02, (planes, *stain.shape)), 0, 1).astype(np.float32)


def save(path: Path, image, dtype=np.uint16):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((np.clip(image, 0, 1) * np.iinfo(dtype).max).round().astype(dtype)).save(path)
    return path


def published_field(folder: Path, seed=0, planes=5, well="A1", stains=("DAPI_CONFOCAL", "MAP2_CONFOCAL"), **size):
    """Write a field with the published names; returns (stack, {stain: picture})."""
    stain, _ = nuclei(seed, **size)
    stack = light(stain, planes, seed)
    head = f"lab-TEST,condition-A,acquisition_date,year-2015,well-{well},tile_computation-STITCHED"
    for z, plane in enumerate(stack):
        save(folder / f"{head},z_depth-{z},channel-PHASE_CONTRAST,is_mask-false.png", plane)
    found = {}
    for number, name in enumerate(stains):
        found[name] = stain if number == 0 else ndimage.gaussian_filter(stain, 3 * number)
        save(folder / f"{head},depth_computation-MAXPROJECT,channel-{name},is_mask-false.png", found[name])
    return stack, found
