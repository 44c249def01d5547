"""The directory that is read from AWS Organizations: an imitation counts the calls, and lets chosen ones fail."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from alert_responder.domain.directory import MAX_NAME, Directory
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError, SettingsFaultError
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.organization.client import DeniedError, Organizations, OutOfTimeError
from alert_responder_plugins.organization.refresh import MAX_FAILURES, MAX_NAMED, Refreshed, of_list, refresh
from alert_responder_plugins.organization.settings import OrganizationSettings
from tools.paths import ROOT

HOME, MANAGEMENT, DELEGATED, PROD, DEV = (f"{digit}" * 12 for digit in range(1, 6))
PAGE = 20


class Imitation:
    """AWS Organizations: units by id (name, parent), accounts by id, and errors by operation or by account."""

    def __init__(self) -> None:
        self.units: dict[str, tuple[str, str]] = {
            "r-root": ("Root", ""),
            "ou-work": ("Workloads", "r-root"),
            "ou-prod": ("Prod", "ou-work"),
        }
        self.accounts = {
            HOME: ("Security", "r-root"),
            MANAGEMENT: ("Payer", "r-root"),
            DELEGATED: ("Audit", "r-root"),
            PROD: ("Payments", "ou-prod"),
            DEV: ("Sandbox", "ou-work"),
        }
        self.states: dict[str, dict[str, str]] = {}
        self.tags: dict[str, dict[str, str]] = {PROD: {"Owner": "team-pay", "environment": "prod"}}
        self.errors: dict[str, Exception] = {}
        self.calls: Counter[str] = Counter()

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        def call(**request: str) -> dict[str, Any]:
            self.calls[operation] += 1
            for key in (operation, request.get("ResourceId", "")):
                if key in self.errors:
                    raise self.errors[key]
            return self._answer(operation, request)

        return call

    def _answer(self, operation: str, request: dict[str, str]) -> dict[str, Any]:
        if operation == "describe_organization":
            return {"Organization": {"Id": "o-exampleorgid", "MasterAccountId": MANAGEMENT}}
        answers: dict[str, tuple[str, Callable[[], Iterable[dict[str, str]]]]] = {
            "list_accounts": ("Accounts", lambda: map(self._account, self.accounts)),
            "list_accounts_for_parent": (
                "Accounts",
                lambda: [self._account(a) for a, (_, unit) in self.accounts.items() if unit == request["ParentId"]],
            ),
            "list_delegated_administrators": ("DelegatedAdministrators", lambda: [{"Id": DELEGATED}]),
            "list_organizational_units_for_parent": (
                "OrganizationalUnits",
                lambda: [
                    {"Id": u, "Name": n} for u, (n, parent) in self.units.items() if parent == request["ParentId"]
                ],
            ),
            "list_roots": ("Roots", lambda: [{"Id": "r-root", "Name": "Root"}]),
            "list_tags_for_resource": (
                "Tags",
                lambda: [{"Key": k, "Value": v} for k, v in self.tags.get(request["ResourceId"], {}).items()],
            ),
        }
        what, found = answers[operation]
        rows = list(found())
        start = int(request.get("NextToken", "0"))
        more = {"NextToken": str(start + PAGE)} if start + PAGE < len(rows) else {}
        return {what: rows[start : start + PAGE], **more}

    def _account(self, account_id: str) -> dict[str, str]:
        return {
            "Id": account_id,
            "Name": self.accounts[account_id][0],
            **self.states.get(account_id, {"State": "ACTIVE"}),
        }


def settings(**changed: Any) -> OrganizationSettings:
    values = {"owner_tags": ["owner"], "environment_tags": ["Environment"], "organizational_units": None, **changed}
    environment = {
        "INSTALLATION": "secops",
        "TABLE_NAME": "table",
        "HOME_ACCOUNT": HOME,
        "LISTED": "false",
        "TIME_BUDGET_SECONDS": "100",
        **{name.upper(): json.dumps(value) for name, value in values.items()},
    }
    return read_settings(OrganizationSettings, environment)


def refreshed(
    aws: Imitation, previous: Directory | None = None, clock: Callable[[], float] = lambda: 0, **changed: Any
) -> Refreshed:
    return refresh(Organizations(aws, Deadline(100, clock)), settings(**changed), previous, 1_000)


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "text of AWS"}}, "Operation")


def by_id(found: Refreshed) -> dict[str, tuple[str, str, str | None, str | None]]:
    return {each.id: (each.kind, each.unit, each.owner, each.environment) for each in found.directory.accounts}


def test_accounts_have_kind_unit_owner_and_environment() -> None:
    found = refreshed(Imitation())
    assert by_id(found) == {
        HOME: ("home", "Root", None, None),
        MANAGEMENT: ("management", "Root", None, None),
        DELEGATED: ("delegated_administrator", "Root", None, None),
        PROD: ("member", "Root/Workloads/Prod", "team-pay", "prod"),
        DEV: ("member", "Root/Workloads", None, None),
    }
    assert found.directory.organization_id == "o-exampleorgid"
    assert (found.directory.read_at, found.kept, found.faults) == (1_000, 0, ())


@pytest.mark.parametrize(
    ("answered", "status"),
    [
        ({"State": "ACTIVE"}, "active"),
        ({"Status": "ACTIVE"}, "active"),
        ({"State": "SUSPENDED", "Status": "ACTIVE"}, "suspended"),
        ({"Status": "SUSPENDED"}, "suspended"),
        ({"State": "PENDING_CLOSURE", "Status": "PENDING_CLOSURE"}, "closing"),
        ({"State": "CLOSED"}, "closing"),
        ({"State": "PENDING_ACTIVATION"}, "suspended"),
        ({"State": "A_LATER_STATE"}, "suspended"),
        ({}, "suspended"),
    ],
)
def test_only_an_account_that_is_known_to_be_active_is_active(answered: dict[str, str], status: str) -> None:
    aws = Imitation()
    aws.states[PROD] = answered
    account = refreshed(aws).directory.find(PROD)
    assert account is not None
    assert account.status == status


def test_an_answer_without_states_fails_the_refresh() -> None:
    aws = Imitation()
    aws.states = {account: {} for account in aws.accounts}
    with pytest.raises(ReceiverFailedError, match="returned no states"):
        refreshed(aws)


@pytest.mark.parametrize("account", [HOME, MANAGEMENT, DELEGATED])
def test_accounts_that_lack_one_that_must_be_there_are_not_complete(account: str) -> None:
    aws = Imitation()
    del aws.accounts[account]
    with pytest.raises(ReceiverFailedError, match=f"ListAccounts did not return {account}"):
        refreshed(aws)


def test_an_empty_organisation_has_its_own_account() -> None:
    class Alone(Imitation):
        def _answer(self, operation: str, request: dict[str, str]) -> dict[str, Any]:
            if operation == "describe_organization":
                return {"Organization": {"Id": "o-exampleorgid", "MasterAccountId": HOME}}
            if operation == "list_delegated_administrators":
                return {"DelegatedAdministrators": []}
            return super()._answer(operation, request)

    aws = Alone()
    aws.units, aws.accounts = {"r-root": ("Root", "")}, {HOME: ("Security", "r-root")}
    assert by_id(refreshed(aws)) == {HOME: ("home", "Root", None, None)}


def test_units_cover_the_accounts_below_them_and_the_protected_ones_stay() -> None:
    found = refreshed(Imitation(), organizational_units=["ou-prod", "ou-gone"])
    assert by_id(found).keys() == {HOME, MANAGEMENT, DELEGATED, PROD}
    assert by_id(found)[PROD][1] == "Root/Workloads/Prod"
    assert found.faults == ("The organizational unit ou-gone was not found.",)
    assert DEV in by_id(refreshed(Imitation(), organizational_units=["ou-work"]))


def test_names_are_bounded_and_in_one_line() -> None:
    aws = Imitation()
    aws.accounts[PROD] = ("Pay\nments\x1b" + "x" * 500, "ou-prod")
    aws.units["ou-prod"] = ("Prod/../Root", "ou-work")
    aws.tags[PROD] = {"OWNER": "\u0000" * 9 + "y" * 1_000}
    account = refreshed(aws).directory.find(PROD)
    assert account is not None
    assert (len(account.name), account.name[:11]) == (MAX_NAME, "Pay ments x")
    assert account.unit == "Root/Workloads/Prod-..-Root"
    assert account.owner == "y" * 256


@pytest.mark.parametrize(
    "operation",
    [
        "describe_organization",
        "list_accounts",
        "list_accounts_for_parent",
        "list_delegated_administrators",
        "list_organizational_units_for_parent",
        "list_roots",
    ],
)
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refused("AccessDeniedException"), DeniedError),
        (refused("TooManyRequestsException"), ReceiverFailedError),
        (refused("ServiceException"), ReceiverFailedError),
        (EndpointConnectionError(endpoint_url="https://x"), ReceiverFailedError),
    ],
)
def test_a_failed_call_fails_the_refresh_and_names_the_action(
    operation: str, error: Exception, kind: type[PluginFaultError]
) -> None:
    aws = Imitation()
    aws.errors[operation] = error
    with pytest.raises(kind) as caught:
        refreshed(aws)
    assert f"organizations:{''.join(map(str.capitalize, operation.split('_')))} " in str(caught.value)
    assert "text of AWS" not in str(caught.value)


@pytest.mark.parametrize("code", ["AccessDeniedException", "TooManyRequestsException"])
def test_tags_that_are_not_read_keep_their_last_value_and_are_counted(code: str) -> None:
    aws = Imitation()
    before = refreshed(aws).directory
    aws.errors["list_tags_for_resource"] = refused(code)
    aws.accounts[PROD] = ("Renamed", "ou-work")
    aws.accounts |= {f"{n:012d}": (f"Account {n}", "r-root") for n in range(5)}
    aws.calls.clear()
    found = refreshed(aws, before)
    assert by_id(found)[PROD] == ("member", "Root/Workloads", "team-pay", "prod")
    assert found.kept == 10
    assert found.faults[0].startswith("Tags of 10 accounts were not read. organizations:ListTagsForResource was ")
    assert aws.calls["list_tags_for_resource"] == (1 if code == "AccessDeniedException" else MAX_FAILURES)


def test_an_account_in_no_organisation_is_advised_to_list_accounts() -> None:
    aws = Imitation()
    aws.errors["describe_organization"] = refused("AWSOrganizationsNotInUseException")
    with pytest.raises(SettingsFaultError, match="set accounts"):
        refreshed(aws)


def test_an_answer_without_its_list_fails_the_refresh() -> None:
    class Silent(Imitation):
        def _answer(self, operation: str, request: dict[str, str]) -> dict[str, Any]:
            return {} if operation == "list_accounts" else super()._answer(operation, request)

    with pytest.raises(ReceiverFailedError, match="organizations:ListAccounts returned no Accounts"):
        refreshed(Silent())


def test_an_empty_page_is_not_the_last_one() -> None:
    class Hesitant(Imitation):
        def _answer(self, operation: str, request: dict[str, str]) -> dict[str, Any]:
            if "NextToken" in request or operation == "describe_organization":
                return super()._answer(operation, request)
            [what] = super()._answer(operation, request).keys() - {"NextToken"}
            return {what: [], "NextToken": "0"}

    assert refreshed(Hesitant()) == refreshed(Imitation())


def test_accounts_that_are_gone_are_named() -> None:
    aws = Imitation()
    before = refreshed(aws).directory
    del aws.accounts[DEV]
    assert refreshed(aws, before).faults == (f"Accounts of the earlier directory are gone: {DEV}.",)
    many = before.model_copy(
        update={"accounts": tuple(before.accounts[0].model_copy(update={"id": f"{n:012d}"}) for n in range(500))}
    )
    [sentence] = refreshed(aws, many).faults
    assert sentence.endswith(f"{MAX_NAMED - 1:012d} and 490 more.")


def test_an_account_that_moves_has_its_new_unit() -> None:
    aws = Imitation()
    before = refreshed(aws, organizational_units=["ou-work"]).directory
    aws.accounts[PROD] = ("Payments", "ou-work")
    assert by_id(refreshed(aws, before))[PROD][1] == "Root/Workloads"
    # A unit that moves takes its accounts along, and a covered unit may be below any other one.
    aws.units["ou-prod"] = ("Prod", "r-root")
    aws.accounts[PROD] = ("Payments", "ou-prod")
    assert by_id(refreshed(aws, before))[PROD][1] == "Root/Prod"
    found = refreshed(aws, before, organizational_units=["ou-work"])
    assert PROD not in by_id(found)
    assert found.faults == (f"Accounts of the earlier directory are gone: {PROD}.",)


class Interrupted(Imitation):
    """Does something just before one of its calls."""

    def __init__(self, call: int, action: Callable[[Imitation], None]) -> None:
        super().__init__()
        self.call, self.action = call, action

    def _answer(self, operation: str, request: dict[str, str]) -> dict[str, Any]:
        if self.calls.total() == self.call:
            self.action(self)
        return super()._answer(operation, request)


@pytest.mark.parametrize("page", [1, PAGE])
def test_a_failure_of_any_call_gives_all_accounts_or_none(monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(f"{__name__}.PAGE", page)

    def fail(_aws: Imitation) -> None:
        raise refused("ServiceException")

    aws = Imitation()
    before = refreshed(aws).directory
    failed = 0
    for call in range(1, aws.calls.total() + 1):
        try:
            found = refreshed(Interrupted(call, fail), before)
        except ReceiverFailedError:
            failed += 1
        else:
            assert found.kept == 1
            assert found.directory.accounts == before.accounts
    assert failed == aws.calls.total() - aws.calls["list_tags_for_resource"]


@pytest.mark.parametrize(("source", "target"), [("ou-prod", "ou-work"), ("ou-work", "ou-prod"), ("ou-prod", "r-root")])
def test_an_account_that_moves_at_any_time_stays_in_the_directory(source: str, target: str) -> None:
    paths = {"r-root": "Root", "ou-work": "Root/Workloads", "ou-prod": "Root/Workloads/Prod"}

    def move(aws: Imitation) -> None:
        aws.accounts[PROD] = ("Payments", target)

    aws = Imitation()
    aws.accounts[PROD] = ("Payments", source)
    before = refreshed(aws).directory
    for call in range(1, aws.calls.total() + 1):
        moving = Interrupted(call, move)
        moving.accounts[PROD] = ("Payments", source)
        found = refreshed(moving, before)
        assert by_id(found).keys() == by_id(Refreshed(before)).keys()
        assert by_id(found)[PROD][1] in {paths[source], paths[target]}
        assert found.faults == ()
        # In a directory of one unit it may be missing until the next refresh, but not silently.
        moving = Interrupted(call, move)
        moving.accounts[PROD] = ("Payments", source)
        found = refreshed(moving, before, organizational_units=["ou-work"])
        assert found.directory.find(PROD) or PROD in found.faults[0]


def test_the_directory_of_another_organisation_gives_no_words() -> None:
    aws = Imitation()
    other = refreshed(aws).directory.model_copy(update={"organization_id": "o-otherorganis"})
    aws.errors["list_tags_for_resource"] = refused("ServiceException")
    aws.accounts[PROD] = ("Payments", "ou-unseen")
    found = refreshed(aws, other)
    assert found.directory.organization_id == "o-exampleorgid"
    assert by_id(found)[PROD] == ("member", "", None, None)
    assert found.faults[0] == "The organisation was o-otherorganis, and is o-exampleorgid."
    # Accounts that Terraform listed before belong to no organisation.
    assert refreshed(Imitation(), other.model_copy(update={"organization_id": None})).faults == ()


def test_one_account_whose_tags_fail_leaves_the_others() -> None:
    aws = Imitation()
    aws.errors[MANAGEMENT] = refused("TargetNotFoundException")
    found = refreshed(aws)
    assert by_id(found)[PROD][2:] == ("team-pay", "prod")
    assert found.kept == 1


def test_single_failures_do_not_end_the_reading_of_tags() -> None:
    aws = Imitation()
    aws.accounts |= {f"{n:012d}": (f"Account {n}", "r-root") for n in range(20)}
    aws.errors |= {f"{n:012d}": refused("TargetNotFoundException") for n in range(0, 20, 2)}
    found = refreshed(aws)
    assert found.kept == 10
    assert by_id(found)[PROD][2:] == ("team-pay", "prod")


def test_keys_of_tags_in_several_cases_give_the_same_value_each_time() -> None:
    aws = Imitation()
    for tags in ({"Owner": "a", "owner": "b", "OWNER": ""}, {"owner": "b", "OWNER": "", "Owner": "a"}):
        aws.tags[PROD] = tags
        assert by_id(refreshed(aws))[PROD][2] == "a"


def test_removed_tags_are_forgotten() -> None:
    aws = Imitation()
    before = refreshed(aws).directory
    del aws.tags[PROD]
    assert by_id(refreshed(aws, before))[PROD][2:] == (None, None)
    assert by_id(refreshed(aws, before, owner_tags=[], environment_tags=[]))[PROD][2:] == (None, None)


def test_every_account_has_its_turn_although_time_is_short() -> None:
    aws = Imitation()
    for account in aws.accounts:
        aws.tags[account] = {"owner": f"owner-{account}"}
    directory: Directory | None = None
    for _ in range(3):
        clock = ticks(aws, tags=2)
        found = refreshed(aws, directory, clock)
        directory = found.directory
        # That takes time, but nothing is wrong.
        assert (found.kept, found.faults) == (3, ())
    assert directory is not None
    assert {each.owner for each in directory.accounts} == {f"owner-{each}" for each in aws.accounts}
    assert directory.tags_read_to is not None
    assert refreshed(aws, directory).directory.tags_read_to is None


def test_new_accounts_have_the_first_turn() -> None:
    aws = Imitation()
    del aws.accounts[DEV]
    before = refreshed(aws, clock=ticks(aws, tags=2)).directory
    assert before.tags_read_to == MANAGEMENT
    aws = Imitation()
    aws.tags[DEV] = {"owner": "team-dev"}
    found = refreshed(aws, before, ticks(aws, tags=1))
    assert by_id(found)[DEV][2] == "team-dev"
    assert found.directory.tags_read_to == MANAGEMENT


def ticks(aws: Imitation, tags: int) -> Callable[[], float]:
    """Return a clock by which the time is over after the tags of so many accounts."""
    aws.calls.clear()
    return lambda: 1_000 if aws.calls["list_tags_for_resource"] >= tags else 0


def test_no_time_for_the_accounts_fails_the_refresh() -> None:
    clock: Iterator[float] = iter([0, *[99] * 3, *[101] * 99])
    with pytest.raises(OutOfTimeError):
        refreshed(Imitation(), clock=lambda: next(clock))


def test_an_account_that_moved_during_the_walk_keeps_its_last_unit() -> None:
    aws = Imitation()
    before = refreshed(aws).directory
    aws.accounts[PROD] = ("Payments", "ou-unseen")
    assert by_id(refreshed(aws, before))[PROD][1] == "Root/Workloads/Prod"
    assert by_id(refreshed(aws))[PROD][1] == ""


def test_500_accounts_in_60_units_take_152_calls_and_one_for_the_tags_of_each() -> None:
    aws = Imitation()
    aws.units = {"r-root": ("Root", "")} | {f"ou-{n}": (f"Unit {n}", "r-root") for n in range(60)}
    aws.accounts = dict.fromkeys((HOME, MANAGEMENT, DELEGATED), ("Central", "ou-0")) | {
        f"{n:012d}": (f"Account {n}", f"ou-{n % 60}") for n in range(497)
    }
    found = refreshed(aws)
    assert len(found.directory.accounts) == 500
    without_tags = aws.calls.total() - aws.calls["list_tags_for_resource"]
    # One each for organisation, administrators and root; 25 pages of accounts; for 60 units and the root, the accounts
    # and the units below them, of which the root has 3 pages.
    assert without_tags == 152 == 1 + 1 + 1 + 25 + 61 + 61 + 2
    assert aws.calls["list_tags_for_resource"] == 500
    documented = (ROOT / "modules" / "organization" / "README.md").read_text(encoding="utf-8")
    assert f"for 500 accounts in 60 units {without_tags}, or {aws.calls.total()} with tags" in documented


def test_too_many_accounts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alert_responder_plugins.organization.refresh.MAX_ACCOUNTS", 4)
    with pytest.raises(SettingsFaultError, match="at most 4 accounts, got 5"):
        refreshed(Imitation())
    with pytest.raises(SettingsFaultError, match="at most 4 accounts, got 5"):
        of_list({account: {} for account in Imitation().accounts}, settings(), 1)
    assert len(refreshed(Imitation(), organizational_units=["ou-prod"]).directory.accounts) == 4


def test_listed_accounts_have_what_the_installation_says() -> None:
    listed = {
        HOME: {"name": "Security", "kind": "management"},
        MANAGEMENT: {"name": "Payer", "kind": "management"},
        PROD: {"name": "Payments\n", "unit": "Root/Prod", "owner": "team-pay", "environment": "prod"},
        DEV: {},
    }
    found = of_list(listed, settings(), 5)
    assert by_id(found) == {
        HOME: ("home", "", None, None),
        MANAGEMENT: ("management", "", None, None),
        PROD: ("member", "Root/Prod", "team-pay", "prod"),
        DEV: ("member", "", None, None),
    }
    assert found.directory.organization_id is None
    assert {each.status for each in found.directory.accounts} == {"active"}
