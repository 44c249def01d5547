"""`alert-responder rejected`: what was no alert, and how it is brought back."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from rich.text import Text

from alert_responder.formats import Format, parse_record
from alert_responder_cli import archived
from alert_responder_cli.archived import REJECTED
from alert_responder_cli.attached import formats_of
from alert_responder_cli.aws import Access
from alert_responder_cli.console import complaints, explaining, output, print_entry, print_json, progress
from alert_responder_cli.errors import FAULTY, CommandError
from alert_responder_cli.installation import Installation, find
from alert_responder_cli.options import FormatFile, InstallationName, Json, Limit, Local, Profile, Region
from alert_responder_cli.plain import plain
from alert_responder_cli.reading import formats_in
from alert_responder_cli.replaying import Replay, objects, receptor, records_of, replay
from alert_responder_cli.showing import count, instant, line
from alert_responder_cli.times import FORMS, METAVAR, moment, now

app = typer.Typer(no_args_is_help=True, help="What was no alert: see why, and bring it back when that is mended.")

_MAX_SHOWN = 4_000

Since = Annotated[str, typer.Option(metavar=METAVAR, help=f"Those that came in since: {FORMS}.")]
Key = Annotated[
    str, typer.Argument(metavar="KEY", show_default=False, help="Of the archive; 'rejected list' has them.")
]


class Shown(BaseModel):
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


class Replayed(BaseModel):
    """What became of a replay.

    Attributes
    ----------
    taken
        Records that the receptor has taken: alerts are in their reports, what is still none is in the archive again.
    still_rejected
        How many of these are no alerts, as this version of the command reads them.
    failing, unreadable
        What was not taken, and why; it can be replayed again.
    """

    model_config = ConfigDict(frozen=True)

    objects: int
    taken: int
    still_rejected: int
    failing: dict[str, str]
    unreadable: dict[str, str]

    @property
    def fine(self) -> bool:
        """Whether all that was asked for was taken."""
        return not self.failing and not self.unreadable


@app.command("list")
@explaining
def list_(
    since: Since = "7d",
    limit: Limit = 50,
    installation: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List records that were no alerts, newest first, with the reason, and whether they would be read now."""
    at = now()
    first = moment(since, at)
    made = find(Access(profile, region, local), installation)
    first = max(first, at - made.kept_days * 86_400_000)
    formats = formats_of(made)
    with progress("Reading what was rejected") as advanced:
        found = archived.rejected(made, formats, first, at, limit, advanced)
    if as_json:
        print_json(found)
        return
    console = output()
    if not found.objects:
        console.print("Nothing was rejected in that time.")
        return
    for stored in found.objects:
        reading = Text("an alert: replay it", style="green") if stored.now else "no alert"
        said = [line(f"written {instant(stored.at)} (UTC), now ", reading)]
        said += [line(plain(reason, 2_000)) for reason in stored.reasons]
        print_entry(console, line(plain(stored.key), style="bold"), said)
    if found.more:
        console.print("There are older ones: raise --limit.")


@app.command()
@explaining
def show(
    key: Key,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, show_default=False, help="Write the record's bytes to this file."),
    ] = None,
    format_file: FormatFile = None,
    installation: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Show a rejected record: where it came in, why it is no alert, its bytes, and what would be made of it now."""
    _demand(key)
    made = find(Access(profile, region, local), installation)
    document = archived.read(made, key)
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
    parsed, rejects = parse_record(data, formats_in(format_file) if format_file else formats_of(made))
    shown = Shown(
        key=key,
        shard=record["eventID"].partition(":")[0],
        sequence_number=record["kinesis"]["sequenceNumber"],
        partition_key=record["kinesis"]["partitionKey"],
        reasons=archived.reasons_in(document),
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
@explaining
def replay_(
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY", show_default=False, help="Of the archive, or beginnings such as 'rejected/2026-01-31/'."
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is there.")] = False,
    format_file: FormatFile = None,
    installation: InstallationName = None,
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
    formats = formats_in(format_file) if format_file else None
    made = find(Access(profile, region, local), installation)
    done = replayed(made, keys or [REJECTED], formats)
    report_replay(done, as_json=as_json)


def replayed(made: Installation, prefixes: list[str], formats: tuple[Format, ...] | None = None) -> Replayed:
    """Replay objects of the archive.

    Parameters
    ----------
    formats
        What else to read them with than the installation's formats; None: these.
    """
    known = formats or formats_of(made)
    left_over: list[bool] = []
    unreadable: dict[str, str] = {}

    with progress("Replaying") as advanced:

        def looked_at(found: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
            for key, document in found:
                advanced()
                try:
                    changed = archived.translated(document, formats) if formats else document
                    left_over.extend(not archived.alerts_now(record, known) for record in records_of(document))
                except ValueError as error:
                    if formats:
                        unreadable[key] = str(error)
                        continue
                    changed = document  # Named by the replay itself.
                yield key, changed

        done: Replay = replay(looked_at(objects(made, prefixes)), receptor(made))
    return Replayed(
        objects=done.objects + len(unreadable),
        taken=done.taken,
        still_rejected=sum(left_over),
        failing=done.failing,
        unreadable=done.unreadable | unreadable,
    )


def report_replay(done: Replayed, *, as_json: bool) -> None:
    """Say what became of a replay; end with 1 where something was not taken."""
    if as_json:
        print_json(done)
    else:
        console = output()
        console.print(f"The receptor took {count(done.taken, 'record')} of {count(done.objects, 'object')}.")
        if done.still_rejected:
            console.print(f"Still no alerts, and in the archive again: {count(done.still_rejected, 'record')}.")
        for what, why in (done.failing | done.unreadable).items():
            complaints().print(line(plain(what), ": ", plain(why, 1_000), style="red"), soft_wrap=True)
    if not done.fine:
        raise typer.Exit(FAULTY)


def _demand(key: str) -> None:
    if not key.startswith(REJECTED):
        raise CommandError(f"'{key}' is no rejected record: keys begin with {REJECTED}")
