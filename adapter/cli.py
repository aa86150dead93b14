"""The command line: `mezhved …`. Each subcommand lives in its own module of `adapter.commands`."""

import importlib
import pkgutil

import typer

from . import commands


def build_app() -> typer.Typer:
    """The whole command line, from the modules of `adapter.commands` (each has `register(app)`)."""
    app = typer.Typer(
        name="mezhved",
        help="Open interagency exchange node in the style of SMEV 3.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for module in pkgutil.iter_modules(commands.__path__):
        importlib.import_module(f"{commands.__name__}.{module.name}").register(app)
    return app


def main() -> None:
    """Entry point of the `mezhved` command."""
    build_app()()
