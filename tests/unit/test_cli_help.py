"""Help of every command: an example, whole sentences on a narrow terminal, nothing that is taken for markup."""

from collections.abc import Iterator

import mezhved
import pytest
import typer
from mezhved.adapter.cli import build_app
from rich.text import Text
from typer.testing import CliRunner

NARROW = {"COLUMNS": "80"}


def commands(group: typer.core.TyperGroup, *above: str) -> Iterator[tuple[tuple[str, ...], typer.core.TyperCommand]]:
    for name, found in group.commands.items():
        if isinstance(found, typer.core.TyperGroup):
            yield from commands(found, *above, name)
        else:
            yield (*above, name), found


COMMANDS = dict(commands(typer.main.get_group(build_app())))


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_help_has_an_example_and_fits_a_narrow_terminal(name: tuple[str, ...]) -> None:
    done = CliRunner().invoke(build_app(), [*name, "--help"], env=NARROW)
    assert done.exit_code == 0
    assert f"mezhved {' '.join(name)}" in " ".join(done.output.partition("Example")[2].split())
    assert max(map(len, done.output.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_help_is_shown_as_it_was_written(name: tuple[str, ...]) -> None:
    command = COMMANDS[name]
    texts = [command.help, command.epilog, *(getattr(one, "help", None) for one in command.params)]
    for text in filter(None, texts):
        assert Text.from_markup(text).plain == text
        assert "\n" not in text.replace("\n\n", ""), "a line break of the source is not one for the reader"


def test_the_version_is_told() -> None:
    done = CliRunner().invoke(build_app(), ["--version"])
    assert (done.exit_code, done.output) == (0, f"mezhved {mezhved.__version__}\n")
