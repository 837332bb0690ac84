"""Further files of a table of features: spreadsheets, AnnData, MATLAB, the TensorBoard projector.

Each is written from features.parquet, group by group, so that a table of any length fits into memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wizard.engine.data.dataset import DataSet
from wizard.engine.events import Tell
from wizard.engine.extracting.naming import Columns

SMALL = 5_000_000
"""Numbers up to which a CSV is written without being asked for: no spreadsheet opens larger ones."""


@dataclass(frozen=True)
class Source:
    """A finished table of features with what its files say of it."""

    path: Path
    """features.parquet."""
    columns: Columns
    data: DataSet
    about: Mapping[str, str]
    """What it was made with: model, layer, versions …"""


def write(wanted: Sequence[str], source: Source, folder: Path, tell: Tell, start: float) -> dict[str, str]:
    """Write files in these formats into a folder; return title → name. The bar starts at `start`."""
    found: dict[str, str] = {}
    for place, name in enumerate(wanted):
        share = (0.99 - start) / len(wanted)
        report = tell.part(start + place * share, start + (place + 1) * share)
        report(0.0, f"Writing {_TITLES[name]}")
        found |= _WRITERS[name](source, folder, tell, report)
    return found


def chosen(formats: Sequence[str], cells: int, columns: int) -> list[str]:
    """Return the formats to write, each once: those chosen, else CSV where the table is small."""
    return list(dict.fromkeys(formats)) or (["csv"] if cells * columns <= SMALL else [])


Report = Callable[[float, str], None]
Written = dict[str, str]


def _csv(source: Source, folder: Path, tell: Tell, report: Report) -> Written:
    from wizard.engine.extracting import text_files

    text_files.write(source.path, folder / "features.csv", ",", report)
    return {"Features (CSV)": "features.csv"}


def _tsv(source: Source, folder: Path, tell: Tell, report: Report) -> Written:
    from wizard.engine.extracting import text_files

    text_files.write(source.path, folder / "features.tsv", "\t", report)
    return {"Features (TSV)": "features.tsv"}


def _h5ad(source: Source, folder: Path, tell: Tell, report: Report) -> Written:
    from wizard.engine.extracting import anndata_file

    anndata_file.write(source, folder / "features.h5ad", report)
    return {"Features (AnnData)": "features.h5ad"}


def _mat(source: Source, folder: Path, tell: Tell, report: Report) -> Written:
    from wizard.engine.extracting import matlab_files

    names = matlab_files.write(source, folder, report)
    if len(names) > 1:
        tell.notice("info", f"The table for MATLAB is in {len(names)} files, each small enough to be loaded.")
        return {f"Features (MATLAB, part {at})": name for at, name in enumerate(names, start=1)}
    return {"Features (MATLAB)": names[0]}


def _projector(source: Source, folder: Path, tell: Tell, report: Report) -> Written:
    from wizard.engine.extracting import projector

    return projector.write(source, folder / "projector", tell, report)


_WRITERS: dict[str, Callable[[Source, Path, Tell, Report], Written]] = {
    "csv": _csv, "tsv": _tsv, "h5ad": _h5ad, "mat": _mat, "projector": _projector,
}  # fmt: skip
_TITLES = {
    "csv": "CSV", "tsv": "TSV", "h5ad": "AnnData", "mat": "the files for MATLAB", "projector": "the projector's files",
}  # fmt: skip
