"""`mezhved sign`: signs the element of an envelope that its operation demands."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..console import EXIT_FAILED, fail, reporting
from ..exchange.contract import SignatureRole


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Example: mezhved sign request.xml --key key.pem --cert cert.pem --output signed.xml")
    def sign(
        file: Annotated[Path, typer.Argument(help="Envelope; - is standard input.")],
        *,
        key: Annotated[Path | None, typer.Option(help="Private key, PEM.")] = None,
        cert: Annotated[Path | None, typer.Option(help="Certificate of that key, PEM.")] = None,
        pkcs12: Annotated[Path | None, typer.Option(help="Key and certificate in one PKCS#12 file instead.")] = None,
        password_file: Annotated[
            Path | None, typer.Option(help="File whose first line is the password of the key or container.")
        ] = None,
        role: Annotated[
            SignatureRole | None, typer.Option(help="Whose signature; default: the one that the contract demands.")
        ] = None,
        output: Annotated[
            Path | None, typer.Option("--output", "-o", help="Where to write; default: standard output.")
        ] = None,
    ) -> None:
        """Sign the element that the envelope's operation demands, and write the envelope.

        The element gets an Id if it has none; an older signature at the same place is replaced.
        """
        from ...signing.errors import SigningError
        from ..conformance.changes import write_envelope
        from ..conformance.reading import UnreadableError, read_envelope, read_file
        from ..conformance.sealing import NothingToSignError, broken_by, default_role, seal
        from ..materials import MissingFiles, key_from_files

        with reporting(SigningError, MissingFiles):
            signing_key = key_from_files(key, cert, pkcs12, password_file)
        try:
            envelope = read_envelope(read_file(file))
        except UnreadableError as error:
            fail(f"{file}: {error}")
        with reporting(NothingToSignError, SigningError, code=EXIT_FAILED):
            signer = role or default_role(envelope)
            seal(envelope, signer, signing_key)
        for broken in broken_by(envelope, signer):
            typer.echo(
                f"mezhved: the signature of the {broken} covers what has changed: sign again with --role {broken}",
                err=True,
            )
        octets = write_envelope(envelope.body.getroottree().getroot())
        if output is None:
            sys.stdout.buffer.write(octets)
            sys.stdout.buffer.flush()
            return
        try:
            output.write_bytes(octets)
        except OSError as error:
            fail(f"{output}: {error.strerror}")
