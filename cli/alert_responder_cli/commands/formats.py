"""`alert-responder formats`: the formats that are read."""

from pathlib import Path
from typing import Annotated

import typer

from alert_responder.formats.mapping import MappedFormat
from alert_responder_cli.commands.options import InstallationName, Json, Local, Profile, Region
from alert_responder_cli.records.format_files import read_format_file
from alert_responder_cli.records.known_formats import KnownFormat, known_formats
from alert_responder_cli.terminal.console import explain_errors, output, print_json, table


@explain_errors
def formats(
    format_files: Annotated[
        list[Path] | None,
        typer.Option(
            "--format",
            dir_okay=False,
            show_default=False,
            metavar="FILE",
            help="Also list the custom formats in this JSON file (fields as in custom_formats of the root module); "
            "repeatable.",
        ),
    ] = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List the formats that are read, with links to their documentation.

    Does not call AWS unless --installation or --local is given: then it also lists the installation's custom formats.
    """
    custom = [each for file in format_files or () for each in read_format_file(file)]
    if installation_name is not None or local:
        # Only code that calls AWS imports boto3.
        from alert_responder_cli.aws.access import Access
        from alert_responder_cli.aws.installation import find
        from alert_responder_cli.plugins.registry import formats_of

        of_installation = formats_of(find(Access(profile, region, local), installation_name))
        custom += [each for each in of_installation.custom if isinstance(each, MappedFormat)]
    found = known_formats(custom)
    if as_json:
        print_json(found)
        return
    headings = ("format", "detector", "reads", "documentation")
    output().print(table(headings, map(_row, found), whole=("format", "documentation")))


def _row(known: KnownFormat) -> tuple[str, str, str, str]:
    link = known.links[0] if known.links else "custom format" if known.custom else ""
    return known.name, known.detector, known.description, link
