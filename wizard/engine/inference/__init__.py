"""The fast path through a trained network, used by train, evaluate, predict and extract."""

from wizard.engine.inference.base import BATCH, ENGINE, Floats, Inference
from wizard.engine.inference.choosing import prepare
from wizard.engine.inference.running import run, stream

__all__ = ["BATCH", "ENGINE", "Floats", "Inference", "prepare", "run", "stream"]
