"""`alert-responder open`: the page of one report, in the browser."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import find
from alert_responder_cli.commands.options import InstallationName, Json, Local, Profile, Region, ReportId, Round
from alert_responder_cli.commands.report import report_id_of
from alert_responder_cli.reports import page
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import error_console, explain_errors, output, print_json
from alert_responder_cli.times import now


@explain_errors
def open_(
    report_id: ReportId,
    round_: Round = None,
    target: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            dir_okay=False,
            show_default=False,
            help="Write the page to this file. Default: a new file that only you can read.",
        ),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Write the page without opening it.")] = False,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Open the page of a report in the browser.

    The page shows the current state of the deliveries. Its path is printed.
    """
    installation, at = find(Access(profile, region, local), installation_name), now()
    wanted = report_id_of(installation, report_id, at)
    document, number = page.report_page(installation, wanted, round_, at)
    path = page.save(document, f"{wanted}-{number:06d}.html", target)
    if as_json:
        print_json(page.SavedPage(report_id=wanted, round=number, path=str(path)))
    else:
        output().print(plain(path, 4_096), soft_wrap=True)
    if not no_browser and not webbrowser.open(path.as_uri()):
        error_console().print("No browser could be started. Open the file yourself.", soft_wrap=True)
