"""How many cores the work may use, told to every library before it is loaded."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping, MutableMapping

VARIABLE = "CYTOWIZARD_THREADS"
"""Holds the number of cores in use; may be set before the program is started. 0 or nothing: all of them."""

_READ_AT_IMPORT = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS", "LOKY_MAX_CPU_COUNT", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "BLOSC_NTHREADS",
)  # fmt: skip


def there() -> int:
    """Return how many cores this process may use, whatever was asked for."""
    with contextlib.suppress(AttributeError, OSError):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def limit(threads: int, variables: MutableMapping[str, str] = os.environ) -> int:
    """Hold the libraries of this process to some cores (0: as the variable says, else all); returns how many.

    Libraries read these variables when they are loaded, so it has to be called first. OpenVINO reads none: it is
    told `count` when it compiles a network.
    """
    threads = threads or _asked(variables)
    if threads < 1:
        return there()
    used = min(threads, there())
    variables[VARIABLE] = str(used)
    for name in _READ_AT_IMPORT:
        variables[name] = str(used)
    if "tensorflow" in sys.modules:
        _limit_tensorflow(used)
    return used


def count() -> int:
    """Return how many cores the work may use."""
    asked = _asked(os.environ)
    return min(asked, there()) if asked > 0 else there()


def _asked(variables: Mapping[str, str]) -> int:
    with contextlib.suppress(ValueError):
        return int(variables.get(VARIABLE, "0"))
    return 0


def _limit_tensorflow(used: int) -> None:
    """Limit a TensorFlow that is loaded already; once it has computed this is too late, and left as it is."""
    import tensorflow as tf

    with contextlib.suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(used)
        tf.config.threading.set_inter_op_parallelism_threads(used)
