"""What files say now, beside what the index says they said: nothing is cited that does not stand there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from engine.errors import UsageError
from engine.indexing import IndexedFolder
from engine.types import (
    CancelToken,
    Candidates,
    Chunk,
    Evidence,
    Selected,
    SkippedFile,
)

__all__ = ["OnDisk"]

_LOOKS = 3  # at what was chosen for a question, since files change while they are read


class OnDisk(IndexedFolder):
    """An indexed folder whose files are looked at again when something of them was chosen."""

    def reread(self, path: str, first_line: int, last_line: int) -> str | None:
        """Return lines first..last of a file as they are on disk now, None when they are not there."""
        return self.excerpt(path, first_line, last_line)[0]

    def excerpt(self, path: str, first_line: int, last_line: int) -> tuple[str | None, str]:
        """Return lines first..last of an indexed file as they are on disk now, and the language they are written in.

        None and an empty language when they are not there. UsageError for a path outside the repository and for
        lines that no file has.
        """
        from engine.memory import is_note_path
        from engine.repository.scan import read_indexed

        if first_line < 1 or last_line < first_line:
            raise UsageError(f"there are no lines {first_line} to {last_line} in any file")
        source = self._note_sources().get(path) if is_note_path(path) else read_indexed(self.root, path)
        if source is None:
            return None, ""
        if isinstance(source, SkippedFile) or not self._store.has_file(path):
            return None, ""
        lines = source.text.split("\n")
        if last_line > len(lines):
            return None, ""
        return "\n".join(lines[first_line - 1 : last_line]), source.language

    # -- what changed a moment ago --------------------------------------------------------------

    def as_on_disk(
        self,
        find: Callable[[], tuple[Candidates, tuple[Selected, ...]]],
        *,
        paths: Sequence[str] = (),
        cancel: CancelToken | None = None,
    ) -> tuple[Candidates, tuple[Selected, ...]]:
        """Return what ``find`` finds and chooses, all of it as the files are now.

        What was chosen, and ``paths``, is hashed again, so that a change of whatever kind is seen; other candidates
        are looked at by size and time. What changed is read again and ``find`` called again. What changes faster than
        it can be read, or while another process indexes, is left out.
        """
        for _ in range(_LOOKS):
            candidates, chosen = find()
            near = {chunk.path for chunk in candidates.chunks}
            changed = self.changed_files({each.chunk.path for each in chosen} | set(paths), near=near)
            if not changed or not self.take_in(changed, cancel=cancel):
                break
        if changed:
            chosen = tuple(each for each in chosen if each.chunk.path not in changed)
        return candidates, chosen

    def changed_files(self, paths: Iterable[str], *, near: Iterable[str] = ()) -> set[str]:
        """Return the indexed files of ``paths`` that have other contents now or are gone, by their hash.

        Of the files ``near`` these are added whose size or time changed.
        """
        from engine.memory import is_note_path
        from engine.repository.scan import read_indexed

        wanted = set(paths)
        stamps = self._store.stamps(wanted | set(near))
        notes = self._note_sources() if any(map(is_note_path, stamps)) else {}
        changed = set()
        for path, stamp in stamps.items():
            if is_note_path(path):
                now = notes.get(path)
                same = now is not None and now.sha256 == stamp.sha256
            elif path in wanted:
                source = read_indexed(self.root, path)
                same = not isinstance(source, SkippedFile) and source.sha256 == stamp.sha256
            else:
                same = _size_and_time(self.root / path) == (stamp.size, stamp.mtime_ns)
            if not same:
                changed.add(path)
        return changed

    def catch_up(self, seen: Collection[str], *, cancel: CancelToken | None = None) -> None:
        """Read what changed since it was indexed: what a watcher has ``seen``, and what a glance at the folder shows.

        A watcher tells of a change some time after it was made, a glance never misses it; a change that leaves size
        and time as they are is found when the file is chosen.
        """
        from engine.memory import is_note_path

        stamps = self._store.stamps()
        known = {path: (each.size, each.mtime_ns) for path, each in stamps.items() if not is_note_path(path)}
        shown = self._glance.changed(known, lambda: [each.path for each in self._store.all_skipped()])
        if shown is None or not stamps:
            self.refresh(cancel=cancel)
            shown = set()
        changed = shown | set(seen)
        if changed:
            self.take_in(changed, cancel=cancel)

    def still_there(self, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """Return the evidence whose text still stands in its file, with the lines where it stands; numbers stay."""
        found = []
        for item in evidence:
            chunk = item.chunk
            if self.reread(chunk.path, chunk.first_line, chunk.last_line) == chunk.text:
                found.append(item)
            elif (first := self._line_of(chunk)) is not None:
                last = first + chunk.last_line - chunk.first_line
                found.append(replace(item, chunk=replace(chunk, first_line=first, last_line=last)))
        return tuple(found)

    def _line_of(self, chunk: Chunk) -> int | None:
        """Return the line at which a chunk's text begins now, the one nearest to where it was; None for nowhere."""
        from engine.memory import is_note_path
        from engine.repository.scan import read_indexed

        if is_note_path(chunk.path):
            return None
        source = read_indexed(self.root, chunk.path)
        if isinstance(source, SkippedFile):
            return None
        lines, wanted = source.text.split("\n"), chunk.text.split("\n")
        starts = [at for at, line in enumerate(lines) if line == wanted[0] and lines[at : at + len(wanted)] == wanted]
        return min((at + 1 for at in starts), key=lambda line: abs(line - chunk.first_line), default=None)


def _size_and_time(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
