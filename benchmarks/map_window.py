"""How fluid a map of many cells is in the window: pictures per second on moving, enlarging and turning.

    python -m benchmarks.map_window [--cells 100000] [--peer]

Needs a display (`xvfb-run -a python -m ...` where there is none). Prints the median and the slowest picture of each,
the time to load and the longest pause of the window meanwhile; with `--peer` the same points in matplotlib's canvas.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from typing import Any

import customtkinter as ctk
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import wizard
from wizard.results_visualize import Map
from wizard.widgets.embedding import EmbeddingPanel

SIZE = "1366x768+0+0"
_PICTURES = 60


def made_maps(folder: Path, cells: int) -> list[Map]:
    """Write maps.parquet of made-up cells in eight groups, with tags and scores, and return its maps."""
    chance = np.random.default_rng(0)
    group = chance.integers(0, 8, cells)
    columns: dict[str, Any] = {
        "cell_id": [f"{index:016x}" for index in range(cells)],
        "source": [f"file_{index % 50}.cif" for index in range(cells)],
        "object": np.arange(cells),
        "class": [f"class {value}" for value in group],
        "day": [str(7 * (value % 4)) for value in group],
        "pseudotime": chance.random(cells).astype(np.float32),
    }
    maps = []
    for dimensions in (2, 3):
        middles = chance.normal(0, 4, (8, dimensions))
        points = (middles[group] + chance.normal(0, 1, (cells, dimensions))).astype(np.float32)
        names = [f"umap_{dimensions}d_{axis + 1}" for axis in range(dimensions)]
        columns |= {name: points[:, axis] for axis, name in enumerate(names)}
        maps.append(Map(method="umap", title=f"UMAP {dimensions}-D", dimensions=dimensions, columns=names, figure="",
                        seconds=0.0, trustworthiness=0.97, preservation=0.4))  # fmt: skip
    pq.write_table(pa.table(columns), folder / "maps.parquet")
    return maps


def opened(root: Any, folder: Path, maps: list[Map]) -> tuple[EmbeddingPanel, float, float]:
    """Open the maps; return the panel, the seconds to the first picture and the longest pause of the window."""
    start = time.perf_counter()
    panel = EmbeddingPanel(root, folder, maps, ["class", "day"], "class")
    panel.grid(row=0, column=0, sticky="nsew")
    ticks = [time.perf_counter()]

    def tick() -> None:
        ticks.append(time.perf_counter())
        if panel.frames and panel.frames[0].scatter.painted:
            root.quit()
        else:
            root.after(2, tick)

    root.after(2, tick)
    root.mainloop()
    longest = max(after - before for before, after in itertools.pairwise(ticks))
    return panel, time.perf_counter() - start, longest


def pictures(root: tk.Misc, change: Callable[[], object], draw: Callable[[], object]) -> tuple[float, float]:
    """Return the median and the longest seconds of a picture from the change to the screen."""
    taken = []
    for _ in range(_PICTURES):
        start = time.perf_counter()
        change()
        draw()
        root.update()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), max(taken)


def matplotlib_pictures(root: tk.Misc, points: np.ndarray, colours: np.ndarray, size: tuple[int, int]) -> list[float]:
    """Return the median seconds of a picture of the same points in matplotlib's Tk canvas: move, turn."""
    from matplotlib.backends.backend_tkagg import FigureCanvasTkAgg
    from matplotlib.figure import Figure

    found = []
    top = tk.Toplevel(root)
    top.geometry(f"{size[0]}x{size[1]}+0+0")
    for deep in (False, True):
        figure = Figure(figsize=(size[0] / 96, size[1] / 96), dpi=96)
        canvas = FigureCanvasTkAgg(figure, master=top)
        canvas.get_tk_widget().pack(fill="both", expand=True)
        axes: Any = figure.add_subplot(projection="3d" if deep else None)
        places = [*points.T] if deep else [*points[:, :2].T]
        axes.scatter(*places, s=3, c=colours / 255, linewidths=0)
        root.update()
        taken = []
        for step in range(4):
            start = time.perf_counter()
            if deep:
                axes.view_init(elev=20, azim=step * 3)
            else:
                axes.set_xlim(-10 + step * 0.2, 10 + step * 0.2)
            canvas.draw()
            root.update()
            taken.append(time.perf_counter() - start)
        found.append(statistics.median(taken))
        canvas.get_tk_widget().destroy()
    top.destroy()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=100_000)
    parser.add_argument("--peer", action="store_true", help="also draw the points with matplotlib's TkAgg")
    options = parser.parse_args()
    ctk.set_appearance_mode("light")
    ctk.set_default_color_theme(str(Path(wizard.__file__).parent / "assets" / "theme.json"))
    root = ctk.CTk()
    root.geometry(SIZE)
    root.columnconfigure(0, weight=1)
    root.rowconfigure(0, weight=1)
    root.update()
    with tempfile.TemporaryDirectory() as name:
        maps = made_maps(Path(name), options.cells)
        panel, seconds, pause = opened(root, Path(name), maps)
        print(f"{options.cells:,} cells; loaded in {seconds:.2f} s, longest pause of the window {1000 * pause:.0f} ms")
        scatter: Any = panel.frames[0].scatter
        medians = {}
        for title, item, change in (
            ("move", maps[0], lambda: scatter.view.pan(3, 2)),
            ("enlarge", maps[0], lambda: scatter.view.zoom_at(1.02, 300, 200)),
            ("turn in space", maps[1], lambda: scatter.view.rotate(0.03, 0.01)),
        ):
            panel.show_map(item)
            root.update()
            middle, longest = medians[title] = pictures(root, change, lambda: scatter.paint(moving=True))
            print(f"{title:>14}: {1 / middle:5.0f} pictures/s, slowest {1000 * longest:.0f} ms "
                  f"({scatter.view.width} x {scatter.view.height} px)")  # fmt: skip
        start = time.perf_counter()
        scatter.paint(moving=False)
        print(f"  fine picture: {1000 * (time.perf_counter() - start):.0f} ms at rest")
        if options.peer:
            data: Any = panel.data
            colours = panel.look.colouring.table[panel.look.colouring.codes]
            size = scatter.view.width, scatter.view.height
            flat, deep = matplotlib_pictures(root, data.coordinates(maps[1].columns), colours, size)
            print(f"    matplotlib: move {1 / flat:.1f} pictures/s, {flat / medians['move'][0]:.0f} times as long; "
                  f"turn {1 / deep:.1f} pictures/s, {deep / medians['turn in space'][0]:.0f} times as long")  # fmt: skip
    root.destroy()


if __name__ == "__main__":
    main()
