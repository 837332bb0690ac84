"""What follows from the explanations, in words: the fewest channels that suffice, and what maps do not tell."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.engine.explaining.ablation import middle
from wizard.reports.words import count, listed
from wizard.results_explain import Ablation, ExplainResult

SENSITIVE = (
    "Maps show where the network is sensitive, not why, and not what matters in the cell: they suggest questions and "
    "prove nothing."
)

_FEW_EPOCHS = 5
"""Fewer tell little of what a network can learn."""
_UNEVEN = 1.5
"""Ratio of epochs above which the networks had not the same chance."""


def suggest(result: ExplainResult) -> None:
    """Set the fewest channels whose accuracy and balanced accuracy stay within the intervals of all channels.

    Networks trained anew decide where all channels were tried so; else the present model with channels blanked or
    swapped, the better of the two, since both are pessimistic.
    """
    whole = list(range(len(result.channels)))
    rows = [row for row in result.ablation if row.how == "retrained" and not row.failed]
    if not any(row.channels == whole for row in rows) or len(rows) < 2:
        rows = [row for row in result.ablation if row.how != "retrained"]
    reference = next((row for row in rows if row.channels == whole), None)
    if reference is None or len(whole) < 2:
        result.suggestion = (
            "The model has one channel only, so there is nothing to leave out." if len(whole) == 1 else ""
        )
        return
    good = [row for row in rows if row.channels != whole and _within(row, reference)]
    anew = reference.how == "retrained"
    result.suggested_by = "retrained" if anew else "quick"
    if good:
        best = min(good, key=lambda row: (len(row.channels), -middle(row)))
        result.suggested = best.channels
    else:
        best, result.suggested = reference, whole
    result.suggestion = " ".join(
        [_said(result, best, reference), *_fewer(result, best, rows, reference), _limits(anew, best is reference)]
    )


def _within(row: Ablation, reference: Ablation) -> bool:
    pairs = ((row.accuracy, reference.accuracy), (row.balanced_accuracy, reference.balanced_accuracy))
    return all(
        mine is not None and theirs is not None and mine.value is not None and theirs.low is not None
        and mine.value >= theirs.low
        for mine, theirs in pairs
    )  # fmt: skip


def _said(result: ExplainResult, best: Ablation, reference: Ablation) -> str:
    number = len(result.channels)
    if best is reference:
        return (
            f"Keep all {number} channels: no smaller subset that was tried stays within the 95 % intervals of all of "
            f"them ({_intervals(reference)}; {_value(reference)})."
        )
    enough = "alone is enough" if len(best.channels) == 1 else "are enough"
    return (
        f"{result.names(best.channels)} {enough}: {_value(best)} lie within the 95 % intervals of all "
        f"{number} channels ({_intervals(reference)})."
    )


def _value(row: Ablation) -> str:
    parts = (("accuracy", row.accuracy), ("balanced accuracy", row.balanced_accuracy))
    return " and ".join(f"{name} {one.value:.3f}" for name, one in parts if one is not None and one.value is not None)


def _intervals(row: Ablation) -> str:
    known = [one for one in (row.accuracy, row.balanced_accuracy) if one is not None and one.low is not None]
    return " and ".join(f"{one.low:.3f} to {one.high:.3f}" for one in known)


def _fewer(result: ExplainResult, best: Ablation, rows: Sequence[Ablation], reference: Ablation) -> list[str]:
    """Say what the best subset with one channel fewer loses."""
    smaller = [row for row in rows if len(row.channels) == len(best.channels) - 1]
    if not smaller:
        return []
    nearest = max(smaller, key=middle)
    return [f"With one channel fewer the best is {result.names(nearest.channels)}: {_value(nearest)}."]


def _limits(anew: bool, all_needed: bool) -> str:
    if anew:
        return (
            "Each network was trained anew for the same time. The choice was made on these cells, so confirm it on "
            "new ones."
        )
    words = "This model was trained with all channels and never learned to do without one, so the study is pessimistic"
    more = "fewer channels may well suffice a network trained for them" if all_needed else "others may suffice as well"
    return f"{words}: {more}. Train anew on each subset to know."


def caveats(result: ExplainResult, intensities: bool, members: int) -> list[str]:
    """Return what must be known to read the result, each a sentence or two."""
    said = []
    if result.methods:
        said.append(SENSITIVE)
        said.append("The class that the network named is explained, also where it is wrong.")
    if "gradcam" in result.methods:
        said.append(
            f"Grad-CAM looks at the last layer that still has places ({result.layer}): it is coarse, it is the same "
            "for all channels, and shows only what speaks for the class."
        )
    if intensities:
        said.append(
            "This network also sees each channel's total and highest grey level directly, past the convolutions: "
            "Grad-CAM cannot show that, integrated gradients and occlusion do."
        )
    if {"gradients", "occlusion"} & set(result.methods):
        said.append(f"An empty place is {result.baseline}; with another choice the maps would differ.")
    if result.gap is not None and result.gap > 0.1:
        said.append(
            f"For some cells the integrated gradients miss the network's change of mind by up to {result.gap:.0%}; "
            "their amounts are rough."
        )
    if members > 1:
        said.append(f"The model is {members} networks together; Grad-CAM is the mean of theirs.")
    if result.averages:
        said.append("Average maps are of rightly named cells in the middle of the frame; cells are not turned alike.")
    hows = {row.how for row in result.ablation}
    if hows - {"retrained"}:
        said.append(
            "Blanked or swapped channels give the model cells that it never met, so what it can do with the others "
            "is underestimated."
        )
    if "retrained" in hows:
        said.append(
            f"Networks trained anew had {result.minutes:g} minutes each and one start each; small differences may be "
            "chance."
        )
        said += _too_short(result)
    failed = [result.names(row.channels) for row in result.ablation if row.failed]
    return [*said, f"Could not be trained: {listed(failed)}."] if failed else said


def _too_short(result: ExplainResult) -> list[str]:
    """Say where the time of the networks trained anew was too short to trust them."""
    rows = [row for row in result.ablation if row.how == "retrained" and not row.failed]
    whole = list(range(len(result.channels)))
    said = []
    few = min((row.epochs for row in rows), default=_FEW_EPOCHS)
    if few < _FEW_EPOCHS:
        said.append(f"A network had time for {count(few, 'epoch')} only: give more minutes before you trust the study.")
    many = max((row.epochs for row in rows), default=0)
    if few and many > _UNEVEN * few:
        said.append(
            f"In the same time the networks did {few} to {many} epochs, because the computer was busy at times or they "
            "differ in size: those with few are at a disadvantage."
        )
    anew = next((row for row in rows if row.channels == whole), None)
    before = next((row for row in result.ablation if row.how == "mean" and row.channels == whole), None)
    pair = [row.accuracy for row in (anew, before) if row is not None and row.accuracy is not None]
    if len(pair) == 2 and pair[0].value is not None and pair[1].low is not None and pair[0].value < pair[1].low:
        said.append(
            f"Trained anew with all channels the accuracy is {pair[0].value:.3f}, below that of the model "
            f"({pair[1].value:.3f}): the time was short, and what is compared are half-trained networks."
        )
    return said
