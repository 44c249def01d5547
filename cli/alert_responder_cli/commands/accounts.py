"""`alert-responder accounts`: which accounts of the organisation answer, and what is missing in them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.text import Text

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.domain.directory import AccountFacts, Directory
from alert_responder.store.directory import read_directory
from alert_responder_cli.accounts.lookup import Asker
from alert_responder_cli.accounts.settings import find_member
from alert_responder_cli.accounts.status import AccountReport, selected, with_missing_forwarders
from alert_responder_cli.aws.access import Access, explain_aws_errors
from alert_responder_cli.aws.installation import Installation, find
from alert_responder_cli.commands.options import InstallationName, Json, Local, Profile, Region
from alert_responder_cli.errors import EXIT_PROBLEMS, CommandError
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import explain_errors, output, print_json, progress, table, warn
from alert_responder_cli.terminal.counts import count, verb
from alert_responder_cli.terminal.tables import Records
from alert_responder_cli.times import now

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]+")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}")
_NAMED = 3
"""Accounts that are named for each problem."""


class AccountList(BaseModel, frozen=True):
    """What the command found.

    Attributes
    ----------
    read_at
        When the directory was read from AWS Organizations (RFC 3339).
    is_stale
        Whether the directory is older than 24 hours.
    regions
        The regions whose forwarders were looked for.
    accounts
        By unit, name and id.
    """

    read_at: str
    is_stale: bool
    regions: tuple[str, ...]
    accounts: tuple[AccountReport, ...]


@explain_errors
def accounts(
    account: Annotated[
        list[str] | None, typer.Option("--account", metavar="ID", help="Only this account; repeatable.")
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(
            "--unit", metavar="UNIT", help="Only accounts in or below this unit, such as Root/Workloads; repeatable."
        ),
    ] = None,
    problems: Annotated[bool, typer.Option("--problems", help="Only list accounts with problems.")] = False,
    regions: Annotated[
        str | None,
        typer.Option(
            "--regions",
            metavar="REGION,...",
            show_default=False,
            help="Also look for forwarders in these regions. Always: the installation's region.",
        ),
    ] = None,
    member_name: Annotated[
        str | None,
        typer.Option(
            "--member-name",
            metavar="NAME",
            show_default=False,
            help="Name of modules/member in the accounts. Default: the one that the attached plug-ins use.",
        ),
    ] = None,
    external_id: Annotated[
        str | None,
        typer.Option(
            "--external-id",
            metavar="ID",
            envvar="ALERT_RESPONDER_EXTERNAL_ID",
            show_default=False,
            help="External id of modules/member. Default: the one that the attached plug-ins use.",
        ),
    ] = None,
    forwarder_name: Annotated[
        str | None,
        typer.Option(
            "--forwarder-name",
            metavar="NAME",
            show_default=False,
            help="Name of modules/forwarder in the accounts. Default: the name of modules/member.",
        ),
    ] = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Show which accounts answer, which roles are missing or outdated, and which regions forward nothing.

    Assumes the reader role of modules/member in each active account, and changes nothing.
    """
    named = sorted(set(regions.split(","))) if regions else []
    _check(account or [], named, member_name, forwarder_name, external_id)
    access = Access(profile, region, local)
    installation = find(access, installation_name)
    directory = _directory(installation)
    chosen = _chosen(directory, account or [], unit or [])
    asked_regions = sorted({*named, access.client("sts").meta.region_name})
    member = find_member(installation, member_name, external_id)
    asker = Asker(access, member, forwarder_name or member.name, asked_regions)
    caller = asker.caller()
    with progress("Asking accounts", len(chosen)) as on_progress:
        reports = with_missing_forwarders(asker.ask(chosen, on_progress), named)
    is_stale = directory.is_stale(now())
    if is_stale:
        warn(
            f"The directory of accounts is stale, and nothing is contained in other accounts: it was last refreshed at "
            f"{format_rfc3339(directory.read_at)}. {_refresh(installation)}"
        )
    if not any(report.answers == "yes" for report in reports) and any(report.answers == "no" for report in reports):
        warn(
            f"No account answers. The roles trust only the principals in reader_principal_arns of modules/member: is "
            f"the role of {caller} one of them, and may it call sts:AssumeRole?"
        )
    shown = [report for report in reports if report.problems or not problems]
    if as_json:
        print_json(
            AccountList(
                read_at=format_rfc3339(directory.read_at),
                is_stale=is_stale,
                regions=tuple(asked_regions),
                accounts=tuple(shown),
            )
        )
    else:
        _show(output(), reports, shown)
    if is_stale or any(report.problems for report in reports):
        raise typer.Exit(EXIT_PROBLEMS)


