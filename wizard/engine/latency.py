"""A run beside the steps: how long networks need for a cell on this computer (imaging cell sorting)."""

from __future__ import annotations

import os
import platform
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.data import normalisation
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.inference import Inference, convert, eight_bit
from wizard.engine.inference.base import in_short
from wizard.engine.inference.choosing import FASTEST, first_that_works
from wizard.engine.inference.engines import OpenVino
from wizard.engine.networks.base import build, network
from wizard.evaluate_plan import EvaluatePlan
from wizard.project import Project
from wizard.reports.latency_chart import draw
from wizard.results_latency import LatencyResult, Timing

_CLASSES = 2
_WARM, _FEWEST, _MOST, _SECONDS = 5, 30, 2000, 1.0
"""Rounds that do not count, least and most that do, and after how many seconds it is enough."""
_CALIBRATION = 32


def latency(plan: EvaluatePlan, project: Project, tell: Tell, folder: Path) -> LatencyResult:
    """Time single cells and batches for every network, number of channels and precision of the plan.

    Networks have random weights and two classes, cells are noise: neither changes the time. Timed is normalisation
    and network. Stop keeps what was timed. Writes latency.csv and latency.png. Raises UserError when nothing is chosen.
    """
    cases = list(product(plan.latency_networks, plan.latency_channels))
    if not cases or not plan.latency_precisions or not plan.latency_batches:
        raise UserError(
            "There is nothing to time.", "No network, number of channels, precision or number of cells is chosen.",
            "Choose at least one of each under Latency study.",
        )  # fmt: skip
    result = LatencyResult(frame=plan.latency_frame, processor=_processor(), cores=os.cpu_count() or 1)
    for number, (name, channels) in enumerate(cases):
        if tell.should_stop():
            result.stopped = True
            break
        title = network(name).title
        tell.progress(0.02 + 0.94 * number / len(cases), f"{title}, {channels} channel{'s' if channels > 1 else ''}")
        result.timings += _timings(plan, name, channels, tell)
    tell.progress(0.97, "Writing the table")
    rows = [[getattr(one, column) for column in Timing.model_fields] for one in result.timings]
    fileio.write_csv(folder / "latency.csv", list(Timing.model_fields), rows)
    result.files["Every timing"] = "latency.csv"
    if result.fastest is not None:
        draw(result, folder / "latency.png")
        result.files["Figure"] = "latency.png"
    return result


def _timings(plan: EvaluatePlan, name: str, channels: int, tell: Tell) -> list[Timing]:
    """Time one network with one number of channels; what cannot be timed gets the reason."""
    shape = (plan.latency_frame, plan.latency_frame, channels)
    pixels = np.random.default_rng(0).integers(0, 4096, (max(plan.latency_batches), channels, *shape[:2]), np.uint16)
    constants = normalisation.fit("mean_sd", pixels[:_CALIBRATION])
    found = []
    engines: dict[str, tuple[Inference, Inference] | str] = {}
    try:
        net = build(name, shape, _CLASSES, {})
        plain = Inference(net, [net.layers[-1], net.get_layer(network(name).stages["pool"])])
    except UserError as error:
        engines = dict.fromkeys(plan.latency_precisions, error.what)
    else:
        images = normalisation.apply(pixels[:_CALIBRATION], constants)
        engines = {precision: _engines(plain, precision, images, tell) for precision in plan.latency_precisions}
    for precision, batch in product(plan.latency_precisions, plan.latency_batches):
        timing = Timing(
            network=name, network_title=network(name).title, channels=channels, precision=precision, batch=batch
        )
        ready = engines[precision]
        if isinstance(ready, str):
            timing.failed = ready
        else:
            _measure(timing, ready[int(batch > 1)], pixels[:batch], constants, tell)
        found.append(timing)
    return found


def _engines(plain: Inference, precision: str, images: Any, tell: Tell) -> tuple[Inference, Inference] | str:
    """Return the engine for one cell and that for many, or why there is none."""
    if precision == "float32":
        one, _ = first_that_works(plain, FASTEST, images[:2], False)
        many, _ = first_that_works(plain, FASTEST, images[:2], True)
        return one, many
    try:
        convert.openvino()
        import nncf

        network = eight_bit.quantise(plain.model, images, nncf, tell, thorough=False)
    except ImportError:
        return "OpenVINO or NNCF is not installed."
    except (RuntimeError, ValueError) as error:
        return f"8-bit integers cannot be made ({in_short(error)})."
    return OpenVino(network, plain.model, "int8", False), OpenVino(network, plain.model, "int8", True)


def _measure(timing: Timing, engine: Inference, pixels: NDArray[Any], constants: dict[str, Any], tell: Tell) -> None:
    """Set the figures of a timing."""

    def once() -> float:
        began = time.perf_counter()
        engine(normalisation.apply(pixels, constants))
        return time.perf_counter() - began

    for _ in range(_WARM):
        once()
    times: list[float] = []
    while len(times) < _FEWEST or (sum(times) < _SECONDS and len(times) < _MOST):
        times.append(once())
        tell.check_cancel()
    median, late = float(np.median(times)), float(np.quantile(times, 0.99))
    timing.engine = engine.engine
    timing.median_ms, timing.p99_ms = round(1e3 * median, 4), round(1e3 * late, 4)
    timing.cells_per_second, timing.sorting_rate = round(timing.batch / median, 1), round(timing.batch / late, 1)


def _processor() -> str:
    try:
        ov = convert.openvino()
        return str(ov.Core().get_property("CPU", "FULL_DEVICE_NAME"))
    except ImportError:
        return platform.processor() or platform.machine()
