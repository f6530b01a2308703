"""What the commands other than ``ask`` have found out, as lines of a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from engine.events import SelectedChunk
from engine.memory import Thread
from engine.terminal.show import Terminal, show_confidence, show_evidence
from engine.terminal.text import safe, safe_line, shorten
from engine.types import Confidence, Selected
from engine.wire import IndexStatus

if TYPE_CHECKING:
    from engine.doctor import Health
    from engine.evaluation.metrics import EvaluationResult
    from engine.evaluation.refusals import Threshold
    from engine.evaluation.selectors import SelectorsReport
    from engine.evaluation.settings import SettingsReport
    from engine.index.updater import UpdateReport
    from engine.usage import Collected, Space
    from engine.workspace import Forgotten, Why

__all__ = [
    "index_json",
    "index_words",
    "result_json",
    "show_answers",
    "show_collected",
    "show_comparison",
    "show_figures",
    "show_forgotten",
    "show_health",
    "show_index",
    "show_results",
    "show_selectors",
    "show_settings",
    "show_space",
    "show_threads",
    "show_why",
    "size_words",
]

_DIM = Style(dim=True)
_BOLD = Style(bold=True)


def size_words(size: int) -> str:
    """Return a number of bytes as people say it."""
    value = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{size:,} bytes" if unit == "bytes" else f"{value:.1f} {unit}"


def index_words(status: IndexStatus) -> str:
    """Return how far the index is, in words that fit into a line below the editor."""
    chunks = f"{status.chunks:,} chunk{'' if status.chunks == 1 else 's'}"
    if status.stage == "failed":
        return f"not all is indexed: {status.problem}"
    if status.stage == "ready":
        return f"{chunks} · {status.problem or 'ready'}"
    words = "reading files" if status.stage in {"starting", "reading"} else status.stage
    done = f" {status.done / status.total * 100:.0f} %" if status.total else ""
    return f"{chunks} · {words}{done}"


def show_index(terminal: Terminal, report: UpdateReport) -> None:
    """Say what is indexed now, what was new, and what was left out."""
    terminal.say(f"{report.chunks:,} chunks of {report.files:,} files in {report.seconds:.1f} s")
    terminal.say(f"{report.embedded:,} embedded, {report.reused:,} reused", style=_DIM)
    skipped = sorted(report.skipped.items(), key=lambda item: (-item[1], item[0]))
    if skipped:
        reasons = ", ".join(f"{count:,} {safe_line(reason)}" for reason, count in skipped)
        terminal.note(f"Left out: {reasons}. `sidetune why FILE` gives the reason for one.")
    if report.problem:
        terminal.print(Text(safe(report.problem), style=Style(color="yellow")))


def index_json(report: UpdateReport) -> dict[str, object]:
    """Return an update as ``index --json`` prints it; ``problem`` only where there is one."""
    value: dict[str, object] = asdict(report)
    if not report.problem:
        del value["problem"]
    return value


def result_json(result: Selected) -> dict[str, object]:
    """Return one result as ``search --json`` prints it."""
    chunk = result.chunk
    return {
        "path": chunk.path,
        "first_line": chunk.first_line,
        "last_line": chunk.last_line,
        "symbol": chunk.symbol,
        "score": result.score,
        "gain": result.gain,
        "chars": len(chunk.text),
    }


def show_results(terminal: Terminal, root: Path, results: Sequence[Selected], confidence: Confidence) -> None:
    """Show what a search found: with shares where they were chosen by gain, else with scores."""
    if not results:
        terminal.say("Nothing was found.")
        return
    chunks = [
        SelectedChunk(
            each.chunk.path,
            each.chunk.first_line,
            each.chunk.last_line,
            each.chunk.symbol,
            each.score,
            each.gain,
            each.share,
        )
        for each in results
    ]
    show_evidence(terminal, root, chunks, letters=False, scores=not any(each.share for each in results))
    show_confidence(terminal, confidence)


def show_why(terminal: Terminal, why: Why) -> None:
    """Say whether a file is indexed, or why not."""
    if why.indexed:
        terminal.say(f"{safe_line(why.path)} is indexed.")
        return
    terminal.say(f"{safe_line(why.path)} is not indexed: {safe_line(why.reason)}")
    if why.detail:
        terminal.note(why.detail)


def show_forgotten(terminal: Terminal, root: Path, forgotten: Forgotten) -> None:
    """Say what was removed."""
    if not (forgotten.index or forgotten.embeddings or forgotten.adapters):
        terminal.say(f"Nothing was kept about {safe_line(str(root))}.")
        return
    what = f"its index, {forgotten.embeddings:,} embeddings and {forgotten.adapters:,} adapters"
    terminal.say(f"Forgot {safe_line(str(root))}: {what}.")
    terminal.note("Embeddings that another repository uses as well are kept, and so are your conversations.")


def show_threads(terminal: Terminal, threads: Sequence[Thread], *, current: str | None) -> None:
    """Show conversations, the last used first."""
    if not threads:
        terminal.say("There are no conversations about this repository yet.")
    for thread in threads:
        mark = "●" if thread.id == current else " "
        day = thread.updated[:16].replace("T", " ")
        title = shorten(thread.title, max(20, terminal.width - 42))
        terminal.say(f"{mark} {thread.id}  ", Text(f"{day}  {thread.turns:>3}  ", style=_DIM), title)


def show_figures(terminal: Terminal, result: EvaluationResult) -> None:
    """Show an evaluation's figures with their 95 % intervals."""
    width = max((len(name) for name in result.figures), default=0)
    for name, value in result.figures.items():
        low, high = result.interval95[name]
        terminal.say(f"{name:<{width}}  {value:8.4f}", Text(f"  [{low:.4f}, {high:.4f}]", style=_DIM))
    terminal.say(f"n = {result.n}, {result.seconds:.1f} s", style=_DIM)


