"""What `mezhved bench --depth` and `mezhved bench --workers` show: the queue when it is deep, and several workers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from .depth import MOST_DEEPER, SHALLOW, DepthReport
from .throughput import LEAST_GAIN, Rate, ThroughputReport


@contextmanager
def progress_bar(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """A bar that is told what is done, how much of it, and of how much; it begins anew with every other thing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def show(name: str, done: int, whole: int) -> None:
            if name not in tasks:
                for task in tasks.values():
                    progress.update(task, visible=False)
                tasks[name] = progress.add_task(name, total=whole)
            progress.update(tasks[name], completed=done)

        yield show


def show_depth(console: Console, report: DepthReport) -> None:
    """The figures of the queue, shallow and deep."""
    console.print(
        f"\nTime passed in microseconds, each transaction with its commit; medians of {report.rounds} rounds (least, "
        f"most).\nMessages of {report.octets} octets; every fourth is to be read in order with others.\n"
    )
    for database in report.databases:
        table = _table(f"\n{database.database}", f"{SHALLOW} waiting", f"{report.depth} waiting", "ratio")
        for step in database.steps:
            figures = (
                f"{figure.median:.0f} ({figure.least:.0f}–{figure.most:.0f})" for figure in (step.shallow, step.deep)
            )
            table.add_row(step.name, *figures, f"{step.ratio:.2f}")
        table.add_section()
        table.add_row("figures of all queues", "", f"{database.counting:.0f}", "")
        table.caption, table.caption_justify = f"aim: at most {MOST_DEEPER:g} for claim and acknowledgement", "left"
        console.print(table)


def show_throughput(console: Console, report: ThroughputReport) -> None:
    """The figures of one worker and of several."""
    console.print(
        f"\nRequests that the register's worker answers in a second, on PostgreSQL, {report.cores} cores; medians of "
        f"{report.rounds} rounds of {report.requests} requests (least and most in brackets).\n"
    )
    table = _table("", "requests a second", "CPU of the workers, ms a request", "cores busy, with everything")
    for rate in (report.one, report.several):
        table.add_row(f"{rate.workers} worker{'s' * (rate.workers > 1)}", *_shown(rate))
    table.caption, table.caption_justify = f"gain: {report.gain:.2f}; aim: at least {LEAST_GAIN:g}", "left"
    console.print(table)


def _shown(rate: Rate) -> tuple[str, str, str]:
    speed = rate.a_second
    return (
        f"{speed.median:.0f} ({speed.least:.0f}–{speed.most:.0f})",
        f"{rate.cpu.median / 1000:.2f}",
        f"{rate.busy.median:.2f}",
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("", min_width=24)
    for name in columns:
        table.add_column(name, justify="right")
    return table
