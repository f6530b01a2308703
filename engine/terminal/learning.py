"""What the measurements of learning have found, as tables of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from engine.terminal.show import Terminal

if TYPE_CHECKING:
    from engine.evaluation.metrics import EvaluationResult
    from engine.evaluation.perplexity import PerplexityReport
    from engine.evaluation.recipes import RecipesReport

__all__ = ["show_perplexity", "show_recipes"]

_DIM, _BOLD = Style(dim=True), Style(bold=True)


def _percent(result: EvaluationResult, name: str, *, sign: str = "") -> tuple[str, Text]:
    if name not in result.figures:
        return "", Text("")
    low, high = result.interval95[name]
    return f"{result.figures[name]:{sign}.1f}", Text(f"[{low:{sign}.1f}, {high:{sign}.1f}]", style=_DIM)


def show_perplexity(terminal: Terminal, report: PerplexityReport) -> None:
    """Show the percentage of base by arm and step, what SIFT gains on each other arm, and each repository's."""
    from rich.table import Table

    steps = [f"@{step}" for step in report.settings["steps"]]
    start = "percent_of_base."
    arms = [name.removeprefix(start) for name in report.result.figures if name.startswith(start) and "@" not in name]
    table = Table.grid(padding=(0, 2))
    table.add_row("% of base", *(Text(f"after {step[1:]}", style=_DIM) for step in steps), "in all")
    for arm in arms:
        each = [_percent(report.result, f"{start}{arm}{step}")[0] for step in steps]
        table.add_row(arm, *each, *_percent(report.result, f"{start}{arm}"))
    for name in report.result.figures:
        if name.startswith(("gain.", "unrelated.")):
            table.add_row(name, *("" for _ in steps), *_percent(report.result, name, sign="+"))
    terminal.print(table)
    for name, result in report.repositories.items():
        figures = ", ".join(f"{arm} {result.figures[start + arm]:.1f}" for arm in arms if start + arm in result.figures)
        base = result.figures["bpb.base"]
        since = report.commits[name][:12]
        terminal.say(f"{name} since {since}: n = {result.n}, base {base:.3f} bits a byte; {figures}", style=_DIM)
    duplicates = f"near-duplicates share {report.settings['near_duplicate']:.0%} of their token 5-grams"
    terminal.say(f"n = {report.result.n}, {report.result.seconds:.1f} s; {duplicates}", style=_DIM)


def show_recipes(terminal: Terminal, report: RecipesReport) -> None:
    """Show a row a trial: percent of base by step and as kept, harm on unrelated text, steps, seconds, and the gains.

    The gains over the first trial are those of what was learned, and of what the gate keeps of it.
    """
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for name, each in report.reports.items():
        if not table.columns:
            steps = each.settings["steps"]
            heads = ("trial", *(f"@{step}" for step in steps), "kept", "English", "code", "steps", "seconds")
            heads = (*heads, "gain", "gain as kept")
            table.add_row(*(Text(head, style=_BOLD) for head in heads))
        figures = each.result.figures
        row = [f"{figures[f'percent_of_base.sift@{step}']:.1f}" for step in steps]
        row.append(f"{figures['percent_of_base.sift+gate']:.1f}")
        for kind in ("english", "code"):
            value = figures.get(f"unrelated.{kind}.sift")
            row.append("" if value is None else f"{value:+.1f}%")
        row += [f"{figures['steps.sift']:.1f}", f"{figures['seconds.sift']:.1f}"]
        for gain in (gains[name] for gains in (report.gains, report.kept) if name in gains):
            row.append(f"{gain.mean:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}]")
        table.add_row(name, *row)
    terminal.print(table)
    for name, why in report.failed.items():
        terminal.say(f"{name}: {why}")
    terminal.say(f"{report.seconds:.1f} s", style=_DIM)
