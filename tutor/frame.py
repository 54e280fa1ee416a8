"""The frame that every screen stands in: themes and the choice that is kept, help, Ctrl+P, an end without a traceback.

It knows neither course nor record: `tutor.app` adds those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from rich.text import Text
from textual import events, on
from textual.app import App, SystemCommand, get_system_commands_provider
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme

from tutor import code_lines, endings, garbage, pace, text_profile
from tutor.bindings import bindings
from tutor.glyphs import only_ascii
from tutor.keys import Context
from tutor.messages import LineNumbersChosen
from tutor.missing import Enduring, is_failed_import, words_about
from tutor.screens.too_small import TooSmallScreen, is_too_small
from tutor.settings import Settings
from tutor.themes import THEMES, own_variables
from tutor.widgets.line_view import LineView
from tutor.words import _

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.driver import Driver
    from textual.filter import LineFilter


def lesson_commands() -> type[Provider]:
    """Every lesson, for Ctrl+P; imported when that is pressed."""
    from tutor.screens.commands import LessonCommands

    return LessonCommands


def term_commands() -> type[Provider]:
    """Every term of the glossary, for Ctrl+P."""
    from tutor.screens.commands import TermCommands

    return TermCommands


@runtime_checkable
class TakesKeys(Protocol):
    """A screen that has a use for keys that are bound to nothing."""

    async def take_key(self, event: events.Key) -> None:
        """Act on it, or not."""


class Frame(Enduring, App[int]):
    """An app with our themes, keys and manners."""

    CSS_PATH = Path(__file__).with_name("app.tcss")
    TITLE = "d2l-tutor"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Context.ANYWHERE),
        Binding(
            "ctrl+z", "suspend_process", show=False
        ),  # as in any program on a terminal; an editor takes it for undo
    ]
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMANDS: ClassVar[set[Any]] = {get_system_commands_provider, lesson_commands, term_commands}

    def __init__(self, settings_path: Path | None) -> None:
        super().__init__()
        self.animation_level = "none"
        self.settings_path = settings_path
        self.settings = Settings.load(settings_path) if settings_path else Settings()
        self._ascii_filter: LineFilter | None = None
        self._is_seen = False
        text_profile.prefer(self.settings.text)
        pace.prefer(self.settings.pace)
        code_lines.show(self.settings.line_numbers == "on")
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.settings.theme if self.settings.theme in self.available_themes else THEMES[0].name

    async def on_event(self, event: events.Event) -> None:
        """A key is remembered with what it was typed on."""
        if isinstance(event, events.InputEvent):
            garbage.touched()
        if isinstance(event, events.Key) and not event.is_forwarded:
            event.typed_on = (self.screen, self.focused)  # type: ignore[attr-defined]
        await super().on_event(event)

    async def _on_key(self, event: events.Key) -> None:
        """A key that nobody took; it may have been typed ahead, for what the keys before it brought up.

        Only on the same screen, or one that nothing but a key calls: no dialog that came by itself takes a key that was
        meant for a lesson.
        """
        event.prevent_default()  # Textual's own handler would act on it as well
        screen, focused = getattr(event, "typed_on", (None, None))
        is_meant = screen is self.screen or (screen is not None and getattr(self.screen, "IS_CALLED", False))
        if is_meant and self.focused not in (None, focused):
            again = events.Key(event.key, event.character)
            again.typed_on = (screen, self.focused)  # type: ignore[attr-defined]
            self.focused._forward_event(again)
        elif not await self._check_bindings(event.key) and isinstance(self.screen, TakesKeys):
            await self.screen.take_key(event)

    def get_driver_class(self) -> type[Driver]:
        """The platform's own; on Unix terminals, one that sends only what changes."""
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":  # Windows, a browser, or one that the environment names
            return chosen
        from tutor.driver import ThriftyDriver

        return ThriftyDriver

    def action_repaint(self) -> None:
        """Draw all of the screen again: something else has written on the terminal."""
        if (repaint := getattr(self._driver, "repaint", None)) is not None:
            repaint()
        self.refresh(layout=True)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for themes that are not ours."""
        return own_variables(self.current_theme)

    def on_mount(self) -> None:
        """Keep each change of the theme."""
        self.call_after_refresh(setattr, self, "_is_seen", True)
        self.theme_changed_signal.subscribe(self, self._keep_theme)

    def on_resize(self, event: events.Resize) -> None:
        """Where there is no room for anything, say so; it goes by itself."""
        if is_too_small(event.size) and not isinstance(self.screen, TooSmallScreen):
            self.push_screen(TooSmallScreen())
        elif not is_too_small(event.size) and isinstance(self.screen, TooSmallScreen):
            self.pop_screen()

    def action_help(self) -> None:
        """What the keys do here."""
        from tutor.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(getattr(self.screen, "CONTEXT", Context.HOME)))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Where only ASCII may be shown, nothing else is."""
        filters = super().get_line_filters()
        if not only_ascii():
            return filters
        from tutor.ascii_filter import AsciiFilter

        if self._ascii_filter is None:
            self._ascii_filter = AsciiFilter()
        return [*filters, self._ascii_filter]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The app's own commands in Ctrl+P."""
        yield SystemCommand(_("Course"), _("back to the list of lessons"), self._act("show_course"))
        yield SystemCommand(_("Search"), _("find a lesson"), self._act("search"))
        yield SystemCommand(_("Training runs"), _("all that was trained, to look at and compare"), self._act("runs"))
        yield SystemCommand(_("Keys"), _("what the keys do here"), self.action_help)
        for name, title, about in (
            ("d2l-dark", _("Theme: dark"), _("ink by night")),
            ("d2l-light", _("Theme: light"), _("ink on paper")),
            ("d2l-contrast", _("Theme: high contrast"), _("white on black, strong colours")),
        ):
            yield SystemCommand(title, about, partial(setattr, self, "theme", name))
        yield SystemCommand(_("Theme: another"), _("all that there are"), self.search_themes)
        for name, title, about in (
            ("full", _("Text: all characters"), _("𝐖, ∑ and lines")),
            ("plain", _("Text: plain letters"), _("W for 𝐖, where a font lacks it")),
            ("ascii", _("Text: ASCII"), _("for a terminal or a font that has no more")),
        ):
            yield SystemCommand(title, about, partial(self.choose_text, name))
        for name, title, about in (
            ("lively", _("Pace: lively"), _("curves and outputs as they come")),
            ("calm", _("Pace: calm"), _("nothing is redrawn more often than once a second")),
            ("low-bandwidth", _("Pace: low bandwidth"), _("calm, no pictures in pixels, and a meter of the bytes")),
        ):
            yield SystemCommand(title, about, partial(self.choose_pace, name))
        yield SystemCommand(_("Quit"), _("everything is kept"), self._act("quit"))

    def _act(self, action: str) -> Callable[[], Any]:
        return partial(self.run_action, f"app.{action}")

    def choose_text(self, name: str) -> None:
        """Draw everything with the characters of that profile, from now on; kernels that run go on with theirs."""
        text_profile.choose(name)
        self.settings.text = name
        self._keep_settings()
        for screen in self._every_screen():
            for view in screen.query(LineView):
                view.forget()
                view.refresh(layout=True)
            for widget in screen.query("*"):
                widget.refresh()

    def choose_pace(self, name: str) -> None:
        """Let so much move from now on, and keep the choice."""
        from tutor.widgets.key_line import KeyLine
        from tutor.widgets.status_bar import StatusBar

        pace.choose(name)
        self.settings.pace = name
        self._keep_settings()
        for screen in self._every_screen():
            for line in (*screen.query(StatusBar), *screen.query(KeyLine)):
                line.meter.follow_pace()

    @on(LineNumbersChosen)
    def _keep_line_numbers(self, message: LineNumbersChosen) -> None:
        self.settings.line_numbers = "on" if message.shown else ""
        self._keep_settings()

    def _every_screen(self) -> list[Screen[Any]]:
        return [screen for stack in self._screen_stacks.values() for screen in stack]

    def _keep_theme(self, theme: Theme) -> None:
        self.settings.theme = theme.name
        self._keep_settings()

    def _keep_settings(self) -> None:
        if self.settings_path is not None:
            try:
                self.settings.save(self.settings_path)
            except OSError as error:
                self.notify(str(error), title=_("The settings could not be kept"), severity="warning")

    def _handle_exception(self, error: Exception) -> None:
        """Textual ends the app; where an import failed that something needed, that is said, and the app goes on."""
        if not self._is_seen or not is_failed_import(error):
            super()._handle_exception(error)
        elif (words := words_about(error)) not in [note.message for note in self._notifications]:
            self.notify(words, title=_("This cannot be shown now"), severity="error", timeout=15, markup=False)

    def _fatal_error(self) -> None:
        """An exception that nobody expected: its traceback goes into the log, a sentence to the learner."""
        if not self._exit_renderables and self._exception is not None:  # what follows from the first is no news
            self.panic(Text(endings.report(self._exception)))
