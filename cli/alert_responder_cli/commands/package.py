"""`alert-responder package`: the zip of a plug-in's function."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from alert_responder_cli.commands.options import Json
from alert_responder_cli.errors import CommandError
from alert_responder_cli.plugins.zip_package import folder_files, zip_files
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import explain_errors, output, print_json
from alert_responder_cli.terminal.counts import count

MAX_BYTES = 250_000_000
"""Maximum size of a function's unzipped files and its layers in Lambda [bytes] (250 MB)."""


class Package(BaseModel):
    """A zip that was written.

    Attributes
    ----------
    bytes
        Its size.
    sha256
        Its hash in hexadecimal digits: equal folders give equal hashes.
    """

    path: str
    files: int
    bytes: int
    sha256: str


@explain_errors
def package(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", file_okay=False, exists=True, help="Folder with the function's files."),
    ],
    target: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            dir_okay=False,
            show_default=False,
            help="The zip to write. Default: DIR.zip beside the folder.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Zip the function of a plug-in for Lambda. The same files give the same zip, byte by byte, on every machine.

    Hidden files and byte code are left out. Packages that the function imports belong in the folder as well
    (pip install --target DIR ..., npm install --prefix DIR ...).
    """
    files = list(folder_files(folder.resolve(), "", None))
    if not files:
        raise CommandError(f"{plain(folder, 4_096)} contains no files to zip.")
    path = target or folder.resolve().with_name(f"{folder.resolve().name}.zip")
    if path.resolve().is_relative_to(folder.resolve()):
        raise CommandError(f"{plain(path, 4_096)} is in the folder to zip: write the zip elsewhere.")
    size = sum(source.stat().st_size for _, source in files)
    if size > MAX_BYTES:
        raise CommandError(
            f"{plain(folder, 4_096)} holds {size / 1e6:,.0f} MB; Lambda allows {MAX_BYTES / 1e6:,.0f} MB unzipped."
        )
    zip_files(files, path)
    data = path.read_bytes()
    found = Package(path=str(path), files=len(files), bytes=len(data), sha256=sha256(data).hexdigest())
    if as_json:
        print_json(found)
    else:
        output().print(
            f"{plain(found.path, 4_096)}: {count(found.files, 'file')}, {found.bytes / 1e3:,.1f} kB, "
            f"sha256 {found.sha256}",
            soft_wrap=True,
        )
