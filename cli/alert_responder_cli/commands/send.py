"""`alert-responder send`: put alerts on the stream."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from alert_responder.domain.internal import NO_INTERNAL
from alert_responder.formats.registry import FormatRegistry
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import Installation, find
from alert_responder_cli.commands.options import FormatFile, InstallationName, Json, Local, Profile, Region
from alert_responder_cli.errors import EXIT_PROBLEMS, CommandError
from alert_responder_cli.plugins.registry import formats_of, internal_of
from alert_responder_cli.records.attribute_types import unknown_types
from alert_responder_cli.records.format_files import read_format_file
from alert_responder_cli.records.preview import (
    PreviewedAttribute,
    PreviewedRecord,
    RecordToSend,
    preview_record,
    read_records,
)
from alert_responder_cli.records.put import put
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import (
    error_console,
    explain_errors,
    output,
    print_json,
    progress,
    table,
    warn,
)
from alert_responder_cli.terminal.counts import count, verb

MOST_SHOWN = 10
"""Number of alerts whose contents a dry run shows."""

_INDEX = re.compile(r"\[[0-9]+\]")


@explain_errors
def send(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            dir_okay=False,
            allow_dash=True,
            show_default=False,
            help="Files in any supported format: one record per file, or one per line of .jsonl and .ndjson files. "
            "Use - for standard input: one record, or one per line if the first line is a JSON document.",
        ),
    ],
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show the alerts without sending them. Does not call AWS unless --installation or --local is given.",
        ),
    ] = False,
    format_file: FormatFile = None,
    partition_key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="Partition key of all records, which keeps them in order. Default: another one for each record.",
            show_default=False,
        ),
    ] = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Put alerts on the stream.

    All records are parsed first, as the receptor does it. If one of them is not an alert, nothing is sent.
    """
    if partition_key is not None and not 1 <= len(partition_key) <= 256:
        raise CommandError(f"--partition-key must have 1 to 256 characters, got {len(partition_key)}.")
    needs_aws = not dry_run or installation_name is not None or local
    installation = find(Access(profile, region, local), installation_name) if needs_aws else None
    formats = (
        read_format_file(format_file) if format_file else formats_of(installation) if installation else FormatRegistry()
    )
    internal = internal_of(installation) if installation and dry_run else NO_INTERNAL
    records = [
        preview_record(file, line, data, formats, translate=format_file is not None, internal=internal)
        for file, line, data in read_records(files)
    ]
    wrong = any(record.preview.problems for record in records)
    previews = [record.preview for record in records]
    if installation and not dry_run and not wrong:
        previews = _put(installation, records, partition_key)
    if as_json:
        print_json(previews)
    else:
        _show(previews, installation, dry_run=dry_run)
    if wrong:
        raise typer.Exit(EXIT_PROBLEMS)


def _put(
    installation: Installation, records: Sequence[RecordToSend], partition_key: str | None
) -> list[PreviewedRecord]:
    data = [each for record in records for each in record.data]
    with progress("Putting records on the stream", len(data)) as on_progress:
        placed = iter(
            put(installation.client("kinesis"), installation.stream, data, partition_key, on_progress=on_progress)
        )
    return [
        record.preview.model_copy(update={"placed": tuple(next(placed) for _ in record.data)}) for record in records
    ]


def _show(previews: Sequence[PreviewedRecord], installation: Installation | None, *, dry_run: bool) -> None:
    problems = [(record.name, problem) for record in previews for problem in record.problems]
    if problems:
        output().print(table(("file", "problem"), problems))
        wrong = len({name for name, _ in problems})
        which = f"{wrong:,} of {count(len(previews), 'record')} {verb(wrong, 'is not an alert', 'are not alerts')}"
        error_console().print(Text(f"Nothing {'would be' if dry_run else 'was'} sent: {which}.", style="red"))
        if dry_run:
            _show_unread(previews)
        return
    rows = [
        (record.name, alert.detector, alert.rule_id, alert.alert_key, str(alert.attributes))
        for record in previews
        for alert in record.alerts
    ]
    output().print(table(("file", "detector", "rule", "key", "attributes"), rows))
    alerts, reports = len(rows), len({alert.alert_id for record in previews for alert in record.alerts})
    if dry_run:
        _show_contents(previews)
        _show_unread(previews)
    what = f"{count(len(previews), 'record')} with {count(alerts, 'alert')} of {count(reports, 'incident')}"
    if installation and not dry_run:
        output().print(f"Sent {what} to the stream {plain(installation.stream)}.", soft_wrap=True)
    else:
        output().print(f"{what}. Nothing was sent.", soft_wrap=True)


def _show_contents(previews: Sequence[PreviewedRecord]) -> None:
    """Show the contents of the first alerts, to authors of formats."""
    alerts = [(record.name, alert) for record in previews for alert in record.alerts]
    for name, alert in alerts[:MOST_SHOWN]:
        rows = [
            ("rule name", alert.rule_name),
            ("description", alert.description),
            ("time", "" if alert.timestamp is None else alert.timestamp.isoformat()),
            ("severity", alert.severity or ""),
            ("status", alert.status),
            *((each.type, _attribute(each)) for each in alert.found),
            *((f"no match for {field}", expression) for field, expression in alert.unfound),
        ]
        output().print(table((plain(f"{name}: {alert.rule_id}", 100), "value"), rows))
    if len(alerts) > MOST_SHOWN:
        output().print(f"{count(len(alerts) - MOST_SHOWN, 'more alert')} not shown: use --json to show all.")


def _show_unread(previews: Sequence[PreviewedRecord]) -> None:
    """Show the ignored fields of the alerts, equal ones once, and warn about unknown attribute types."""
    places: dict[tuple[str, str], list[str]] = {}
    for record in previews:
        for alert in record.alerts:
            for kind in dict.fromkeys((_INDEX.sub("[]", each.field), each.meant or "") for each in alert.unread):
                places.setdefault(kind, []).append(record.name)
    if places:
        rows = [(field, meant, count(len(names), "alert"), names[0]) for (field, meant), names in places.items()]
        output().print(table(("ignored field", "did you mean", "in", "first in"), rows))
    types = (each.type for record in previews for alert in record.alerts for each in alert.found if not each.known)
    warn(unknown_types(types))


def _attribute(attribute: PreviewedAttribute) -> str:
    contexts = (word for word in attribute.context if not (attribute.side_is_derived and word == attribute.side))
    remarks = (
        ", ".join(filter(None, (attribute.key, *contexts))),
        f"side {attribute.side}" if attribute.side_is_derived else "",
        "" if attribute.derived_from is None else "derived",
        "" if attribute.valid else "does not fit its type",
        "" if attribute.known else "unknown type",
    )
    text = "; ".join(filter(None, remarks))
    return f"{attribute.value}  ({text})" if text else attribute.value
