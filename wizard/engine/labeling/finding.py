"""Finds the fields of view in folders of pictures, and says what is amiss with them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from wizard.engine.errors import UserError
from wizard.engine.labeling import grouping, names
from wizard.engine.labeling.fields import HOW, Field, Plane, contents_of, reader_for
from wizard.engine.labeling.names import Named, normal
from wizard.engine.readers.base import Contents, Source, Unreadable, readable, source_name
from wizard.results import Cue, Skipped

_MOST_PLANES = 64
"""Longer stacks are something else, such as films."""
_ZARR_MARKS = ("zarr.json", ".zattrs", ".zgroup", ".zarray")


@dataclass(frozen=True)
class Wish:
    """What the user told: names of the transmitted-light channels and of the stains, () = find out."""

    inputs: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()

    def is_input(self, channel: str) -> bool:
        """Tell whether a channel is one of transmitted light."""
        if self.inputs:
            return normal(channel) in map(normal, self.inputs)
        return names.is_transmitted(channel) and normal(channel) not in map(normal, self.targets)

    def is_target(self, channel: str) -> bool:
        """Tell whether a channel is a stain to be learnt."""
        if self.targets:
            return normal(channel) in map(normal, self.targets)
        return not names.is_transmitted(channel) and not self.is_input(channel)


@dataclass
class Survey:
    """What was found: `labels` are the stains of all fields, `planes` the usual number of planes."""

    fields: list[Field] = field(default_factory=list)
    labels: tuple[str, ...] = ()
    planes: int = 0
    cues: list[Cue] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True)
class Piece:
    """One picture with what its name (or the file) says of it; `folder` and the name's field make the field."""

    folder: str
    named: Named
    plane: Plane
    pixel_size: float = 0.0


def find_fields(inputs: Sequence[str], wish: Wish | None = None) -> Survey:
    """Look through folders and files for fields of view with a transmitted-light picture.

    Raises UserError when nothing was chosen, something does not exist, or no field is found.
    """
    wish = wish or Wish()
    roots = [Path(item).expanduser() for item in inputs]
    if not roots:
        raise UserError("No images were chosen.", "", "Add the folder that holds your pictures.")
    for root in roots:
        if not root.exists():
            raise UserError(f"{root} does not exist.", "", "Check the name, or whether the drive is connected.")
    survey = Survey()
    pieces: list[Piece] = []
    for root in (root.resolve() for root in roots):
        base = root if root.is_dir() and not _is_zarr(root) else root.parent
        pieces += [piece for path in _files(root) for piece in _pieces(base, path, wish, survey)]
    pieces = _named_by_neighbours(pieces)
    grouping.group(pieces, wish, survey)
    if not survey.fields:
        raise _nothing(roots, pieces, survey)
    return survey


def _files(root: Path) -> Iterator[Path]:
    if root.is_file() or _is_zarr(root):
        yield root
        return
    for place, folders, files in os.walk(root):
        inner = sorted(name for name in folders if not name.startswith("."))
        stores = [name for name in inner if _is_zarr(Path(place) / name)]
        folders[:] = [name for name in inner if name not in stores]
        yield from (Path(place) / name for name in sorted([*stores, *files]) if not name.startswith("."))


def _is_zarr(path: Path) -> bool:
    return path.is_dir() and (path.suffix.casefold() == ".zarr" or any((path / mark).is_file() for mark in _ZARR_MARKS))


def _pieces(base: Path, path: Path, wish: Wish, survey: Survey) -> Iterator[Piece]:
    """Yield the pictures of one file; what cannot be read is kept in the survey."""
    reader = reader_for(path)
    if reader is None:
        return
    sources, skipped = ([Source(source_name(base, path), base, (path,))], []) if path.is_file() else reader.claim(
        base, [path], HOW
    )  # fmt: skip
    survey.skipped += skipped
    for source in sources:
        try:
            yield from _of_source(base, source, contents_of(source), wish)
        except (Unreadable, OSError) as error:
            survey.skipped.append(Skipped(file=readable(source.files[-1]), why=str(error)))


