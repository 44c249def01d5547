"""`alert-responder quarantine`: list, approve and release containments, and stop new ones."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer
from pydantic import BaseModel, Field

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

app = typer.Typer(no_args_is_help=True, help="List, approve and release containments, or stop new ones.")

Emitter = Annotated[str, typer.Option("--emitter", metavar="NAME", help="Name under which the quarantine is attached.")]
Entry = Annotated[
    str,
    typer.Argument(
        metavar="ENTRY", show_default=False, help="Entry such as access_key/AKIA..., as listed by 'quarantine list'."
    ),
]
Force = Annotated[
    bool, typer.Option("--force", help="Overwrite changes that others made since, and give up accounts that have left.")
]


_ACCOUNT_LENGTH = 12

AccountId = Annotated[
    str | None,
    typer.Option("--account", metavar="ID", show_default=False, help="Only list targets in this account."),
]


class QuarantineEntry(BaseModel, frozen=True, extra="ignore"):
    """An entry of the quarantine's journal; `parts` are the changes, each with the values before and after."""

    id: str
    account: str | None = None
    region: str | None = None
    state: str
    reason: str
    refusal: str | None = None
    report_id: str
    approved_by: str | None = None
    released_by: str | None = None
    parts: tuple[dict[str, Any], ...] = ()


class QuarantineAnswer(BaseModel, frozen=True, extra="ignore"):
    """The answer of the quarantine's function: whether the command was carried out, why not, and the entries."""

    done: bool
    reason: str | None = None
    stopped: bool | None = None
    left_out: int = 0
    entries: tuple[QuarantineEntry, ...] = Field(default=())


@app.command("list")
@explain_errors
def list_(
    account: AccountId = None,
    emitter: Emitter = "quarantine",
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List active, pending and past containments, newest first."""
    if account is not None and not (account.isascii() and account.isdigit() and len(account) == _ACCOUNT_LENGTH):
        raise CommandError(f"--account must have {_ACCOUNT_LENGTH} digits, got '{account}'.")
    remote = _remote(Access(profile, region, local), installation_name, emitter)
    answer = _asked(lambda: remote.list(account))
    if as_json:
        print_json(answer)
        return
    console = output()
    if answer.stopped:
        console.print("The quarantine is stopped: no new containment begins until 'quarantine start'.")
    if not answer.entries:
        console.print(f"The quarantine has no entries{f' in account {account}' if account else ''}.")
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
    """Approve a pending containment.

    Approves exactly what is listed now, and signs the approval with your AWS credentials.
    """
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
    """Undo a containment, or withdraw a pending one."""
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
    """Stop new containments; releases still work."""
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
    """Allow new containments again."""
    _ended(_asked(_remote(Access(profile, region, local), installation_name, emitter).start), as_json)


def _remote(access: Access, installation_name: str | None, emitter: str) -> QuarantineClient:
    installation = find(access, installation_name)
    with explain_aws_errors():
        # The registry holds the ARN of the function that takes commands; AlertResponder itself may not call it.
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
    """Draw the table of journal entries."""
    return table(("entry", "state", "why", "changes", "by"), map(_row, entries), whole=("entry", "state"), head=2)


def _row(entry: QuarantineEntry) -> tuple[str, ...]:
    changes = "; ".join(f"{part.get('name')}: {part.get('before')} -> {part.get('after')}" for part in entry.parts)
    people: Iterable[str | None] = (entry.approved_by, entry.released_by)
    return (entry.id, entry.state, entry.refusal or entry.reason, changes, ", ".join(filter(None, people)))
