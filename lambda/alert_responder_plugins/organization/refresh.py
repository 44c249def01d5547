"""Read the organisation's accounts, and make the directory of them.

Accounts, their units and kinds are from one read, or the refresh fails and the earlier directory stays. Tags take a
call for each account: if they could not be read this time, the account keeps its last owner and environment.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from alert_responder.domain.directory import (
    MAX_ACCOUNTS,
    MAX_NAME,
    MAX_WORD,
    AccountFacts,
    AccountKind,
    AccountStatus,
    Directory,
    one_line,
    unit_path,
)
from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError, SettingsFaultError
from alert_responder_plugins.organization.client import (
    DeniedError,
    ListedAccount,
    Organization,
    OutOfTimeError,
    Unit,
)
from alert_responder_plugins.organization.settings import OrganizationSettings

MAX_FAILURES = 5
"""After so many failures in a row no further tags are read."""

MAX_NAMED = 10
"""Maximum number of accounts that one sentence names."""

_STATUSES: Mapping[str | None, AccountStatus] = {
    "ACTIVE": "active",
    "PENDING_CLOSURE": "closing",
    "CLOSED": "closing",
}


class Reader(Protocol):
    """See `client.Organizations`."""

    def organization(self) -> Organization:
        """Return the organisation."""
        ...

    def accounts(self) -> list[ListedAccount]:
        """List all accounts."""
        ...

    def delegated_administrators(self) -> frozenset[str]:
        """Return the ids of the delegated administrators."""
        ...

    def roots(self) -> list[Unit]:
        """List the roots."""
        ...

    def units(self, parent: str) -> list[Unit]:
        """List the units below a parent."""
        ...

    def account_ids(self, parent: str) -> list[str]:
        """List the accounts below a parent."""
        ...

    def tags(self, account_id: str) -> dict[str, str]:
        """Return the tags of an account."""
        ...


class Refreshed(NamedTuple):
    """The new directory, and what is missing in it.

    Attributes
    ----------
    kept
        Number of accounts whose tags could not be read, and keep their last values.
    faults
        What went wrong or is missing, as sentences.
    """

    directory: Directory
    kept: int = 0
    faults: tuple[str, ...] = ()


def refresh(reader: Reader, settings: OrganizationSettings, previous: Directory | None, now: int) -> Refreshed:
    """Read the organisation.

    Raises
    ------
    PluginFaultError
        Anything but tags could not be read, or the accounts lack the home account, the management account or a
        delegated administrator, so that the answer is not complete.

    Parameters
    ----------
    previous
        The earlier directory.
    now
        Time at which reading begins [ms since the epoch].
    """
    organization = reader.organization()
    faults: list[str] = []
    if previous and previous.organization_id not in {None, organization.id}:
        faults.append(f"The organisation was {previous.organization_id}, and is {organization.id}.")
    if previous and previous.organization_id != organization.id:
        previous = None
    delegated = reader.delegated_administrators()
    units, missing_units = _units(reader, settings.organizational_units)
    listed = {each.id: each for each in reader.accounts()}
    if missing_accounts := {settings.home, organization.management, *delegated} - listed.keys():
        raise ReceiverFailedError(f"organizations:ListAccounts did not return {_some(missing_accounts)}.")
    if all(each.state is None for each in listed.values()):
        raise ReceiverFailedError("organizations:ListAccounts returned no states: boto3 is too old.")
    kinds: dict[str, AccountKind] = {
        each: _kind(each, settings.home, organization.management, delegated) for each in listed
    }
    if settings.organizational_units is not None:
        # Accounts that must never be acted on stay, so that the reason can be said.
        listed = {each: one for each, one in listed.items() if each in units or kinds[each] != "member"}
    _check_number(listed)
    accounts = [
        AccountFacts(
            id=each,
            name=one_line(one.name, MAX_NAME),
            status=_STATUSES.get(one.state, "suspended"),
            kind=kinds[each],
            # An account that was moved during the walk is in no unit.
            unit=units[each] if each in units else _earlier(previous, each, "unit") or "",
            owner=_earlier(previous, each, "owner"),
            environment=_earlier(previous, each, "environment"),
        )
        for each, one in sorted(listed.items())
    ]
    begun = Directory(organization_id=organization.id, accounts=tuple(accounts), read_at=now)
    faults += [f"The organizational unit {each} was not found." for each in sorted(missing_units)]
    if gone := _ids(previous) - _ids(begun):
        faults.append(f"Accounts of the earlier directory are gone: {_some(gone)}.")
    read = _with_tags(reader, settings, begun, previous)
    return read._replace(faults=(*faults, *read.faults))


def of_list(accounts: Mapping[str, Mapping[str, str | None]], settings: OrganizationSettings, now: int) -> Refreshed:
    """Make the directory of the accounts that the installation lists.

    Parameters
    ----------
    accounts
        By id; `name`, `unit`, `owner`, `environment` and `kind` of each, all optional.
    """
    _check_number(accounts)
    facts = [
        AccountFacts.model_validate(
            {
                "id": each,
                "name": one_line(one.get("name") or "", MAX_NAME),
                "status": "active",
                "kind": "home" if each == settings.home else one.get("kind") or "member",
                "unit": unit_path((one.get("unit") or "").split("/")),
                "owner": _word(one.get("owner")),
                "environment": _word(one.get("environment")),
            }
        )
        for each, one in sorted(accounts.items())
    ]
    return Refreshed(Directory(accounts=tuple(facts), read_at=now))


def _units(reader: Reader, covered: frozenset[str] | None) -> tuple[dict[str, str], frozenset[str]]:
    """Return the path of the unit of each covered account, and the units that were not found."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    todo: list[tuple[Unit, tuple[str, ...], bool]] = [(root, (root.name,), covered is None) for root in reader.roots()]
    while todo:
        unit, names, is_covered = todo.pop()
        is_covered = is_covered or unit.id in (covered or ())
        seen.add(unit.id)
        if is_covered:
            found |= dict.fromkeys(reader.account_ids(unit.id), unit_path(names))
        todo += [(child, (*names, child.name), is_covered) for child in reader.units(unit.id)]
    return found, (covered or frozenset()) - seen


