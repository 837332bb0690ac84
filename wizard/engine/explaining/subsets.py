"""Which subsets of the channels are tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from wizard.engine.errors import UserError
from wizard.results import Channel

Subset = tuple[int, ...]
"""Positions among the model's channels, rising."""

FEW = 4
"""Up to so many channels all subsets are tried on the present model (15)."""
_FEW_TRAINED = 3


def wanted(texts: Sequence[str], channels: Sequence[Channel]) -> list[Subset]:
    """Read subsets such as `3, 6`: numbers, names or labels of channels; raises UserError for an unknown channel."""
    found: list[Subset] = []
    for text in texts:
        places = set()
        for word in (part.strip() for part in text.strip("[]").replace("+", ",").split(",")):
            match = [
                place for place, channel in enumerate(channels)
                if word and word.casefold() in {
                    channel.name.casefold(), channel.label.casefold(), channel.shown.casefold(), str(channel.number)
                }
            ]  # fmt: skip
            if not match:
                listed = ", ".join(f"{channel.number} ({channel.shown})" for channel in channels)
                raise UserError(
                    f"The model has no channel {word!r}.", f"Its channels are: {listed}.",
                    "Name channel subsets of these, for example: "
                    f"{', '.join(str(channel.number) for channel in channels[:2])}; {channels[0].number}.",
                )  # fmt: skip
            places.add(match[0])
        found.append(tuple(sorted(places)))
    return list(dict.fromkeys(found))


def every(channels: int) -> list[Subset]:
    """Return all subsets, the largest first."""
    return [some for size in range(channels, 0, -1) for some in combinations(range(channels), size)]


def tried(channels: int, asked: Sequence[Subset], score: Callable[[Subset], float]) -> list[Subset]:
    """Return what is tried on the present model, all channels first.

    That is what was asked for; else all subsets of few channels; else single channels, all but one, and the way
    of taking away the channel that is missed least, again and again. `score` says how well a subset does.
    """
    whole = tuple(range(channels))
    if asked:
        return list(dict.fromkeys([whole, *asked]))
    if channels <= FEW:
        return every(channels)
    found = [whole, *combinations(whole, channels - 1)]
    left = whole
    while len(left) > 1:
        left = max(combinations(left, len(left) - 1), key=score)
        found.append(left)
    return list(dict.fromkeys([*found, *combinations(whole, 1)]))


def trained(channels: int, asked: Sequence[Subset], quick: Sequence[tuple[Subset, float]]) -> list[Subset]:
    """Return for which subsets networks are trained anew, all channels first.

    That is what was asked for; else all subsets of few channels; else single channels and, of each size between, the
    one that did best in the `quick` study (subset, score).
    """
    whole = tuple(range(channels))
    if asked:
        return list(dict.fromkeys([whole, *asked]))
    if channels <= _FEW_TRAINED:
        return every(channels)
    found = [whole]
    for size in range(channels - 1, 1, -1):
        same = [(score, subset) for subset, score in quick if len(subset) == size]
        if same:
            found.append(max(same)[1])
    return [*found, *combinations(whole, 1)]
