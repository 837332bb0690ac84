"""Boxes around cells as annotation programs write them: Pascal VOC (XML) and COCO (JSON)."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import numpy as np
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from wizard.engine.readers.cutting_tables import Marked, Unusable

_MOST_XML, _MOST_JSON = 16 * 2**20, 256 * 2**20


def read_voc(path: Path) -> tuple[str, Marked]:
    """Read a VOC annotation: (name of the picture or "", its boxes). Raises Unusable with the reason.

    VOC counts pixels from 1 and names the first and the last pixel of a box (Everingham et al., IJCV 2010).
    """
    raw = _bytes(path, _MOST_XML)
    try:
        root = ElementTree.fromstring(raw)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Unusable("It is damaged or no XML.") from None
    if root.tag != "annotation":
        raise Unusable("It is no VOC annotation.")
    corners, classes = [], []
    for item in root.iter("object"):
        box = item.find("bndbox")
        if box is None:
            continue
        ends = [_number(box.findtext(name)) for name in ("ymin", "xmin", "ymax", "xmax")]
        corners.append((ends[0] - 1, ends[1] - 1, ends[2], ends[3]))
        classes.append(_line(item.findtext("name")))
    return _line(root.findtext("filename")), _marked(corners, classes, _voc_size(root))


def _voc_size(root: Element) -> tuple[int, int] | None:
    size = root.find("size")
    return None if size is None else _size(_number(size.findtext("height")), _number(size.findtext("width")))


def read_coco(path: Path) -> dict[str, Marked]:
    """Read a COCO file: name of the picture → its boxes. Raises Unusable with the reason.

    Regions of several objects (`iscrowd`) are left out (Lin et al., ECCV 2014).
    """
    try:
        content = json.loads(_bytes(path, _MOST_JSON))
    except (ValueError, RecursionError):
        raise Unusable("It is damaged or no JSON.") from None
    if not isinstance(content, dict) or not _dicts(content.get("images")):
        raise Unusable("It is no COCO file: it names no images.")
    names = {_key(item.get("id")): _line(item.get("name")) for item in _dicts(content.get("categories"))}
    boxes: dict[str, tuple[list[tuple[float, ...]], list[str]]] = {}
    for item in _dicts(content.get("annotations")):
        if item.get("iscrowd") == 1:
            continue
        given = item.get("bbox")
        if isinstance(given, list) and len(given) == 4:
            left, top, width, height = (_number(value) for value in given)
        else:
            left = top = width = height = math.nan
        corners, classes = boxes.setdefault(_key(item.get("image_id")), ([], []))
        corners.append((top, left, top + height, left + width))
        classes.append(names.get(_key(item.get("category_id")), ""))
    marked: dict[str, Marked] = {}
    for image in _dicts(content.get("images")):
        name, number = _line(image.get("file_name")), _key(image.get("id"))
        if name and name not in marked:
            size = _size(_number(image.get("height")), _number(image.get("width")))
            marked[name] = _marked(*boxes.get(number, ([], [])), size)
    if not marked:
        raise Unusable("Its images have no file names.")
    return marked


def _bytes(path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            raise Unusable(f"It is larger than {most >> 20} MB.")
        return path.read_bytes()
    except OSError as error:
        raise Unusable(f"It cannot be read: {error.strerror}.") from None


def _marked(corners: Sequence[tuple[float, ...]], classes: list[str], size: tuple[int, int] | None) -> Marked:
    ends = np.array(corners, np.float64).reshape(-1, 4)
    tags = {"class": classes} if any(classes) else {}
    return Marked((ends[:, :2] + ends[:, 2:]) / 2, ends[:, 2:] - ends[:, :2], tags, size=size)


def _number(value: object) -> float:
    """Return a number as float, NaN for everything else and for what no picture can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return math.nan
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return math.nan
    return number if abs(number) < 1e9 else math.nan


def _size(height: float, width: float) -> tuple[int, int] | None:
    return (int(height), int(width)) if height >= 1 and width >= 1 else None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _key(value: object) -> str:
    return str(value) if isinstance(value, int | str) else ""


def _line(value: object) -> str:
    """Return a name on one line, without surrogates that no file can hold."""
    if not isinstance(value, str):
        return ""
    return " ".join(value.split()).encode("utf-8", "replace").decode("utf-8")[:200]
