"""Engines that are faster than Keras: OpenVINO and ONNX Runtime."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Sequence
from typing import Any

import numpy as np
from typing_extensions import override

from wizard.engine import processors
from wizard.engine.inference import convert
from wizard.engine.inference.base import Floats, Inference

_MOST, _PIXELS = 8, 2**15
"""Cells computed at once: few stay in the processor's cache, which is faster than many."""


class OpenVino(Inference):
    """An OpenVINO model on the CPU; small batches of cells run side by side."""

    def __init__(self, made: Any, model: Any, precision: str, many: bool) -> None:
        """Compile `made` for the processor; `model` is the Keras model with the same outputs.

        `many` cells are computed in parallel, else each as fast as possible. float32 is kept: a processor
        with shorter floats would use them otherwise.
        """
        ov = convert.openvino()
        self.model, self._tensor = model, ov.Tensor
        self.engine = f"OpenVINO {'.'.join(ov.__version__.split('.')[:2])} {precision}"
        # Threads tied to cores would wait for the reader, or for other programs, on theirs.
        hints: dict[str, str | bool | int] = {
            "PERFORMANCE_HINT": "THROUGHPUT" if many else "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
            "ENABLE_CPU_PINNING": False,
        }
        if processors.count() < processors.there():
            hints["INFERENCE_NUM_THREADS"] = processors.count()
        compiled = ov.Core().compile_model(made, "CPU", hints)
        number = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")) if many else 1
        self._requests = [compiled.create_infer_request() for _ in range(number)]
        height, width = model.input.shape[1:3]
        self._size = max(1, min(_MOST, _PIXELS // (height * width)))

    @override
    def __call__(self, images: Floats) -> list[Floats]:
        return next(iter(self.each([images])))

    @override
    def each(self, batches: Iterable[Floats]) -> Generator[list[Floats], None, None]:
        free, busy, waiting = list(self._requests), deque[_Job](), deque[_Answer]()
        try:
            for images in batches:
                answer = _Answer(len(images), [tuple(output.shape[1:]) for output in self.model.outputs])
                waiting.append(answer)
                for start in range(0, len(images), self._size):
                    if not free:
                        free.append(busy.popleft().take())
                    job = _Job(free.pop(), images[start : start + self._size], answer, start)
                    job.request.start_async({0: self._tensor(job.images, shared_memory=True)})
                    busy.append(job)
                while waiting[0].left == 0:
                    yield waiting.popleft().outputs
                    if not waiting:
                        break
            while waiting:
                while waiting[0].left:
                    free.append(busy.popleft().take())
                yield waiting.popleft().outputs
        finally:
            # What still runs reads memory that would be gone.
            for job in busy:
                job.request.wait()


class _Answer:
    """The outputs of a batch while they come in."""

    def __init__(self, number: int, shapes: Sequence[tuple[int, ...]]) -> None:
        self.outputs = [np.empty((number, *shape), np.float32) for shape in shapes]
        self.left = number


class _Job:
    """A few images that a request computes; they stay in memory as long as this."""

    def __init__(self, request: Any, images: Floats, answer: _Answer, start: int) -> None:
        self.request, self.images = request, np.ascontiguousarray(images, np.float32)
        self._answer, self._place = answer, slice(start, start + len(images))

    def take(self) -> Any:
        """Wait for the outputs, store them, and return the request."""
        self.request.wait()
        for number, output in enumerate(self._answer.outputs):
            output[self._place] = self.request.get_output_tensor(number).data
        self._answer.left -= len(self.images)
        return self.request


class OnnxRuntime(Inference):
    """An ONNX model on the CPU."""

    def __init__(self, model: Any) -> None:
        import onnxruntime

        made = convert.to_onnx(model)
        self.model = model
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if processors.count() < processors.there():
            options.intra_op_num_threads = processors.count()
        self._session = onnxruntime.InferenceSession(made, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        version = ".".join(onnxruntime.__version__.split(".")[:2])
        self.engine = f"ONNX Runtime {version} float32"

    @override
    def __call__(self, images: Floats) -> list[Floats]:
        return list(self._session.run(None, {self._input: np.ascontiguousarray(images, np.float32)}))
