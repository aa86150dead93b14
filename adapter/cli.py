"""The command line: `mezhved …`. Each subcommand lives in its own module of `adapter.commands`."""

import importlib
import inspect
import pkgutil
from typing import Annotated

import typer

from . import commands

Version = Annotated[bool, typer.Option("--version", is_eager=True, help="Show the version of the program and exit.")]


def build_app() -> typer.Typer:
    """The whole command line, from the modules of `adapter.commands` (each has `register(app)`)."""
    app = typer.Typer(
        name="mezhved",
        help="Open interagency exchange node in the style of SMEV 3.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback(invoke_without_command=True)(_before)
    for module in pkgutil.iter_modules(commands.__path__):
        importlib.import_module(f"{commands.__name__}.{module.name}").register(app)
    _let_help_flow(app)
    return app


def _before(version: Version = False) -> None:
    if version:
        from .. import __version__  # noqa: PLC0415  few ask

        typer.echo(f"mezhved {__version__}")
        raise typer.Exit


def _let_help_flow(app: typer.Typer) -> None:
    """Gives each command its docstring without the line breaks of the source: a terminal has its own width."""
    for command in app.registered_commands:
        paragraphs = (inspect.getdoc(command.callback) or "").split("\n\n")
        command.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            _let_help_flow(group.typer_instance)


def main() -> None:
    """Entry point of the `mezhved` command."""
    build_app()()
