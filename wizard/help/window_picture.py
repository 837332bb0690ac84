"""The drawing that shows what is where in the window."""

from __future__ import annotations

from html import escape

PARTS = (
    ("", 4, 4, 632, 34, "bar"), ("", 4, 44, 110, 260, "steps"), ("", 122, 44, 206, 196, "settings"),
    ("act", 122, 246, 206, 34, "act"), ("", 336, 44, 300, 236, "results"), ("", 336, 44, 300, 30, "tabs"),
    ("", 122, 288, 96, 30, ""), ("", 270, 288, 262, 30, "all"), ("act", 540, 288, 96, 30, "next"),
)  # fmt: skip
"""Look, left, top, width, height and name of each part."""
SIZE = (640, 324)


def drawing(words: dict[str, str]) -> str:
    """Return the drawing as SVG with its parts named."""
    made = "".join(_part(*part, words) for part in PARTS)
    wide, high = SIZE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        f'role="img" aria-label="{escape(words["title"])}">{made}</svg>'
    )


def _part(look: str, x: int, y: int, width: int, height: int, name: str, words: dict[str, str]) -> str:
    box = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="5"{f""" class="{look}" """ if look else ""}/>'
    text = words.get(name, "\u2190")
    middle = y + (height / 2 if height < 60 else 60) + 5
    shown = ' class="on"' if look else ' class="soft"' if name in ("bar", "tabs", "all") else ""
    return f'{box}<text x="{x + width / 2:g}" y="{middle:g}" text-anchor="middle"{shown}>{escape(text)}</text>'
