"""IDEAS analyses beside their image files: populations become tags, features become measurements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from wizard.engine.readers.base import Cell, Contents, Lost, Reading, Source, Unreadable, readable, register
from wizard.engine.readers.daf import Analysis, head, read
from wizard.engine.readers.daf_gates import Gating
from wizard.results import Channel, Cue, Skipped

_IMAGES = (".cif", ".rif")
_EVERY = ("*",)
_SUBJECT = "IDEAS analysis"
_LISTED = 40


def group(root: Path, files: Sequence[Path]) -> dict[Path, Path]:
    """Map image files (.cif, .rif) to their analysis (.daf) among `files`, in the same folder.

    An analysis belongs to the image file that it names, else to the one of its own name; where several belong to
    one image file, the one of the same name has it, else the first by name. `root` is the input folder.
    """
    images: dict[Path, list[Path]] = {}
    for path in files:
        if path.suffix.casefold() in _IMAGES:
            images.setdefault(path.parent, []).append(path)
    beside = {folder: _by_name(paths) for folder, paths in images.items()}
    found: dict[Path, Path] = {}
    for daf in sorted(path for path in files if path.suffix.casefold() == ".daf"):
        image = _image_of(daf, beside.get(daf.parent, {}))
        if image is not None and (image not in found or daf.stem.casefold() == image.stem.casefold()):
            found[image] = daf
    return found


def _by_name(images: Sequence[Path]) -> dict[str, Path]:
    """Map the names of image files, without regard to case, to the files; the first of two alike counts."""
    return {image.name.casefold(): image for image in sorted(images, reverse=True)}


def _image_of(daf: Path, beside: Mapping[str, Path]) -> Path | None:
    """Return the image file of an analysis among those of its folder."""
    if not beside:
        return None
    try:
        named = head(daf)[0]
    except Unreadable:
        named = ""
    names = [named.casefold(), *(f"{daf.stem}{ending}".casefold() for ending in _IMAGES)]
    return next((beside[name] for name in names if name in beside), None)


def join(
    contents: Contents,
    image_offsets: NDArray[np.uint64],
    object_ids: NDArray[np.int64],
    daf: Path,
    how: Reading,
) -> None:
    """Add an analysis to the contents of its image file, in place; n cells.

    `image_offsets` are the offsets of the cells' directories in the image file, `object_ids` their numbers in it.
    Adds the tag `population`, the features as measurements, the channels' labels and colours, facts and cues.
    Where the analysis cannot be read or is of other images, only a cue is added. Raises Unreadable when
    a population that `how` asks for is not in it.
    """
    try:
        analysis = read(daf)
    except Unreadable as error:
        _warn(contents, daf, f"{readable(daf.name)} was left out. {error}", "Save the analysis again in IDEAS.")
        return
    rows = _rows(analysis, contents, image_offsets, object_ids)
    if rows is None:
        text = f"{readable(daf.name)} was left out: its objects are not those of the image file beside it."
        _warn(contents, daf, text, "Put the analysis beside the image file that it was made of.")
        return
    gating = analysis.gating()
    wanted = _named(gating, analysis, how.populations) if how.populations not in ((), _EVERY) else []
    members = {name: within[rows] for name, within in gating.members.items()}
    sizes = {name: int(within.sum()) for name, within in gating.members.items()}
    ranked = wanted[::-1] or _outermost_first(gating, analysis, sizes)
    contents.tags["population"] = _spread(members, ranked, len(contents))
    if how.populations == _EVERY:
        for name, within in members.items():
            contents.tags[f"in {name}"] = np.where(within, "yes", "no").tolist()
    same = len(rows) == analysis.count and bool((rows == np.arange(len(rows))).all())
    for name, values in analysis.values.items():
        contents.measurements[name] = values if same else values[rows]
    contents.channels = tuple(_labelled(channel, analysis) for channel in contents.channels)
    contents.facts.update(_facts(analysis, gating, daf))
    _report(contents, analysis, gating, sizes, daf)


def populations(daf: Path) -> dict[str, int]:
    """Return the number of objects in every population that can be worked out. Raises Unreadable."""
    return {name: int(within.sum()) for name, within in read(daf).gating().members.items()}


def _rows(
    analysis: Analysis, contents: Contents, offsets: NDArray[np.uint64], ids: NDArray[np.int64]
) -> NDArray[np.intp] | None:
    """Return the row in the analysis of every cell; None unless all cells are found with their offset and size.

    Offsets beyond 4 GiB may be stored without what exceeds 32 bits; then the objects' numbers tell the row.
    """
    objects = analysis.objects
    if objects is None or len(offsets) != len(contents) or len(contents) > analysis.count:
        return None
    for keys, wanted in ((objects.image_offsets, offsets.astype(np.uint64)), (objects.ids, ids)):
        rows = _lookup(keys, wanted)
        if rows is None:
            continue
        low = np.uint64(0xFFFFFFFF)
        if ((objects.image_offsets[rows] ^ offsets.astype(np.uint64)) & low).any():
            continue
        if (objects.heights[rows] == contents.heights).all():
            return rows
    return None


def _lookup(keys: NDArray[Any], wanted: NDArray[Any]) -> NDArray[np.intp] | None:
    """Return where each wanted value stands among the keys; None if one is missing or anything is there twice."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    if (ranked[1:] == ranked[:-1]).any() or len(np.unique(wanted)) != len(wanted):
        return None
    if not len(keys):
        return np.zeros(0, np.intp) if not len(wanted) else None
    places = np.minimum(np.searchsorted(ranked, wanted), len(keys) - 1)
    return order[places] if (ranked[places] == wanted).all() else None


