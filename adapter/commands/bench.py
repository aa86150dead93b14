"""`mezhved bench`: what a message costs on this machine."""

from typing import TYPE_CHECKING, Annotated

import typer

from ..console import EXIT_FAILED, out, plain, reporting

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ..bench.depth import DepthReport
    from ..bench.figures import DocumentFigures, ExchangeFigures, Report
    from ..bench.packages import PackagesReport
    from ..bench.register import RegisterReport
    from ..bench.throughput import ThroughputReport


_ROUNDS, _DEPTH_ROUNDS, _WORKER_ROUNDS, _REGISTER_ROUNDS, _PACKAGE_ROUNDS = 40, 500, 3, 60, 10
_MEGABYTE = 1024 * 1024


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Example: mezhved bench --rounds 100 --json > figures.json")
    def bench(
        *,
        rounds: Annotated[
            int | None,
            typer.Option(
                min=1,
                help="How often everything takes its turn: 40; --depth: 500, --workers: 3, --register: 60, "
                "--packages: 10.",
            ),
        ] = None,
        postgres: Annotated[
            str | None,
            typer.Option(
                metavar="URL",
                envvar="MEZHVED_TEST_POSTGRES",
                help="A PostgreSQL database whose user may make others; measured beside SQLite.",
            ),
        ] = None,
        gost: Annotated[bool, typer.Option("--gost/--no-gost", help="Measure GOST keys beside RSA.")] = True,
        depth: Annotated[
            int | None,
            typer.Option(min=1, help="Instead: the queue with so many messages waiting, against one thousand."),
        ] = None,
        octets: Annotated[int, typer.Option(min=1, help="With --depth: length of a message.")] = 2000,
        workers: Annotated[
            int | None,
            typer.Option(min=2, help="Instead: so many worker processes against one, on PostgreSQL."),
        ] = None,
        requests: Annotated[int, typer.Option(min=100, help="With --workers: requests in each round.")] = 1000,
        register: Annotated[
            int | None,
            typer.Option(min=1, help="Instead: questions to a register of so many workers, against ten thousand."),
        ] = None,
        packages: Annotated[
            int | None,
            typer.Option(min=1, help="Instead: MIME packages of so many megabytes, legal and hostile."),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
    ) -> None:
        """Measure the CPU of each primitive and of whole exchanges, in turns, and give the medians.

        Node, worker and client share one process; what the client does is left out. HTTP and spyne are given apart.
        With --depth, --workers, --register or --packages the queue, the worker's throughput, the register or the
        reading of MIME is measured instead.
        """
        import json
        from functools import partial

        import psycopg
        from rich.console import Console
        from sqlalchemy.exc import SQLAlchemyError

        from ...signing.errors import SigningError
        from ..bench.depth import DepthPlan, measure_depth
        from ..bench.document import DocumentMissing
        from ..bench.exchange import ExchangeFailed
        from ..bench.packages import measure_packages
        from ..bench.register import RegisterPlan, measure_register
        from ..bench.register_showing import show_register
        from ..bench.run import KEY_TYPES, Plan, run
        from ..bench.showing import progress_bar, show_depth, show_throughput
        from ..bench.throughput import ThroughputPlan, measure_throughput
        from ..stand.processes import ProcessFailed

        if workers is not None and postgres is None:
            raise typer.BadParameter("several workers are measured on PostgreSQL: name one", param_hint="--postgres")
        keys = [name for name in KEY_TYPES if gost or name != "GOST"]
        said = Console(stderr=True, highlight=False)
        with (
            reporting(SigningError, DocumentMissing, psycopg.Error, SQLAlchemyError),
            reporting(ExchangeFailed, ProcessFailed, code=EXIT_FAILED),
        ):
            report: Report | DepthReport | ThroughputReport | RegisterReport | PackagesReport
            if depth is not None:
                with progress_bar(said) as progress:
                    report = measure_depth(DepthPlan(depth, octets, rounds or _DEPTH_ROUNDS, postgres), progress)
                show = partial(show_depth, report=report)
            elif register is not None:
                with progress_bar(said) as progress:
                    report = measure_register(RegisterPlan(register, rounds or _REGISTER_ROUNDS, postgres), progress)
                show = partial(show_register, report=report)
            elif packages is not None:
                report = measure_packages(packages * _MEGABYTE, rounds or _PACKAGE_ROUNDS)
                show = partial(_show_packages, report=report)
            elif workers is not None and postgres is not None:
                with progress_bar(said) as progress:
                    plan = ThroughputPlan(postgres, workers, requests, rounds or _WORKER_ROUNDS, KEY_TYPES[keys[0]])
                    report = measure_throughput(plan, progress)
                show = partial(show_throughput, report=report)
            else:
                with said.status("…") as status:
                    report = run(
                        Plan(rounds or _ROUNDS, keys, postgres), report=lambda line: status.update(plain(line))
                    )
                show = partial(_show, report=report)
        if as_json:
            typer.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
        else:
            show(out())


def _show(console: "Console", report: "Report") -> None:
    console.print(f"\nCPU in microseconds, medians of {report.rounds} rounds (least and most in brackets).\n")
    console.print(_document(report.document))
    for exchange in report.exchanges:
        console.print(_exchange(exchange))
    http, octets = report.http.figure, f"{report.http.request_octets} in, {report.http.response_octets} octets out"
    console.print(f"HTTP apart, one call ({octets}): {http.median:.0f}\n")


def _show_packages(console: "Console", report: "PackagesReport") -> None:
    from rich.table import Table

    console.print(
        f"\nReading MIME of {report.octets} octets: CPU in milliseconds, medians of {report.rounds} rounds.\n"
    )
    table = Table(show_edge=False, pad_edge=False)
    for name in ("package", "CPU", "memory, KB", ""):
        table.add_column(name, justify="left" if name in {"package", ""} else "right")
    for row in report.rows:
        name = f"{row.name}{', legal' if row.legal else ''}"
        table.add_row(name, f"{row.figure.median / 1000:.1f}", str(row.memory // 1024), row.outcome)
    console.print(table)


def _table(title: str) -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("", min_width=32)
    for name in ("count", "each", "together", "range"):
        table.add_column(name, justify="right")
    return table


def _document(document: "DocumentFigures") -> "Table":
    from ..bench.figures import MOST_TRANSFORM

    table = _table(f"Primitives on one document: {document.octets} octets, {document.elements} elements")
    for row in document.rows:
        figure = row.figure
        table.add_row(row.name, "1", f"{figure.median:.1f}", "", f"({figure.least:.1f}–{figure.most:.1f})")
    table.add_section()
    ratio = document.transform_ratio
    table.add_row("SMEV transform / exclusive c14n", "", f"{ratio:.2f}", "", f"aim: at most {MOST_TRANSFORM:g}")
    return table


def _exchange(exchange: "ExchangeFigures") -> "Table":
    from ..bench.figures import MOST_WHOLE

    sizes = f"request {exchange.request_octets}, answer {exchange.response_octets} octets"
    table = _table(f"\nA whole exchange: {exchange.key}, {exchange.database}; {sizes}")
    for rows in (exchange.primitives, exchange.steps):
        for row in rows:
            figure = row.figure
            each = f"{figure.median / row.count:.1f}" if row.count > 1 else ""
            spread = f"({figure.least:.0f}–{figure.most:.0f})"
            table.add_row(row.name, str(row.count), each, f"{figure.median:.0f}", spread)
        table.add_section()
    for name, value in (
        ("all primitives", exchange.sum_of_primitives),
        ("node and worker, without spyne", exchange.whole),
        ("spyne apart", exchange.spyne.median),
        ("time passed, with the disk", exchange.elapsed),
    ):
        table.add_row(name, "", "", f"{value:.0f}", "")
    table.add_row("whole / primitives", "", "", f"{exchange.ratio:.2f}", f"aim: at most {MOST_WHOLE:g}")
    return table
