"""What a screen reader says of a control: its name, its kind, its state and its value."""

from __future__ import annotations

import re
import tkinter as tk
from collections.abc import Iterator
from dataclasses import dataclass
from tkinter import ttk
from typing import Any, Literal

import customtkinter as ctk

from wizard.words import catalogue

Kind = Literal["button", "checkbox", "choice", "field", "link", "list", "picture", "slider", "tab", "table", "text"]
State = Literal["checked", "collapsed", "expanded", "off", "readonly", "selected", "wrong"]

_EDGE_MARKS = re.compile(r"^[^\w(]+|[^\w).?!\u2026%]+$")
"""Arrows and other marks around words."""
_OPEN, _SHUT = "\u25be\u25bc", "\u25b8\u25b6"
"""Marks of a heading that is folded out, and of one that is folded in."""
_LONGEST = 60
"""Words longer than this explain something; they are no name."""
_LISTS = ("list", "listing")
"""Where a field keeps the list that its button opens."""
_HIGHEST = 60
"""How far above a control (pixels) the words may be that name it."""


@dataclass(frozen=True)
class Spoken:
    """What is said of a control."""

    name: str
    kind: Kind
    value: str = ""
    states: tuple[State, ...] = ()
    help: str = ""


def spoken(widget: Any) -> Spoken:
    """Return what is said of a widget that takes the focus.

    Own widgets tell it by `spoken_name`, `spoken_kind` and `spoken_value`, and by `chosen_one` that they are the
    chosen one of several.
    """
    owner = owner_of(widget)
    said = _by_class(owner)
    name = str(getattr(owner, "spoken_name", "")) or _plain(said.name) or _plain(_tip(widget))
    return Spoken(
        name, getattr(owner, "spoken_kind", said.kind), str(getattr(owner, "spoken_value", "")) or said.value,
        _states(owner, said), said.help or ("" if name == _plain(_tip(widget)) else _tip(widget)),
    )  # fmt: skip


def owner_of(widget: Any) -> Any:
    """Return the control that the inner widget with the focus belongs to."""
    above = widget.master
    return above if isinstance(above, ctk.CTkBaseClass) and not _holds_others(above) else widget


def _holds_others(widget: Any) -> bool:
    return isinstance(widget, (ctk.CTkFrame, ctk.CTkScrollableFrame))


def _by_class(owner: Any) -> Spoken:
    if isinstance(owner, (ctk.CTkSwitch, ctk.CTkCheckBox)):
        return _box(owner)
    if isinstance(owner, ctk.CTkButton):
        return _button(owner)
    if isinstance(owner, (ctk.CTkOptionMenu, ctk.CTkComboBox)):
        return _choice(owner)
    if isinstance(owner, ctk.CTkEntry):
        return Spoken(_label(owner), "field", str(owner.get()), (), _help(owner))
    if isinstance(owner, ctk.CTkSlider):
        return Spoken(_label(owner), "slider", f"{owner.get():g}")
    if isinstance(owner, (ctk.CTkTextbox, tk.Text)):
        inner = owner._textbox if isinstance(owner, ctk.CTkTextbox) else owner
        off = str(inner.cget("state")) == "disabled"
        return Spoken(_label(owner), "text", inner.get("1.0", "end").strip(), ("readonly",) if off else ())
    if isinstance(owner, ttk.Treeview):
        return _table(owner)
    if isinstance(owner, tk.Label):
        return Spoken(str(owner.cget("text")), "link")
    return Spoken(_label(owner), "picture")


def _choice(menu: Any) -> Spoken:
    shown = _plain(str(menu._text_label.cget("text") if isinstance(menu, ctk.CTkOptionMenu) else menu.get()))
    if isinstance(menu, ctk.CTkOptionMenu) and menu.get() not in menu.cget("values"):
        return Spoken(shown, "choice", "", ("collapsed",))  # it shows what it is for, not what was chosen
    return Spoken(_label(menu), "choice", shown, ("collapsed",), _help(menu))


def _button(button: Any) -> Spoken:
    words = str(button.cget("text"))
    folded: tuple[State, ...] = ()
    if words[:1] in _OPEN and words:
        folded = ("expanded",)
    elif words[:1] in _SHUT and words:
        folded = ("collapsed",)
    field = _field(button)
    if getattr(field, "button", None) is button and any(hasattr(field, name) for name in _LISTS):
        shut = all(getattr(field, name, None) is None for name in _LISTS)
        return Spoken(_title(field), "choice", _plain(words), ("collapsed" if shut else "expanded",), _help(button))
    name = catalogue.say("Help") if words == "?" else _plain(words)
    about = _title(field) if field is not None else _row(button) if _has_twin(button) else ""
    return Spoken(f"{about}: {name}" if about and name else name, "button", "", folded)


def _has_twin(button: Any) -> bool:
    """Tell whether there are more buttons with the same words beside this one."""
    words, near = button.cget("text"), tk.Misc.winfo_children(button.master)
    return sum(isinstance(one, ctk.CTkButton) and one.cget("text") == words for one in near) > 1


