"""Print the contrast of every colour of words and edges with every ground that it stands on, in both themes.

python -m benchmarks.contrast
"""

from __future__ import annotations

from wizard.widgets import palette


def table() -> list[str]:
    """Return the lines of the table, as Markdown."""
    lines = ["| colour | on | needed | light | dark |", "|---|---|---|---|---|"]
    for ink, paper, least, light, dark in palette.ratios():
        lines.append(f"| {ink} | {paper} | {least:.1f} | {light:.1f} | {dark:.1f} |")
    return lines


def main() -> None:
    """Print the table and how close the closest pair comes to what it needs."""
    print("\n".join(table()))
    share = min(min(light, dark) / least for _ink, _paper, least, light, dark in palette.ratios())
    print(f"\nEvery pair has at least {share:.2f} times the contrast that it needs.")


if __name__ == "__main__":
    main()
