from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.window import settle, words
from wizard.plan import MODELS, Plan, step_settings
from wizard.project import Project
from wizard.settings import Setting
from wizard.widgets import dialogs
from wizard.widgets.form import Form


@pytest.fixture
def project(tmp_path: Path) -> Any:
    with Project.open(tmp_path / "P") as opened:
        yield opened


def make_form(root: Any, project: Project, step: str, tags: dict[str, list[str]] | None = None) -> Form:
    def save(item: Setting, value: object) -> None:
        project.change({item.key: value})

    form = Form(root, step_settings(step), getattr(project.plan, step).model_dump(), save, tags)
    form.grid(row=0, column=0, sticky="nsew")
    root.update()
    return form


def new_value(form: Form, item: Setting) -> Any:
    """Operate the real control of a setting and return what the plan should hold now."""
    field: Any = form.fields[item.name]
    if item.kind in ("whole", "number"):
        low = item.minimum or 0
        middle = (low + max(low, min(item.maximum or 100, 100))) / 2
        value = int(middle) if item.kind == "whole" else round(middle, 3)
        field.type(str(value))
        return value
    if item.kind in ("text", "file"):
        field.type(item.example or "abc")
        if not isinstance(item.default, list):
            return item.example or "abc"
        parts = [part.strip() for part in item.example.split(",")]
        return parts if any(part[:1].isalpha() for part in parts) else [float(part) for part in parts]
    if item.kind == "switch":
        field.switch.toggle()
        return not item.default
    if item.kind == "choice":
        key, label = list(item.choices.items())[-1]
        field.choose(label)
        return key
    if item.kind == "choices":
        keys = list(item.choices)
        field.boxes[keys[-1]].toggle()
        return [key for key in keys if (key in item.default) != (key == keys[-1])]
    if item.kind == "tag":
        field.choose("donor")
        return "donor"
    if item.kind == "lines":
        field.type("a = b;c = d ; ")
        return ["a = b", "c = d"]
    field.add(["/somewhere"])
    return ["/somewhere"]


def in_order_of_form(items: list[Setting]) -> list[Setting]:
    """Basic settings come first, then those without a section, then section by section."""
    sections = list(dict.fromkeys(["", *(item.section for item in items)]))
    return sorted(items, key=lambda item: (not item.basic, 0 if item.basic else sections.index(item.section)))


@pytest.mark.parametrize("step", list(MODELS))
def test_every_setting_goes_from_form_to_plan_to_file_and_back(root: Any, project: Project, step: str) -> None:
    form = make_form(root, project, step)
    if any(not item.basic for item in step_settings(step)):
        form.unfold(everything=True)
    assert list(form.fields) == [item.name for item in in_order_of_form(step_settings(step))]
    expected = {item.name: new_value(form, item) for item in step_settings(step)}
    settle(root, 0.05)
    assert form.wrong == []
    assert getattr(project.plan, step).model_dump() == expected
    read = Project.open(project.root, lock=False)
    assert getattr(read.plan, step).model_dump() == expected
    again = make_form(root, read, step)
    if any(not item.basic for item in step_settings(step)):
        again.unfold(everything=True)
    again.flush()
    assert getattr(read.plan, step).model_dump() == expected


@pytest.mark.parametrize("step", list(MODELS))
def test_every_setting_shows_title_unit_and_help(root: Any, project: Project, step: str) -> None:
    form = make_form(root, project, step)
    for item in step_settings(step):
        if item.basic:
            shown = words(form.fields[item.name])
            assert item.title in shown and item.help in shown and item.unit in shown
            assert item.special.lower() in shown.lower()


def test_a_refusal_stands_under_the_field_and_the_text_stays(root: Any, project: Project) -> None:
    form = make_form(root, project, "parse")
    field: Any = form.fields["frame"]
    field.type("large")
    assert "Frame size" in field.error and "whole number from 0 to 512 px" in field.error
    settle(root, 0.05)
    assert field.error in words(field)
    assert field.entry.get() == "large"
    assert project.plan.parse.frame == 0
    assert form.wrong == [field]
    field.type("48")
    assert field.error == "" and form.wrong == []
    assert project.plan.parse.frame == 48