def _of_source(base: Path, source: Source, contents: Contents, wish: Wish) -> Iterator[Piece]:
    path = source.files[0]
    folder = path.parent.relative_to(base).as_posix() if path.parent.is_relative_to(base) else ""
    stem = _stem(path.name) + "".join(f"_{part}" for inner in source.files[1:2] for part in _inner(path, inner))
    named = names.published(_stem(path.name)) or names.plain(stem, (*wish.inputs, *wish.targets))
    if len(contents.channels) == 3 and [channel.name for channel in contents.channels] == ["Red", "Green", "Blue"]:
        raise Unreadable("It is a colour picture; save each channel as a grey picture of its own.")
    if len(contents) > _MOST_PLANES and "z" not in contents.tags:
        raise Unreadable(f"It holds {len(contents):,} planes; a stack has at most {_MOST_PLANES}.")
    times, depths = contents.tags.get("time"), contents.tags.get("z")
    for channel in contents.channels:
        label = channel.label or channel.name
        own = named if len(contents.channels) == 1 and not (channel.label and not named.channel) else replace(
            named, channel=label, view=named.view or stem
        )  # fmt: skip
        for pick in range(len(contents)):
            z = own.z if len(contents) == 1 else int(depths[pick]) if depths else 0 if times else pick
            place = replace(own, z=z, view=f"{own.view} t{times[pick]}".strip() if times else own.view)
            plane = Plane(
                source.name, source, pick, channel.number, int(contents.heights[pick]), int(contents.widths[pick])
            )
            yield Piece(folder, place, plane, contents.pixel_size)


def _inner(path: Path, part: Path) -> tuple[str, ...]:
    return part.relative_to(path).parts if part.is_relative_to(path) else ()


def _stem(name: str) -> str:
    for ending in (".ome.tif", ".ome.tiff", ".ome.zarr"):
        if name.casefold().endswith(ending):
            return name[: -len(ending)]
    return name.rpartition(".")[0] or name


def _named_by_neighbours(pieces: list[Piece]) -> list[Piece]:
    """Name the channels that names alone do not tell: by the folder, else by transmitted-light pictures beside them.

    `A4/BF_z0.tif` makes `A4/Actin.tif` the stain Actin of field A4, `A4_BF.tif` makes `A4_Actin.tif` it,
    and the folder `BF` makes the folder `Actin` beside it one of a channel.
    """
    pieces = [_by_folder(piece) if not piece.named.channel else piece for piece in pieces]
    folders = {piece.folder for piece in pieces if piece.named.tags.get("folder")}
    known: dict[str, set[str]] = defaultdict(set)
    for piece in pieces:
        if names.is_transmitted(piece.named.channel) and not piece.named.tags.get("folder"):
            known[piece.folder].add(piece.named.view)
    return [
        piece if piece.named.channel and piece.named.view in known[piece.folder] or not piece.named.whole
        else _by_field(piece, known[piece.folder], folders) for piece in pieces
    ]  # fmt: skip


def _by_folder(piece: Piece) -> Piece:
    parent, _, last = piece.folder.rpartition("/")
    hit = names.find_word(last, (*names.TRANSMITTED, *names.STAINS))
    if hit is None or hit[0] != last:
        return piece
    return replace(piece, folder=parent, named=replace(piece.named, channel=last, tags={"folder": last}))


def _by_field(piece: Piece, fields: set[str], folders: set[str]) -> Piece:
    stem = piece.named.whole
    for name in sorted(fields, key=len, reverse=True):
        rest = stem[len(name) :].strip(" _-.,") if stem.startswith(name) else ""
        if rest:
            return replace(piece, named=replace(piece.named, view=name, channel=rest))
    if piece.named.channel:
        return piece
    parent, _, last = piece.folder.rpartition("/")
    if parent in folders and last:
        return replace(piece, folder=parent, named=replace(piece.named, channel=last))
    return piece


def _nothing(roots: Sequence[Path], pieces: Sequence[Piece], survey: Survey) -> UserError:
    place = ", ".join(str(root) for root in roots)
    problems = [cue.text for cue in survey.cues if cue.level == "problem"]
    if problems:
        return UserError(
            f"No field of view in {place} can be used.", problems[0], "Mend the files, then read them again."
        )
    if not pieces:
        why = (
            f"{Path(survey.skipped[0].file).name}: {survey.skipped[0].why}"
            if survey.skipped
            else "It holds no pictures."
        )
        return UserError(f"No readable picture was found in {place}.", why, "Choose a folder with PNG, TIFF or Zarr.")
    seen = sorted({piece.named.channel for piece in pieces} - {""})
    return UserError(
        f"No transmitted-light picture was found in {place}.",
        f"Channels found: {', '.join(seen)}." if seen else "No channel could be told from the names of the files.",
        "Name the channel of transmitted light in the settings, or in the names of the files (for example BF).",
    )
