"""Every setting of Parse."""

from __future__ import annotations

from typing import Literal

from wizard.frame_size import LEAST, MOST, FrameSize
from wizard.settings import Lines, Paths, StepPlan, setting

_FILES, _PICTURES, _FRAMING, _TAGS, _SPLIT, _SET = (
    "Files", "Large pictures", "Frames", "Tags", "Hold-out", "Data set"
)  # fmt: skip


class ParsePlan(StepPlan):
    """Raw images to a data set."""

    input: Paths = setting(
        [],
        "Image files and folders",
        "Folders or files with your cell images, as the instrument left them. Folder names become tags, "
        "e.g. Donor A / Day 7 / class.",
        kind="paths",
        example="D:\\Experiment 1",
    )
    table: str = setting(
        "",
        "Label table",
        "A CSV or Excel file with labels or other data of the cells or of their files; each column becomes a tag.",
        special="empty = none",
        kind="file",
    )
    frame: FrameSize = setting(
        0,
        "Frame size",
        "Size in which every cell is placed, e.g. 48 or 64x48 (width x height); smaller cells are padded, larger ones "
        "handled as set.",
        unit="px",
        special="0 = a square fitted to the cells, 0x0 = width and height fitted",
        kind="whole",
        example="48 or 64x48",
        takes=f"a whole number from 0 to {MOST} px, or width x height of {LEAST} to {MOST} px each",
    )
    channels: str = setting(
        "",
        "Channels",
        "Instrument numbers or names of the channels to keep, with commas.",
        special="empty = all channels",
        example="3,6",
    )
    holdout: float = setting(
        0.2,
        "Hold-out share",
        "Share of the cells that no training ever sees; they give the honest figures.",
        ge=0.0,
        le=0.9,
    )
    group: str = setting(
        "auto",
        "Group",
        "Tag whose values stay together on one side of the split, so that a donor is never in both parts.",
        special="auto = donor, else day, batch, sample …, else source file, else single cells",
        kind="tag",
    )

    pages: Literal["auto", "channels", "cells"] = setting(
        "auto",
        "Pages of a picture file",
        "What several pages in one TIFF file are, where the file does not say it itself.",
        basic=False,
        section=_FILES,
        labels={"auto": "Channels up to 16 pages, else cells", "channels": "Channels of one cell", "cells": "Cells"},
    )
    populations: str = setting(
        "",
        "Populations",
        "Gates of an IDEAS analysis (.daf) that become the tag population, with commas; a cell gets the first "
        "that holds it.",
        special="empty = the innermost gates",
        basic=False,
        section=_FILES,
        example="G1, S, G2",
    )
    table_file: str = setting(
        "auto",
        "Table column of the file name",
        "Heading of the column that names the image file, its folder, or the cell.",
        special="auto = found by its values",
        basic=False,
        section=_FILES,
    )
    table_object: str = setting(
        "auto",
        "Table column of the object number",
        "Heading of the column with the number of the cell in its file.",
        special="auto = found by its heading; none = the row is about the whole file",
        basic=False,
        section=_FILES,
    )

    cut: Literal["no", "montage", "tiles", "cells"] = setting(
        "no",
        "Images hold",
        "One cell each, or something larger that is cut into cells.",
        basic=False,
        section=_PICTURES,
        labels={
            "no": "One cell each",
            "montage": "Montage sheets of cells",
            "tiles": "Fields of view: cut into tiles",
            "cells": "Fields of view: cut out marked cells",
        },
    )
    tile: int = setting(
        32,
        "Tile size",
        "Width and height of a tile of a montage sheet or a field of view, or of the square around a given centre.",
        unit="px",
        basic=False,
        section=_PICTURES,
        ge=8,
        le=1024,
    )
    marks: Paths = setting(
        [],
        "Marks",
        "Tables of centres or boxes (CSV, VOC, COCO) or label masks of the cells; for tiles, label masks "
        "or painted copies of the pictures.",
        special="empty = none",
        basic=False,
        section=_PICTURES,
        kind="paths",
    )
    mark_colour: str = setting(
        "",
        "Marking colour",
        "Colour of the painted marks, as red,green,blue or #rrggbb.",
        special="empty = every pixel of a label mask that is not zero",
        basic=False,
        section=_PICTURES,
        example="#ff0000",
        pattern=r"^(#[0-9A-Fa-f]{6}|\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3})?$",
    )
    mark_pixels: int = setting(
        10,
        "Marked pixels",
        "A tile is positive from this number of marked pixels on.",
        unit="px",
        basic=False,
        section=_PICTURES,
        ge=1,
    )
    extra_tiles: int = setting(
        0,
        "Extra tiles",
        "More tiles per picture at random places, for the rarer of positive and negative.",
        basic=False,
        section=_PICTURES,
        ge=0,
        le=10000,
    )

    larger: Literal["crop", "shrink"] = setting(
        "crop",
        "Cells larger than the frame",
        "Crop the middle out of them, or shrink the whole cell until it fits.",
        basic=False,
        section=_FRAMING,
        labels={"crop": "Crop to the middle", "shrink": "Shrink to fit"},
    )
    centre: Literal["auto", "image", "object"] = setting(
        "auto",
        "Middle of the frame",
        "Around what a cell is cropped and padded: its image's middle, or the object (its mask or given position).",
        basic=False,
        section=_FRAMING,
        labels={
            "auto": "The object where its position is given, else the image",
            "image": "The image's middle",
            "object": "The object's middle (mask or position)",
        },
    )
    padding: Literal["background", "noise", "edge", "reflect", "constant"] = setting(
        "background",
        "Padding",
        "What fills the frame around smaller cells.",
        basic=False,
        section=_FRAMING,
        labels={
            "background": "Background level",
            "noise": "Noise of the quietest corner",
            "edge": "Repeat the border",
            "reflect": "Mirror",
            "constant": "A fixed value",
        },
    )
    padding_value: float = setting(
        0.0, "Padding value", "Grey level of a fixed padding.", basic=False, section=_FRAMING
    )
    masking: Literal["no", "channel", "combined"] = setting(
        "no",
        "Outside of the mask",
        "Pixels outside of the cell's mask, where the file has masks: kept, or set to the padding.",
        basic=False,
        section=_FRAMING,
        labels={
            "no": "Keep",
            "channel": "Blank by the mask of each channel",
            "combined": "Blank by the masks of all channels together",
        },
    )
    scale: float = setting(
        1.0,
        "Scale",
        "Factor by which cells are enlarged or shrunk first, e.g. to match another magnification.",
        basic=False,
        section=_FRAMING,
        ge=0.05,
        le=8.0,
    )
    interpolation: Literal["nearest", "linear", "area", "cubic", "lanczos"] = setting(
        "area",
        "Interpolation",
        "How pixels are computed when cells are scaled or shrunk.",
        basic=False,
        section=_FRAMING,
        labels={
            "nearest": "Nearest",
            "linear": "Linear",
            "area": "Area average",
            "cubic": "Cubic",
            "lanczos": "Lanczos",
        },
    )
    colour: Literal["stored", "grey", "rgb"] = setting(
        "stored",
        "Colour",
        "Keep colour pictures as they are, turn them to grey, or make grey pictures three equal colour channels.",
        basic=False,
        section=_FRAMING,
        labels={"stored": "As stored", "grey": "Grey", "rgb": "Red, green, blue"},
    )
    channel_names: Lines = setting(
        [],
        "Channel names",
        "Your own names of channels, as number = name.",
        basic=False,
        section=_FRAMING,
        example="3 = Bright field; 4 = DNA",
    )
    channel_colours: Lines = setting(
        [],
        "Channel colours",
        "Colours of channels in coloured pictures, as number = #rrggbb.",
        basic=False,
        section=_FRAMING,
        example="3 = #ffffff; 4 = #3366ff",
    )

    rename: Lines = setting(
        [],
        "Rename tags",
        "New names of tags, as tag = new name.",
        basic=False,
        section=_TAGS,
        example="level_1 = donor; level_2 = day",
    )
    merge: Lines = setting(
        [],
        "Merge values",
        "Values of a tag that become one, as tag: value, value = new value.",
        basic=False,
        section=_TAGS,
        example="class: Anaphase, Telophase = Late mitosis",
    )
    exclude: Lines = setting(
        [],
        "Exclude cells",
        "Cells with these values are left out, as tag: value, value; a tag alone leaves the whole tag out.",
        basic=False,
        section=_TAGS,
        example="class: Debris; level_3",
    )
    cap: int = setting(
        0,
        "Most cells per class",
        "Larger classes are thinned out at random to this number.",
        unit="cells",
        special="0 = no limit",
        basic=False,
        section=_TAGS,
        ge=0,
    )

    folds: int = setting(
        0,
        "Folds",
        "Divide the cells into this many parts by group; one of them is the hold-out.",
        special="0 = one hold-out by share",
        basic=False,
        section=_SPLIT,
        ge=0,
        le=50,
    )
    fold: int = setting(
        1, "Hold-out fold", "Number of the fold that is held out.", basic=False, section=_SPLIT, ge=1, le=50
    )
    seed: int = setting(
        1, "Seed", "Start of the random choices; the same seed, the same choice.",
        basic=False, section=_SPLIT, ge=0,
    )  # fmt: skip

    append: bool = setting(
        False, "Add to the data set", "Keep the cells that are in the data set and add the new ones.",
        basic=False, section=_SET,
    )  # fmt: skip
    montage: int = setting(
        0,
        "Montage sheets",
        "Also write pictures of the cells, this many in a row and column, one sheet per channel.",
        special="0 = none",
        basic=False,
        section=_SET,
        ge=0,
        le=100,
    )
    name: str = setting(
        "main", "Name of the data set", "Folder name under data: letters, digits, - and _.",
        basic=False, section=_SET, pattern=r"^[A-Za-z0-9_-]{1,40}$",
    )  # fmt: skip


IMAGE_SETTINGS = (
    "pages", "cut", "tile", "larger", "centre", "padding", "padding_value", "masking", "scale", "interpolation",
    "colour",
)  # fmt: skip
"""Settings of Parse that change the pixels of a frame; a model's new images are parsed with the same."""
TAG_SETTINGS = ("rename", "merge")
"""Settings that change the names of tags and values; new images for a model get the same names."""
