"""What is answered with plain HTTP, since there is no SOAP to answer."""


class Refused(Exception):  # noqa: N818  named for what happened
    """A request that is not taken. `status` is the HTTP status, `text` the Russian reason."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class MemoryIsShort(Exception):  # noqa: N818  named for what happened
    """The bodies that are being read take all the memory that they may."""
