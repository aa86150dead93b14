"""The reference of all settings, written from their declarations: as a commented TOML file or as a Markdown page."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo

from .settings import Settings
from .settings_sources import group_model, setting_names, variable

_INTRODUCTION = """\
# Settings

Every setting has a group and a name. Sources, a later one wins: a TOML file (`--config`, else `$MEZHVED_CONFIG`, else
`./mezhved.toml`), the environment, flags (`--set group.name=value`). Paths in the file are relative to the file,
elsewhere to the working directory. Lists are arrays in the file; elsewhere their parts are separated by `:`. An unknown
name or a bad value in any source is refused at the start. `mezhved settings` prints the values in force.
"""


def as_toml(settings: Settings) -> str:
    """The settings in force as a TOML file with the meaning of each; those without a value are commented out."""
    lines: list[str] = []
    for group, names in _groups():
        lines += ["", f"# {_summary(group)}", f"[{group}]"]
        for name in names:
            value = _plain(getattr(getattr(settings, group), name))
            lines += [
                f"# {_field(group, name).description}",
                f"# {name} =" if value is None else f"{name} = {_toml(value)}",
            ]
    return "\n".join(lines[1:]) + "\n"


def as_markdown() -> str:
    """The page docs/reference/settings.md."""
    lines = [_INTRODUCTION]
    for group, names in _groups():
        lines += [
            f"## [{group}]",
            "",
            _summary(group),
            "",
            "| Setting | Variable | Default | Meaning |",
            "|---|---|---|---|",
        ]
        for name in names:
            default = _plain(getattr(getattr(Settings.model_construct(), group), name))
            shown = "" if default is None else f"`{_toml(default)}`"
            lines.append(f"| `{name}` | `{variable(group, name)}` | {shown} | {_field(group, name).description} |")
        lines.append("")
    return "\n".join(lines)


def _groups() -> Iterator[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for group, name in setting_names():
        groups.setdefault(group, []).append(name)
    yield from groups.items()


def _summary(group: str) -> str:
    return (group_model(Settings.model_fields[group].annotation).__doc__ or "").strip().splitlines()[0]


def _field(group: str, name: str) -> FieldInfo:
    return group_model(Settings.model_fields[group].annotation).model_fields[name]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(part) for part in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _toml(value: Any) -> str:
    """A value in TOML: for our types the same as in JSON."""
    return json.dumps(value, ensure_ascii=False)