def _kind(account_id: str, home: str, management: str, delegated: frozenset[str]) -> AccountKind:
    if account_id == home:
        return "home"
    if account_id == management:
        return "management"
    return "delegated_administrator" if account_id in delegated else "member"


def _with_tags(
    reader: Reader, settings: OrganizationSettings, begun: Directory, previous: Directory | None
) -> Refreshed:
    """Read the tags: first of new accounts, then beginning after the account at which the last refresh ended."""
    if not settings.owner_tags and not settings.environment_tags:
        cleared = [each.model_copy(update={"owner": None, "environment": None}) for each in begun.accounts]
        return Refreshed(begun.model_copy(update={"accounts": tuple(cleared)}))
    known, read_to = _ids(previous or begun), previous.tags_read_to if previous else None
    ids = [each.id for each in begun.accounts]
    order = sorted(ids, key=lambda each: (each in known, each <= (read_to or ""), each))
    found: dict[str, dict[str, str | None]] = {}
    fault, failures, last = "", 0, read_to
    for each in order:
        try:
            tags = reader.tags(each)
        except OutOfTimeError:
            # The next refresh goes on here.
            break
        except DeniedError as error:
            fault = str(error)
            break
        except PluginFaultError as error:
            fault, failures = str(error), failures + 1
            if failures == MAX_FAILURES:
                break
        else:
            failures = 0
            last = each if each in known else last
            found[each] = {
                "owner": _tag(tags, settings.owner_tags),
                "environment": _tag(tags, settings.environment_tags),
            }
    accounts = tuple(each.model_copy(update=found.get(each.id, {})) for each in begun.accounts)
    kept = len(ids) - len(found)
    faults = (f"Tags of {kept:,} accounts were not read. {fault}",) if fault else ()
    update = {"accounts": accounts, "tags_read_to": last if kept else None}
    return Refreshed(begun.model_copy(update=update), kept, faults)


def _tag(tags: Mapping[str, str], wanted: Iterable[str]) -> str | None:
    """Return the value of the first of the wanted tags that has one; of keys in several cases, the one sorted first."""
    lower = {key.lower(): value for key, value in sorted(tags.items(), reverse=True) if value.strip()}
    return next((word for key in wanted if (word := _word(lower.get(key.lower())))), None)


def _word(text: str | None) -> str | None:
    return one_line(text or "", MAX_WORD) or None


def _earlier(previous: Directory | None, account_id: str, field: str) -> str | None:
    known = previous.find(account_id) if previous else None
    return getattr(known, field) if known else None


def _ids(directory: Directory | None) -> frozenset[str]:
    return frozenset(each.id for each in directory.accounts) if directory else frozenset()


def _some(ids: Iterable[str]) -> str:
    first = sorted(ids)
    more = len(first) - MAX_NAMED
    return ", ".join(first[:MAX_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _check_number(accounts: Mapping[str, object]) -> None:
    if len(accounts) > MAX_ACCOUNTS:
        raise SettingsFaultError(
            f"The directory holds at most {MAX_ACCOUNTS:,} accounts, got {len(accounts):,}. Set organizational_units."
        )
