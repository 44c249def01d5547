"""`alert-responder rejected`: list, show and replay rejected records."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.text import Text

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.formats import parse_record
from alert_responder.formats.registry import Format
from alert_responder.store.archive_keys import REJECTED
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import Installation, find
from alert_responder_cli.commands.options import FormatFile, InstallationName, Json, Limit, Local, Profile, Region
from alert_responder_cli.errors import EXIT_PROBLEMS, CommandError
from alert_responder_cli.plugins.registry import formats_of
from alert_responder_cli.records.format_files import read_format_file
from alert_responder_cli.recovery import archive
from alert_responder_cli.recovery.rejections import by_reason, replay_and_check
from alert_responder_cli.recovery.replay import Replay, objects, records_of
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import (
    error_console,
    explain_errors,
    output,
    print_entry,
    print_json,
    progress,
)
from alert_responder_cli.terminal.render import count, line, short_time
from alert_responder_cli.times import FORMS, METAVAR, now, parse_time

app = typer.Typer(
    no_args_is_help=True, help="List, show and replay rejected records, which could not be parsed as alerts."
)

_MAX_SHOWN = 4_000

Since = Annotated[str, typer.Option(metavar=METAVAR, help=f"Only records that arrived since: {FORMS}.")]
Key = Annotated[
    str, typer.Argument(metavar="KEY", show_default=False, help="Key in the archive, as listed by 'rejected list'.")
]


class RejectedRecord(BaseModel, frozen=True):
    """A rejected record; the fields ending in `_now` are the result of parsing it with the current formats."""

    key: str
    shard: str
    sequence_number: str
    partition_key: str
    reasons: tuple[str, ...]
    data_base64: str
    alerts_now: int
    problems_now: tuple[str, ...]


@app.command("list")
@explain_errors
def list_(
    since: Since = "7d",
    limit: Limit = 50,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List rejected records, newest first.

    Shows why each was rejected, and whether the current formats can parse it.
    """
    at = now()
    first = parse_time(since, at)
    installation = find(Access(profile, region, local), installation_name)
    first = max(first, at - installation.kept_days * 86_400_000)
    formats = formats_of(installation)
    with progress("Reading rejected records") as on_progress:
        found = archive.rejected(installation, formats, first, at, limit, on_progress)
    if as_json:
        print_json(found)
        return
    console = output()
    if not found.objects:
        console.print(f"No record was rejected since {short_time(format_rfc3339(first))} (UTC).")
        return
    for stored in found.objects:
        status = Text("can be parsed now: replay it", style="green") if stored.now else "still not an alert"
        lines = [line(f"written {short_time(stored.at)} (UTC), ", status)]
        lines += [line(plain(reason, 2_000)) for reason in stored.reasons]
        print_entry(console, line(plain(stored.key), style="bold"), lines)
    if found.more:
        console.print("There are older records: raise --limit.")


