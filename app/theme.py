"""How the window looks: two palettes, one accent colour, the system's fonts, a grid of four pixels.

``theme()`` gives the application's one ``Theme``; it follows the desktop's light or dark scheme unless the user chose.
Widgets take colours from ``theme().colours`` when they paint or render, and do so again on ``theme().changed``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from engine.paths import resources

__all__ = ["DARK", "GRID", "INSET", "LIGHT", "Colours", "Role", "Theme", "set_role", "theme"]

GRID = 4  # pixels; margins and distances are multiples of it
INSET = 6  # pixels from the edge of a quiet button to its text; text above and below stands as far in

Choice = Literal["system", "light", "dark"]
# What a widget is, for the style sheet: set with ``set_role``.
Role = Literal[
    "muted",  # text that stands back
    "small",  # the same, a size smaller
    "strong",  # text set off by weight
    "title",  # the one heading of a page
    "warning",  # something is not as it should be
    "quiet",  # a button that is only its text
    "primary",  # the one button of a page
    "chip",  # what a question is about
    "panel",  # an area beside the conversation
    "page",  # the background of a conversation or a page
    "strip",  # a sentence across the window
    "edit",  # the frame around the field for questions
    "bare",  # a text field without a frame of its own
]


@dataclass(frozen=True, slots=True)
class Colours:
    """One palette; every colour as "#rrggbb". Text and muted text have at least 4.5:1 on all three backgrounds."""

    dark: bool
    page: str  # behind the conversation
    panel: str  # behind what stands beside it
    code: str  # behind code
    line: str  # between areas
    frame: str  # around fields and buttons
    text: str
    muted: str
    accent: str
    on_accent: str
    hover: str
    selection: str
    warning: str


LIGHT = Colours(
    dark=False,
    page="#ffffff",
    panel="#f7f7f6",
    code="#f4f4f2",
    line="#e6e6e3",
    frame="#c9c9c5",
    text="#1f2123",
    muted="#63676c",
    accent="#0b6a94",
    on_accent="#ffffff",
    hover="#ecedec",
    selection="#cfe4ee",
    warning="#8f4a00",
)
DARK = Colours(
    dark=True,
    page="#1b1c1e",
    panel="#202224",
    code="#26282b",
    line="#303336",
    frame="#484c51",
    text="#e4e5e7",
    muted="#a0a4aa",
    accent="#66b7df",
    on_accent="#10222c",
    hover="#2c2f32",
    selection="#27495b",
    warning="#e0a458",
)


class Theme(QObject):
    """The application's look. ``changed`` is emitted after colours or fonts became others."""

    changed = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self.setObjectName("theme")
        self._application = application
        self._choice: Choice = "system"
        self._icons: dict[tuple[str, str], QIcon] = {}
        self.colours = LIGHT
        application.setStyle("Fusion")  # the one style that takes all of a palette on every system
        application.styleHints().colorSchemeChanged.connect(self._follow)
        self._follow()

    @property
    def dark(self) -> bool:
        """Return whether text is light on dark."""
        return self.colours.dark

    def choose(self, choice: Choice) -> None:
        """Follow the desktop, or be light or dark whatever it is."""
        if choice != self._choice:
            self._choice = choice
            schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
            # Tells the platform too, so that window frames and its own dialogs match.
            self._application.styleHints().setColorScheme(schemes.get(choice, Qt.ColorScheme.Unknown))
            self._follow()

    def fixed_font(self) -> QFont:
        """Return the user's font for code, as large as the text around it."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        size = self._application.font().pointSizeF()
        if size > 0:
            font.setPointSizeF(size * 0.96)  # at the same size fixed fonts look larger than others
        return font

    def small_font(self) -> QFont:
        """Return the font for what stands back."""
        font = QFont(self._application.font())
        if font.pointSizeF() > 0:
            font.setPointSizeF(font.pointSizeF() * 0.92)
        return font

    def icon(self, name: str, colour: str | None = None) -> QIcon:
        """Return an icon of ``resources/icons`` in a colour (by default that of muted text), sharp at 1x and 2x."""
        key = (name, colour or self.colours.muted)
        if key not in self._icons:
            self._icons[key] = _drawn(name, *key[1:], self.colours.frame)
        return self._icons[key]

    def _follow(self) -> None:
        if self._choice == "system":
            dark = self._application.styleHints().colorScheme() == Qt.ColorScheme.Dark
        else:
            dark = self._choice == "dark"
        colours = DARK if dark else LIGHT
        if colours is self.colours and self._application.styleSheet():
            return
        self.colours = colours
        self._application.setPalette(_palette(colours))
        self._application.setStyleSheet(_style_sheet(colours, self._application.font().pointSizeF()))
        self.changed.emit()


def theme() -> Theme:
    """Return the application's theme, made when first asked for."""
    application = cast("QApplication", QApplication.instance())
    found = application.findChild(Theme, "theme", Qt.FindChildOption.FindDirectChildrenOnly)
    return found if found is not None else Theme(application)