def _named(gating: Gating, analysis: Analysis, wanted: Sequence[str]) -> list[str]:
    """Return the populations of these names: as written, else whatever the case of their letters."""
    names = [population.name for population in analysis.populations]
    found = []
    for text in wanted:
        alike = [name for name in names if name == text] or [n for n in names if n.casefold() == text.casefold()]
        if len(set(alike)) != 1:
            known = ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")
            raise Unreadable(f"The analysis has no population “{text}”. It has: {known or 'none'}.")
        if alike[0] in gating.failed:
            why = gating.failed[alike[0]]
            raise Unreadable(f"The population “{alike[0]}” of the analysis cannot be worked out: {why}.")
        found.append(alike[0])
    return found


def _outermost_first(gating: Gating, analysis: Analysis, sizes: Mapping[str, int]) -> list[str]:
    """Rank the gates so that the deepest come last; of equal ones the smaller, then the first of the file."""
    whole = {population.name for population in analysis.populations if population.kind == "B"}
    gates = [name for name in reversed(gating.members) if name not in whole]
    return sorted(gates, key=lambda name: (gating.depths[name], -sizes[name]))


def _spread(members: Mapping[str, NDArray[np.bool_]], ranked: Sequence[str], count: int) -> list[str]:
    """Return the last of the ranked populations that holds each of `count` cells; "" = none."""
    chosen = np.full(count, "", object)
    for name in ranked:
        chosen[members[name]] = name
    return chosen.tolist()


def _labelled(channel: Channel, analysis: Analysis) -> Channel:
    """Return a channel with the name and colour that the analysis gives it."""
    image = next((image for image in analysis.images if image.number == channel.number), None)
    if image is None:
        return channel
    own = image.name.strip()
    if re.fullmatch(rf"ch(annel)?\s*0*{channel.number}", own, re.IGNORECASE):
        own = ""  # the instrument's name once more
    return channel.model_copy(
        update={"label": own or channel.label, "colour": hex_colour(image.colour) or channel.colour}
    )


def hex_colour(name: str) -> str:
    """Return a .NET colour (a name such as `DarkOrchid`, `#rrggbb` or `aarrggbb`) as `#rrggbb`; "" if it is none."""
    text = name.strip().casefold()
    if found := re.fullmatch(r"#?(?:[0-9a-f]{2})?([0-9a-f]{6})", text):
        return f"#{found[1]}"
    known = ImageColor.colormap.get(text)
    return known if isinstance(known, str) and known.startswith("#") else ""


