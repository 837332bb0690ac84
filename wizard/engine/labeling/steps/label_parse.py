"""Step 2 for stains: pictures of fields of view to a set that a network can learn from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from wizard import fileio
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.labeling import making, mosaics, previews
from wizard.engine.labeling.field_set import FieldSet
from wizard.engine.labeling.fields import Field
from wizard.engine.labeling.finding import Survey, Wish, find_fields
from wizard.engine.labeling.outputs import save_picture
from wizard.engine.labeling.preparing.levels import Levels
from wizard.engine.labeling.preparing.quality import Figures, odd_ones
from wizard.engine.labeling.views import Region, divide
from wizard.label_plan import LabelParsePlan
from wizard.project import Project
from wizard.results import Cue, LabelParseResult

NAME, PREVIEW = "pictures.fields", "preparation.png"
_LEVELS = {
    "published": "brought to the mean and SD of the publication",
    "percentile": "brought to one scale by percentiles",
    "none": "left as they are",
}


def label_parse(plan: LabelParsePlan, project: Project, tell: Tell, folder: Path) -> LabelParseResult:
    """Read all fields of view, prepare them, measure their grey levels and divide them into training and hold-out.

    Raises UserError, with the file's name, when nothing can be learnt from the pictures.
    """
    survey, layout = look_through(plan, tell)
    place = project.root / "data" / NAME
    with fileio.fresh_folder(place) as staging:
        how = measured(plan, survey)
        if layout is not None:
            survey.fields = _stitched(survey.fields, layout, how, tell)
        shown = preview(survey.fields[0], how, folder) if plan.prepare else []
        made, cues = _made(plan, survey, how, staging, tell)
        made.save()
    result = _result(made, survey, plan)
    result.cues = [*survey.cues, *cues, *_odd(made)]
    for cue in result.cues:
        if cue.level != "note":
            tell.notice("warning", f"{cue.text} {cue.action}".strip(), cue.files[0] if cue.files else "")
    _table(made, folder)
    result.files["Fields of view"] = "fields.csv"
    if shown:
        result.previewed = shown
        result.files["Preparation"] = PREVIEW
    return result


def look_through(plan: LabelParsePlan, tell: Tell) -> tuple[Survey, mosaics.Layout | None]:
    """Return the fields of view that are there, tiles grouped to mosaics; raises UserError when none has a stain."""
    if not plan.input:
        raise UserError("No pictures were chosen.", "", "Add the folder that holds your pictures.")
    tell.progress(0.0, "Looking through the pictures")
    survey = find_fields(plan.input, Wish(tuple(plan.light), tuple(plan.stains)))
    if not survey.labels:
        raise UserError(
            "There is no stain to learn.",
            f"All pictures of {survey.fields[0].name} are transmitted light.",
            "Add the pictures of the stains, or name their channels in the settings.",
        )
    layout = _layout(plan)
    if layout is not None:
        tell.progress(0.01, "Grouping the tiles")
        survey.fields = list(mosaics.grouped(survey.fields, layout))
    return survey, layout


def measured(plan: LabelParsePlan, survey: Survey) -> making.Pictures:
    """Measure what the preparation needs, on the single pictures."""
    return making.reading(single_fields(survey), plan.planes or survey.planes, survey.labels, plan.prepare)


def single_fields(survey: Survey) -> list[Field]:
    """Return all fields, mosaics as their tiles."""
    return [tile for one in survey.fields for tile in (one.tiles if isinstance(one, mosaics.Mosaic) else (one,))]


def _layout(plan: LabelParsePlan) -> mosaics.Layout | None:
    if not plan.tiles.strip():
        return None
    found = re.fullmatch(r"\s*(\d{1,3})\s*[x×]\s*(\d{1,3})\s*", plan.tiles)
    if found is None or not all(int(side) for side in found.groups()):
        raise UserError(
            f"Grid of tiles: {plan.tiles!r} cannot be used.", "It is no grid.", "Give rows x columns, such as 3x4."
        )
    return mosaics.Layout(int(found[1]), int(found[2]), plan.overlap, plan.snake)


def _stitched(fields: Sequence[Field], layout: mosaics.Layout, how: making.Pictures, tell: Tell) -> list[Field]:
    made: list[Field] = []
    for one in fields:
        tell.progress(0.03, f"Stitching {one.name}")
        made.append(mosaics.placed(one, layout, how.centre) if isinstance(one, mosaics.Mosaic) else one)
    return made


def preview(field: Field, how: making.Pictures, folder: Path) -> list[str]:
    """Draw what each operation does to a field; return what the rows show."""
    picture, words = previews.preparation(field, how)
    save_picture(folder / PREVIEW, picture)
    return words


def _made(
    plan: LabelParsePlan, survey: Survey, how: making.Pictures, staging: Path, tell: Tell
) -> tuple[FieldSet, list[Cue]]:
    cues = [cue for prepared in how.how.values() for cue in prepared.cues]
    entries = making.store(staging, survey.fields, how, tell.part(0.05, 0.9), cues)
    plain = {name: Levels("none", 1.0, 0.0) for name in ("light", *survey.labels)}
    made = FieldSet(
        staging,
        survey.labels,
        how.planes,
        plain,
        entries,
        [],
        [],
        prepared=tuple(plan.prepare),
        named=tuple(plan.light),
    )
    if not any(entry.taken for entry in entries):
        raise UserError(
            "There is no stain to learn.",
            f"All stains are constant, the first one in {survey.fields[0].name}.",
            "Check whether the right files were chosen.",
        )
    tell.progress(0.92, "Measuring the grey levels")
    made.levels = making.fit_levels(made, plan.levels)
    stained = [at for at, entry in enumerate(entries) if entry.taken]
    groups, called = making.groups_of([entries[at] for at in stained], plan.group)
    shapes = [(entries[at].height, entries[at].width) for at in stained]
    train, held = divide(shapes, plan.holdout, plan.gap, plan.seed, groups)
    made.train, made.holdout = ([_placed(region, stained) for region in part] for part in (train, held))
    made.split_by = called if len({region.view for region in (*train, *held)}) > 1 else "strip of one picture"
    made.light = survey.fields[0].inputs[0].file
    return made, cues


def _placed(region: Region, stained: list[int]) -> Region:
    return replace(region, view=stained[region.view])


def _odd(made: FieldSet) -> list[Cue]:
    found = odd_ones([Figures(**entry.figures) for entry in made.fields])
    return [
        Cue(level="warning", subject="Unlike the others", files=[made.fields[at].file], count=1,
            text=f"{made.fields[at].file}: This field is {why} than the others.",
            action="Look at it, and leave it out if it is spoilt.")
        for at, why in found
    ]  # fmt: skip


def _result(made: FieldSet, survey: Survey, plan: LabelParsePlan) -> LabelParseResult:
    return LabelParseResult(
        data_set=f"data/{NAME}", n_fields=len(made.fields), names=[entry.name for entry in made.fields],
        fields={name: len({region.view for region in part})
                for name, part in (("train", made.train), ("holdout", made.holdout))},
        pixels={name: sum(region.area for region in part)
                for name, part in (("train", made.train), ("holdout", made.holdout))},
        labels={label: sum(label in entry.taken for entry in made.fields) for label in made.labels},
        planes=made.planes, light=made.light, sizes=[(entry.height, entry.width) for entry in made.fields],
        split_by=made.split_by, levels={name: _LEVELS[levels.kind] for name, levels in made.levels.items()},
        prepared=list(plan.prepare), pixel_size=max(entry.pixel_size for entry in made.fields),
        skipped=survey.skipped,
    )  # fmt: skip


def _table(made: FieldSet, folder: Path) -> None:
    """Write fields.csv: one row per field with its size, stains, part and figures."""
    tags = sorted({tag for entry in made.fields for tag in entry.tags})
    parts = {region.view: "hold-out" for region in made.holdout}
    for region in made.train:
        parts[region.view] = "both" if region.view in parts else "train"
    figures = ("mean", "sd", "sharpness", "full")
    rows = [
        [entry.name, entry.file, entry.height, entry.width, " ".join(entry.taken), parts.get(at, ""),
         *(entry.figures[name] for name in figures), *(entry.tags.get(tag, "") for tag in tags)]
        for at, entry in enumerate(made.fields)
    ]  # fmt: skip
    fileio.write_csv(
        folder / "fields.csv", ["field", "file", "height", "width", "stains", "part", *figures, *tags], rows
    )