def _row(widget: Any) -> str:
    """Return the first words in the row of a widget."""
    middle = widget.winfo_y() + widget.winfo_height() / 2
    for part in tk.Misc.winfo_children(widget.master):
        if part.winfo_ismapped() and part.winfo_y() <= middle <= part.winfo_y() + part.winfo_height():
            for label in (part, *tk.Misc.winfo_children(part)):
                if isinstance(label, tk.Label) and not isinstance(part, ctk.CTkBaseClass) and label.cget("text"):
                    return _plain(str(label.cget("text")))
    return ""


def _box(box: Any) -> Spoken:
    words, field = _plain(str(box.cget("text"))), _field(box)
    on: tuple[State, ...] = ("checked",) if box.get() else ()
    if isinstance(box, ctk.CTkSwitch) and field is not None:
        return Spoken(_title(field), "checkbox", words, on, _help(box))
    name = f"{_title(field)}: {words}" if field is not None else words
    return Spoken(name or _label(box), "checkbox", "", on, _help(box))


def _table(tree: ttk.Treeview) -> Spoken:
    row = tree.focus() or next(iter(tree.selection()), "")
    words = [str(tree.item(row, "text")), *map(str, tree.item(row, "values"))] if row else []
    heads = [str(tree.heading(column, "text")) for column in ("#0", *tree["columns"])]
    told = [f"{_plain(head)} {word}".strip() for head, word in zip(heads, words, strict=False) if word.strip()]
    return Spoken(_label(tree) or ", ".join(_plain(head) for head in heads if head), "table", ", ".join(told))


def _states(owner: Any, said: Spoken) -> tuple[State, ...]:
    found = list(said.states)
    if isinstance(owner, ctk.CTkBaseClass) and str(getattr(owner, "_state", "")) == "disabled":
        found.append("off")
    if getattr(owner, "chosen_one", False):
        found.append("selected")
    field = _field(owner)
    if field is not None and str(getattr(field, "error", "")) and said.kind in ("field", "choice"):
        found.append("wrong")
    return tuple(dict.fromkeys(found))


# Where the words are.


def _plain(words: str) -> str:
    return _EDGE_MARKS.sub("", words.strip()).strip()


def _field(widget: Any) -> Any:
    """Return the field of a form that a control belongs to."""
    return next((above for above in _above(widget) if hasattr(above, "setting")), None)


def _title(field: Any) -> str:
    return catalogue.say(field.setting.title) if field is not None else ""


def _help(widget: Any) -> str:
    field = _field(widget)
    if field is None:
        return ""
    return " ".join(part for part in (getattr(field, "error", ""), catalogue.say(field.setting.help)) if part)


def _tip(widget: Any) -> str:
    tips = [getattr(part, "tooltip", None) for part in (widget, owner_of(widget))]
    return next((str(tip.text) for tip in tips if tip is not None and tip.text), "")


def _above(widget: Any) -> Iterator[Any]:
    while isinstance(widget, tk.Misc):
        yield widget
        widget = widget.master


def _label(widget: Any) -> str:
    """Return the words that name a control: its field's title, words beside or above it, its hint, its tab."""
    field = _field(widget)
    if field is not None:
        return _title(field)
    for part in list(_above(widget))[:4]:
        words = _beside(part)
        if words:
            return words
    hint = widget.cget("placeholder_text") if isinstance(widget, ctk.CTkEntry) else ""
    return str(hint or "") or _tip(widget) or _tab(widget)


def _beside(widget: Any) -> str:
    """Return the nearest words to the left in the same row, else those right above."""
    if not isinstance(widget.master, tk.Misc) or widget.winfo_manager() == "":
        return ""
    left, top, high = widget.winfo_x(), widget.winfo_y(), widget.winfo_height()
    best: tuple[float, str] | None = None
    for label in tk.Misc.winfo_children(widget.master):
        words = str(label.cget("text")) if isinstance(label, tk.Label) and label.winfo_ismapped() else ""
        if label is widget or not 0 < len(_plain(words)) <= _LONGEST:
            continue
        middle = label.winfo_y() + label.winfo_height() / 2
        gap = left - label.winfo_x() - label.winfo_width()
        rise = top - label.winfo_y() - label.winfo_height()
        if top <= middle <= top + high and gap >= -2:
            far = float(gap)
        elif -2 <= rise <= _HIGHEST and label.winfo_x() <= left + widget.winfo_width():
            far = 1000.0 + rise
        else:
            continue
        if best is None or far < best[0]:
            best = (far, words)
    return _plain(best[1]) if best is not None else ""


def _tab(widget: Any) -> str:
    """Return the title of the tab that a control is in."""
    chosen = (getattr(above, "chosen", "") for above in _above(widget) if hasattr(above, "heads"))
    return catalogue.say(str(next(chosen, "")))
