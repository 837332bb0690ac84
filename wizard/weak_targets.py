"""Targets that are circumstances of the cells and not classes of cells; light, so that the window can tell them."""

from __future__ import annotations

from wizard.engine.data.tags import GROUP_TAGS

_CIRCUMSTANCES = {"time", "timepoint", "hour", "dose", "concentration", "treatment", "condition"}


def is_weak(target: str) -> bool:
    """Tell whether a target is a circumstance (day, dose, batch) and not a class of cells."""
    return target in _CIRCUMSTANCES or target in GROUP_TAGS


def before(target: str) -> str:
    """Say before the training what to expect of such a target."""
    return (
        f"The target {target} tells where a cell comes from, not what it looks like (weak supervision): low accuracy "
        "is expected. The network is trained for its features; read them out with Extract, see them with Visualize."
    )


def after(target: str, classes: int, accuracy: float | None) -> list[str]:
    """Say after the training how to read its accuracy (0 to 1, None = unknown), and what to do next."""
    chance = 1 / max(1, classes)
    lines = [
        f"The target {target} tells where a cell comes from, not what it looks like. Cells that differ in it can look "
        "the same, so low accuracy is expected and no mistake of the network."
    ]
    if accuracy is not None:
        by_chance = f"Guessing among {classes} classes would give {100 * chance:.1f} %; "
        if accuracy > 1.15 * chance:
            lines.append(
                f"{by_chance}{100 * accuracy:.1f} % is {accuracy / chance:.1f} times that: "
                "the cells do hold something about it."
            )
        else:
            lines.append(f"{by_chance}{100 * accuracy:.1f} % is hardly more: the images may hold nothing about it.")
    lines.append("What counts are the features that it learned: next, press Extract, then Visualize.")
    return lines
