"""The table of what each feature is like, as Extract leaves it beside its result."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = "features_summary.csv"
KINDS = {"network": "Network", "classical": "Classical", "measured": "Measured"}
"""Where a feature comes from, in words."""


@dataclass(frozen=True)
class FeatureLine:
    """A feature: `kind` is a key of `KINDS`, `unit` "" for none; figures are None where they are not known.

    `missing` is the share (0..1) of cells without a value, `eta2` the share of the variance between the classes,
    `auc` is about `auc_class` against all others.
    """

    name: str
    kind: str
    unit: str
    meaning: str
    mean: float | None
    sd: float | None
    missing: float | None
    eta2: float | None
    auc: float | None
    auc_class: str


def read(folder: Path) -> list[FeatureLine]:
    """Read features_summary.csv of a folder, in the order of the table; none where it is missing.

    Raises OSError, and ValueError for a file that is no such table.
    """
    path = folder / FILE
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        try:
            return [_line(row) for row in csv.DictReader(stream)]
        except (KeyError, TypeError, csv.Error) as error:
            raise ValueError(f"{FILE} is damaged: {error}") from None


def by_relation(lines: Sequence[FeatureLine]) -> list[FeatureLine]:
    """Return features with the strongest relation to the target first, those without any last."""
    return sorted(lines, key=lambda line: -1.0 if line.eta2 is None else line.eta2, reverse=True)


def _line(row: dict[str, str]) -> FeatureLine:
    figures = {name: _figure(row[name]) for name in ("mean", "sd", "missing", "eta2", "auc")}
    texts = {name: _plain(row[name]) for name in ("kind", "unit", "meaning", "auc_class")}
    return FeatureLine(name=_plain(row["feature"]), **texts, **figures)  # type: ignore[arg-type]


def _figure(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _plain(text: str) -> str:
    """Undo the apostrophe before a text that looks like a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@", "\t", "\r") else text
