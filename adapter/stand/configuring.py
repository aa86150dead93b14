"""The settings files of a stand: for node and worker, and for each participant's own side."""

import json
import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ..settings_sources import Tree
from .layout import NODE, REGISTER, Layout, System


def write_node_settings(
    layout: Layout, *, database_url: str | None, port: int, trusted: Mapping[str, list[Path]]
) -> None:
    """Settings of node and worker. `trusted` has further anchors and revocation lists beside the stand's authority."""
    tree: Tree = {
        "database": {"url": database_url or f"sqlite:///{layout.store.name}"},
        "node": {"mnemonic": NODE.mnemonic, "name": NODE.name, "port": port, **_pair(layout, NODE)},
        "registry": {"mnemonic": REGISTER.mnemonic, **_pair(layout, REGISTER)},
        "trust": {
            "anchors": [_relative(layout.keys / "ca.crt.pem", layout.folder), *map(_absolute, trusted["anchors"])],
            "crls": [_absolute(path) for path in trusted["crls"]],
        },
        "exchange": {"kinds": layout.kinds.name},
    }
    _write(layout.config, "Settings of the node and its worker.", tree)


def write_client_settings(layout: Layout, system: System, url: str) -> None:
    """Settings of a participant's own side, for `mezhved send`, `poll` and `ack`."""
    path = layout.client(system)
    path.parent.mkdir(exist_ok=True)
    pair = layout.pair(system)
    tree: Tree = {
        "client": {
            "url": url,
            "contract": system.contract,
            "key": _relative(pair.key, path.parent),
            "certificate": _relative(pair.certificate, path.parent),
            "node_certificates": [_relative(layout.pair(NODE).certificate, path.parent)],
        },
        "trust": {"anchors": [_relative(layout.keys / "ca.crt.pem", path.parent)]},
    }
    if system.official:
        signer = layout.official(system)
        tree["official"] = {
            "key": _relative(signer.key, path.parent),
            "certificate": _relative(signer.certificate, path.parent),
        }
    _write(path, f"Settings of {system.name} ({system.mnemonic}).", tree)


def write_participants(layout: Layout, systems: Iterable[System], organisations: list[str]) -> None:
    """The systems of the stand as a file for `mezhved participants import`."""
    lines = ["# Systems of the stand: mezhved participants import participants.toml --config node.toml"]
    for system in systems:
        table = {
            "mnemonic": system.mnemonic,
            "name": system.name,
            "certificates": [_relative(layout.pair(system).certificate, layout.folder)],
            "sends": list(system.sends),
            "provides": list(system.provides),
            "subscriptions": list(system.subscriptions),
            "roles": list(system.roles),
            "organisations": organisations if system.all_organisations else [],
        }
        lines += ["", "[[participant]]", *(f"{name} = {_toml(value)}" for name, value in table.items())]
    layout.participants.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_officials(layout: Layout, systems: Iterable[System], since: date) -> None:
    """The officials of the stand as a file for `mezhved officials import`; in office from the day `since` on."""
    lines = ["# Officials of the stand: mezhved officials import officials.toml --config node.toml"]
    for system in systems:
        if system.official:
            table = {
                "certificate": _relative(layout.official(system).certificate, layout.folder),
                "name": system.official,
                "position": "Начальник отдела кадров",
                "participant": system.mnemonic,
            }
            lines += ["", "[[official]]", *(f"{name} = {_toml(value)}" for name, value in table.items())]
            lines.append(f"valid_from = {since}")
    layout.officials.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _pair(layout: Layout, system: System) -> dict[str, str]:
    pair = layout.pair(system)
    return {"key": _relative(pair.key, layout.folder), "certificate": _relative(pair.certificate, layout.folder)}


def _write(path: Path, title: str, tree: Tree) -> None:
    lines = [f"# {title} `mezhved settings --config {path.name}` explains every one."]
    for group, values in tree.items():
        lines += ["", f"[{group}]", *(f"{name} = {_toml(value)}" for name, value in values.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml(value: Any) -> str:
    """A value in TOML: for strings, numbers and lists of strings the same as in JSON."""
    return json.dumps(value, ensure_ascii=False)


def _relative(path: Path, folder: Path) -> str:
    return os.path.relpath(path, folder)


def _absolute(path: Path) -> str:
    return str(path.absolute())
