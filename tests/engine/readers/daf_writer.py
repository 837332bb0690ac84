"""Writes small IDEAS analyses (.daf), in XML and in binary form."""

from __future__ import annotations

import struct
from xml.sax.saxutils import quoteattr

import numpy as np

ALL = {"name": "All", "type": "B", "base": ""}


def gate(name, region, fx, fy="", base="All"):
    return {"name": name, "type": "G", "base": base, "region": region, "fx": fx} | ({"fy": fy} if fy else {})


def logic(name, definition, base="All"):
    return {"name": name, "type": "C", "base": base, "definition": definition}


def tagged(name, objects, base="All"):
    return {"name": name, "type": "T", "base": base, "objects": objects}


def region(label, kind, corners, x_log="P", y_log="P"):
    return {"label": label, "type": kind, "xlogrange": x_log, "ylogrange": y_log, "corners": corners}


def element(tag, given, inner=""):
    return f"<{tag} {' '.join(f'{key}={quoteattr(str(value))}' for key, value in given.items())}>{inner}</{tag}>\n"


def joined(values):
    return "|".join("NaN" if np.isnan(value) else repr(float(value)) for value in values)


def write_daf(
    path,
    features,
    populations=(ALL,),
    regions=(),
    *,
    binary=True,
    images=(),
    combined=None,
    offsets=None,
    heights=None,
    widths=None,
    ids=None,
    statistics=(),
    file="cells.cif",
    channels=2,
    subject="SOD",
    extra="",
):
    """Write an analysis; `features` maps a name to the values of all objects."""
    count = len(next(iter(features.values())))
    columns = _columns(count, offsets, heights, widths, ids, channels)
    definitions = [element("UDF", {"name": name, "type": "single", "def": "Area|M01"}) for name in features]
    definitions += [
        element("UDF", {"name": n, "type": "combined", "def": made}) for n, made in (combined or {}).items()
    ]
    text = element("ChannelPresets", {"count": channels, "bits": 12})
    text += f"<Images>{''.join(element('image', image) for image in images)}</Images>"
    text += f"<masks>{element('mask', {'type': 'C', 'name': 'MC', 'def': 'M01|Or|M02'})}</masks>"
    text += f"<DefinedFeatures>{''.join(definitions)}</DefinedFeatures>"
    text += f"<Regions>{''.join(_region(one) for one in regions)}</Regions>"
    text += f"<Pops>{''.join(_population(one) for one in populations)}</Pops>"
    text += (
        f"<PopulationStatistics>{''.join(element('PopStatistic', one) for one in statistics)}</PopulationStatistics>"
    )
    if not binary:
        values = [element("UDFValues", {"fid": i, "fv": joined(v)}) for i, v in enumerate(features.values())]
        text += f"<FeatureValues>{''.join(values)}</FeatureValues>" + (_rows(columns) if subject == "SOD" else "")
    root = {"date": "1/1/2020", "IDEAS_version": "6.2.0.0"} | ({"binaryfeatures": "True"} if binary else {})
    text = element("Assay", root, element(subject, {"file": file, "objcount": count}, text + extra)).strip()
    head = '\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n' + text
    path.write_bytes(head.encode() + (binary_part(features, columns) if binary else b""))
    return path


def _columns(count, offsets, heights, widths, ids, channels):
    def default(given, value):
        return np.asarray(value if given is None else given)

    background = np.arange(count * channels, dtype=float).reshape(count, channels)
    offset = default(offsets, 8 + 1000 * (np.arange(count) + 1)).astype(np.uint64)
    return {
        "id": default(ids, np.arange(count)).astype(np.uint32),
        "imgIFD": offset,
        "mskIFD": offset + np.uint64(500),
        "spIFD": np.full(count, 8, np.uint64),
        "w": default(widths, np.full(count, 20 * channels)).astype(float),
        "l": default(heights, np.full(count, 20)).astype(float),
        "fs": np.full(count, 60.5),
        "cl": np.arange(count, dtype=np.uint32) * 100,
        "ct": np.arange(count, dtype=np.uint32) * 1000,
        "objCenterX": np.arange(count) + 0.5,
        "objCenterY": np.arange(count) + 0.25,
        "bgstd": background,
        "bgmean": background + 1,
        "satcount": background + 2,
        "satpercent": background + 3,
    }


def _region(given):
    corners = "".join(element("axy", {"x": x, "y": y}) for x, y in given["corners"])
    return element("Region", {key: value for key, value in given.items() if key != "corners"}, corners)


def _population(given):
    objects = "".join(element("ob", {"O": one}) for one in given.get("objects", ()))
    return element("Pop", {key: value for key, value in given.items() if key != "objects"}, objects)


def _rows(columns):
    rows = []
    for i in range(len(columns["id"])):
        rows.append(element("SO", {k: joined(v[i]) if v.ndim == 2 else v[i].item() for k, v in columns.items()}))
    return "".join(rows)


def binary_part(features, columns):
    count = len(columns["id"])
    parts = [b"\n\0\x1e", struct.pack("<III", 1, len(features), count)]
    for number, values in enumerate(features.values()):
        parts += [struct.pack("<I", number), np.asarray(values, "<f8").tobytes()]
    dtype = []
    for key, values in columns.items():
        dtype += [(key + "#", "<u4")] if values.ndim == 2 else []
        dtype += [(key, values.dtype.newbyteorder("<"), values.shape[1:])]
    table = np.zeros(count, dtype)
    for key, values in columns.items():
        table[key] = values
        if values.ndim == 2:
            table[key + "#"] = values.shape[1]
    return b"".join([*parts, struct.pack("<I", count), table.tobytes()])
