"""The files of docs/howto/deploy: every command, option and setting that they name exists."""

import re
import shlex
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path

import pytest
import typer.main
import yaml
from mezhved.adapter.cli import build_app
from mezhved.adapter.settings import ENVIRONMENT_PREFIX, LimitSettings, Settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "howto" / "deploy"
UNITS = sorted(FOLDER.glob("*.service"))
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))


def commands() -> Iterator[tuple[str, list[str]]]:
    """Where a command of ours is started, and its arguments."""
    for unit in UNITS:
        program, *arguments = shlex.split(read_unit(unit)["Service"]["ExecStart"])
        assert program == "/opt/mezhved/bin/mezhved"
        yield unit.name, arguments
    for name, service in COMPOSE["services"].items():
        if service["image"] == "mezhved":
            yield f"compose {name}", service["command"]
    page = (ROOT / "docs" / "howto" / "deploy.md").read_text("utf-8")
    for line in re.findall(r"/opt/mezhved/bin/mezhved (.+)", page):
        yield f"deploy.md: {line}", shlex.split(line)


def read_unit(path: Path) -> RawConfigParser:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, "utf-8")
    return parser


@pytest.mark.parametrize(("place", "arguments"), [pytest.param(*one, id=one[0]) for one in commands()])
def test_commands_and_options_exist(place: str, arguments: list[str]) -> None:
    group = typer.main.get_command(build_app())
    command = group.commands[arguments[0]]  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts}
    named = {argument for argument in arguments if argument.startswith("-")}
    assert named <= known, place


def test_there_are_units_of_a_node_and_of_a_worker() -> None:
    assert [unit.name for unit in UNITS] == ["mezhved-node@.service", "mezhved-worker@.service"]
    for unit in UNITS:
        service = read_unit(unit)["Service"]
        assert service["Restart"] == "always"
        assert service["KillSignal"] == "SIGTERM"


def test_settings_of_the_environment_exist() -> None:
    text = "\n".join(path.read_text("utf-8") for path in FOLDER.iterdir())
    found = set(re.findall(rf"{ENVIRONMENT_PREFIX}\w+", text))
    assert found
    for name in found:
        group, _, setting = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("_")
        assert setting in Settings.model_fields[group].annotation.model_fields, name  # type: ignore[union-attr]


def test_the_proxy_lets_through_what_the_node_takes() -> None:
    megabytes = re.search(r"client_max_body_size (\d+)m;", (FOLDER / "nginx.conf").read_text("utf-8"))
    assert megabytes is not None
    assert int(megabytes[1]) * 1024 * 1024 == LimitSettings().body_bytes


def test_what_compose_mounts_is_explained_beside_it() -> None:
    text = (FOLDER / "compose.yaml").read_text("utf-8")
    head = text[: text.index("name: mezhved")]
    for mounted in {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service["volumes"]}:
        if mounted.startswith("./"):
            assert mounted.removeprefix("./") in head
