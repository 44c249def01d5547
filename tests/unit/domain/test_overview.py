"""The overview of an incident is the same for all formats of its alerts."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import Alert, Attribute, Source
from alert_responder.contracts.report import Account, AlertOrigin, Finding, Overview, ReportedAlert
from alert_responder.domain.body_details import BodyDetails, extract_details, milliseconds, region_in
from alert_responder.domain.directory import AccountFacts, Directory
from alert_responder.domain.overview import MAX_ACCOUNTS, overview
from alert_responder.domain.records import AlertHead
from alert_responder.domain.sources import sources_of
from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from tests.fakes.reports import a_finding

EVENTS = Path(__file__).parents[2] / "events"


def reported(alert: Alert) -> ReportedAlert:
    return ReportedAlert.model_validate({**alert.model_dump(mode="json"), "event_id": "e", "arrived_at": "x"})


def of(alerts: Sequence[Alert], findings: Sequence[Finding] = ()) -> Overview:
    shown = [reported(alert) for alert in alerts]
    attributes = [attribute for alert in alerts for attribute in alert.attributes]
    return overview(shown, (), attributes, sources_of(alerts), findings)


def of_sample(name: str) -> Overview:
    parsed, _ = parse_record((EVENTS / f"{name}.json").read_bytes(), FormatRegistry())
    return of([parsed[0].alert])


def alert(**fields: Any) -> Alert:
    return Alert.model_validate({"detector": "d", "rule_id": "r", "alert_key": "k", **fields})


@pytest.mark.parametrize(
    ("name", "severity", "accounts", "regions", "first", "last", "occurrences"),
    [
        ("guardduty_dns_request", "High (8)", ["123456789012"], ["eu-central-1"], "10:03:11", "10:18:52", 3),
        ("guardduty_get_findings", "Low (2)", ["123456789012"], ["eu-central-1"], "10:03:11", "10:18:52", 3),
        ("securityhub_custom_action", "Medium", ["123456789012"], ["eu-central-1"], "09:00:00", "10:18:52", None),
        ("securityhub_guardduty_v2", "Low", ["123456789012"], ["eu-central-1"], "10:03:11", "10:18:52", 4),
        ("ocsf_detection_finding", "High", ["123456789012"], ["eu-central-1"], "10:20:00", "10:20:00", None),
        ("vendors/macie_policy_finding", "High", ["123456789012"], ["eu-central-1"], "10:15:30", "10:19:00", 2),
        (
            "vendors/inspector_package_vulnerability",
            "High",
            ["123456789012"],
            ["eu-central-1"],
            "10:15:30.356",
            "10:15:30.476",
            None,
        ),
        ("cloudtrail_console_login", None, ["123456789012"], ["eu-central-1"], "10:30:00", "10:30:00", None),
        ("vendors/cloudwatch_alarm_message", "ALARM", ["123456789012"], ["eu-central-1"], "10:15:30", "10:15:30", None),
        ("vendors/cloudwatch_composite_event", "ALARM", ["111122223333"], ["us-east-1"], "10:15:30", "10:15:30", None),
        ("vendors/wiz_issue_webhook", "Critical", ["123456789012"], ["eu-central-1"], "10:15:30", "10:15:30", None),
        ("native_alert", None, ["012345678901"], [], "10:20:30", "10:20:30", None),
    ],
)
def test_every_format_gives_the_same_overview(
    name: str,
    severity: str | None,
    accounts: list[str],
    regions: list[str],
    first: str,
    last: str,
    occurrences: int | None,
) -> None:
    found = of_sample(name)
    assert found.severity == severity
    assert [account.id for account in found.accounts] == accounts
    assert list(found.regions) == regions
    assert found.first_seen is not None
    assert found.last_seen is not None
    assert found.first_seen <= found.last_seen
    assert first in found.first_seen
    assert last in found.last_seen
    assert found.occurrences == occurrences


def test_the_name_of_an_account_comes_from_the_finding() -> None:
    asff = {"ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/guardduty", "AwsAccountId": "111122223333"}
    assert of([alert(body={**asff, "AwsAccountName": " shop "})]).accounts == (Account(id="111122223333", name="shop"),)
    assert of([alert(body=asff)]).accounts == (Account(id="111122223333", name=None),)
    ocsf = {"class_uid": 2004, "cloud": {"account": {"uid": "111122223333", "name": "shop"}}}
    assert of([alert(body=ocsf)]).accounts == (Account(id="111122223333", name="shop"),)


def test_older_findings_in_ocsf_have_count_times_and_account_elsewhere() -> None:
    body = {
        "class_uid": 2001,
        "cloud": {"account_uid": "111122223333"},
        "finding": {"first_seen_time": 1772445600000, "last_seen_time": 1772449200000},
        "unmapped": {"ProductFields.aws/guardduty/service/count": "7", "ProductFields": {}},
    }

    found = of([alert(body=body)])

    assert (found.occurrences, found.accounts) == (7, (Account(id="111122223333", name=None),))
    assert (found.first_seen, found.last_seen) == ("2026-03-02T10:00:00.000Z", "2026-03-02T11:00:00.000Z")
    assert of([alert(body=body | {"count": 9})]).occurrences == 9
    wiz = {"entitySnapshot": {"subscriptionExternalId": "111122223333", "subscriptionName": "shop"}}
    assert of([alert(body=wiz)]).accounts == (Account(id="111122223333", name="shop"),)


def test_the_name_of_an_account_comes_from_an_inspector() -> None:
    account = Attribute(type="account", value="111122223333", key="account", context=("local",))
    note = {"type": "note", "title": "Account", "data": {"account_name": "shop", "owner": "web team"}}
    about: dict[str, Any] = {"attribute_type": "account", "attribute_value": "111122223333", "contents": [note]}
    found = Finding.model_validate(a_finding(**about))
    assert of([alert(attributes=[account])], [found]).accounts == (Account(id="111122223333", name="shop"),)
    # Names of other things, and other data, are not the name of the account.
    changed: tuple[dict[str, Any], ...] = (
        {"attribute_type": "username"},
        {"contents": [{**note, "data": {"name": "x", "account_name": 5}}]},
    )
    for changes in changed:
        other = Finding.model_validate(a_finding(**{**about, **changes}))
        assert of([alert(attributes=[account])], [other]).accounts == (Account(id="111122223333", name=None),)


def test_the_account_of_the_caller_is_not_the_account() -> None:
    caller = Attribute(type="account", value="999900001111", key="caller's account", context=("remote", "subject"))
    own = Attribute(type="account", value="111122223333", key="account", context=("local",))
    involved = Attribute(type="account", value="222233334444", key="owner of the VPC", context=("local",))
    plain = Attribute(type="account", value="333344445555")
    assert [each.id for each in of([alert(attributes=[caller, involved, own])]).accounts] == [own.value]
    assert [each.id for each in of([alert(attributes=[caller, involved])]).accounts] == [involved.value]
    assert [each.id for each in of([alert(attributes=[caller, plain])]).accounts] == [plain.value]
    assert of([alert(attributes=[caller])]).accounts == ()


def test_an_overview_has_the_worst_severity_and_the_whole_time() -> None:
    alerts = [
        alert(severity="low", timestamp="2026-01-31T10:00:00Z"),
        alert(severity="HIGH", timestamp="2026-01-31T13:00:00+02:00"),
        alert(severity="medium", timestamp="2026-01-31T12:00:00.250Z"),
        alert(),
    ]
    found = of(alerts)
    assert found.severity == "High"
    assert (found.first_seen, found.last_seen) == ("2026-01-31T10:00:00.000Z", "2026-01-31T12:00:00.250Z")


def test_the_overview_includes_alerts_that_are_not_shown() -> None:
    others = [AlertHead("d", "r", "r", "k", "", "2026-01-01T00:00:00.000Z", "critical", outcome="success")]
    found = overview([reported(alert(severity="low", timestamp="2026-01-02T00:00:00Z"))], others, (), ())
    assert (found.severity, found.outcome) == ("Critical", "success")
    assert (found.first_seen, found.last_seen) == ("2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z")


def test_regions_come_from_sources_or_affected_resources() -> None:
    function = Attribute(
        type="arn", value="arn:aws:lambda:eu-north-1:111122223333:function:f", context=("local", "object")
    )
    other = Attribute(type="arn", value="arn:aws:lambda:eu-south-1:111122223333:function:f", context=("remote",))
    ways = [
        alert(source=Source(product="guardduty", region="us-east-1"), body={"awsRegion": "us-west-1"}),
        alert(source=Source(product="guardduty", region="eu-west-1"), attributes=[function]),
    ]
    assert of(ways).regions == ("eu-west-1", "us-east-1")
    assert of([alert(attributes=[function, other])]).regions == ("eu-north-1",)
    assert of([alert(attributes=[function], body={"awsRegion": "us-west-1"})]).regions == ("us-west-1",)


def test_the_overview_of_an_empty_body_is_empty() -> None:
    assert of([alert()]) == Overview()


def test_the_overview_is_bounded() -> None:
    long = "n" * 100_000
    accounts = [
        Attribute(type="account", value=f"{number:012d}", key="account", context=("local",)) for number in range(500)
    ]
    body = {"productArn": long, "awsAccountId": "1" * 12, "awsAccountName": long, "region": long}
    alerts = [
        alert(severity=f"{number}{long}", body=body, source=Source(product="p", region=f"r{number}"))
        for number in range(60)
    ]
    found = of([*alerts, alert(attributes=accounts)])
    assert len(found.accounts) == MAX_ACCOUNTS
    assert len(found.regions) <= 20
    assert len(found.model_dump_json()) < 10_000


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("1970-01-01T00:00:01.114Z", 1_114),
        (1_772_446_802_114, 1_772_446_802_114),
        (1_772_446_802, 1_772_446_802_000),
        ("yesterday", None),
        ("0001-01-01T00:00:00Z", None),
        ("1969-12-31T23:59:59Z", None),
        (5, 5_000),
        (-5, None),
        ("Mar 2, 2026, 10:15:30 AM", 1_772_446_530_000),
        (True, None),
        (10**400, None),
        (None, None),
        ([], None),
    ],
)
def test_a_time_is_parsed_or_left_out(value: Any, at: int | None) -> None:
    assert milliseconds(value) == at


@pytest.mark.parametrize("value", ["", "EU (Frankfurt)", "a" * 60, "x y", None, 5, "arn:aws:iam::1:user/x", "\x1b[2J"])
def test_invalid_regions_are_left_out(value: Any) -> None:
    assert region_in(value) is None


@pytest.mark.parametrize("region", ["eu-central-1", "us-gov-west-1", "westeurope", "europe-west1", "global", "eastus2"])
def test_regions_of_any_cloud_are_accepted(region: str) -> None:
    assert region_in(region) == region


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {"service": []},
        {"service": {"count": 10**400, "eventFirstSeen": {}, "serviceName": "guardduty"}, "accountId": 10**400},
        {"productArn": 5, "awsAccountId": {}, "productFields": "x"},
        {"class_uid": 2004, "cloud": "x", "count": -1, "finding_info": [[]]},
    ],
)
def test_an_unusual_body_has_no_details(body: Any) -> None:
    assert extract_details(body) == BodyDetails()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["service", "count", "eventFirstSeen", "class_uid", "cloud", "account", "uid", "productArn", "region"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_body_is_accepted(body: Any) -> None:
    found = of([alert(body=body)])
    assert Overview.model_validate(json.loads(found.model_dump_json())) == found


SHOP = AccountFacts(
    id="111122223333",
    name="Shop",
    status="active",
    kind="member",
    unit="Root/Workloads/Prod",
    owner="web",
    environment="prod",
)
BARE = AccountFacts(id="444455556666", name="", status="active", kind="member")
DIRECTORY = Directory(accounts=(SHOP, BARE), read_at=0)


def with_directory(alerts: Sequence[ReportedAlert], *others: AlertHead) -> Overview:
    return overview(alerts, others, [each for one in alerts for each in one.attributes], (), (), DIRECTORY)


def about(account: str, name: str) -> ReportedAlert:
    return reported(alert(body={"ProductArn": "arn:aws:x", "AwsAccountId": account, "AwsAccountName": name}))


@given(st.text(min_size=1, max_size=30))
def test_an_account_of_the_directory_has_no_word_of_an_alert(name: str) -> None:
    [known] = with_directory([about(SHOP.id, name)]).accounts
    assert known == Account(
        id=SHOP.id, name="Shop", in_directory=True, unit="Root/Workloads/Prod", owner="web", environment="prod"
    )
    assert with_directory([about(BARE.id, name)]).accounts == (Account(id=BARE.id, in_directory=True),)
    [other] = with_directory([about("777788889999", name)]).accounts
    assert (other.in_directory, other.unit, other.owner, other.environment) == (False, None, None, None)


def test_the_age_of_the_directory_is_known_if_it_has_one_of_the_accounts() -> None:
    assert with_directory([about(SHOP.id, "x")]).directory_read_at == "1970-01-01T00:00:00.000Z"
    assert with_directory([about("777788889999", "x")]).directory_read_at is None
    assert of([alert(body={"ProductArn": "arn:aws:x", "AwsAccountId": SHOP.id})]).directory_read_at is None


def test_accounts_of_verified_alerts_come_first_and_those_of_other_senders_only_by_their_bodies() -> None:
    claimed = [about(f"{number:012d}", "x") for number in range(MAX_ACCOUNTS)]
    verified = claimed[-1].model_copy(update={"origin": AlertOrigin(account=SHOP.id, verified=True)})
    forged = claimed[0].model_copy(update={"origin": AlertOrigin(account="777788889999")})
    head = AlertHead("d", "r", "r", "k", "", None, None, account=BARE.id, verified=True)
    found = with_directory([forged, *claimed[1:-1], verified], head, head._replace(account="5" * 12, verified=False))
    assert [each.id for each in found.accounts[:3]] == [SHOP.id, BARE.id, "000000000000"]
    assert len(found.accounts) == MAX_ACCOUNTS
    assert {"777788889999", "5" * 12}.isdisjoint(each.id for each in found.accounts)