@app.command()
@explain_errors
def show(
    key: Key,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", dir_okay=False, show_default=False, help="Write the bytes of the record to this file."
        ),
    ] = None,
    format_file: FormatFile = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Show a rejected record.

    Shows its position in the stream, why it was rejected, the result of parsing it now, and its bytes.
    """
    _check_key(key)
    installation = find(Access(profile, region, local), installation_name)
    document = archive.read(installation, key)
    try:
        (record,) = records_of(document)
    except ValueError as error:
        raise CommandError(f"{key} cannot be read: {error}.") from None
    data = base64.b64decode(record["kinesis"]["data"])
    if save:
        try:
            save.write_bytes(data)
        except OSError as error:
            raise CommandError(f"The file {save} cannot be written: {error.strerror}.") from None
    parsed, rejects = parse_record(data, read_format_file(format_file) if format_file else formats_of(installation))
    shown = RejectedRecord(
        key=key,
        shard=record["eventID"].partition(":")[0],
        sequence_number=record["kinesis"]["sequenceNumber"],
        partition_key=record["kinesis"]["partitionKey"],
        reasons=archive.reasons_in(document),
        data_base64=record["kinesis"]["data"],
        alerts_now=len(parsed),
        problems_now=tuple(reject.reason for reject in rejects),
    )
    if as_json:
        print_json(shown)
        return
    console = output()
    where = f"{shown.shard}, sequence number {shown.sequence_number}, partition key {plain(shown.partition_key)}"
    console.print(line(plain(where, 600)), soft_wrap=True)
    for reason in shown.reasons:
        console.print(line("rejected: ", plain(reason, 1_000), style="yellow"), soft_wrap=True)
    console.print(line(f"now: {count(shown.alerts_now, 'alert')}"), soft_wrap=True)
    for reason in shown.problems_now:
        console.print(line("now: ", plain(reason, 1_000), style="yellow"), soft_wrap=True)
    console.print(line(plain(data.decode("utf-8", "backslashreplace"), _MAX_SHOWN)), soft_wrap=True)


@app.command("replay")
@explain_errors
def replay_(
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY", show_default=False, help="Keys in the archive, or prefixes such as 'rejected/2026-01-31/'."
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Replay all rejected records.")] = False,
    format_file: FormatFile = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Replay rejected records into the reports they belong to.

    Replaying a record again does not count its alerts twice.
    """
    if everything == bool(keys):
        raise CommandError("Give either keys (or prefixes of keys) or --all.")
    for key in keys or ():
        _check_key(key)
    formats = read_format_file(format_file) if format_file else None
    installation = find(Access(profile, region, local), installation_name)
    done = replay_objects(installation, keys or [REJECTED], formats)
    if as_json:
        print_json(done)
    else:
        print_replay(done)
    if not done.complete or done.still_rejected:
        raise typer.Exit(EXIT_PROBLEMS)


def replay_objects(
    installation: Installation, prefixes: list[str], formats: tuple[Format, ...] | None = None
) -> Replay:
    """Replay objects of the archive.

    Parameters
    ----------
    formats
        Convert the records to native alerts with these formats first; None: replay them as they arrived.
    """
    unmatched: list[str] = []
    unreadable: dict[str, str] = {}

    with progress("Replaying") as on_progress:

        def matching() -> Iterator[tuple[str, bytes]]:
            for prefix in dict.fromkeys(prefixes):
                number = 0
                for number, found in enumerate(objects(installation, [prefix]), start=1):  # noqa: B007 - how many there were
                    on_progress()
                    yield found
                if not number:
                    unmatched.append(prefix)

        def translated() -> Iterator[tuple[str, bytes]]:
            for key, document in matching():
                try:
                    yield key, archive.translated(document, formats) if formats else document
                except ValueError as error:
                    unreadable[key] = str(error)

        done = replay_and_check(installation, translated())
    done.objects += len(unreadable)
    done.unreadable |= unreadable
    done.unmatched = tuple(unmatched)
    return done


def print_replay(done: Replay) -> None:
    """Print the result of a replay, problems on standard error."""
    if done.objects:
        replayed = f"{count(done.taken, 'record')} of {count(done.objects, 'object')}"
        output().print(f"The receptor processed {replayed}.")
    errors = error_console()
    for prefix in done.unmatched:
        errors.print(line(f"No key in the archive starts with {plain(prefix)}", style="red"), soft_wrap=True)
    if done.still_rejected:
        errors.print(line(f"Rejected again: {count(len(done.still_rejected), 'record')}.", style="red"))
        for reason, number, key in by_reason(done.still_rejected):
            such = plain(key) if number == 1 else f"{count(number, 'record')}, the first {plain(key)}"
            errors.print(line(f"  {such}: ", plain(reason, 1_000), style="red"), soft_wrap=True)
    for what, why in (done.failing | done.unreadable).items():
        errors.print(line(plain(what), ": ", plain(why, 1_000), style="red"), soft_wrap=True)


def _check_key(key: str) -> None:
    if not key.startswith(REJECTED):
        raise CommandError(f"The key of a rejected record must start with {REJECTED}, got '{key}'.")
