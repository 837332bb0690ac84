"""Seconds and trustworthiness of all four maps, against scikit-learn's t-SNE and the libraries' own defaults.

Run with: python -m benchmarks.maps [--cells 20000] [--features 2048] [--no-peers]
          python -m benchmarks.maps --whole 100000      a whole run from images to report, with its largest memory
Each way is a process of its own, one after the other; target: all four within a third of scikit-learn's t-SNE.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

_OURS = ("pca", "tsne", "umap", "phate")
_PEERS = {"sklearn t-SNE": "scikit-learn, defaults", "PCA": "scikit-learn", "openTSNE": "defaults",
          "UMAP": "defaults", "PHATE": "defaults"}  # fmt: skip


def made(cells: int, features: int, seed: int = 0) -> np.ndarray:
    """Return features like those of a network: not negative, related, classes on a curve, with noise; float32."""
    rng = np.random.default_rng(seed)
    kinds, along = rng.integers(0, 7, cells), rng.random(cells)
    hidden = rng.normal(size=(7, 12))[kinds] * 2 + rng.normal(size=(cells, 12)) * 0.8
    hidden += np.outer(along, rng.normal(size=12) * 2)
    bent = np.tanh(hidden @ rng.normal(size=(12, 64)) / 2)
    weights = rng.normal(size=(12, features)) / np.sqrt(12), rng.normal(size=(64, features)) / 8
    values = np.empty((cells, features), np.float32)
    for start in range(0, cells, 5000):
        part = slice(start, start + 5000)
        signal = hidden[part] @ weights[0] + bent[part] @ weights[1]
        values[part] = np.maximum(signal + rng.normal(size=signal.shape) * 0.5, 0)
    return values


def ours(values: np.ndarray) -> dict[str, float]:
    """Return seconds of each part of the product's own way, and the coordinates."""
    from wizard.engine.embeddings import METHODS, reduction, space
    from wizard.visualize_plan import VisualizePlan

    plan, seconds, coordinates = VisualizePlan(), {}, {}
    began = time.perf_counter()

    def blocks():
        return (values[start : start + 4096] for start in range(0, len(values), 4096))

    fitted = reduction.fit(blocks, True, 1)
    scores = np.concatenate([fitted.scores(block) for block in blocks()])
    seconds["reduce"] = time.perf_counter() - began
    began = time.perf_counter()
    near = space.build(scores, 90, 1)
    seconds["nearest cells"] = time.perf_counter() - began
    for name in _OURS:
        began = time.perf_counter()
        coordinates[name] = METHODS[name].make(near, (2,), plan, lambda share, label="": None)[2]
        seconds[name] = time.perf_counter() - began
    return seconds, coordinates


def peer(name: str, values: np.ndarray) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Return seconds and coordinates of one library with its own defaults, on standardized features."""
    from sklearn.preprocessing import StandardScaler

    began = time.perf_counter()
    values = StandardScaler().fit_transform(values)
    if name == "sklearn t-SNE":
        from sklearn.manifold import TSNE

        found = TSNE(n_jobs=-1, random_state=1).fit_transform(values)
    elif name == "PCA":
        from sklearn.decomposition import PCA

        found = PCA(2, random_state=1).fit_transform(values)
    elif name == "openTSNE":
        import openTSNE

        found = np.asarray(openTSNE.TSNE(n_jobs=2, random_state=1).fit(values))
    elif name == "UMAP":
        from wizard.engine.embeddings import import_umap

        found = import_umap().UMAP(random_state=1).fit_transform(values)
    else:
        import phate

        found = phate.PHATE(n_jobs=-1, random_state=1, verbose=-1).fit_transform(values)
    return {name: time.perf_counter() - began}, {name: np.asarray(found, np.float32)}


def judged(values: np.ndarray, coordinates: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the trustworthiness of each map in all standardized features, over 1,000 cells drawn by lot."""
    from wizard.engine.embeddings.quality import judge_of

    spread = values.std(axis=0)
    judge = judge_of((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1), 1)
    return {name: judge.judge(np.ascontiguousarray(map_))[0] for name, map_ in coordinates.items()}


def child(way: str, cells: int, features: int) -> None:
    """Print one way's figures as JSON."""
    values = made(cells, features)
    began = time.process_time()
    seconds, coordinates = ours(values) if way == "ours" else peer(way, values)
    used = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"seconds": seconds, "cpu": used, "memory": peak, "trust": judged(values, coordinates)}))


