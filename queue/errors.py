"""What can go wrong with a queue. Every class has a stable `code`; its docstring is its message."""


class QueueError(Exception):
    """The queue refused a call."""

    code = "QUEUE_ERROR"

    def __init__(self, message_id: str) -> None:
        """`message_id` names the message in question."""
        super().__init__(message_id)
        self.message_id = message_id

    def __str__(self) -> str:
        return f"{(self.__doc__ or '').splitlines()[0]} ({self.message_id})"


class DuplicateMessage(QueueError):  # noqa: N818  named for what is wrong
    """A message with this id has been accepted before; ids are remembered for ever."""

    code = "DUPLICATE_MESSAGE"


class NotLeased(QueueError):  # noqa: N818  named for what is wrong
    """This message is not with this recipient: unknown, foreign, never leased, or acknowledged already."""

    code = "NOT_LEASED"


class UnknownMessage(QueueError):  # noqa: N818  named for what is wrong
    """No message with this id has ever been accepted."""

    code = "UNKNOWN_MESSAGE"


class UnsupportedDatabase(Exception):  # noqa: N818  named for what is wrong
    """The queue works on SQLite and PostgreSQL only."""

    code = "UNSUPPORTED_DATABASE"

    def __init__(self, name: str) -> None:
        """`name` is SQLAlchemy's name of the database system."""
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{(self.__doc__ or '').splitlines()[0]} This is {self.name}."
