"""One window: a conversation about one repository, narrow beside an editor, with more beside it where there is room.

The window changes nothing but what is shown; intentions go to its ``Session``. Which window a folder is opened in is
decided by who made the window: ``open_requested`` asks for it.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QInputDialog,
    QMainWindow,
    QMenu,
    QMessageBox,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.chat.composer import Composer
from app.chat.transcript import COLUMN, Transcript
from app.controls import tip
from app.dialogs.check_preview import CheckPreviewDialog
from app.dialogs.check_settings import CheckSettingsDialog
from app.dialogs.folder import choose_folder
from app.dialogs.notes import NotesDialog
from app.dialogs.settings import SettingsDialog
from app.dialogs.welcome import Welcome
from app.header import Header
from app.panels.evidence import EvidencePanel
from app.panels.repository import RepositoryPanel
from app.preferences import PreferencesFile
from app.session import Session
from app.state import TurnState
from app.strip import Strip
from app.theme import set_role, theme
from engine.errors import StorageError
from engine.types import Focus
from engine.verdicts import CheckPreview, CheckState
from engine.wire import Conversation

__all__ = ["MainWindow"]

_WIDE = 900  # pixels from which the panels stand beside the conversation
_SIZE = QSize(420, 780)
_SMALLEST = QSize(380, 420)
_PANEL_WIDTHS = (240, 320)  # of files and evidence, when first shown
_CONVERSATIONS = 20  # in the menu


class MainWindow(QMainWindow):
    """The window of a session; it deletes itself when it is closed."""

    open_requested = Signal(str)  # the user chose a folder
    restart_requested = Signal()  # the engine gave up, the user wants it tried again
    closed = Signal()

    def __init__(self, session: Session, preferences: PreferencesFile) -> None:
        super().__init__()
        self.session = session
        self.state = session.state
        self.preferences = preferences
        self._raised = ""  # the panel that takes the place of the conversation in a narrow window
        self._wide: bool | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptDrops(True)
        self.setMinimumSize(_SMALLEST)
        theme().choose(preferences.value.theme)
        self.header = Header(self.state, session)
        self.engine_strip = Strip("Try again", "Start the engine again", self.restart_requested.emit)
        self.notice_strip = Strip("", "", None, on_close=lambda: session.notify(""))
        self.transcript = Transcript(self.state, session)
        self.composer = Composer(self.state, session)
        self.files = RepositoryPanel(self.state, session)
        self.evidence = EvidencePanel(self.state, session)
        self.welcome = Welcome(preferences)
        self._conversation = QWidget()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self._add_shortcuts()
        self._restore()
        self._show_repository()
        self._show_engine()
        self._show_notice()

    # -- building -----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        column = QVBoxLayout(self._conversation)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.transcript, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        self.composer.setMaximumWidth(COLUMN)
        foot.addWidget(self.composer)
        column.addLayout(foot)
        set_role(self._conversation, "page")
        for part in (self.files, self._conversation, self.evidence):
            self._splitter.addWidget(part)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        self._splitter.setStretchFactor(1, 1)
        self.files.setMinimumWidth(160)
        self.evidence.setMinimumWidth(220)
        self._conversation.setMinimumWidth(360)
        self._pages.addWidget(QWidget())  # so that either of the others is a change
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self._splitter)
        whole = QWidget()
        set_role(whole, "page")
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self.header, self.engine_strip, self.notice_strip):
            layout.addWidget(part)
        layout.addWidget(self._pages, 1)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self.header.menu_wanted.connect(self._fill_menu)
        self.header.settings_wanted.connect(self.show_settings)
        self.header.files_toggled.connect(self.toggle_files)
        self.header.evidence_toggled.connect(self.toggle_evidence)
        self.transcript.address_clicked.connect(self._confirm_address)
        self.transcript.reworded.connect(self.composer.set_text)
        self.transcript.check_wanted.connect(self.show_check)
        self.transcript.preview_wanted.connect(self.show_check_preview)
        self.transcript.check_settings_wanted.connect(self.show_check_settings)
        self.composer.field.paged.connect(lambda pages: self.transcript.scroll_by_page(pages * 0.9))
        self.welcome.chosen.connect(self.open_requested)
        subscribe, ended = self.state.subscribe, self.destroyed
        ended.connect(subscribe("repository", self._show_repository))
        ended.connect(subscribe("engine", self._show_engine))
        ended.connect(subscribe("index", self._show_engine))
        ended.connect(subscribe("notice", self._show_notice))
        ended.connect(subscribe("about", self._back_to_conversation))
        ended.connect(subscribe("note", self._show_note))
        ended.connect(self.preferences.subscribe(self._preferences_changed))

    def _add_shortcuts(self) -> None:
        for keys, name, what in (
            ("Ctrl+L", "Write a question", self.focus_composer),
            ("Esc", "Stop", self._escape),
            ("Ctrl+N", "New conversation", self.new_conversation),
            ("Ctrl+O", "Open a repository", self.choose_folder),
            ("Ctrl+1", "Files", self.toggle_files),
            ("Ctrl+2", "Evidence", self.toggle_evidence),
            ("Ctrl+3", "Notes", self._all_notes),
            ("Ctrl+,", "Settings", self.show_settings),
            ("Ctrl+W", "Close the window", self.close),
        ):
            action = QAction(name, self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(partial(_without_argument, what))
            self.addAction(action)

    def _restore(self) -> None:
        saved = self.preferences.value.geometry
        if not (saved and self.restoreGeometry(QByteArray(base64.b64decode(saved, validate=False)))):
            self.resize(_SIZE)

    # -- intentions ---------------------------------------------------------------------------------

    def focus_composer(self) -> None:
        """Put the cursor where questions are written."""
        self._raise("")
        self.composer.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def new_conversation(self) -> None:
        """Begin anew and write."""
        self.session.new_conversation()
        self.focus_composer()

    def choose_folder(self) -> None:
        """Let the user choose a repository."""
        start = self.state.repository.root if self.state.repository is not None else str(Path.home())
        choose_folder(self, "Open a repository", start, self.open_requested.emit)

    def show_settings(self) -> None:
        """Show the settings."""
        dialog = SettingsDialog(self.state, self.session, self.preferences, self)
        dialog.checking_wanted.connect(self.show_check_settings)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def show_check(self, turn: TurnState, show_first: bool = False) -> None:
        """Have an answer checked: what would be sent is shown first, unless the user allowed otherwise."""

        def known(state: CheckState) -> None:
            if state.ready:
                self.session.checks.preview(turn, shown)
            else:
                self.show_check_settings()

        def shown(preview: CheckPreview) -> None:
            if preview.allowed and not show_first:
                self.session.checks.send(turn, preview)
            else:
                self.show_check_preview(turn, preview)

        state = self.state.checks
        if state is None or state.ready:  # what stands in the way is said under the answer
            self.session.checks.preview(turn, shown)
        else:  # another window may have set it up
            self.session.checks.refresh(known)

    def show_check_preview(self, turn: TurnState, preview: CheckPreview) -> None:
        """Show what would be sent."""
        CheckPreviewDialog(turn, preview, self.session, self).open()

    def show_check_settings(self) -> None:
        """Show how answers are checked."""
        CheckSettingsDialog(self.state, self.session, self).open()

    def show_notes(self, path: str = "") -> None:
        """Show the notes about the repository, one of them unfolded."""
        dialog = self.findChild(NotesDialog)
        if dialog is None:
            dialog = NotesDialog(self.state, self.session, self)
            dialog.open()
        if path:
            dialog.reveal(path)

    def toggle_files(self) -> None:
        """Show or hide the files; in a narrow window they take the place of the conversation."""
        if self._wide:
            self._keep(show_repository=not self.preferences.value.show_repository)
        else:
            self._raise("" if self._raised == "files" else "files")
        if not self.files.isHidden():
            self.files.focus_filter()

    def toggle_evidence(self) -> None:
        """Show or hide the evidence; in a narrow window it takes the place of the conversation."""
        if self._wide:
            self._keep(show_evidence=not self.preferences.value.show_evidence)
        else:
            self._raise("" if self._raised == "evidence" else "evidence")

    def rename_conversation(self, conversation: Conversation) -> None:
        """Let the user give a conversation another title."""
        dialog = QInputDialog(self)
        dialog.setWindowTitle("Rename the conversation")
        dialog.setLabelText("Title")
        dialog.setTextValue(conversation.title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.textValueSelected.connect(partial(self.session.rename_conversation, conversation.id))
        dialog.open()

    def delete_conversation(self, conversation: Conversation) -> None:
        """Delete a conversation when the user means it."""
        box = QMessageBox(self)
        box.setWindowTitle("Delete the conversation")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Delete “{conversation.title}” for good?")
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        delete.clicked.connect(lambda _: self.session.delete_conversation(conversation.id))
        box.open()

    def _confirm_address(self, address: str) -> None:
        """Show an address before anything is opened: what a model wrote may lead anywhere."""
        url = QUrl(address)
        box = QMessageBox(self)
        box.setWindowTitle("Open in the browser")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText("This link leads out of the repository, to")
        # As it goes out: letters that look like others cannot pass for them.
        box.setInformativeText(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        go = box.addButton("Open in the browser", QMessageBox.ButtonRole.AcceptRole)
        box.addButton("Stay here", QMessageBox.ButtonRole.RejectRole)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        go.clicked.connect(lambda _: QDesktopServices.openUrl(url))
        box.open()

    def _escape(self) -> None:
        if self._raised:
            self.focus_composer()
        else:
            self.session.stop()

    # -- what is shown ------------------------------------------------------------------------------

    def _show_repository(self) -> None:
        state = self.state
        page = self._splitter if state.repository or state.opening else self.welcome
        if page is not self._pages.currentWidget():
            self._pages.setCurrentWidget(page)
            start = self.welcome.choose if page is self.welcome else self.composer.field
            start.setFocus(Qt.FocusReason.OtherFocusReason)
        name = state.repository.name if state.repository is not None else ""
        self.setWindowTitle(f"{name} — Sidetune" if name else "Sidetune")
        if state.repository is not None and self.preferences.value.recent[:1] != (state.repository.root,):
            root = state.repository.root
            try:
                self.preferences.update(lambda value: value.opened(root))
            except StorageError as error:
                self.session.notify(str(error))

    def _show_engine(self) -> None:
        engine, index = self.state.engine, self.state.index
        sentence = engine.sentence if engine.phase in {"restarting", "stopped"} else ""
        if engine.phase == "running" and index is not None and index.stage == "failed":
            sentence = index.problem or "The index could not be made."
        self.engine_strip.show_sentence(sentence)
        self.engine_strip.offer(engine.phase == "stopped")

    def _show_notice(self) -> None:
        self.notice_strip.show_sentence(self.state.notice)

    def _all_notes(self) -> None:
        if self.state.repository is not None:
            self.show_notes()

    def _show_note(self) -> None:
        self.show_notes(self.state.wanted_note)

    def _preferences_changed(self) -> None:
        theme().choose(self.preferences.value.theme)
        self._arrange()

    def _raise(self, panel: str) -> None:
        self._raised = panel
        self._arrange()

    def _back_to_conversation(self) -> None:
        if self._raised and not self._wide:
            self.focus_composer()

    def _arrange(self) -> None:
        """Show what there is room for."""
        value = self.preferences.value
        wide = self.width() >= _WIDE
        came = wide and self._wide is not True
        self._wide = wide
        self.header.set_wide(wide)
        raised = "" if wide else self._raised
        self.files.setVisible(value.show_repository if wide else raised == "files")
        self.evidence.setVisible(value.show_evidence if wide else raised == "evidence")
        self._conversation.setVisible(not raised)
        if came:
            left, right = _PANEL_WIDTHS
            right += max(0, self.width() - 1200) // 4  # code gains most from more room
            self._splitter.setSizes([left, self.width() - left - right, right])

    def _keep(self, **changes: bool) -> None:
        try:
            self.preferences.change(**changes)
        except StorageError as error:
            self.session.notify(str(error))

    # -- the menu -----------------------------------------------------------------------------------

    def _fill_menu(self) -> None:
        menu, state = self.header.menu, self.state
        menu.clear()
        if state.repository is not None:
            menu.addAction("New conversation\tCtrl+N", self.new_conversation)
            if state.conversations:
                self._fill_conversations(menu.addMenu("Conversations"))
            menu.addSeparator()
        menu.addAction("Open a repository…\tCtrl+O", self.choose_folder)
        here = state.repository.root if state.repository is not None else ""
        for root in [each for each in self.preferences.value.recent if each != here][:8]:
            action = menu.addAction(_menu_text(Path(root).name or root), partial(self.open_requested.emit, root))
            action.setToolTip(tip(root))
        menu.setToolTipsVisible(True)
        menu.addSeparator()
        if state.repository is not None:
            menu.addAction("Files\tCtrl+1", self.toggle_files)
            menu.addAction("Evidence\tCtrl+2", self.toggle_evidence)
            menu.addAction("Notes…\tCtrl+3", self.show_notes)
            menu.addAction("Checking…", self.show_check_settings)
        menu.addAction("Settings…\tCtrl+,", self.show_settings)
        menu.addAction("Close the window\tCtrl+W", self.close)

    def _fill_conversations(self, menu: QMenu) -> None:
        current = next((each for each in self.state.conversations if each.id == self.state.thread), None)
        for each in self.state.conversations[:_CONVERSATIONS]:
            action = menu.addAction(_menu_text(each.title), partial(self.session.open_conversation, each.id))
            action.setCheckable(True)
            action.setChecked(each is current)
        if current is not None:
            menu.addSeparator()
            menu.addAction("Rename this one…", partial(self.rename_conversation, current))
            menu.addAction("Delete this one…", partial(self.delete_conversation, current))

    # -- events -------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show what there is room for."""
        super().resizeEvent(event)
        if (self.width() >= _WIDE) is not self._wide:
            self._arrange()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Write on when the window is chosen again."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.focusWidget() is None:
            self.composer.field.setFocus(Qt.FocusReason.ActiveWindowFocusReason)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Open a folder; ask about a file of the repository."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.take(Path(url.toLocalFile()))
        event.acceptProposedAction()

    def take(self, path: Path) -> None:
        """Open a folder, or make the next question be about a file of the repository."""
        repository = self.state.repository
        if path.is_dir():
            self.open_requested.emit(str(path))
        elif repository is not None and path.resolve().is_relative_to(repository.root):
            self.session.add_about(Focus(path.resolve().relative_to(repository.root).as_posix()))
        else:
            self.session.notify(f"{path.name} is not in the repository that is open")

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Stop what this window asked for and remember where it stood."""
        self.session.close()
        with suppress(StorageError):  # where it stood is not worth keeping it open for
            self.preferences.change(geometry=base64.b64encode(self.saveGeometry().data()).decode())
        super().closeEvent(event)
        self.closed.emit()


def _menu_text(text: str) -> str:
    shown = text if len(text) <= 48 else f"{text[:47]}…"
    return shown.replace("&", "&&")


def _without_argument(what: object, _: bool = False) -> None:
    """Call what a shortcut stands for; actions send whether they are checked."""
    if callable(what):
        what()