def _facts(analysis: Analysis, gating: Gating, daf: Path) -> dict[str, str]:
    facts = {
        "IDEAS analysis": readable(daf.name),
        "IDEAS populations": str(len(gating.members)),
        "IDEAS features": str(len(analysis.values)),
    }
    return {**facts, "IDEAS version": analysis.version} if analysis.version else facts


def _report(contents: Contents, analysis: Analysis, gating: Gating, sizes: Mapping[str, int], daf: Path) -> None:
    """Add cues about populations and features that are missing or differ from what IDEAS counted."""
    name = readable(daf.name)
    failed = {**gating.failed, **analysis.failed}
    if failed:
        listed = "; ".join(f"{one}: {why}" for one, why in list(failed.items())[:_LISTED])
        text = f"{len(failed)} populations or features of {name} cannot be worked out. {listed}."
        _warn(contents, daf, text, "Cells that only these hold have the tag of the next larger population.")
    counted = {
        one.population: (one.count, sizes[one.population])
        for one in analysis.statistics
        if one.population in sizes and np.isfinite(one.count)
        and sizes[one.population] not in (one.count, one.count + np.nan_to_num(one.nans))
    }  # fmt: skip
    if counted:
        listed = "; ".join(f"{one}: {ours} here, {theirs:g} there" for one, (theirs, ours) in counted.items())
        text = f"Populations of {name} do not have the number of cells that IDEAS stored. {listed}."
        _warn(contents, daf, text, "Save the analysis again in IDEAS, and compare the numbers.")
    if len(contents) < analysis.count:
        text = f"{name} is about {analysis.count} objects; {len(contents)} of them are in the image file."
        contents.cues.append(Cue(level="note", subject=_SUBJECT, text=text, files=[name], count=len(contents)))


def _warn(contents: Contents, daf: Path, text: str, action: str) -> None:
    cue = Cue(level="warning", subject=_SUBJECT, text=text, action=action, files=[readable(daf.name)])
    contents.cues.append(cue)


@register
class LoneDaf:
    """Analyses without their images: there is nothing to read, only something to say."""

    name = "IDEAS analysis"
    extensions: tuple[str, ...] = (".daf",)

    def can_open(self, path: Path) -> bool:
        """Tell by the ending of the name."""
        return path.suffix.casefold() in self.extensions

    def claim(self, root: Path, files: Sequence[Path], how: Reading) -> tuple[list[Source], list[Skipped]]:
        """Report each analysis without an image file in its folder, and each that another one has displaced."""
        found = [path for path in files if self.can_open(path)]
        images = [path for folder in {daf.parent for daf in found} for path in _images_in(folder)]
        beside = {folder: _by_name([i for i in images if i.parent == folder]) for folder in {i.parent for i in images}}
        used = group(root, [*found, *images])
        skipped = []
        for daf in found:
            image = _image_of(daf, beside.get(daf.parent, {}))
            if image is None:
                skipped.append(Skipped(file=readable(daf), why=_missing(daf)))
            elif used[image] != daf:
                why = f"{readable(image.name)} is read with another analysis, {readable(used[image].name)}."
                skipped.append(Skipped(file=readable(daf), why=why))
        return [], skipped

    def check(self, source: Source, how: Reading) -> Contents:
        """Refuse: no source of this kind is ever made."""
        raise Unreadable("An IDEAS analysis holds no images.")

    def cells(
        self, source: Source, contents: Contents, channels: Sequence[int], picks: Sequence[int]
    ) -> Iterator[Cell | Lost]:
        """Refuse: no source of this kind is ever made."""
        raise Unreadable("An IDEAS analysis holds no images.")


def _images_in(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.suffix.casefold() in _IMAGES]
    except OSError:
        return []


def _missing(daf: Path) -> str:
    """Say where the images of an analysis are."""
    try:
        named, of_images = head(daf)
    except Unreadable as error:
        return str(error)
    if not of_images:
        return "The analysis is of an FCS file, which has no images."
    shown = PureWindowsPath(named).name
    if not shown:
        return "The analysis does not say in which file its images are."
    return f"The images are in {readable(shown)}, which is not in this folder."
