"""How much memory a process takes, by what the kernel says of it."""

from pathlib import Path


class PeakMemory:
    """The most resident memory of a process from here on, in bytes, above what it has now."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        # The kernel forgets the peak so far.
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        self._before = self._read("VmRSS")

    def rise(self) -> int:
        """How much the peak lies above the beginning."""
        return self._read("VmHWM") - self._before

    def _read(self, field: str) -> int:
        line = next(one for one in self._status.read_text().splitlines() if one.startswith(f"{field}:"))
        return int(line.split()[1]) * 1024
