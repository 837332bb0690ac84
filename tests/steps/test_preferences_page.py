"""The page of the preferences in the real window, and the support file from there."""

from __future__ import annotations

import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import customtkinter as ctk
import pytest

from tests.window import below, go, picture, settle, wait, words
from wizard import preferences
from wizard.preference_plan import preference_settings
from wizard.widgets import palette


@pytest.fixture(autouse=True)
def no_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYTOWIZARD_PROFILE", "")


def prefer(**values: object) -> None:
    mine = preferences.load()
    for name, value in values.items():
        mine.change(name, value)


def show(app: Any) -> Any:
    app.desk.show_preferences()
    settle(app, 0.3)
    return app.desk.page


def test_it_is_reached_by_key_and_from_the_menu(open_app: Callable[..., Any]) -> None:
    app = open_app()
    app.event_generate("<Control-comma>")
    settle(app, 0.3)
    page = app.desk.page
    shown = words(page.cover)
    for item in preference_settings():
        assert item.title in shown
    app.event_generate("<Escape>")
    settle(app, 0.1)
    assert not page.open and app.overlay is None
    app.top.menu.choose("Preferences\u2026   Ctrl+,")
    settle(app, 0.2)
    assert app.desk.page is not page and app.desk.page.open
    app.desk.show_preferences()
    assert len([part for part in app.winfo_children() if part is app.overlay.cover]) == 1


