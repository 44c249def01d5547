"""`alert-responder rejected`: what was no alert, and how it is brought back."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from rich.text import Text

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
from alert_responder_cli.recovery.replay import objects, records_of
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

app = typer.Typer(no_args_is_help=True, help="What was no alert: see why, and bring it back when that is mended.")

_MAX_SHOWN = 4_000

Since = Annotated[str, typer.Option(metavar=METAVAR, help=f"Those that came in since: {FORMS}.")]
Key = Annotated[
    str, typer.Argument(metavar="KEY", show_default=False, help="Of the archive; 'rejected list' has them.")
]


class RejectedRecord(BaseModel):
    """A rejected record; `now` says what the formats of today make of it: alerts, and what is still wrong."""

    model_config = ConfigDict(frozen=True)

    key: str
    shard: str
    sequence_number: str
    partition_key: str
    reasons: tuple[str, ...]
    data_base64: str
    alerts_now: int
    problems_now: tuple[str, ...]


class ReplayResult(BaseModel):
    """What became of a replay.

    Attributes
    ----------
    taken
        Records that the receptor has taken: alerts are in their reports, what is still rejected is archived again.
    still_rejected
        Of these the ones that the receptor has rejected again, wholly or in part: the key of each, and why.
    failing, unreadable
        What was not taken, and why; it can be replayed again.
    unmatched
        What of the keys, or beginnings of keys, that were given no object has.
    """

    model_config = ConfigDict(frozen=True)

    objects: int
    taken: int
    still_rejected: dict[str, tuple[str, ...]]
    failing: dict[str, str]
    unreadable: dict[str, str]
    unmatched: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether the receptor has taken all that was asked for."""
        return not (self.failing or self.unreadable or self.unmatched)


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
    """List records that were no alerts, newest first, with the reason, and whether they would be read now."""
    at = now()
    first = parse_time(since, at)
    installation = find(Access(profile, region, local), installation_name)
    first = max(first, at - installation.kept_days * 86_400_000)
    formats = formats_of(installation)
    with progress("Reading what was rejected") as on_progress:
        found = archive.rejected(installation, formats, first, at, limit, on_progress)
    if as_json:
        print_json(found)
        return
    console = output()
    if not found.objects:
        console.print("Nothing was rejected in that time.")
        return
    for stored in found.objects:
        reading = Text("an alert: replay it", style="green") if stored.now else "no alert"
        said = [line(f"written {short_time(stored.at)} (UTC), now ", reading)]
        said += [line(plain(reason, 2_000)) for reason in stored.reasons]
        print_entry(console, line(plain(stored.key), style="bold"), said)
    if found.more:
        console.print("There are older ones: raise --limit.")


@app.command()
@explain_errors
def show(
    key: Key,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, show_default=False, help="Write the record's bytes to this file."),
    ] = None,
    format_file: FormatFile = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Show a rejected record: where it came in, why it is no alert, its bytes, and what would be made of it now."""
    _demand(key)
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
            metavar="KEY", show_default=False, help="Of the archive, or beginnings such as 'rejected/2026-01-31/'."
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is there.")] = False,
    format_file: FormatFile = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Bring rejected records back, into the reports they would have been in. Nothing is counted twice."""
    if everything == bool(keys):
        raise CommandError("Say which: keys or beginnings of keys, or --all.")
    for key in keys or ():
        _demand(key)
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
) -> ReplayResult:
    """Replay objects of the archive.

    Parameters
    ----------
    formats
        What to make native alerts of them with, before they go to the receptor; None: they go as they came.
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
    return ReplayResult(
        objects=done.objects + len(unreadable),
        taken=done.taken,
        still_rejected=done.still_rejected,
        failing=done.failing,
        unreadable=done.unreadable | unreadable,
        unmatched=tuple(unmatched),
    )


def print_replay(done: ReplayResult) -> None:
    """Say what became of a replay; what is not as it should be is said on standard error."""
    if done.objects:
        output().print(f"The receptor took {count(done.taken, 'record')} of {count(done.objects, 'object')}.")
    wrong = error_console()
    for prefix in done.unmatched:
        wrong.print(line(f"No key in the archive is, or begins with, {plain(prefix)}", style="red"), soft_wrap=True)
    if done.still_rejected:
        said = f"Still rejected, and archived again: {count(len(done.still_rejected), 'record')}."
        wrong.print(line(said, style="red"))
        for reason, number, key in by_reason(done.still_rejected):
            such = plain(key) if number == 1 else f"{count(number, 'record')}, the first {plain(key)}"
            wrong.print(line(f"  {such}: ", plain(reason, 1_000), style="red"), soft_wrap=True)
    for what, why in (done.failing | done.unreadable).items():
        wrong.print(line(plain(what), ": ", plain(why, 1_000), style="red"), soft_wrap=True)


def _demand(key: str) -> None:
    if not key.startswith(REJECTED):
        raise CommandError(f"'{key}' is no rejected record: keys begin with {REJECTED}")
