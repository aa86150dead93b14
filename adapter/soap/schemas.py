"""The schemas of the contract, compiled when they are first needed and then kept."""

import threading
from pathlib import Path

from ... import xsd
from ...xsd.validation import Schema


def contract_schema_path(version: str, part: str = "types") -> Path:
    """The file of a contract's schema; `part` is `types`, `basic` or `faults`."""
    return Path(xsd.__path__[0], "contract", version, f"smev-message-exchange-{part}-{version}.xsd")


class SchemaSet:
    """The schemas of the versions that a node serves. May be used by several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._contracts: dict[str, Schema] = {}

    def contract(self, version: str) -> Schema:
        """The schema of all calls and answers of a contract version. Raises xsd.validation.SchemaUnusable."""
        schema = self._contracts.get(version)
        if schema is None:
            with self._lock:
                schema = self._contracts.get(version)
                if schema is None:
                    schema = self._contracts[version] = Schema(contract_schema_path(version))
        return schema