def test_changes_count_at_once_and_the_page_stays(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    go(app, "train")
    page = show(app)
    page.fields["appearance"].choose("Dark")
    settle(app, 0.5)
    assert palette.dark() and app.desk.page.open and app.desk.page is not page
    assert app.focus_get() is app.desk.page.fields["appearance"].menu._canvas
    app.desk.page.fields["scale"].choose("150 %")
    settle(app, 0.6)
    assert ctk.ScalingTracker.get_widget_scaling(app) == 1.5
    page = app.desk.page
    assert page.fields["scale"].menu.get() == "150 %"
    page.fields["threads"].type("1")
    page.fields["notify"].switch.toggle()
    page.close()
    settle(app, 0.1)
    assert app.step == "train" and app.overlay is None
    kept = preferences.load().values
    assert (kept.appearance, kept.scale, kept.threads, kept.notify) == ("dark", 150, 1, False)


def test_what_cannot_be_used_is_said_at_the_field(open_app: Callable[..., Any]) -> None:
    app = open_app()
    page = show(app)
    page.fields["threads"].type("minus two")
    page.fields["folder"].type("/no/such/folder")
    settle(app, 0.1)
    assert "cannot be used" in page.fields["threads"].error
    assert "no folder" in page.fields["folder"].error
    assert preferences.load().values.threads == 0


def test_what_was_typed_is_kept_on_closing(open_app: Callable[..., Any]) -> None:
    app = open_app()
    page = show(app)
    page.fields["threads"].entry.delete(0, "end")
    page.fields["threads"].entry.insert(0, "3")
    page.close()
    assert preferences.load().values.threads == 3


def test_new_projects_start_in_the_data_folder(open_app: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "Here").mkdir()
    app = open_app()
    page = show(app)
    page.fields["folder"].type(str(tmp_path / "Here"))
    page.close()
    app.new_project()
    assert app.dialog.place.get() == str(tmp_path / "Here")


def test_tab_goes_around_inside(open_app: Callable[..., Any]) -> None:
    app = open_app()
    page = show(app)
    wanted = [
        page.fields["appearance"].menu._canvas, page.fields["scale"].menu._canvas, page.fields["language"].menu._canvas,
        page.fields["decimals"].menu._canvas, page.fields["motion"].switch._canvas, page.fields["folder"].entry._entry, page.fields["folder"].button._canvas,
        page.fields["threads"].entry._entry, page.fields["notify"].switch._canvas, page.support._canvas,
        page.buttons["Close"]._canvas,
    ]  # fmt: skip
    assert app.focus_get() is wanted[0]
    for widget in [*wanted[1:], wanted[0]]:
        app.focus_get().event_generate("<Tab>")
        app.update()
        assert app.focus_get() is widget


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scale", [100, 150, 200])
def test_nothing_is_clipped(open_app: Callable[..., Any], theme: str, scale: int) -> None:
    prefer(appearance=theme, scale=scale)
    app = open_app()
    page = show(app)
    settle(app, 0.2)
    for button in (page.buttons["Close"], page.support):
        assert button.winfo_rootx() + button.winfo_width() <= app.winfo_width()
    close = page.buttons["Close"]
    assert close.winfo_rooty() + close.winfo_height() <= app.winfo_height()
    for field in page.fields.values():
        assert field.winfo_rootx() + field.winfo_width() <= app.winfo_width()
    page.scroll.see(page.support)
    app.update()
    assert page.support.winfo_rooty() + page.support.winfo_height() <= close.winfo_rooty()
    page.scroll.canvas.yview_moveto(0)
    picture(app, f"preferences_{theme}_{scale}")


def test_locked_ones_are_greyed_and_say_by_whom(
    open_app: Callable[..., Any], done_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
        name = "Haematology"
        locked = ["preferences.threads", "train.epochs"]
        [preferences]
        threads = 1
        [plan.train]
        epochs = 7
    """
    (tmp_path / "profile.toml").write_text(textwrap.dedent(text), encoding="utf-8")
    monkeypatch.setenv("CYTOWIZARD_PROFILE", str(tmp_path / "profile.toml"))
    app = open_app(done_project)
    page = show(app)
    assert page.fields["threads"].entry.cget("state") == "disabled"
    assert "Set by Haematology." in words(page.fields["threads"])
    assert "a profile by Haematology" in words(page.cover)
    picture(app, "preferences_profile")
    page.close()
    train = go(app, "train")
    field = train.form.fields["epochs"]
    assert field.entry.get() == "7" and field.entry.cget("state") == "disabled"
    assert "Set by Haematology." in words(field)
    assert "Train again." in words(train)
    train.form.enable(False)
    train.form.enable(True)
    assert field.entry.cget("state") == "disabled"
    assert train.form.fields["batch" if "batch" in train.form.fields else "minutes"].entry.cget("state") == "normal"


def test_a_broken_profile_does_not_stop_the_start(
    open_app: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "profile.toml").write_text("[preferences]\nscale = 900\n", encoding="utf-8")
    monkeypatch.setenv("CYTOWIZARD_PROFILE", str(tmp_path / "profile.toml"))
    app = open_app()
    wait(app, lambda: app.overlay is not None)
    settle(app, 0.2)
    shown = words(app.overlay.cover)
    assert "preferences.scale" in shown and "profile.toml" in shown
    picture(app, "profile_refused")


def test_the_keys_for_the_text_size(open_app: Callable[..., Any]) -> None:
    app = open_app()
    for keys, size in (
        ("<Control-plus>", 110),
        ("<Control-plus>", 125),
        ("<Control-minus>", 110),
        ("<Control-Key-0>", 100),
    ):
        app.event_generate(keys)
        settle(app, 0.3)
        assert preferences.load().values.scale == size
    assert app.overlay is None


def test_the_window_follows_the_computer(open_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_app()
    assert not palette.dark()
    monkeypatch.setattr("wizard.widgets.looks.system", lambda: "dark")
    app.desk._looked = -100.0
    app.event_generate("<FocusIn>")
    wait(app, palette.dark)
    prefer(appearance="light")


# The support file.


def support(app: Any) -> Any:
    app.desk.save_support()
    wait(app, lambda: app.desk.support is not None and app.overlay is app.desk.support.overlay)
    settle(app, 0.3)
    return app.desk.support


def test_the_support_file_is_shown_and_saved(
    open_app: Callable[..., Any], done_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(done_project)
    show(app).support.invoke()
    wait(app, lambda: app.desk.support is not None)
    settle(app, 0.3)
    dialog = app.desk.support
    assert {"about.txt", "plan.toml", "versions.txt"} <= set(dialog.parts)
    dialog.parts["plan.toml"].invoke()
    assert "[train]" in dialog.viewer.get("1.0", "end")
    picture(app, "support_file")
    monkeypatch.setattr("wizard.widgets.dialogs.ask_save", lambda *_rest: str(tmp_path / "out"))
    dialog.overlay.buttons["Save\u2026"].invoke()
    settle(app, 0.1)
    assert str(tmp_path / "out.zip") in words(dialog.overlay.cover)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.read("plan.toml").decode() == dialog.content["plan.toml"]
        assert b"Jurkat cells" not in b"".join(archive.read(name) for name in archive.namelist())
    dialog.overlay.buttons["Cancel"].invoke()
    assert app.overlay is None


def test_a_refusing_disk_is_said_in_the_dialog(
    open_app: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app()
    dialog = support(app)

    def full(*_rest: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wizard.fileio.write_with", full)
    dialog.save(tmp_path / "a.zip")
    assert "The disk is full" in words(dialog.overlay.cover) and dialog.saved is None


@pytest.mark.parametrize("theme, scale", [("light", 100), ("dark", 150), ("light", 200)])
def test_the_support_dialog_fits(open_app: Callable[..., Any], done_project: Path, theme: str, scale: int) -> None:
    prefer(appearance=theme, scale=scale)
    app = open_app(done_project)
    dialog = support(app)
    for button in below(dialog.overlay.body, ctk.CTkButton):
        if button.winfo_ismapped() and button in dialog.overlay.buttons.values():
            assert button.winfo_rooty() >= 0 and button.winfo_rooty() + button.winfo_height() <= app.winfo_height()
            assert button.winfo_rootx() + button.winfo_width() <= app.winfo_width()
    picture(app, f"support_{theme}_{scale}")


def test_damaged_preferences_are_said_at_the_start(open_app: Callable[..., Any], settings_folder: Path) -> None:
    settings_folder.mkdir(parents=True)
    (settings_folder / preferences.FILE).write_text("{", encoding="utf-8")
    app = open_app()
    wait(app, lambda: app.overlay is not None)
    settle(app, 0.2)
    shown = words(app.overlay.cover)
    assert "could not be read" in shown and "preferences.damaged-" in shown
    app.overlay.close()
    settle(app, 0.3)
    assert app.overlay is None


def test_the_language_counts_at_once(open_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from wizard.words import catalogue

    monkeypatch.delenv("CYTOWIZARD_LANGUAGE", raising=False)
    app = open_app()
    page = show(app)
    page.fields["language"].choose("Deutsch")
    settle(app, 0.5)
    assert catalogue.language() == "de" and app.desk.page.open
    picture(app, "preferences_german")
    app.desk.page.fields["language"].choose("English")
    settle(app, 0.5)
    assert catalogue.language() == "en" and "Preferences" in words(app.overlay.cover)
