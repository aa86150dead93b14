"""`mezhved sign-file` and `verify-file`: detached PKCS#7 signatures of files, as attachments need them."""

from pathlib import Path
from typing import Annotated

import typer

from ..console import EXIT_FAILED, mark, out, plain, reporting


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""

    @app.command(
        "sign-file", epilog="Example: mezhved sign-file scan.pdf --key key.pem --cert cert.pem --output scan.pdf.p7s"
    )
    def sign_file(
        file: Annotated[Path, typer.Argument(help="Any file, of any size.")],
        *,
        key: Annotated[Path | None, typer.Option(help="Private key, PEM.")] = None,
        cert: Annotated[Path | None, typer.Option(help="Certificate of that key, PEM.")] = None,
        pkcs12: Annotated[Path | None, typer.Option(help="Key and certificate in one PKCS#12 file instead.")] = None,
        password_file: Annotated[
            Path | None, typer.Option(help="File whose first line is the password of the key or container.")
        ] = None,
        output: Annotated[
            Path | None, typer.Option("--output", "-o", help="Where to write DER; default: FILE with .p7s appended.")
        ] = None,
    ) -> None:
        """Sign a file: a detached PKCS#7 signature in DER, as SignaturePKCS7 holds it in base64.

        The signing time in it is that of this computer's clock.
        """
        from ...signing.detached import chunks_of
        from ...signing.detached import sign_file as signed
        from ...signing.errors import SigningError
        from ..exchange.times import utc_now
        from ..materials import MissingFiles, key_from_files

        target = file.with_name(file.name + ".p7s") if output is None else output
        with reporting(SigningError, MissingFiles):
            signing_key = key_from_files(key, cert, pkcs12, password_file)
            with file.open("rb") as opened:
                target.write_bytes(signed(chunks_of(opened), signing_key, at=utc_now()))
        typer.echo(target)

    @app.command(
        "verify-file",
        epilog="Exit status: 0 the signature is valid, 1 it is not, 2 a file is unreadable. "
        "Example: mezhved verify-file scan.pdf scan.pdf.p7s --trust ca.pem",
    )
    def verify_file(
        file: Annotated[Path, typer.Argument(help="The file that was signed.")],
        signature: Annotated[Path, typer.Argument(help="Its detached PKCS#7 signature, DER.")],
        *,
        trust: Annotated[
            list[Path], typer.Option(metavar="PEM", help="Certificates of an authority that is trusted; repeatable.")
        ],
        at: Annotated[
            str | None, typer.Option(metavar="TIME", help="Judge by this moment (ISO 8601); default: now.")
        ] = None,
    ) -> None:
        """Verify a detached PKCS#7 signature of a file, and tell who signed it."""
        import base64

        from ...signing.certificates import load_pem_or_der
        from ...signing.detached import chunks_of
        from ...signing.detached import verify_file as verified
        from ...signing.errors import SigningError
        from ...signing.trust import TrustStore
        from ..conformance.command_line import read_moment
        from ..exchange.times import utc_now

        moment = utc_now() if at is None else read_moment(at)
        with reporting(SigningError):
            store = TrustStore([one for path in trust for one in load_pem_or_der(path.read_bytes())])
            octets = signature.read_bytes()
        with reporting(SigningError, code=EXIT_FAILED), file.open("rb") as opened:
            found = verified(octets, chunks_of(opened), trust=store, at=moment)
        out().print(f"{mark(True)} {plain(file)} signed by {plain(found.certificate.subject)}")
        out().print(f"  {found.algorithm.name} {base64.b64encode(found.digest).decode()}")