def show_comparison(terminal: Terminal, result: EvaluationResult) -> None:
    """Show methods side by side: a row a figure, then how much the first method differs from each of the others."""
    from rich.table import Table

    names = list(dict.fromkeys(name.rpartition(".")[0] for name in result.figures))
    methods = list(dict.fromkeys(name.rpartition(".")[2] for name in result.figures))
    table = Table.grid(padding=(0, 2))
    for method in methods:
        table.add_row(Text(method, style=_BOLD))
        for name in names:
            if (value := result.figures.get(f"{name}.{method}")) is not None:
                low, high = result.interval95[f"{name}.{method}"]
                table.add_row(f"  {name}", f"{value:.3f}", Text(f"[{low:.3f}, {high:.3f}]", style=_DIM))
    pairs = list(dict.fromkeys(name.rpartition(".")[2] for name in result.differences))
    for pair in pairs:
        table.add_row(Text(pair.replace("-", " less "), style=_BOLD))
        for name in names:
            if (difference := result.differences.get(f"{name}.{pair}")) is not None:
                interval = f"[{difference.low:+.3f}, {difference.high:+.3f}]"
                table.add_row(f"  {name}", f"{difference.mean:+.3f}", Text(interval, style=_DIM))
    terminal.print(table)
    terminal.say(f"n = {result.n}, {result.seconds:.1f} s", style=_DIM)


def show_answers(terminal: Terminal, result: EvaluationResult, threshold: Threshold | None = None) -> None:
    """Show a table a measure, a row a type of question and a column an arm; then what one arm gains on another."""
    from rich.table import Table

    arms = [arm for arm in ("neither", "tuning", "evidence", "both") if f"refused.answerable.{arm}" in result.figures]
    baselines = {name: f"{name}.{{measure}}.{{kind}}" for name in ("first_line", "highlight", "facts")}
    columns = baselines | {arm: f"{{measure}}.{{kind}}.{arm}" for arm in arms} | {"found": "found.{kind}"}
    kinds = [name.removeprefix("found.") for name in result.figures if name.startswith("found.")]
    table = Table.grid(padding=(0, 2))
    for measure in ("exact", "overlap", "citation_precision"):
        table.add_row(Text(measure, style=_BOLD), *(Text(name.replace("_", " "), style=_DIM) for name in columns))
        for kind in kinds:
            values = [result.figures.get(name.format(measure=measure, kind=kind)) for name in columns.values()]
            table.add_row(f"  {kind}", *("" if value is None else f"{value:.3f}" for value in values))
    terminal.print(table)
    gains = {name: value for name, value in result.figures.items() if name.startswith("gain.")}
    others = ("refused.", "seconds_to_first_token.", "tokens_per_second.")
    for name, value in {**{n: v for n, v in result.figures.items() if n.startswith(others)}, **gains}.items():
        low, high = result.interval95[name]
        sign = "+" if name in gains else ""
        terminal.say(f"{name:<50} {value:{sign}8.3f}", Text(f"  [{low:{sign}.3f}, {high:{sign}.3f}]", style=_DIM))
    terminal.say(f"n = {result.n}, {result.seconds:.1f} s", style=_DIM)
    if threshold is not None:
        terminal.say(
            f"refuse above {threshold.refuse_above:.4f}: {threshold.refused_unanswerable:.1%} of "
            f"{threshold.unanswerable} unanswerable and {threshold.refused_answerable:.1%} of "
            f"{threshold.answerable} answerable questions are refused"
        )


