"""The keys that fixtures sign with: `keys/NAME.key.pem` and `keys/NAME.crt.pem` in a folder above the fixture."""

from pathlib import Path

from ...signing.errors import KeyUnusable
from ...signing.keys import SigningKey, load_pem


class KeyRing:
    """Finds keys by name, nearest folder first, and reads each of them once."""

    def __init__(self) -> None:
        self._keys: dict[Path, SigningKey] = {}

    def key(self, fixture: Path, name: str) -> SigningKey:
        """The key `name` for a fixture. Raises KeyUnusable or ProviderUnavailable."""
        for folder in fixture.resolve().parents:
            path = folder / "keys" / f"{name}.key.pem"
            if path.is_file():
                return self._load(path, path.with_name(f"{name}.crt.pem"))
        raise KeyUnusable(f"no file keys/{name}.key.pem in a folder above {fixture}")

    def _load(self, key: Path, certificate: Path) -> SigningKey:
        if key not in self._keys:
            if not certificate.is_file():
                raise KeyUnusable(f"{key} has no certificate {certificate.name} beside it")
            self._keys[key] = load_pem(key.read_bytes(), certificate.read_bytes())
        return self._keys[key]