def accounts_table(reports: Iterable[AccountReport]) -> Records:
    """Draw the table of accounts."""
    headings = ("account", "name", "unit", "state", "answers", "roles", "actions", "forwards nothing")
    return table(headings, map(_row, reports), whole=("account",), head=2)


def _check(
    ids: Sequence[str], regions: Sequence[str], member: str | None, forwarder: str | None, external_id: str | None
) -> None:
    for given in ids:
        if _ACCOUNT.fullmatch(given) is None:
            raise CommandError(f"--account must have 12 digits, got '{given}'.")
    for given in regions:
        if _REGION.fullmatch(given) is None:
            raise CommandError(f"--regions must be regions such as eu-west-1,us-east-1, got '{given}'.")
    for option, name, most in (("--member-name", member, 40), ("--forwarder-name", forwarder, 32)):
        if name is not None and (_NAME.fullmatch(name) is None or len(name) > most):
            raise CommandError(
                f"{option} must have 1 to {most} lower-case letters, digits and single hyphens, got '{name}'."
            )
    if external_id is not None and _EXTERNAL_ID.fullmatch(external_id) is None:
        raise CommandError("--external-id must have 2 to 1224 letters, digits and characters of +=,.@:/-_.")


def _directory(installation: Installation) -> Directory:
    with explain_aws_errors():
        directory = read_directory(DynamoDBTable(installation.client("dynamodb"), installation.table))
    if directory is None:
        raise CommandError(
            f"The installation '{installation.name}' has no directory of accounts: attach modules/organization. "
            f"{_refresh(installation)}"
        )
    return directory


def _refresh(installation: Installation) -> str:
    function = installation.function("schedule-organization")
    return f"It is refreshed on a schedule; if it is not, look at the log of the function {function}, or call it."


def _chosen(directory: Directory, ids: Sequence[str], units: Sequence[str]) -> list[AccountFacts]:
    for given in ids:
        if directory.find(given) is None:
            raise CommandError(f"Account {given} is not in the directory of accounts.")
    for given in units:
        if not selected(directory.accounts, (), (given,)):
            known = sorted({facts.unit for facts in directory.accounts if facts.unit}, key=lambda unit: unit.count("/"))
            raise CommandError(
                f"--unit must be a path of names with accounts in or below it, such as "
                f"{plain(known[0], 200) if known else 'Root/Workloads'}, got '{given}'."
            )
    chosen = selected(directory.accounts, ids, units)
    if not chosen:
        raise CommandError("None of these accounts is in or below these units.")
    return chosen


def _show(console: Console, reports: Sequence[AccountReport], shown: Sequence[AccountReport]) -> None:
    if shown:
        console.print(accounts_table(shown))
    by_sentence: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        for sentence in report.problems:
            by_sentence[sentence].append(report.id)
    for sentence, ids in sorted(by_sentence.items(), key=lambda item: -len(item[1])):
        others = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
        console.print(plain(f"{', '.join(ids[:_NAMED])}{others}: {sentence}", 1_000), soft_wrap=True)
    answers = [report.answers for report in reports]
    found = sum(bool(report.problems) for report in reports)
    yes, no, skipped = (answers.count(answer) for answer in ("yes", "no", "not_asked"))
    console.print(
        f"{count(len(reports), 'account')}: {yes:,} {verb(yes, 'answers', 'answer')}, {no:,} "
        f"{verb(no, 'does', 'do')} not, {skipped:,} not asked; problems in {count(found, 'account')}."
    )


def _row(report: AccountReport) -> tuple[str | Text, ...]:
    styles = {"yes": "green", "no": "red", "not_asked": "dim"}
    return (
        report.id,
        report.name,
        report.unit,
        report.status if report.kind == "member" else f"{report.status}, {report.kind.replace('_', ' ')}",
        Text(report.answers.replace("_", " "), style=styles[report.answers]),
        _roles(report),
        ", ".join(report.actions),
        ", ".join(report.forwards_nothing),
    )


def _roles(report: AccountReport) -> str:
    if report.reader is None or report.responder is None:
        return ""
    states = {"reader": report.reader.state, "responder": report.responder.state}
    if set(states.values()) == {"current"}:
        return "current"
    return ", ".join(f"no {role}" if state == "missing" else f"{role} {state}" for role, state in states.items())
