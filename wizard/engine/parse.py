"""Step 2: raw images to a data set with tags and an honest hold-out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wizard import corrections, fileio
from wizard.engine import gallery
from wizard.engine.data import channels, checks, montage
from wizard.engine.data import tags as folder_tags
from wizard.engine.data.checks import UNREADABLE
from wizard.engine.data.dataset import DataSet
from wizard.engine.data.division import Division, divide
from wizard.engine.data.gather import Gathered, gather
from wizard.engine.data.making import Made, counts, make
from wizard.engine.errors import UserError
from wizard.engine.events import Level, Tell
from wizard.frame_size import LEAST, sides
from wizard.parse_plan import ParsePlan
from wizard.project import Project
from wizard.results import Cue, ParseResult, Skipped


def parse(plan: ParsePlan, project: Project, tell: Tell, folder: Path) -> ParseResult:
    """Read all images of `plan.input` into the project's data set and describe it.

    The data set replaces the one before only when it is complete; a run that was killed is taken up
    where it stood. Raises UserError when nothing can be read or a setting does not fit the cells.
    """
    _check_frame(plan)
    wanted = project.plan.train.target
    by_hand = corrections.path_of(project)
    joined = fileio.digest(by_hand)
    gathered = gather(plan, tell.part(0.0, 0.1), wanted, corrections=by_hand)
    kept = channels.with_names(channels.kept_channels(gathered.roster, plan.channels, plan.colour), plan)
    place = project.data_set(plan.name)
    before = DataSet.open(place) if plan.append and place.exists() else None
    made = make(plan, gathered, kept, sides(plan.frame), place, before, tell, (0.1, 0.95))
    with made.keeping():
        target = folder_tags.choose_target(counts(made.table, made.tags), wanted)
        division = divide(made.values, made.keys, made.table["digest"], plan, target)
        made.save(plan, division, seed=plan.seed, holdout=plan.holdout)
        data = DataSet.open(made.folder)
        result = _describe(plan, data, made, gathered, target, division)
        result.cues = _cues(plan, gathered, made, result)
        result.corrections = joined
        result.data_set = place.relative_to(project.root).as_posix()
        _pictures(result, data, folder, plan, target)
        _remarks(result, gathered, plan, tell)
        tell.progress(0.99, "Saving")
        made.put_in_place()
    return result


def _check_frame(plan: ParsePlan) -> None:
    frame = sides(plan.frame)
    if frame and min(frame) < LEAST:
        raise UserError(f"A frame of {plan.frame} px is too small.", "", f"Use at least {LEAST} px, or 0 to fit it.")


def parse_for_model(
    inputs: Sequence[str], manifest: Mapping[str, Any], project: Project, name: str, tell: Tell, end: float
) -> DataSet:
    """Parse other images exactly as the model's training cells were: its channels, frame, padding, type.

    Fills the bar up to `end`; the data set is data/NAME.cells of the project.
    """
    plan = channels.plan_of_model(manifest, inputs, name)
    gathered = gather(plan, tell.part(0.0, end * 0.2), lenient=True)
    kept = channels.of_model(gathered.roster, manifest, plan.colour)
    place = project.data_set(name)
    height, width = (int(side) for side in manifest.get("parsed_frame", manifest["frame"]))
    made = make(plan, gathered, kept, (height, width), place, None, tell, (end * 0.2, end))
    with made.keeping():
        new = Division(np.full(len(made.table["cell_id"]), "new"), None, "")
        made.save(plan, new)
        made.put_in_place()
    _tell_skipped(gathered.skipped, tell)
    part_height, part_width = (int(side) for side in manifest["frame"])
    return DataSet.open(place).middle((part_height, part_width))


def _describe(
    plan: ParsePlan, data: DataSet, made: Made, gathered: Gathered, target: str, division: Division
) -> ParseResult:
    split = data.cells["split"].astype(str)
    larger = int(sum("larger" in flag for flag in data.cells["flags"]))
    scaled = np.rint(np.stack([data.cells["height"], data.cells["width"]], axis=1) * plan.scale)
    values = data.info["tag_values"]
    classes: dict[str, dict[str, int]] = {}
    if target in data.tags:
        for value, part in zip(data.values(target), split, strict=True):
            classes.setdefault(str(value), Counter())[str(part)] += 1
    roster = made.roster
    formats: Counter[str] = Counter(roster.of_entries([entry.reader.name for entry in roster.entries]).tolist())
    return ParseResult(
        n_cells=len(data),
        n_files=gathered.n_files,
        skipped=gathered.skipped[:1000],
        n_skipped=len(gathered.skipped),
        channels=data.channels,
        frame=data.frame,
        dtype=data.info["dtype"],
        tags=values,
        targets=[name for name, each in values.items() if len(set(each) - {""}) > 1],
        target=target if target in data.tags else "",
        group=division.group,
        split_by=division.words,
        counts=dict(Counter(split.tolist())),
        classes={name: dict(parts) for name, parts in sorted(classes.items())},
        padded=int((scaled < data.frame).any(axis=1).sum()),
        larger=larger,
        formats=dict(formats),
        masks=data.masks is not None,
        folds=0 if division.fold is None else int(division.fold.max()),
        fold_counts=[] if division.fold is None else np.bincount(division.fold)[1:].tolist(),
        capped=gathered.capped,
        excluded_by_tag=gathered.excluded,
        n_measurements=max(0, len(made.figures) - 1),
        added=made.added,
        pixel_size=gathered.pixel_size,
        facts=gathered.facts,
    )


def _cues(plan: ParsePlan, gathered: Gathered, made: Made, result: ParseResult) -> list[Cue]:
    """Check all cells as the look before parsing checks a sample."""
    facts = checks.Situation(
        result.frame, plan.larger, plan.centre, result.target, result.group, result.channels,
        made.written.sampled, len(made.job.roster), plan.scale, plan.colour,
    )  # fmt: skip
    return checks.in_order([*checks.cues(made.job.roster, gathered.skipped, facts), *gathered.cues])


def _pictures(result: ParseResult, data: DataSet, folder: Path, plan: ParsePlan, target: str) -> None:
    """Write the gallery and, if wanted, the montage sheets."""
    labels = data.values(target).tolist() if target in data.tags else ["all cells"] * len(data)
    rows = gallery.pick(labels)
    captions = [f"{data.cells['source'][row]}" for row in rows]
    result.gallery = gallery.write_gallery(folder, data, rows, [labels[row] for row in rows], captions)
    if plan.montage:
        sheets = montage.write_montages(folder / "montages", data, np.arange(len(data)), plan.montage, labels)
        result.montages = len(sheets)


def _remarks(result: ParseResult, gathered: Gathered, plan: ParsePlan, tell: Tell) -> None:
    """Say what the user should know before training."""
    _tell_skipped(result.skipped, tell, result.n_skipped)
    for cue in result.cues:
        if cue.subject == UNREADABLE:
            continue
        level: Level = "info" if cue.level == "note" else "warning"
        tell.notice(level, f"{cue.text} {cue.action}".strip(), cue.files[0] if cue.files else "")
    if excluded := result.counts.get("excluded"):
        tell.notice("warning", f"{excluded} cells are exact copies of hold-out cells and are not trained on.")
    alone = [name for name, parts in result.classes.items() if not parts.get("holdout")]
    if alone and result.counts.get("holdout"):
        tell.notice("warning", f"No hold-out cells of: {', '.join(alone)}; they cannot be judged.")
    if result.capped:
        tell.notice("info", f"{result.capped} cells above {plan.cap} per class were left out at random.")
    if result.excluded_by_tag:
        tell.notice("info", f"{result.excluded_by_tag} cells were left out by the tag rules.")
    if gathered.other:
        kinds = ", ".join(f"{count} × {kind}" for kind, count in gathered.other.most_common(5))
        tell.notice("info", f"Files that are no images were passed over: {kinds}.")


def _tell_skipped(skipped: list[Skipped], tell: Tell, total: int | None = None) -> None:
    shown = 20
    for item in skipped[:shown]:
        tell.notice("warning", f"Left out: {item.why}", item.file)
    rest = (total if total is not None else len(skipped)) - shown
    if rest > 0:
        tell.notice("warning", f"… and {rest} more files were left out; the list is in the report.")
