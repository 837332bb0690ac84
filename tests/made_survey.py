"""A hand-made look through the images with real pixels of the demo cells, for tests of the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from tests.made_results import CHANNELS, CLASSES, DEMO
from wizard import results
from wizard.frame_size import sides
from wizard.project import Project
from wizard.results import Cue, PreviewCell, SurveyResult

FRAME = 48


def write_survey(project: Project, created: str = "2026-01-15T10:20:00+00:00", cells: int = 12) -> SurveyResult:
    """Write results/survey as the engine does: result.json and preview.npz."""
    folder = project.result_dir("survey")
    folder.mkdir(parents=True, exist_ok=True)
    result = SurveyResult(
        step="survey", id=f"survey-{created}", created=created, seconds=2.4,
        settings=project.plan.parse.model_dump(),
        n_cells=243, n_files=729, formats={"TIFF, one file per channel": 243}, dtypes={"uint16": 243},
        facts={"Magnification": "60x", "Pixel size": "0.33 µm", "Instrument": "ImageStream X"},
        channels=[channel.model_copy() for channel in CHANNELS], kept=[3, 4, 6],
        sizes={"p0": 24, "p5": 30, "p50": 36, "p95": 46, "p100": 55},
        frame=sides(project.plan.parse.frame) or (FRAME, FRAME), suggested=FRAME, cropped=9,
        raw_tags={
            "level_1": {"Experiment_1": 243}, "level_2": {"Part_1": 81, "Part_2": 81, "Part_3": 81},
            "class": {"G1": 66, "G2": 66, "Metaphase": 45, "Prophase": 66},
            "population": {"R1": 120, "R2": 103, "": 20},
        },
        origins={
            "level_1": "folder level 1", "level_2": "folder level 2", "class": "innermost folder",
            "population": "population",
        },
        populations={"All": 243, "Focused": 230, "R1": 120, "R2": 103}, target="class", group="level_2",
        cues=CUES, preview=_preview(folder, cells),
    )  # fmt: skip
    result.tags = {tag: dict(values) for tag, values in result.raw_tags.items()}
    results.save(result, folder)
    return result


CUES = [
    Cue(
        level="problem", subject="Mixed channels", count=12, files=["run7/a_Ch3.tif", "run7/b_Ch3.tif"],
        text="12 cells lack the channels Ch4 and Ch6 that the others have.",
        action="Choose the channels that all cells have, or take these files out.",
    ),
    Cue(
        level="warning", subject="Frame size", count=9,
        text="9 cells (3.7 %) are larger than the frame of 48 px and would lose their borders.",
        action="Use a larger frame, or let larger cells be shrunk.",
    ),
    Cue(
        level="warning", subject="Saturated", count=4, files=[f"Part_1/G1/cell_{n}.tif" for n in range(7)],
        text="4 cells have more than 1 % of their pixels at the top of the scale in Ch4.",
        action="Their brightness cannot be compared.",
    ),
    Cue(level="note", subject="Duplicates", count=2, text="2 cells are pixel for pixel the same as others.",
        action="They stay on one side of the split."),
]  # fmt: skip


def _preview(folder: Path, cells: int) -> list[PreviewCell]:
    """Write preview.npz: cells of all classes, cropped tightly, with a mask where the cell is dark in Ch3."""
    arrays: dict[str, np.ndarray] = {}
    listed = []
    for index in range(cells):
        name = CLASSES[index % len(CLASSES)]
        path = sorted(DEMO.glob(f"*/*/{name}/*_Ch3.tif"))[index // len(CLASSES) * 3]
        raw = np.stack([np.asarray(Image.open(str(path).replace("_Ch3", f"_{channel.name}"))) for channel in CHANNELS])
        trim = index % 4
        raw = raw[:, trim : raw.shape[1] - trim, : raw.shape[2] - 2 * trim]
        mask = np.broadcast_to(_inside(raw[0]), raw.shape).astype(np.uint8)
        arrays |= {f"raw_{index}": raw, f"mask_{index}": mask}
        arrays |= {f"framed_{index}": _framed(raw, True), f"framed_mask_{index}": _framed(mask, False)}
        listed.append(PreviewCell(label=name, source=path.name, object=0))
    np.savez(folder / "preview.npz", **arrays)  # type: ignore[arg-type]
    return listed


def _inside(plane: np.ndarray) -> np.ndarray:
    away = np.abs(plane.astype(np.float32) - np.median(plane))
    rough = Image.fromarray(((away > 5 * np.median(away)) * 255).astype(np.uint8))
    return np.asarray(rough.filter(ImageFilter.MaxFilter(7)).filter(ImageFilter.MinFilter(7))) > 0


def _framed(planes: np.ndarray, fill: bool) -> np.ndarray:
    height, width = planes.shape[1:]
    framed = np.zeros((len(planes), FRAME, FRAME), planes.dtype)
    if fill:
        framed[:] = np.median(planes, axis=(1, 2))[:, None, None].astype(planes.dtype)
    cut = planes[:, max(0, (height - FRAME) // 2) :, max(0, (width - FRAME) // 2) :][:, :FRAME, :FRAME]
    top, left = (FRAME - cut.shape[1]) // 2, (FRAME - cut.shape[2]) // 2
    framed[:, top : top + cut.shape[1], left : left + cut.shape[2]] = cut
    return framed
