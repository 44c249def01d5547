"""Options that several commands take."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from alert_responder.contracts.primitives import SEVERITIES
from alert_responder_cli.errors import CommandError
from alert_responder_cli.sanitize import plain


def choices(words: Iterable[str]) -> str:
    """Write what stands for one of a few words in the help."""
    return f"[{'|'.join(words)}]"


def complete_installation(incomplete: str) -> list[str]:
    """Complete an installation's name; nothing where AWS cannot be asked."""
    # Here and below: boto3 is imported by those who ask AWS.
    from alert_responder_cli.aws.access import Access
    from alert_responder_cli.aws.installation import installations

    try:
        return [one.name for one in installations(Access()) if one.name.startswith(incomplete)]
    except CommandError:
        return []


def complete_report(context: typer.Context, incomplete: str) -> list[str]:
    """Complete a report's id from the newest ones; nothing where AWS cannot be asked."""
    from alert_responder_cli.aws.access import Access
    from alert_responder_cli.aws.installation import find
    from alert_responder_cli.reports.by_day import newest_ids
    from alert_responder_cli.times import now

    given = context.params
    access = Access(given.get("profile"), given.get("region"), bool(given.get("local")))
    try:
        found = newest_ids(find(access, given.get("installation_name")), now())
    except CommandError:
        return []
    return [each for each in ("latest", *found) if each.upper().startswith(incomplete.upper())]


def note_local_run(context: typer.Context, local: bool) -> bool:
    """Say on standard error which local run is used where there are several; silent while a shell completes."""
    if local and not context.resilient_parsing:
        from alert_responder_cli.aws.local_runs import note
        from alert_responder_cli.terminal.console import error_console

        said = note()
        if said:
            error_console().print(Text(plain(said, 2_000), style="dim"), soft_wrap=True)
    return local


def complete_severity(incomplete: str) -> list[str]:
    """Complete a severity."""
    return [severity for severity in SEVERITIES if severity.startswith(incomplete)]


def check_severities(given: list[str] | None) -> None:
    """Raise `CommandError` for a severity that there is not."""
    wrong = sorted(set(given or ()) - set(SEVERITIES))
    if wrong:
        raise CommandError(f"There is no severity '{wrong[0]}': give one of {', '.join(SEVERITIES)}.")


ReportId = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        autocompletion=complete_report,
        show_default=False,
        help="Id of the report, the beginning of it that no other has, or 'latest'.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Profile = Annotated[
    str | None, typer.Option(metavar="NAME", help="Profile of the AWS configuration.", show_default=False)
]
Region = Annotated[
    str | None,
    # boto3 itself does not read AWS_REGION, which everybody else does.
    typer.Option(
        metavar="REGION", help="AWS region. Default: that of the profile.", envvar=["AWS_REGION", "AWS_DEFAULT_REGION"]
    ),
]
Local = Annotated[
    bool,
    typer.Option(
        "--local", help="Use the run that 'make up' started on this machine, not AWS.", callback=note_local_run
    ),
]
InstallationName = Annotated[
    str | None,
    typer.Option(
        "--installation",
        "-i",
        metavar="NAME",
        envvar="ALERT_RESPONDER_INSTALLATION",
        help="Name of the installation. Default: the only one in the account and region.",
        autocompletion=complete_installation,
        show_default=False,
    ),
]

FormatFile = Annotated[
    Path | None,
    typer.Option(
        "--format",
        dir_okay=False,
        show_default=False,
        metavar="FILE",
        help="Read with the format in this file (JSON, as in `custom_formats` of the root module) and no other; what "
        "it makes of it is sent as native alerts.",
    ),
]
Severities = Annotated[
    list[str] | None,
    typer.Option(
        "--severity",
        metavar=choices(SEVERITIES),
        help="Those of this severity; may be given several times.",
        autocompletion=complete_severity,
    ),
]
Detectors = Annotated[
    list[str] | None,
    typer.Option("--detector", metavar="NAME", help="Those of this detector; may be given several times."),
]
Limit = Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="How many to show at most.")]
