"""What the commands share: lines for people, errors without a traceback, and the options that give settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from .settings_errors import SettingsError

if TYPE_CHECKING:
    from .settings import Settings

EXIT_FAILED = 1
"""The command did its work, and the answer is no."""
EXIT_USAGE = 2
"""The command could not be carried out as it was given."""

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", help="Settings file (TOML); else $MEZHVED_CONFIG, else ./mezhved.toml if it is there."
    ),
]
Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="GROUP.SETTING=VALUE", help="Set one setting; may be repeated. See `mezhved settings`."
    ),
]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who makes the change; default: this user.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]


def out() -> Console:
    """Standard output, for results."""
    return Console(highlight=False, soft_wrap=True)


def fail(text: str, code: int = EXIT_USAGE) -> NoReturn:
    """Ends the command with an error for a person on standard error and the exit status `code`."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for line in text.splitlines() or [""]:
        console.print(Text.assemble(("mezhved: ", "bold red"), line))
    raise typer.Exit(code)


@contextmanager
def reporting(*errors: type[Exception], code: int = EXIT_USAGE) -> Iterator[None]:
    """Turns the named errors, wrong settings and unreadable files into a line for a person and an exit status."""
    try:
        yield
    except SettingsError as error:
        fail("\n".join(str(problem) for problem in error.problems))
    except OSError as error:
        if error.filename is None or error.strerror is None:
            raise
        fail(f"{error.filename}: {error.strerror}")
    except errors as error:
        name = getattr(error, "code", None)
        fail(f"{name}: {error}" if name else str(error), code)


def settings_for(
    config: Path | None, sets: list[str] | None = None, flags: dict[str, dict[str, Any]] | None = None
) -> "Settings":
    """The settings of a command; ends it with exit status 2 when one is wrong. A flag of its own wins over `--set`."""
    from .settings_sources import assignments, load, merged  # noqa: PLC0415  only commands with settings wait for them

    with reporting():
        return load(config, merged(assignments(sets or ()), flags or {}))


def mark(done: bool) -> str:
    """A tick or a cross, coloured, as console markup."""
    return "[green]✓[/]" if done else "[red]✗[/]"


def plain(value: object) -> str:
    """`value` as text that cannot be read as console markup."""
    return escape(str(value))