def test_a_decimal_comma_is_understood(root: Any, project: Project) -> None:
    form = make_form(root, project, "parse")
    form.fields["holdout"].type("0,3")  # type: ignore[attr-defined]
    assert project.plan.parse.holdout == 0.3


def test_typing_is_stored_after_a_pause(root: Any, project: Project) -> None:
    form = make_form(root, project, "parse")
    entry: Any = form.fields["channels"].entry  # type: ignore[attr-defined]
    entry._entry.focus_force()
    root.update()
    entry._entry.event_generate("<Key>", keysym="3")
    entry._entry.event_generate("<KeyRelease>", keysym="3")
    assert project.plan.parse.channels == ""
    settle(root, 0.8)
    assert project.plan.parse.channels == "3"


def test_the_last_choice_cannot_be_taken_away(root: Any, project: Project) -> None:
    form = make_form(root, project, "visualize")
    field: Any = form.fields["dimensions"]
    for box in field.boxes.values():
        box.toggle()
    assert "at least one" in field.error
    assert project.plan.visualize.dimensions == ["3"]


def test_known_tags_are_offered_and_others_may_be_typed(root: Any, project: Project) -> None:
    form = make_form(root, project, "train", {"target": ["class", "day"]})
    box: Any = form.fields["target"].box  # type: ignore[attr-defined]
    assert box.cget("values") == ["auto", "class", "day"]
    form.fields["target"].choose("dose")  # type: ignore[attr-defined]
    assert project.plan.train.target == "dose"
    form.fields["target"].choose("")  # type: ignore[attr-defined]
    assert project.plan.train.target == "auto"


