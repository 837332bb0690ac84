"""Prediction: cells a second and the time for one cell, ours against Keras `predict` and PyTorch in one run.

Run with: python -m benchmarks.inference [NETWORK ...] [--peer PYTHON] [--side 48] [--channels 2] [--rounds 5]
PYTHON is an interpreter with torch. Engines take turns, so that a busy moment of the machine hits all alike; the best
round counts, by the clock and, for a machine that others use too, by CPU time. Weights and cells are random: speed does
not mind, and agreement is given for what it is worth there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from wizard.engine.data import normalisation
from wizard.engine.data.dataset import DataSet, create_images, write_cells
from wizard.engine.events import Tell
from wizard.engine.inference import Inference, stream
from wizard.engine.inference.choosing import openvino_engine
from wizard.engine.inference.eight_bit import quantise
from wizard.engine.inference.engines import OnnxRuntime, OpenVino
from wizard.engine.networks.base import build, network
from wizard.engine.networks.cost import cost

CLASSES, CELLS = 7, 1024


def data_set(place: Path, channels: int, side: int) -> DataSet:
    rng = np.random.default_rng(0)
    pixels = rng.normal(400, 60, (CELLS, channels, side, side)).clip(0, 4095).astype(np.uint16)
    create_images(place, CELLS, channels, side, np.dtype(np.uint16))[:] = pixels
    write_cells(place, {"cell_id": [str(number) for number in range(CELLS)], "source": ["made up"] * CELLS})
    info = {"frame": [side, side], "channels": [{"name": f"Ch{n}", "number": n} for n in range(1, channels + 1)]}
    cells = {name: np.array([str(number) for number in range(CELLS)]) for name in ("cell_id", "source")}
    return DataSet(place, info, cells)


class Peer:
    """The same network in plain PyTorch, in a process of its own."""

    def __init__(self, python: str, name: str, side: int, channels: int) -> None:
        script = Path(__file__).with_name("torch_inference_peer.py")
        self._process = subprocess.Popen(
            [python, str(script), name, str(side), str(channels), str(CLASSES)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.fits = self._process.stdout.readline().strip() == "ready"

    def seconds(self, cells: int) -> list[float]:
        """Seconds by the clock and of CPU time."""
        self._process.stdin.write(f"{cells}\n")
        self._process.stdin.flush()
        return [float(word) for word in self._process.stdout.readline().split()]

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def matrices() -> float:
    """GFLOP of a product of matrices, after doing it."""
    import tensorflow as tf

    # Its matrix products use the widest registers of any processor; those of NumPy may not.
    a = tf.ones((2048, 2048))
    tf.linalg.matmul(a, a).numpy()
    return 2 * 2048**3 / 1e9


def best_rates(ways: dict[str, object], rounds: int) -> dict[str, tuple[float, float]]:
    """What each way does in a second, by the clock and by CPU time of all cores; the ways take turns.

    The best of all rounds. A way gives what it did, and its CPU seconds and seconds where it runs elsewhere.
    """
    cores = os.cpu_count() or 1
    found = dict.fromkeys(ways, (0.0, 0.0))
    for _ in range(rounds):
        for name, way in ways.items():
            began, used = time.perf_counter(), time.process_time()
            done, *elsewhere = way()
            spent = elsewhere or [time.perf_counter() - began, time.process_time() - used]
            found[name] = (max(found[name][0], done / spent[0]), max(found[name][1], cores * done / spent[1]))
    return found


def single(engine: Inference, cell: np.ndarray, number: int = 400) -> np.ndarray:
    times = []
    for _ in range(number):
        began = time.perf_counter()
        engine(cell)
        times.append(time.perf_counter() - began)
    return np.array(times) * 1e3


def measure(name: str, data: DataSet, given: argparse.Namespace) -> None:
    shape = (*data.frame, len(data.channels))
    net = build(name, shape, CLASSES, {})
    layers = [net.layers[-1], net.get_layer(network(name).stages["pool"])]
    plain = Inference(net, layers)
    constants = normalisation.fit("mean_sd", data.load(np.arange(300)))
    images = normalisation.apply(data.load(np.arange(CELLS)), constants)
    began = time.perf_counter()
    small = quantise(plain.model, images[:300], __import__("nncf"), Tell())
    making = time.perf_counter() - began
    engines = {
        "OpenVINO int8": OpenVino(small, plain.model, "int8", True),
        "OpenVINO float32": openvino_engine(plain.model, True),
        "ONNX Runtime": OnnxRuntime(plain.model),
    }
    batches, rows = np.split(images, CELLS // 128), np.arange(CELLS)

    def predict() -> tuple[float]:
        plain.model.predict(images, batch_size=128, verbose=0)
        return (CELLS,)

    def only(engine: Inference) -> tuple[float]:
        return (sum(len(one[0]) for one in engine.each(batches)),)

    def whole(engine: Inference) -> tuple[float]:
        return (sum(len(part) for part, _ in stream(engine, data, rows, constants, lambda *_: None)),)

    ways: dict[str, object] = {"matrices": lambda: (matrices(),), "Keras predict": predict}
    ways |= {title: partial(only, engine) for title, engine in engines.items()}
    ways |= {f"{title}, end to end": partial(whole, engines[title]) for title in list(engines)[:2]}
    peer = Peer(given.peer, name, given.side, given.channels) if given.peer else None
    if peer is not None and peer.fits:
        ways["PyTorch"] = lambda: (CELLS, *peer.seconds(CELLS))
    for way in ways.values():
        way()
    rates = best_rates(ways, given.rounds)
    if peer is not None:
        peer.close()
    peaks, keras_rates = rates.pop("matrices"), rates["Keras predict"]
    operations = 2 * cost(net)[1] / 1e9
    print(f"{name}: {operations / 2 * 1e3:.0f} M multiply-adds per cell; 8-bit made in {making:.0f} s; float32 peak by "
          f"clock {peaks[0]:.0f}, by CPU time {peaks[1]:.0f} GFLOP/s")  # fmt: skip
    for title, both in sorted(rates.items(), key=lambda item: -item[1][1]):
        said = (
            f"{by} {rate:6.0f} cells/s, {rate / keras:5.2f}x Keras predict, {operations * rate / peak:4.0%} of the peak"
            for by, rate, keras, peak in zip(("clock", "CPU time"), both, keras_rates, peaks, strict=True)
        )
        print(f"  {title:28} " + " | ".join(said), flush=True)
    right = plain.model.predict(images, verbose=0)[0]
    for title, engine in engines.items():
        answers = np.concatenate([one[0] for one in engine.each(batches)])
        print(f"  {title:28} same class for {(answers.argmax(1) == right.argmax(1)).mean():.2%}, logits at most "
              f"{abs(answers - right).max():.1e} apart (largest {abs(right).max():.1e})")  # fmt: skip
    for title, engine in (
        ("OpenVINO int8", OpenVino(small, plain.model, "int8", False)),
        ("OpenVINO float32", openvino_engine(plain.model, False)),
    ):
        times = single(engine, images[:1])
        print(f"  {title:28} one cell: median {np.median(times):.2f} ms, p99 {np.quantile(times, 0.99):.2f} ms")


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("networks", nargs="*", default=["balanced", "resnet50", "resnet18", "mobilenetv2"])
    words.add_argument("--peer", default="")
    words.add_argument("--side", type=int, default=48)
    words.add_argument("--channels", type=int, default=2)
    words.add_argument("--rounds", type=int, default=5)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as place:
        data = data_set(Path(place), given.channels, given.side)
        for name in given.networks:
            measure(name, data, given)


if __name__ == "__main__":
    main()
