"""The tables that Visualize writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wizard import fileio
from wizard.engine.visualizing.prepared import Prepared
from wizard.results import Loading

_COMPONENTS, _HEAVIEST = 5, 10


def joined(own: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    """Put the columns of other cells below those of the own ones; what one side lacks is empty there."""
    sizes = [len(side["cell_id"]) for side in (own, others)]
    made = {}
    for name in own:
        below = others.get(name)
        if below is None:
            blank = np.nan if np.asarray(own[name]).dtype.kind == "f" else ""
            below = np.full(sizes[1], blank)
        made[name] = np.concatenate([np.asarray(own[name]), np.asarray(below).astype(np.asarray(own[name]).dtype)])
    for name in others:
        if name not in own:
            made[name] = np.concatenate([np.full(sizes[0], "", object), np.asarray(others[name], object)])
    return made


def write(columns: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Write maps.parquet and maps.csv; return title → file."""
    fileio.write_with(folder / "maps.parquet", lambda path: pq.write_table(pa.table(dict(columns)), path))
    shown = [_shown(np.asarray(values)) for values in columns.values()]
    fileio.write_csv(folder / "maps.csv", list(columns), zip(*shown, strict=True))
    return {"Map coordinates (Parquet)": "maps.parquet", "Map coordinates (CSV)": "maps.csv"}


def _shown(values: Any) -> list[Any]:
    if values.dtype.kind == "f":
        return [f"{value:.5g}" if np.isfinite(value) else "" for value in values.tolist()]
    found: list[Any] = values.tolist()
    return found


def loadings(prepared: Prepared, folder: Path) -> tuple[list[Loading], dict[str, str]]:
    """Write loadings.csv (feature, weight in each of the first components) and return the heaviest of each."""
    fitted = prepared.reduction
    number = min(_COMPONENTS, len(fitted.components))
    names = [prepared.names[place] for place in fitted.kept]
    rows = ([name, *(f"{fitted.components[part, place]:.5g}" for part in range(number))]
            for place, name in enumerate(names))  # fmt: skip
    fileio.write_csv(folder / "loadings.csv", ["feature", *(f"PC{part + 1}" for part in range(number))], rows)
    found = []
    for part in range(number):
        heaviest = np.argsort(-np.abs(fitted.components[part]))[:_HEAVIEST]
        weights = {names[place]: round(float(fitted.components[part, place]), 4) for place in heaviest}
        found.append(Loading(component=f"PC{part + 1}", share=float(fitted.explained[part]), features=weights))
    return found, {"Weights of the features in PCA (CSV)": "loadings.csv"}
