"""What `mezhved bench --register` shows: questions to a small register and to a large one."""

from rich.console import Console
from rich.table import Table

from .measuring import Figure
from .register import MOST_RATIO, SMALL, RegisterReport


def show_register(console: Console, report: RegisterReport) -> None:
    """The figures of each question in both registers."""
    console.print(
        f"\nTime passed in microseconds, another worker each time; medians of {report.rounds} rounds (least, most)."
    )
    for database in report.databases:
        table = Table(title=f"\n{database.database}", title_justify="left", show_edge=False, pad_edge=False)
        table.add_column("", min_width=32)
        for name in (f"{SMALL} workers", f"{report.workers} workers", "ratio"):
            table.add_column(name, justify="right")
        for case in database.cases:
            table.add_row(case.name, _shown(case.small), _shown(case.large), f"{case.ratio:.2f}")
        minutes = database.loading / 60
        table.caption, table.caption_justify = f"aim: at most {MOST_RATIO:g}; loaded in {minutes:.1f} minutes", "left"
        console.print(table)


def _shown(figure: Figure) -> str:
    return f"{figure.median:.0f} ({figure.least:.0f}–{figure.most:.0f})"
