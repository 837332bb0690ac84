"""The colours of the window, each for the light and the dark theme, and the colours of series."""

from __future__ import annotations

import customtkinter as ctk

Pair = tuple[str, str]
"""A colour in the light and in the dark theme."""

BACK: Pair = ("#F3F5F8", "#13171C")
SURFACE: Pair = ("#FFFFFF", "#1C2229")
SUNKEN: Pair = ("#F7F9FB", "#171C22")
LINE: Pair = ("#D3DAE1", "#36404B")
FRAME: Pair = ("#7C8894", "#77838F")
TEXT: Pair = ("#17202B", "#E8ECF0")
MUTED: Pair = ("#55606E", "#A5B0BB")
ACCENT: Pair = ("#0072B2", "#1878B5")
ACCENT_HOVER: Pair = ("#005B8E", "#1471AB")
ACCENT_TEXT: Pair = ("#00659E", "#6FBCEB")
ACCENT_SOFT: Pair = ("#E2F0F8", "#172C3B")
ON_ACCENT: Pair = ("#FFFFFF", "#FFFFFF")
WARN: Pair = ("#9A4F00", "#F2AC4A")
WARN_SOFT: Pair = ("#FDF1E1", "#38291A")
OFF: Pair = ("#E6EAEE", "#2A323B")
OFF_TEXT: Pair = ("#5C6773", "#98A3AE")
RING: Pair = ("#0B0F14", "#FFFFFF")

WORDS, SHAPES = 4.5, 3.0
"""Contrast that words need, and that edges of controls and icons need (WCAG 2.2, level AA)."""

USES: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    ("TEXT", WORDS, ("SURFACE", "BACK", "SUNKEN", "OFF", "ACCENT_SOFT", "WARN_SOFT")),
    ("MUTED", WORDS, ("SURFACE", "BACK", "SUNKEN", "OFF", "ACCENT_SOFT", "WARN_SOFT")),
    ("ACCENT_TEXT", WORDS, ("SURFACE", "BACK", "SUNKEN", "ACCENT_SOFT", "WARN_SOFT")),
    ("WARN", WORDS, ("SURFACE", "BACK", "SUNKEN", "ACCENT_SOFT", "WARN_SOFT")),
    ("OFF_TEXT", WORDS, ("SURFACE", "BACK", "SUNKEN", "OFF")),
    ("ON_ACCENT", WORDS, ("ACCENT", "ACCENT_HOVER")),
    ("FRAME", SHAPES, ("SURFACE", "BACK", "SUNKEN", "ACCENT_SOFT", "WARN_SOFT")),
    ("ACCENT", SHAPES, ("SURFACE", "BACK", "SUNKEN", "ACCENT_SOFT")),
    ("ACCENT_HOVER", SHAPES, ("SURFACE", "BACK")),
    ("RING", SHAPES, ("SURFACE", "BACK", "SUNKEN", "ACCENT", "ACCENT_SOFT", "WARN_SOFT")),
)
"""Each colour of words or edges, the contrast that it needs, and the grounds that it stands on."""

SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#707070")
"""Okabe and Ito's colours with a darker grey, told apart by colour-blind readers."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""Marker shapes in the order of `SERIES`."""


def dark() -> bool:
    """Tell whether the dark theme is on."""
    return bool(ctk.get_appearance_mode() == "Dark")


def now(pair: Pair) -> str:
    """Return the colour of the pair that fits the theme in use."""
    return pair[1] if dark() else pair[0]


def mix(first: str, second: str, share: float) -> str:
    """Blend two `#rrggbb` colours; `share` 0 gives the first, 1 the second."""
    one, two = rgb(first), rgb(second)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in zip(one, two, strict=True))


def rgb(colour: str) -> tuple[int, int, int]:
    """Return the parts (0..255) of a `#rrggbb` colour."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio (1..21) of two colours as WCAG defines it."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in rgb(colour)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratios() -> list[tuple[str, str, float, float, float]]:
    """Return for every use of a colour: its name, its ground, the contrast needed, in light, in dark."""
    found = globals()
    return [
        (ink, paper, least, *(contrast(found[ink][theme], found[paper][theme]) for theme in (0, 1)))  # type: ignore[misc]
        for ink, least, papers in USES
        for paper in papers
    ]


def series_style(index: int) -> tuple[str, str]:
    """Return colour and marker of the index-th class; pairs repeat only after 56 classes."""
    return SERIES[index % len(SERIES)], MARKERS[(index + index // len(SERIES)) % len(MARKERS)]