def show_settings(terminal: Terminal, report: SettingsReport) -> None:
    """Show which setting each repository's figures come from, the figures, and what they gain on plain ranking."""
    for name, setting in report.chosen.items():
        terminal.say(f"{name}: λ {setting.noise:g}, file {setting.file:g}, calls {setting.calls:g}", style=_DIM)
    best = report.best
    terminal.say(f"best on all: λ {best.noise:g}, file {best.file:g}, calls {best.calls:g}")
    width = max(map(len, report.differences), default=0)
    for name, difference in report.differences.items():
        interval = f"  {difference.mean:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}] on ranking"
        terminal.say(f"{name:<{width}}  {report.figures[name]:.3f}", Text(interval, style=_DIM))
    terminal.say(f"n = {report.n}, {report.seconds:.1f} s", style=_DIM)


def show_selectors(terminal: Terminal, report: SelectorsReport) -> None:
    """Show each selector's figures, and below them how much they differ from those of the first."""
    for selector, figures in report.figures.items():
        terminal.say(Text(selector, style=_BOLD))
        terminal.say("  " + "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))
        if selector in report.differences:
            differences = (
                f"{each.mean:+.3f} [{each.low:+.3f}, {each.high:+.3f}]"
                for each in report.differences[selector].values()
            )
            terminal.say(Text("  " + "  ".join(differences), style=_DIM))
    terminal.say(f"n = {report.n}, {report.seconds:.1f} s", style=_DIM)


def show_space(terminal: Terminal, space: Space) -> None:
    """Show what uses the disk: each repository with its kinds, then the totals."""
    for each in space.repositories:
        gone = "" if each.exists or not each.root else "  (the folder is gone)"
        terminal.say(Text(safe_line(each.root or each.key), style=_BOLD), f"  {size_words(each.total)}{gone}")
        kinds = {
            "index": each.index,
            "graph": each.graph,
            "embeddings": each.embeddings,
            "adapters": each.adapters,
            "earlier revisions": each.snapshots,
        }
        sizes = ", ".join(f"{kind} {size_words(size)}" for kind, size in kinds.items() if size)
        terminal.note(f"{each.files:,} files, {each.chunks:,} chunks: {sizes}")
    limit = f" of at most {size_words(space.limit)}" if space.limit else ""
    unused = space.unused_embeddings + space.unused_adapters
    terminal.say(f"{size_words(space.derived)}{limit} are derived from repositories, {size_words(unused)} of it unused")
    terminal.say(
        f"models {size_words(space.models)}, conversations {size_words(space.memory)}, "
        f"other {size_words(space.other)}; {size_words(space.free)} are free",
        style=_DIM,
    )
    terminal.note("`sidetune space --collect` keeps the limit now, `sidetune forget PATH` removes a repository.")


def show_collected(terminal: Terminal, collected: Collected) -> None:
    """Say what was removed, and why not more."""
    terminal.say(
        f"Removed {collected.embeddings:,} embeddings and {collected.adapters:,} adapters: "
        f"{size_words(collected.freed)} freed, {size_words(collected.derived)} left."
    )
    if collected.problem:
        terminal.print(Text(safe(collected.problem), style=Style(color="yellow")))


def show_health(terminal: Terminal, health: Health) -> None:
    """Show what is installed, on which device, and what could be mended."""
    libraries = ", ".join(f"{name} {version or 'missing'}" for name, version in health.libraries.items())
    storage = ", ".join(f"{kind} {size_words(size)}" for kind, size in health.storage.items()) or "empty"
    rows = (
        ("Sidetune", health.sidetune),
        ("Python", health.python),
        ("System", health.system),
        ("Processor", f"{health.cpu}, {health.cores} cores used, {' '.join(health.features) or 'features unknown'}"),
        ("Encoder", health.encoder),
        ("Accelerator", health.accelerator),
        *((("Learning on", health.tuning),) if health.tuning else ()),
        ("Answering on", "the GPU, where layers fit" if health.offload else "the processor"),
        ("Memory", f"{size_words(health.free_memory)} free of {size_words(health.memory)}"),
        ("llama.cpp", health.llama or "cannot be loaded"),
        ("Libraries", libraries),
        ("Languages", f"{health.grammars} parsed"),
        ("git", health.git or "not installed"),
        ("Home", f"{health.home}, {size_words(health.free)} free"),
        ("Kept there", storage),
        ("Watches", f"{health.watches:,}" if health.watches is not None else "no limit known"),
    )
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(Text(name, style=_BOLD), Text(safe(value)))
    terminal.print(table)
    if not health.findings:
        terminal.say("Everything is well.")
    for finding in health.findings:
        terminal.print(Text(f"{finding.level}: {safe(finding.text)}", style=Style(color="yellow")))
        terminal.say(f"  {safe_line(finding.mend)}")
