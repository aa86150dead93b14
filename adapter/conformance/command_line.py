"""What the commands on envelopes share: options with several values, moments."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import typer
from typer.core import TyperCommand


class SeveralValues(TyperCommand):
    """A command whose options take several values, `verify FILE… --trust A B`, when its files stand before them.

    Where an option comes first, it takes one value as everywhere, since what follows may be the files: a certificate
    that happens to lie among them must not become an anchor of trust.
    """

    several: tuple[str, ...] = ("--trust", "--crl")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Gives every value its own option, then leaves the rest to typer."""
        return super().parse_args(ctx, spread(args, self.several))


def spread(args: Sequence[str], several: Sequence[str]) -> list[str]:
    """`--option A B` as `--option A --option B`, if the first of `args` is no option."""
    if not args or args[0].startswith("-"):
        return list(args)
    spread_out: list[str] = []
    option: str | None = None
    for position, arg in enumerate(args):
        if arg == "--":
            return [*spread_out, *args[position:]]
        if arg.startswith("-"):
            option = arg if arg in several else None
            if option is None:
                spread_out.append(arg)
        else:
            spread_out.extend([arg] if option is None else [option, arg])
    if option is not None and args[-1] == option:
        spread_out.append(option)  # without a value: typer says so
    return spread_out


def read_moment(text: str) -> datetime:
    """A moment given on the command line (ISO 8601; without a zone it is UTC). Raises typer.BadParameter."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no moment: write 2026-12-31T12:00:00Z") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
