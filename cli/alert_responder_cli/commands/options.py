"""Options that several commands share."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from alert_responder.contracts.primitives import SEVERITIES
from alert_responder_cli.errors import CommandError
from alert_responder_cli.sanitize import plain
from alert_responder_cli.times import METAVAR


def choices(words: Iterable[str]) -> str:
    """Write the metavar of an option that takes one of a few words."""
    return f"[{'|'.join(words)}]"


def complete_installation(incomplete: str) -> list[str]:
    """Complete an installation's name; an error of AWS completes nothing."""
    # Here and below: only code that calls AWS imports boto3.
    from alert_responder_cli.aws.access import Access
    from alert_responder_cli.aws.installation import installations

    try:
        return [one.name for one in installations(Access()) if one.name.startswith(incomplete)]
    except CommandError:
        return []


def complete_report(context: typer.Context, incomplete: str) -> list[str]:
    """Complete a report's id from the newest ones; an error of AWS completes nothing."""
    from alert_responder_cli.aws.access import Access
    from alert_responder_cli.aws.installation import find
    from alert_responder_cli.reports.by_day import newest_ids
    from alert_responder_cli.times import now

    given = context.params
    access = Access(given.get("profile"), given.get("region"), bool(given.get("local")))
    try:
        ids = newest_ids(find(access, given.get("installation_name")), now())
    except CommandError:
        return []
    return [each for each in ("latest", *ids) if each.upper().startswith(incomplete.upper())]


def note_local_run(context: typer.Context, local: bool) -> bool:
    """Name the local run on standard error if there are several; print nothing during shell completion."""
    if local and not context.resilient_parsing:
        from alert_responder_cli.aws.local_runs import note
        from alert_responder_cli.terminal.console import error_console

        if sentence := note():
            error_console().print(Text(plain(sentence, 2_000), style="dim"), soft_wrap=True)
    return local


def complete_severity(incomplete: str) -> list[str]:
    """Complete a severity."""
    return [severity for severity in SEVERITIES if severity.startswith(incomplete)]


def check_severities(given: list[str] | None) -> None:
    """Raise `CommandError` for an unknown severity."""
    wrong = sorted(set(given or ()) - set(SEVERITIES))
    if wrong:
        raise CommandError(f"--severity must be one of {', '.join(SEVERITIES)}, got '{wrong[0]}'.")


ReportId = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        autocompletion=complete_report,
        show_default=False,
        help="Id of the report, a prefix that only this report has, or 'latest'.",
    ),
]
Round = Annotated[
    int | None,
    typer.Option(
        "--round", metavar="N", min=1, show_default=False, help="Use this earlier round. Default: the last one."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Profile = Annotated[
    str | None, typer.Option(metavar="NAME", help="Profile of the AWS configuration.", show_default=False)
]
Region = Annotated[
    str | None,
    # Other AWS tools read AWS_REGION, boto3 does not.
    typer.Option(
        metavar="REGION", help="AWS region. Default: that of the profile.", envvar=["AWS_REGION", "AWS_DEFAULT_REGION"]
    ),
]
Local = Annotated[
    bool,
    typer.Option("--local", help="Use the local run that 'make up' started instead of AWS.", callback=note_local_run),
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
        help="Parse records only with the custom format in this JSON file (fields as in custom_formats of the root "
        "module), and convert them to native alerts.",
    ),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        dir_okay=False,
        show_default=False,
        metavar="FILE",
        help="Rate with the policy in this file: YAML, or JSON (.json).",
    ),
]
ReviewTime = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar=METAVAR,
        show_default=False,
        help="Time of the review, for 'starts' and 'expires' of the policy. Default: now.",
    ),
]
Severities = Annotated[
    list[str] | None,
    typer.Option(
        "--severity",
        metavar=choices(SEVERITIES),
        help="Only reports of this severity; repeatable.",
        autocompletion=complete_severity,
    ),
]
Detectors = Annotated[
    list[str] | None, typer.Option("--detector", metavar="NAME", help="Only reports of this detector; repeatable.")
]
Limit = Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="Maximum number of results.")]
