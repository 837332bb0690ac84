"""What stands in a field that can be typed into, also when it was refused."""

from __future__ import annotations

from wizard.widgets.fields import EntryField, Field, TagField


def text(field: Field) -> str:
    """Return what was typed into a field; "" where nothing can be typed."""
    if isinstance(field, EntryField):
        return str(field.entry.get())
    return str(field.box.get()) if isinstance(field, TagField) else ""


def put(field: Field, words: str) -> None:
    """Put words into a field, as if typed."""
    if isinstance(field, EntryField):
        field.type(words)
    elif isinstance(field, TagField):
        field.choose(words)
