"""Work done by several threads side by side, with answers in order and little in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from wizard.engine import processors

Part = TypeVar("Part")
Answer = TypeVar("Answer")


def workers() -> int:
    """Return how many threads read images side by side."""
    return max(1, min(8, processors.count()))


def side_by_side(work: Callable[[Part], Answer], parts: Sequence[Part]) -> Iterator[Answer]:
    """Do `work` on all parts in several threads; answers come in order, few parts are in memory at a time."""
    if len(parts) < 2:
        yield from map(work, parts)
        return
    pool = ThreadPoolExecutor(workers())
    waiting: deque[Future[Answer]] = deque()
    try:
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > 2 * workers():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
