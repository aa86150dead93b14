"""`mezhved transform`: the octets that a signature of SMEV hashes."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..console import EXIT_FAILED, fail


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Example: mezhved transform request.xml --id SIGNED_BY_CALLER | sha256sum")
    def transform(
        file: Annotated[Path, typer.Argument(help="XML document; - is standard input.")] = Path("-"),
        element_id: Annotated[
            str | None, typer.Option("--id", metavar="ID", help="Transform the element with this Id, not the whole.")
        ] = None,
    ) -> None:
        """Write a document after exclusive c14n and the SMEV transform: what is hashed when it is signed."""
        from ...signing.canonical import exclusive_c14n
        from ...signing.errors import TransformError
        from ...signing.transform import smev_transform
        from ..conformance.reading import UnreadableError, element_by_id, parse_xml, read_file

        try:
            root = parse_xml(read_file(file))
            element = root if element_id is None else element_by_id(root, element_id)
            octets = smev_transform(exclusive_c14n(element))
        except UnreadableError as error:
            fail(f"{file}: {error}")
        except TransformError as error:
            fail(f"{file}: {error.code}: {error}", EXIT_FAILED)
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
