"""Step 2: raw images to a data set with tags and an honest hold-out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine import gallery
from wizard.engine.data import build, splits
from wizard.engine.data import tags as tag_rules
from wizard.engine.data.dataset import DataSet, write_cells
from wizard.engine.data.discover import Found, choose_channels, discover
from wizard.engine.data.frames import MIN_FRAME
from wizard.engine.errors import UserError
from wizard.engine.events import Level, Tell
from wizard.plan import ParsePlan
from wizard.project import Project
from wizard.results import ParseResult, Skipped


def parse(plan: ParsePlan, project: Project, tell: Tell, folder: Path) -> ParseResult:
    """Read all images of `plan.input` into the project's data set and describe it.

    The data set replaces the one before only when it is complete. Raises UserError when nothing
    can be read or a setting does not fit the cells.
    """
    if 0 < plan.frame < MIN_FRAME:
        raise UserError(
            f"A frame of {plan.frame} px is too small.", "", f"Use at least {MIN_FRAME} px, or 0 to fit it."
        )
    tell.progress(0.0, "Looking for images")
    found = discover(plan.input)
    how = build.Framing(choose_channels(found, plan.channels), plan.frame, plan.padding, plan.larger)
    skipped = list(found.skipped)
    seen = build.survey(found, how.channels, skipped, tell.part(0.02, 0.6))
    counts = _tag_counts(found, seen)
    target = tag_rules.choose_target(counts, project.plan.train.target)
    group = _group(counts, plan.group, target)
    split = _split(found, seen, plan, group, target)
    place = project.data_set(plan.name)
    with fileio.fresh_folder(place) as staging:
        frame, dtype = build.write_images(staging, found, seen, how, tell.part(0.6, 0.95))
        table = build.columns(found, seen, frame, split)
        write_cells(staging, table)
        extra = {"group": group, "split_by": _split_by(group), "seed": plan.seed, "holdout": plan.holdout,
                 "tag_values": counts}  # fmt: skip
        build.write_info(staging, found, seen, how, frame, dtype, extra)
        data = DataSet.open(staging)
        result = _describe(data, found, skipped, counts, target, group)
        result.data_set = place.relative_to(project.root).as_posix()
        labels = data.values(target).tolist() if target in data.tags else ["all cells"] * len(data)
        rows = gallery.pick(labels)
        captions = [f"{data.cells['source'][row]}" for row in rows]
        result.gallery = gallery.write_gallery(folder, data, rows, [labels[row] for row in rows], captions)
        _remarks(result, found, seen, plan.larger, tell)
        tell.progress(0.99, "Saving")
    return result


def parse_for_model(
    inputs: Sequence[str], manifest: dict[str, Any], project: Project, name: str, tell: Tell, end: float
) -> DataSet:
    """Parse other images exactly as the model's training cells were: its channels, frame, padding, type.

    Fills the bar up to `end`; the data set is data/NAME.cells of the project.
    """
    found = discover(inputs)
    numbers = [str(channel["number"]) for channel in manifest["channels"]]
    channels = _same_channels(found, manifest, numbers)
    how = build.Framing(channels, manifest["frame"][0], manifest["parse"]["padding"], manifest["parse"]["larger"])
    skipped = list(found.skipped)
    seen = build.survey(found, how.channels, skipped, tell.part(0.0, end * 0.6))
    split = np.full(len(seen.where), "new", dtype="<U8")
    place = project.data_set(name)
    with fileio.fresh_folder(place) as staging:
        frame, dtype = build.write_images(staging, found, seen, how, tell.part(end * 0.6, end))
        write_cells(staging, build.columns(found, seen, frame, split))
        build.write_info(staging, found, seen, how, frame, dtype, {"group": "", "split_by": ""})
    _tell_skipped(skipped, tell)
    return DataSet.open(place)


def _same_channels(found: Found, manifest: dict[str, Any], numbers: list[str]) -> Any:
    try:
        channels = choose_channels(found, ",".join(numbers))
    except UserError as error:
        named = ", ".join(channel["name"] for channel in manifest["channels"])
        raise UserError(
            "The images do not fit the model.",
            f"The model needs the channels {named}. {error.what} {error.why}",
            "Choose images with these channels, or train a model on the channels that you have.",
        ) from None
    if [channel.name for channel in channels] != [channel["name"] for channel in manifest["channels"]]:
        had, needs = (", ".join(names) for names in (
            [channel.name for channel in channels], [channel["name"] for channel in manifest["channels"]]))  # fmt: skip
        raise UserError(
            "The images do not fit the model.", f"They have {had}; the model needs {needs}.", "Choose other images."
        )
    return channels


def _tag_counts(found: Found, seen: build.Survey) -> dict[str, dict[str, int]]:
    used = [found.tags[index] for index, _ in seen.where]
    return {name: dict(sorted(Counter(row[name] for row in used).items())) for name in found.tags[0]}


def _group(counts: dict[str, dict[str, int]], wanted: str, target: str) -> str:
    group = tag_rules.choose_group(counts, wanted, target)
    if group and group not in counts:
        raise UserError(
            f"The cells have no tag called {group!r}.",
            f"Their tags are: {', '.join(counts) or 'none'}.",
            "Choose one of these as group, or auto.",
        )
    if group and group == target:
        raise UserError(
            f"{group!r} cannot be both the target and the group.",
            "Whole groups are held out, so the network would never see some of the classes.",
            "Choose another group, or none.",
        )
    return group


def _split(found: Found, seen: build.Survey, plan: ParsePlan, group: str, target: str) -> NDArray[np.str_]:
    tags = [found.tags[index] for index, _ in seen.where]
    keys = [f"{found.sources[index][1].name}/{number}" for index, number in seen.where]
    groups = [row[group] for row in tags] if group else seen.digests
    classes = [row.get(target, "") for row in tags]
    held = splits.holdout_mask(groups, classes, keys, plan.holdout, plan.seed)
    left_out = splits.straddling(seen.digests, held)
    return np.where(left_out, "excluded", np.where(held, "holdout", "train"))


def _split_by(group: str) -> str:
    return f"group {group}" if group else "cell"


def _describe(
    data: DataSet, found: Found, skipped: list[Skipped], counts: dict[str, dict[str, int]], target: str, group: str
) -> ParseResult:
    split = data.cells["split"].astype(str)
    larger = int(sum("larger" in flag for flag in data.cells["flags"]))
    sides = np.maximum(data.cells["height"], data.cells["width"])
    classes: dict[str, dict[str, int]] = {}
    if target in data.tags:
        for value, part in zip(data.values(target), split, strict=True):
            classes.setdefault(str(value), Counter())[str(part)] += 1
    return ParseResult(
        n_cells=len(data),
        n_files=found.n_files,
        skipped=skipped[:1000],
        n_skipped=len(skipped),
        channels=data.channels,
        frame=data.frame,
        dtype=data.info["dtype"],
        tags=counts,
        targets=[name for name, values in counts.items() if len(values) > 1],
        target=target if target in data.tags else "",
        group=group,
        split_by=_split_by(group),
        counts=dict(Counter(split.tolist())),
        classes={name: dict(parts) for name, parts in sorted(classes.items())},
        padded=int((sides < data.frame[0]).sum()),
        larger=larger,
    )


def _remarks(result: ParseResult, found: Found, seen: build.Survey, larger: str, tell: Tell) -> None:
    """Say what the user should know before training."""
    _tell_skipped(result.skipped, tell, result.n_skipped)
    if len(seen.dtypes) > 1:
        kinds = ", ".join(sorted(str(kind) for kind in seen.dtypes))
        tell.notice("warning", f"The images have mixed bit depths ({kinds}); all were stored as {result.dtype}.")
    if result.larger:
        done = "shrunk to fit" if larger == "shrink" else "cropped; Shrink to fit, or a larger frame, keeps them whole"
        level: Level = "info" if larger == "shrink" else "warning"
        tell.notice(level, f"{result.larger} cells are larger than the frame of {result.frame[0]} px: {done}.")
    if excluded := result.counts.get("excluded"):
        tell.notice("warning", f"{excluded} cells are exact copies of hold-out cells and are not trained on.")
    if flat := sum(seen.flat):
        tell.notice("warning", f"{flat} cells are empty: every pixel has the same value.")
    if not result.targets:
        tell.notice(
            "warning", "There is no tag with two values, so nothing can be learned yet: sort the cells into "
            "one folder per class, or use them for prediction only.",
        )  # fmt: skip
    elif not result.group:
        tell.notice(
            "info", "No donor, day or other group was found: hold-out cells are drawn one by one, so figures "
            "hold for cells of these same samples only.",
        )  # fmt: skip
    small = [name for name, parts in result.classes.items() if sum(parts.values()) < 20]
    if small and result.targets:
        tell.notice("warning", f"Fewer than 20 cells: {', '.join(small)}. Figures of these classes are rough.")
    alone = [name for name, parts in result.classes.items() if not parts.get("holdout")]
    if alone and result.counts.get("holdout"):
        tell.notice("warning", f"No hold-out cells of: {', '.join(alone)}; they cannot be judged.")
    if found.other:
        kinds = ", ".join(f"{count} × {kind}" for kind, count in found.other.most_common(5))
        tell.notice("info", f"Files that are no images were passed over: {kinds}.")


def _tell_skipped(skipped: list[Skipped], tell: Tell, total: int | None = None) -> None:
    shown = 20
    for item in skipped[:shown]:
        tell.notice("warning", f"Left out: {item.why}", item.file)
    rest = (total if total is not None else len(skipped)) - shown
    if rest > 0:
        tell.notice("warning", f"… and {rest} more files were left out; the list is in the report.")
