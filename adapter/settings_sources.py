"""Where settings come from: a TOML file, then the environment, then flags. A wrong one is refused by its name."""

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from .settings import ENVIRONMENT_PREFIX, Settings
from .settings_errors import SettingProblem, SettingsError

DEFAULT_FILE = Path("mezhved.toml")
"""Read when no file is named and this one is in the working directory."""
CONFIG_VARIABLE = f"{ENVIRONMENT_PREFIX}CONFIG"
"""Names the file where no flag does."""
_OF_THE_TESTS = f"{ENVIRONMENT_PREFIX}TEST_"
_SQLITE = "sqlite:///"

Tree = dict[str, Any]


def load(config: Path | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """The settings of this process.

    `config` is the TOML file (else `MEZHVED_CONFIG`, else `mezhved.toml` if it is there); `flags` is a tree of group
    and setting. Raises SettingsError with all problems at once.
    """
    path = _file(config)
    in_flags = dict(flags or {})
    in_file = {} if path is None else _read(path)

    class Loaded(Settings):
        """Settings with the sources of this call."""

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the signature is the library's
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, in_file)

    problems = list(_unknown_variables(os.environ))
    try:
        loaded = Loaded(**in_flags)
    except ValidationError as error:
        raise SettingsError([*problems, *_problems(error, in_flags, path, in_file)]) from error
    if problems:
        raise SettingsError(problems)
    return Settings.model_construct(**{name: getattr(loaded, name) for name in Settings.model_fields})


def assignments(pairs: Iterable[str]) -> Tree:
    """The tree of flags from `group.setting=value` pairs; raises SettingsError for a pair of another form."""
    tree: Tree = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        group, dot, setting = name.strip().partition(".")
        if not (equals and dot and group and setting):
            problem = SettingProblem(
                name or pair, "--set", "write --set GROUP.SETTING=VALUE, such as --set node.port=8080"
            )
            raise SettingsError([problem])
        tree.setdefault(group, {})[setting] = value
    return tree


def merged(*trees: Mapping[str, Mapping[str, Any]]) -> Tree:
    """Trees of flags laid over each other, a later one winning; settings that are None are left out."""
    result: Tree = {}
    for tree in trees:
        for group, values in tree.items():
            given = {name: value for name, value in values.items() if value is not None}
            if given:
                result.setdefault(group, {}).update(given)
    return result


def variable(group: str, setting: str) -> str:
    """The name of the environment variable of a setting."""
    return f"{ENVIRONMENT_PREFIX}{group}_{setting}".upper()


def setting_names() -> Iterator[tuple[str, str]]:
    """Group and name of every setting, in the order of their declaration."""
    for group, field in Settings.model_fields.items():
        for setting in group_model(field.annotation).model_fields:
            yield group, setting


def group_model(annotation: Any) -> type[BaseModel]:
    """The model of a group from the annotation of its field."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        raise TypeError(f"a group of settings must be a model, not {annotation!r}")
    return annotation


def _file(config: Path | None) -> Path | None:
    named, source = (config, "--config") if config is not None else (os.environ.get(CONFIG_VARIABLE), CONFIG_VARIABLE)
    if not named:
        return DEFAULT_FILE if DEFAULT_FILE.is_file() else None
    path = Path(named)
    if not path.is_file():
        raise SettingsError([SettingProblem("config", source, f"there is no file {path}")])
    return path


def _read(path: Path) -> Tree:
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([SettingProblem("config", str(path), f"not a TOML file: {error}")]) from error
    except OSError as error:
        raise SettingsError([SettingProblem("config", str(path), f"cannot be read: {error.strerror}")]) from error
    return {group: _beside(path, group, values) for group, values in tree.items()}


def _beside(path: Path, group: str, values: Any) -> Any:
    """The values of a group with relative paths made relative to the file they stand in, so that a folder may move."""
    field = Settings.model_fields.get(group)
    if field is None or not isinstance(values, dict):
        return values
    folder = path.absolute().parent
    result = dict(values)
    for name, setting in group_model(field.annotation).model_fields.items():
        value = result.get(name)
        if _is_path(setting.annotation):
            if isinstance(value, str):
                result[name] = str(folder / value)
            elif isinstance(value, list):
                result[name] = [str(folder / part) if isinstance(part, str) else part for part in value]
    url = result.get("url")
    if group == "database" and isinstance(url, str) and url.startswith(_SQLITE) and url != _SQLITE:
        result["url"] = _SQLITE + str(folder / url.removeprefix(_SQLITE))
    return result


def _is_path(annotation: Any) -> bool:
    return annotation is Path or any(_is_path(part) for part in get_args(annotation))


def _unknown_variables(environ: Mapping[str, str]) -> Iterator[SettingProblem]:
    known = {variable(group, setting): f"{group}.{setting}" for group, setting in setting_names()}
    for name in sorted(environ):
        ours = name.startswith(ENVIRONMENT_PREFIX) and not name.startswith(_OF_THE_TESTS)
        if ours and name != CONFIG_VARIABLE and name not in known:
            yield SettingProblem(name, "environment", "there is no such setting" + _meant(name, known))


def _problems(error: ValidationError, flags: Tree, path: Path | None, in_file: Tree) -> Iterator[SettingProblem]:
    seen: set[tuple[str, str]] = set()
    for detail in error.errors(include_url=False):
        parts = tuple(str(part) for part in detail["loc"][:2])
        name = ".".join(parts)
        source, value = _origin(parts, flags, path, in_file)
        match detail["type"]:
            case "extra_forbidden":
                names = [".".join(pair) for pair in setting_names()] if len(parts) == 2 else list(Settings.model_fields)
                text = "there is no such setting" + _meant(name, names)
            case "value_error":
                text = str(detail["msg"]).removeprefix("Value error, ")
            case _:
                text = f"{value!r} will not do: {detail['msg'][0].lower()}{detail['msg'][1:]}"
        if (name, text) not in seen:
            seen.add((name, text))
            yield SettingProblem(name, source, text)


def _origin(parts: tuple[str, ...], flags: Tree, path: Path | None, in_file: Tree) -> tuple[str, Any]:
    """Where the value of a setting came from, and the value."""
    found, value = _dig(flags, parts)
    if found:
        return "flag", value
    if len(parts) == 2 and (name := variable(*parts)) in os.environ:
        return f"environment, {name}", os.environ[name]
    found, value = _dig(in_file, parts)
    return (f"file {path}", value) if found else ("settings", None)


def _dig(tree: Any, parts: tuple[str, ...]) -> tuple[bool, Any]:
    for part in parts:
        if not isinstance(tree, dict) or part not in tree:
            return False, None
        tree = tree[part]
    return True, tree


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