def set_role(widget: QWidget, role: Role) -> None:
    """Give a widget its look; may be called again with another one."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _drawn(name: str, colour: str, disabled: str) -> QIcon:
    source = (resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    icon = QIcon()
    for mode, drawn in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        renderer = QSvgRenderer(QByteArray(source.replace("currentColor", drawn).encode()))
        for size in (16, 32, 48, 64):
            pixmap = QPixmap(QSize(size, size))
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(0, 0, size, size))
            painter.end()
            icon.addPixmap(pixmap, mode)
    return icon


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for each, colour in {
        role.Window: colours.page,
        role.WindowText: colours.text,
        role.Base: colours.page,
        role.AlternateBase: colours.panel,
        role.Text: colours.text,
        role.PlaceholderText: colours.muted,
        role.Button: colours.panel,
        role.ButtonText: colours.text,
        role.BrightText: colours.on_accent,
        role.Highlight: colours.selection,
        role.HighlightedText: colours.text,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.ToolTipBase: colours.panel,
        role.ToolTipText: colours.text,
        role.Light: colours.panel,
        role.Midlight: colours.hover,
        role.Mid: colours.frame,
        role.Dark: colours.frame,
        role.Shadow: colours.line,
    }.items():
        palette.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(colours.muted))
    return palette


def _style_sheet(colours: Colours, points: float) -> str:
    size = points if points > 0 else 10.0
    return _SHEET.format(
        c=colours, small=f"{size * 0.92:.1f}pt", title=f"{size * 1.5:.1f}pt", pressed=colours.selection
    )


# Focus is shown by a ring in the accent colour around whatever has it; nothing else is drawn in two pixels.
_SHEET = """
QWidget[role="page"], QDialog, QMainWindow {{ background: {c.page}; }}
QWidget[role="panel"] {{ background: {c.panel}; }}
QLabel[role="muted"] {{ color: {c.muted}; }}
QLabel[role="small"] {{ color: {c.muted}; font-size: {small}; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="title"] {{ font-weight: 600; font-size: {title}; }}
QLabel[role="warning"] {{ color: {c.warning}; }}

QPushButton {{ background: {c.page}; color: {c.text}; border: 1px solid {c.frame}; border-radius: 4px;
    padding: 5px 12px; }}
QPushButton:hover {{ background: {c.hover}; }}
QPushButton:pressed {{ background: {pressed}; }}
QPushButton:disabled {{ color: {c.muted}; border-color: {c.line}; }}
QPushButton:focus {{ border: 2px solid {c.accent}; padding: 4px 11px; }}
QPushButton[role="primary"] {{ background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; }}
QPushButton[role="primary"]:focus {{ border-color: {c.text}; }}
QPushButton[role="primary"]:disabled {{ background: {c.hover}; color: {c.muted}; border-color: {c.line}; }}
QPushButton[role="quiet"], QToolButton {{ background: transparent; color: {c.muted}; border: 2px solid transparent;
    border-radius: 4px; padding: 2px 4px; text-align: left; min-width: 0; }}
QPushButton[role="quiet"]:hover, QToolButton:hover {{ background: {c.hover}; color: {c.text}; }}
QPushButton[role="quiet"]:pressed, QToolButton:pressed {{ background: {pressed}; }}
QPushButton[role="quiet"]:focus, QToolButton:focus {{ border-color: {c.accent}; padding: 2px 4px; }}
QPushButton[role="quiet"]:disabled, QToolButton:disabled {{ color: {c.muted}; }}
QToolButton::menu-indicator, QPushButton::menu-indicator {{ image: none; width: 0; }}
QToolButton[role="strong"] {{ color: {c.text}; font-weight: 600; }}
QToolButton[role="primary"] {{ background: {c.accent}; }}
QToolButton[role="primary"]:focus {{ border-color: {c.text}; }}
QToolButton[role="primary"]:disabled {{ background: {c.hover}; }}
QToolButton[role="chip"] {{ color: {c.text}; background: {c.hover}; padding: 1px 4px; }}
QToolButton[role="chip"]:hover {{ background: {pressed}; }}

QFrame[role="strip"] {{ background: {c.panel}; border: none; border-bottom: 1px solid {c.line}; }}
QFrame[role="edit"] {{ background: {c.page}; border: 1px solid {c.frame}; border-radius: 6px; }}
QFrame[role="edit"][focused="true"] {{ border: 2px solid {c.accent}; }}
QPlainTextEdit[role="bare"], QTextBrowser[role="bare"], QScrollArea {{ background: transparent; border: none; }}
QLineEdit, QPlainTextEdit {{ background: {c.page}; color: {c.text};
    border: 1px solid {c.frame}; border-radius: 4px; padding: 4px 8px; selection-background-color: {c.selection};
    selection-color: {c.text}; }}
QPlainTextEdit[role="bare"] {{ padding: 0; }}
QLineEdit:focus, QPlainTextEdit:focus {{ border: 2px solid {c.accent};
    padding: 3px 7px; }}
QPlainTextEdit[role="bare"]:focus {{ border: none; padding: 0; }}
QTreeView, QListView {{ background: {c.panel}; color: {c.text}; border: none; outline: none; }}
QTreeView::item, QListView::item {{ padding: 2px 0; }}
QTreeView::item:hover, QListView::item:hover {{ background: {c.hover}; }}
QTreeView::item:selected, QListView::item:selected {{ background: {c.selection}; color: {c.text}; }}
QSplitter::handle {{ background: {c.line}; }}
QToolTip {{ background: {c.panel}; color: {c.text}; border: 1px solid {c.frame}; padding: 4px; }}
QMenu {{ background: {c.page}; color: {c.text}; border: 1px solid {c.frame}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {c.hover}; }}
QMenu::item:disabled {{ color: {c.muted}; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 8px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {c.frame}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {c.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QProgressBar {{ background: {c.line}; border: none; max-height: 2px; }}
QProgressBar::chunk {{ background: {c.accent}; }}
"""
