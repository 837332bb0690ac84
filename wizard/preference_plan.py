"""What a user can prefer, declared once like the settings of the steps."""

from __future__ import annotations

from typing import Literal

from wizard.settings import Setting, StepPlan, setting, settings_of

PART = "preferences"
"""What stands before the dot in the full name of a preference, e.g. `preferences.scale`."""

LEAST_SCALE, MOST_SCALE = 80, 200


class PreferenceValues(StepPlan):
    """All preferences with their values."""

    appearance: Literal["system", "light", "dark"] = setting(
        "system", "Appearance", "Light or dark colours, or those that this computer uses.",
        labels={"system": "As this computer", "light": "Light", "dark": "Dark"},
    )  # fmt: skip
    scale: int = setting(
        100, "Text size", "Size of text and buttons. Ctrl and + or - change it, too.", unit="%",
        ge=LEAST_SCALE, le=MOST_SCALE, example="125",
    )  # fmt: skip
    language: Literal["auto", "en", "de"] = setting(
        "auto", "Language", "Language of the window.",
        labels={"auto": "As this computer", "en": "English", "de": "Deutsch"},
    )  # fmt: skip
    decimals: Literal["auto", "point", "comma"] = setting(
        "auto", "Numbers", "How decimal numbers are shown. Both can always be typed. Files keep the point.",
        labels={"auto": "As the language", "point": "With a point", "comma": "With a comma"},
    )  # fmt: skip
    folder: str = setting(
        "", "Data folder", "Where new projects are made.", kind="file",
        special="empty = beside the last project", example="D:/Projects",
    )  # fmt: skip
    threads: int = setting(
        0, "Processor cores", "How many cores the work may use. Fewer leave more for other programs.",
        special="0 = all of them", ge=0, le=1024, example="4",
    )  # fmt: skip
    notify: bool = setting(
        True, "Notifications", "A sound and a mark when a long step ends while you work in another window.",
    )  # fmt: skip
    motion: bool = setting(
        True, "Moving bars", "A bar that runs to and fro while nothing can be counted. Off: it stands still.",
    )  # fmt: skip


def preference_settings() -> list[Setting]:
    """Return the preferences in the order in which they are shown."""
    return list(settings_of(PART, PreferenceValues))
