"""`alert-responder quarantine`: what is contained or waits for approval, and what a person does about it."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, Field

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.store import keys
from alert_responder.store.table import Key
from alert_responder_cli.aws.access import Access, explain_aws_errors
from alert_responder_cli.aws.installation import find
from alert_responder_cli.commands.options import InstallationName, Json, Local, Profile, Region
from alert_responder_cli.errors import EXIT_PROBLEMS, CommandError
from alert_responder_cli.terminal.console import explain_errors, output, print_json, table
from alert_responder_cli.terminal.counts import count, verb
from alert_responder_cli.terminal.tables import Records
from alert_responder_plugins.common.errors import PluginFaultError
from alert_responder_plugins.quarantine.client import QuarantineClient

app = typer.Typer(no_args_is_help=True, help="What is contained, or waits for a person: see, approve, release, stop.")

Emitter = Annotated[str, typer.Option("--emitter", metavar="NAME", help="Name of the quarantine, as attached.")]
Entry = Annotated[
    str, typer.Argument(metavar="ENTRY", show_default=False, help="Such as access_key/AKIA...; 'list' has them.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what somebody else has changed since.")]


class QuarantineEntry(BaseModel):
    """One entry of the quarantine's journal; `parts` are what is changed, as it was and as it shall be."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    state: str
    reason: str
    refusal: str | None = None
    report_id: str
    approved_by: str | None = None
    released_by: str | None = None
    parts: tuple[dict[str, Any], ...] = ()


class QuarantineAnswer(BaseModel):
    """What the quarantine's function says: whether it was done, why not, and the entries it is about."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    done: bool
    reason: str | None = None
    stopped: bool | None = None
    left_out: int = 0
    entries: tuple[QuarantineEntry, ...] = Field(default=())


@app.command("list")
@explain_errors
def list_(
    emitter: Emitter = "quarantine",
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List what is contained or waits, and what was before, newest first."""
    answer = _asked(_remote(Access(profile, region, local), installation_name, emitter).list)
    if as_json:
        print_json(answer)
        return
    console = output()
    if answer.stopped:
        console.print("It is stopped: nothing new begins until 'start'.")
    if not answer.entries:
        console.print("Nothing is contained, and nothing waits.")
        return
    console.print(entries_table(answer.entries))
    if answer.left_out:
        console.print(f"{count(answer.left_out, 'older entry')} {verb(answer.left_out, 'is', 'are')} not shown.")


@app.command()
@explain_errors
def approve(
    entry: Entry,
    emitter: Emitter = "quarantine",
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Approve what waits, exactly as it is listed now, signed with the AWS credentials at hand."""
    remote = _remote(Access(profile, region, local), installation_name, emitter)
    _ended(_asked(lambda: remote.approve(entry)), as_json)


@app.command()
@explain_errors
def release(
    entry: Entry,
    force: Force = False,
    emitter: Emitter = "quarantine",
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Undo a containment, or take back what waits."""
    remote = _remote(Access(profile, region, local), installation_name, emitter)
    _ended(_asked(lambda: remote.release(entry, force=force)), as_json)


@app.command()
@explain_errors
def stop(
    emitter: Emitter = "quarantine",
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Have nothing new begin; releasing goes on."""
    _ended(_asked(_remote(Access(profile, region, local), installation_name, emitter).stop), as_json)


@app.command()
@explain_errors
def start(
    emitter: Emitter = "quarantine",
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Have things begin again."""
    _ended(_asked(_remote(Access(profile, region, local), installation_name, emitter).start), as_json)


def _remote(access: Access, installation_name: str | None, emitter: str) -> QuarantineClient:
    installation = find(access, installation_name)
    with explain_aws_errors():
        # The registry names the function that takes commands, which AlertResponder itself may not call.
        registered = DynamoDBTable(installation.client("dynamodb"), installation.table).get(Key(keys.COMMANDS, emitter))
    if registered is None:
        raise CommandError(f"No quarantine '{emitter}' is attached to '{installation.name}'.")
    sts = installation.client("sts")
    where = sts.meta.region_name
    endpoint, partition = sts.meta.endpoint_url, sts.meta.partition
    credentials = access.credentials()
    return QuarantineClient(installation.client("lambda"), registered["arn"], credentials, where, partition, endpoint)


def _asked(command: Callable[[], dict[str, Any]]) -> QuarantineAnswer:
    with explain_aws_errors():
        try:
            return QuarantineAnswer.model_validate(command())
        except PluginFaultError as error:
            raise CommandError(str(error)) from error


def _ended(answer: QuarantineAnswer, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        for entry in answer.entries:
            output().print(entries_table([entry]))
        if answer.done:
            output().print("Done.")
        else:
            output().print(table(("Not done",), [(answer.reason or "",)]))
    if not answer.done:
        raise typer.Exit(EXIT_PROBLEMS)


def entries_table(entries: Iterable[QuarantineEntry]) -> Records:
    """Make the table of entries of the journal."""
    return table(("entry", "state", "why", "changes", "by"), map(_row, entries), whole=("entry", "state"), head=2)


def _row(entry: QuarantineEntry) -> tuple[str, ...]:
    changes = "; ".join(f"{part.get('name')}: {part.get('before')} -> {part.get('after')}" for part in entry.parts)
    people: Iterable[str | None] = (entry.approved_by, entry.released_by)
    return (entry.id, entry.state, entry.refusal or entry.reason, changes, ", ".join(filter(None, people)))
