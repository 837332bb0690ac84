"""Functions compiled by numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def compiled(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Compile at the first call, keep the result on disk where there is a place for it; other threads run meanwhile.

    `options` are those of `numba.njit`, beside `nogil`, which is on unless they say otherwise.
    """
    options = {"nogil": True, **options}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:
        return numba.njit(**options)(function)
