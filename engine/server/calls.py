"""What each call of ``engine.wire`` does. These functions wait, so they run in threads of their own."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from engine import __version__, paths, wire
from engine.assistant import selected_chunk
from engine.config import Settings
from engine.errors import ModelError
from engine.memory import Memory, Thread
from engine.models.catalogue import find
from engine.network import set_offline
from engine.server.asks import Asks
from engine.server.checks import Checks
from engine.server.models import Models
from engine.server.repositories import Repositories
from engine.space import collect, survey

__all__ = ["Engine"]


class Engine:
    """The engine as the wire knows it: ``calls`` has a function for each call's name."""

    def __init__(self, settings: Settings) -> None:
        set_offline(settings.offline)
        self.repositories = Repositories(settings)
        self.asks = Asks(self.repositories)
        self.models = Models(lambda: self.repositories.settings)
        self._checks = Checks(self.repositories, self.asks)
        self._memory_lock = threading.Lock()
        self._memory: Memory | None = None
        self.calls: Mapping[str, Callable[[Any], Any]] = {
            wire.HELLO.name: self._hello,
            wire.OPEN.name: self._open,
            wire.STATE.name: self._state,
            wire.PAUSE.name: self._pause,
            wire.FILES.name: self._files,
            wire.WHY.name: self._why,
            wire.SEARCH.name: self._search,
            wire.EXCERPT.name: self._excerpt,
            wire.ESTIMATE.name: self._estimate,
            wire.START_ASK.name: self.asks.start,
            wire.CANCEL.name: self._cancel,
            wire.SKIP.name: self._skip,
            wire.LIST_CONVERSATIONS.name: self._conversations,
            wire.READ_CONVERSATION.name: self._conversation,
            wire.RENAME_CONVERSATION.name: self._rename,
            wire.DELETE_CONVERSATION.name: self._delete,
            wire.READ_SETTINGS.name: self._read_settings,
            wire.WRITE_SETTINGS.name: self._write_settings,
            wire.MODEL.name: self._model,
            wire.LIST_MODELS.name: self.models.list,
            wire.INSTALL_MODEL.name: self.models.install,
            wire.PAUSE_MODEL.name: self.models.pause,
            wire.REMOVE_MODEL.name: self.models.remove,
            wire.SPACE.name: lambda _: survey(self.repositories.settings),
            wire.COLLECT.name: lambda _: collect(self.repositories.settings),
            **self._checks.calls,
        }

    def close(self) -> None:
        """Stop questions and indexing and close the databases."""
        self._checks.close()
        self.models.close()
        self.asks.close()
        self.repositories.close()
        with self._memory_lock:
            if self._memory is not None:
                self._memory.close()

    # -- repositories -----------------------------------------------------------------------------

    def _hello(self, _: wire.Empty) -> wire.Hello:
        return wire.Hello(wire.PROTOCOL, __version__, os.getpid())

    def _open(self, message: wire.OpenRepository) -> wire.Repository:
        assistant = self.repositories.open(message.path).assistant
        return wire.Repository(assistant.key, str(assistant.root), assistant.root.name or str(assistant.root))

    def _state(self, message: wire.RepositoryRef) -> wire.IndexStatus:
        return self.repositories.get(message.repository).live.status()

    def _pause(self, message: wire.Pause) -> wire.IndexStatus:
        live = self.repositories.get(message.repository).live
        live.pause(message.paused)
        return live.status()

    def _files(self, message: wire.RepositoryRef) -> wire.Listing:
        indexed, skipped = self.repositories.get(message.repository).assistant.listing()
        why = {each.path: f"{each.reason}: {each.detail}" if each.detail else each.reason for each in skipped}
        return wire.Listing(indexed, why)

    def _why(self, message: wire.WhyFile) -> wire.WhyReply:
        why = self.repositories.get(message.repository).assistant.why(message.path)
        return wire.WhyReply(why.path, why.indexed, why.reason, why.detail)

    def _search(self, message: wire.Search) -> wire.SearchResults:
        assistant = self.repositories.get(message.repository).assistant
        results, confidence = assistant.search(message.question, limit=message.limit, method=message.method)
        return wire.SearchResults(tuple(map(selected_chunk, results)), confidence)

    def _excerpt(self, message: wire.Excerpt) -> wire.ExcerptText:
        assistant = self.repositories.get(message.repository).assistant
        return wire.ExcerptText(*assistant.excerpt(message.path, message.first_line, message.last_line))

    # -- questions --------------------------------------------------------------------------------

    def _estimate(self, message: wire.RepositoryRef) -> wire.Estimate:
        estimate = self.repositories.get(message.repository).assistant.estimate_seconds
        return wire.Estimate(estimate("instant"), estimate("balanced"), estimate("deep"))

    def _cancel(self, message: wire.AskRef) -> wire.Empty:
        self.asks.cancel(message.id)
        return wire.Empty()

    def _skip(self, message: wire.AskRef) -> wire.Empty:
        self.asks.skip(message.id)
        return wire.Empty()

    # -- conversations ----------------------------------------------------------------------------

    @property
    def _conversations_kept(self) -> Memory:
        with self._memory_lock:
            if self._memory is None:
                self._memory = Memory(paths.memory_file())
            return self._memory

    def _conversations(self, message: wire.RepositoryRef) -> wire.Conversations:
        root = self.repositories.get(message.repository).assistant.root
        memory = self._conversations_kept
        threads = memory.threads(root)
        return wire.Conversations(tuple(_conversation(each) for each in threads if each.turns), memory.notice)

    def _conversation(self, message: wire.ConversationRef) -> wire.PastTurns:
        memory = self._conversations_kept
        turns = memory.turns(message.thread)
        return wire.PastTurns(
            _conversation(memory.thread(message.thread)),
            tuple(
                wire.PastTurn(
                    turn.question,
                    turn.answer,
                    turn.citations,
                    turn.effort,
                    turn.adapter,
                    turn.confidence,
                    turn.created,
                    turn.id,
                    memory.last_check(turn.id),
                )
                for turn in turns
            ),
        )

    def _rename(self, message: wire.RenameConversation) -> wire.Empty:
        self._conversations_kept.rename_thread(message.thread, message.title)
        return wire.Empty()

    def _delete(self, message: wire.ConversationRef) -> wire.Empty:
        self._conversations_kept.delete_thread(message.thread)
        return wire.Empty()

    # -- settings ---------------------------------------------------------------------------------

    def _read_settings(self, _: wire.Empty) -> Settings:
        return self.repositories.settings

    def _write_settings(self, settings: Settings) -> Settings:
        self.repositories.save(settings)
        set_offline(settings.offline)
        self.asks.between(self.repositories.configure)
        return self.repositories.settings

    def _model(self, _: wire.Empty) -> wire.ModelInfo:
        name = self.repositories.settings.model
        entry = find(name)
        if entry is None:
            raise ModelError(f"the settings name the model {name!r}, which is not there; choose another one")
        return wire.ModelInfo(entry.name, entry.title, entry.notes)


def _conversation(thread: Thread) -> wire.Conversation:
    return wire.Conversation(thread.id, thread.title, thread.created, thread.updated, thread.turns)