def test_folders_are_added_by_dialog_and_removed(
    root: Any, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = make_form(root, project, "parse")
    field: Any = form.fields["input"]
    monkeypatch.setattr(dialogs, "ask_folder", lambda parent, title: str(tmp_path))
    monkeypatch.setattr(dialogs, "ask_files", lambda parent, title: ["/gone/a.tif"])
    field.add_folder.invoke()
    field.add_folder.invoke()
    field.add_files.invoke()
    settle(root, 0.05)
    assert project.plan.parse.input == [str(tmp_path), "/gone/a.tif"]
    assert "not found" in words(field)
    field.remove(str(tmp_path))
    assert project.plan.parse.input == ["/gone/a.tif"]


def test_a_file_is_chosen_by_dialog(root: Any, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    form = make_form(root, project, "predict")
    monkeypatch.setattr(dialogs, "ask_file", lambda parent, title: "/models/a.cytomodel")
    form.fields["model"].button.invoke()  # type: ignore[attr-defined]
    assert project.plan.predict.model == "/models/a.cytomodel"


def test_advanced_settings_are_folded_at_first(root: Any, project: Project) -> None:
    form = make_form(root, project, "train")
    assert not form.unfolded and "patience" not in form.fields
    form.fold_button.invoke()
    root.update()
    assert form.unfolded and form.fields["patience"].winfo_viewable()
    form.fold_button.invoke()
    root.update()
    assert not form.unfolded and not form.fields["patience"].winfo_viewable()


def test_settings_rest_while_a_step_runs(root: Any, project: Project) -> None:
    form = make_form(root, project, "train")
    form.enable(False)
    form.unfold()
    fields: Any = form.fields
    assert fields["epochs"].entry.cget("state") == "disabled"
    assert fields["class_weights"].menu.cget("state") == "disabled"
    assert fields["patience"].entry.cget("state") == "disabled"
    form.enable(True)
    assert fields["patience"].entry.cget("state") == "normal"


def test_plan_defaults_are_what_an_untouched_form_stores(root: Any, project: Project) -> None:
    for step in MODELS:
        make_form(root, project, step).flush()
    assert project.plan == Plan()


def test_advanced_settings_stand_under_the_headings_of_their_sections(root: Any, project: Project) -> None:
    form = make_form(root, project, "parse")
    form.unfold()
    root.update()
    wanted = dict.fromkeys(item.section for item in step_settings("parse") if not item.basic)
    assert list(form.sections) == list(wanted)
    assert "rename" not in form.fields
    section = form.sections["Tags"]
    assert section.button.cget("text").endswith("Tags (4)") and not section.open
    section.button.invoke()
    settle(root, 0.05)
    assert section.open and form.fields["rename"].winfo_viewable() and "seed" not in form.fields
    section.button.invoke()
    settle(root, 0.05)
    assert not form.fields["rename"].winfo_viewable()


def test_a_section_tells_how_many_settings_are_not_as_preset(root: Any, project: Project) -> None:
    form = make_form(root, project, "parse")
    form.unfold()
    form.note({"rename": ["a = b"], "cap": 5})
    assert form.sections["Tags"].button.cget("text").endswith("Tags (4, 2 changed)")
    form.note({"rename": [], "cap": 0})
    assert form.sections["Tags"].button.cget("text").endswith("Tags (4)")


def test_rules_are_typed_with_semicolons(root: Any, project: Project) -> None:
    project.change({"parse.rename": ["level_1 = donor", "level_2 = day"]})
    form = make_form(root, project, "parse")
    form.unfold(everything=True)
    field: Any = form.fields["rename"]
    assert field.entry.get() == "level_1 = donor; level_2 = day"
    field.type("level_1 = patient")
    assert project.plan.parse.rename == ["level_1 = patient"]
    field.type("")
    assert project.plan.parse.rename == []


@pytest.mark.parametrize("step", list(MODELS))
def test_values_stored_from_elsewhere_are_shown_not_stored(root: Any, project: Project, step: str) -> None:
    form = make_form(root, project, step)
    form.unfold(everything=True)
    before = getattr(project.plan, step)
    other = make_form(root, project, step)
    other.unfold(everything=True)
    for item in step_settings(step):
        new_value(other, item)
    stored = getattr(project.plan, step)
    fresh = make_form(root, project, step)
    fresh.unfold(everything=True)
    project.change({f"{step}.{name}": value for name, value in before.model_dump().items()})
    for item in step_settings(step):
        form.put(item.name, getattr(stored, item.name))
    settle(root, 0.05)
    form.flush()
    assert getattr(project.plan, step) == before, "showing is not storing"
    for item in step_settings(step):
        assert shown_value(form.fields[item.name]) == shown_value(fresh.fields[item.name])


def shown_value(field: Any) -> Any:
    for control in ("entry", "switch", "menu", "box"):
        if hasattr(field, control):
            return getattr(field, control).get()
    if hasattr(field, "boxes"):
        return [key for key, box in field.boxes.items() if box.get()]
    return field.value if hasattr(field, "groups") else field.paths


def test_the_dialog_of_a_table_offers_tables(root: Any, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from wizard.widgets import file_field

    asked: dict[str, Any] = {}

    def answer(**options: Any) -> str:
        asked.update(options)
        return "/labels.xlsx"

    monkeypatch.setattr(file_field.filedialog, "askopenfilename", answer)
    form = make_form(root, project, "parse")
    form.fields["table"].button.invoke()  # type: ignore[attr-defined]
    assert project.plan.parse.table == "/labels.xlsx"
    assert "Label table" in asked["title"]
    assert ".csv" in asked["filetypes"][0][1] and ".xlsx" in asked["filetypes"][0][1]
    assert asked["filetypes"][-1] == ("All files", "*")


def test_the_place_for_drops_is_shown_while_it_is_empty(root: Any, project: Project) -> None:
    form = make_form(root, project, "parse")
    field: Any = form.fields["input"]
    assert "Drop folders or files here" not in words(field)
    field.allow_drops()
    settle(root, 0.05)
    assert "Drop folders or files here" in words(field)
    field.drop(["/a/b", "/c d"])
    settle(root, 0.05)
    assert project.plan.parse.input == ["/a/b", "/c d"]
    assert "Drop folders or files here" not in words(field)
    field.drop(["/c d", "/e"])
    assert project.plan.parse.input == ["/a/b", "/c d", "/e"]