def _told(module: str, *words: str) -> str:
    return subprocess.run([sys.executable, "-m", module, *words], check=True, capture_output=True, text=True).stdout


def compare(cells: int, features: int, peers: bool) -> None:
    """Print all ways side by side."""
    given = ["--cells", str(cells), "--features", str(features)]
    found = json.loads(_told("benchmarks.maps", *given, "--child", "ours").splitlines()[-1])
    total = sum(found["seconds"].values())
    for name, seconds in found["seconds"].items():
        trust = found["trust"].get(name)
        print(f"ours, {name:14} {seconds:7.1f} s" + (f"   trustworthiness {trust:.4f}" if trust else ""))
    print(f"ours, all          {total:7.1f} s   {found['cpu']:.0f} CPU s, {found['memory']:.2f} GB at most")
    if not peers:
        return
    trust = dict(zip(("PCA", "openTSNE", "UMAP", "PHATE"), (found["trust"][name] for name in _OURS), strict=True))
    for name, how in _PEERS.items():
        row = json.loads(_told("benchmarks.maps", *given, "--child", name).splitlines()[-1])
        seconds, judged_ = row["seconds"][name], row["trust"][name]
        own = trust.get(name, found["trust"]["tsne"])
        print(f"{name:18} {seconds:7.1f} s   trustworthiness {judged_:.4f} (ours {own - judged_:+.4f}), {how}, "
              f"{row['cpu']:.0f} CPU s, {row['memory']:.2f} GB at most")  # fmt: skip
        if name == "sklearn t-SNE":
            print(f"all four of ours / {name}: {total / seconds:.2f} (target 0.33)")


def whole(cells: int) -> None:
    """Parse, train, extract and visualize `cells` made-up cells; print seconds and the largest memory of each step."""
    with tempfile.TemporaryDirectory() as place:
        raw, project = Path(place) / "raw", Path(place) / "project"
        rng = np.random.default_rng(0)
        y, x = np.mgrid[:32, :32].astype(np.float32) - 15.5
        for kind in range(7):
            (raw / f"class {kind}").mkdir(parents=True)
            for stack in range(4):
                number = cells // 28 + (stack < cells % 28 // 7)
                wide = rng.uniform(3, 9, (number, 1, 1)) * (1 + kind / 10)
                long = wide * rng.uniform(0.6, 1, (number, 1, 1))
                shape = np.exp(-((x / wide) ** 2) - (y / long) ** 2) * (1 + 0.4 * np.cos(kind * x / 4))
                images = np.stack([shape * 900, shape**2 * 500], axis=1) + rng.normal(200, 25, (number, 2, 32, 32))
                np.save(raw / f"class {kind}" / f"stack{stack}.npy", np.clip(images, 0, 4095).astype(np.uint16))
        program = [sys.executable, "-m", "wizard"]
        given = {
            "parse": ["--input", str(raw), "--set", "parse.frame=32"],
            "train": ["--set", "train.minutes=1", "--set", "train.network=fast"],
            "extract": [],
            "visualize": [],
        }
        for step, words in given.items():
            began = time.perf_counter()
            code = (
                "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, "
                "stderr=subprocess.PIPE); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); "
                "sys.stderr.buffer.write(done.stderr[-2000:] if done.returncode else b''); sys.exit(done.returncode)"
            )
            command = [sys.executable, "-c", code, *program, step, "--project", str(project), *words]
            told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            print(f"{cells:,} cells, {step:10} {time.perf_counter() - began:7.1f} s, "
                  f"{int(told) / 2**20:.2f} GB at most", flush=True)  # fmt: skip
        result = json.loads((project / "results/visualize/result.json").read_text())
        for one in result["maps"]:
            print(f"  {one['title']:10} {one['seconds']:7.1f} s   trustworthiness {one['trustworthiness']:.4f}, "
                  f"{one['preservation']:.0%} of the nearest kept")  # fmt: skip


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--cells", type=int, default=20_000)
    words.add_argument("--features", type=int, default=2048)
    words.add_argument("--no-peers", action="store_true")
    words.add_argument("--whole", type=int, default=0)
    words.add_argument("--child", help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.child:
        child(given.child, given.cells, given.features)
    elif given.whole:
        whole(given.whole)
    else:
        compare(given.cells, given.features, not given.no_peers)


if __name__ == "__main__":
    main()
