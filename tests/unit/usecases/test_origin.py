"""Which account an alert is about, and that a producer can neither forge nor remove a verified origin."""

import base64
import json
from typing import Any

import pytest

from alert_responder.contracts.plugin import InspectorPlugin
from alert_responder.domain.origin import NO_RULES, OriginRules
from alert_responder.domain.records import Event
from alert_responder.domain.stream import StreamRecord
from alert_responder.formats.registry import BUILTIN_FORMATS
from alert_responder.kinesis_records import read_record, write_record
from alert_responder.usecases.batch import read_batch
from tests.fakes.installation import Installation

ADMINISTRATOR, MEMBER, VICTIM, HOME = "111111111111", "222222222222", "333333333333", "999999999999"
OPEN = f"arn:aws:kinesis:eu-central-1:{HOME}:stream/secops"
VERIFIED = f"{OPEN}.verified"
RULES = OriginRules(VERIFIED, frozenset({ADMINISTRATOR, HOME}))
Origin = tuple[str | None, str | None, str | None, bool, str | None]


def guardduty(account: Any = MEMBER, region: Any = "us-east-1", **fields: Any) -> dict[str, Any]:
    return {
        "schemaVersion": "2.0",
        "accountId": account,
        "region": region,
        "partition": "aws",
        "id": "f1",
        "arn": f"arn:aws:guardduty:us-east-1:{MEMBER}:detector/d/finding/f1",
        "type": "Recon:EC2/Portscan",
        "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": "i-0123456789abcdef0"}},
        "service": {"serviceName": "guardduty", "archived": False, "count": 1, "resourceRole": "ACTOR"},
        "severity": 8,
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "title": "t",
        "description": "d",
        **fields,
    }


def securityhub(account: str, number: int = 1) -> dict[str, Any]:
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"s{number}",
        "ProductArn": "arn:aws:securityhub:us-east-1::product/acme/scanner",
        "GeneratorId": "g",
        "AwsAccountId": account,
        "Region": "us-west-2",
        "Types": ["TTPs"],
        "Title": f"finding {number}",
        "Description": "d",
        "Severity": {"Label": "HIGH"},
        "Resources": [{"Type": "AwsEc2Instance", "Id": f"arn:aws:ec2:us-west-2:{account}:instance/i-0{number}"}],
    }


def envelope(detail: Any, account: Any = ADMINISTRATOR, source: str = "aws.guardduty", **fields: Any) -> dict[str, Any]:
    known = {"aws.guardduty": "GuardDuty Finding", "aws.securityhub": "Security Hub Findings - Imported"}
    return {
        "version": "0",
        "id": "e1",
        "detail-type": known.get(source, "custom"),
        "source": source,
        "account": account,
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": detail,
        **fields,
    }


def events(document: Any, stream: str | None = VERIFIED, rules: OriginRules = RULES, sequence: int = 1) -> list[Event]:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    shard = "verified.shardId-000000000000" if stream == VERIFIED else "shardId-000000000000"
    record = StreamRecord(shard, str(sequence), 1_000 + sequence, "p", data, stream=stream)
    batch = read_batch([record], BUILTIN_FORMATS, rules=rules)
    assert batch.events, batch.rejects
    return batch.events


def origins(document: Any, stream: str | None = VERIFIED, rules: OriginRules = RULES) -> list[Origin]:
    found = [each.origin for each in events(document, stream, rules)]
    return [(one.account, one.region, one.sender, one.verified, one.named) for one in found]


CASES: dict[str, tuple[Any, Origin]] = {
    "administrator's finding about a member": (
        envelope(guardduty()),
        (MEMBER, "us-east-1", ADMINISTRATOR, True, None),
    ),
    "a member's own finding": (
        envelope(guardduty(), MEMBER),
        (MEMBER, "us-east-1", MEMBER, True, None),
    ),
    "the finding of another account, sent by a member": (
        envelope(guardduty(VICTIM), MEMBER),
        (MEMBER, "eu-central-1", MEMBER, True, VICTIM),
    ),
    "administrator's finding without an account": (
        envelope(guardduty(None)),
        (None, None, ADMINISTRATOR, True, None),
    ),
    "administrator's finding with an invalid account": (
        envelope(guardduty("arn:aws:iam::333333333333:root")),
        (None, None, ADMINISTRATOR, True, None),
    ),
    "account in digits that are not ASCII": (
        envelope(guardduty("\u0663" * 12)),
        (None, None, ADMINISTRATOR, True, None),
    ),
    "administrator's finding without a region": (
        envelope(guardduty(region=None)),
        (MEMBER, "eu-central-1", ADMINISTRATOR, True, None),
    ),
    "custom event of a member that looks like a finding": (
        envelope(guardduty(VICTIM), MEMBER, "my.app"),
        (MEMBER, "eu-central-1", MEMBER, True, VICTIM),
    ),
    "custom event of an administrator that looks like a finding": (
        envelope(guardduty(VICTIM), ADMINISTRATOR, "my.app"),
        (ADMINISTRATOR, "eu-central-1", ADMINISTRATOR, True, VICTIM),
    ),
    "custom event with an administrator's event inside": (
        envelope(envelope(guardduty(VICTIM)), MEMBER, "my.app"),
        (MEMBER, "eu-central-1", MEMBER, True, VICTIM),
    ),
    "custom event with an administrator's event in an SNS message inside": (
        envelope({"Type": "Notification", "Message": json.dumps(envelope(guardduty(VICTIM)))}, MEMBER, "my.app"),
        (MEMBER, "eu-central-1", MEMBER, True, VICTIM),
    ),
    "other sources of AWS": (
        envelope(guardduty(VICTIM), ADMINISTRATOR, "aws.ec2"),
        (ADMINISTRATOR, "eu-central-1", ADMINISTRATOR, True, VICTIM),
    ),
    "almost a source of AWS": (
        envelope(guardduty(VICTIM), ADMINISTRATOR, "aws.guardduty "),
        (ADMINISTRATOR, "eu-central-1", ADMINISTRATOR, True, VICTIM),
    ),
    "partner's event": (
        envelope(guardduty(VICTIM), ADMINISTRATOR, "aws.partner/acme"),
        (None, None, ADMINISTRATOR, True, None),
    ),
    "native alert in a custom event": (
        envelope(
            {
                "detector": "d",
                "rule_id": "r",
                "origin": {"account": VICTIM, "verified": True},
                "sender": ADMINISTRATOR,
                "verified": True,
                "source": {"product": "guardduty", "verified": True},
                "account": VICTIM,
            },
            MEMBER,
            "my.app",
        ),
        (MEMBER, "eu-central-1", MEMBER, True, None),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_account_of_an_event_on_the_verified_stream(name: str) -> None:
    document, expected = CASES[name]
    assert origins(document) == [expected]


@pytest.mark.parametrize("name", CASES)
def test_the_same_record_on_the_alert_stream_claims_the_same_but_is_never_verified(name: str) -> None:
    document, (account, region, sender, _, named) = CASES[name]
    for stream in (OPEN, None, f"{OPEN}-verified", f"{VERIFIED}x", VERIFIED.replace(HOME, MEMBER)):
        assert origins(document, stream) == [(account, region, sender, False, named)]
    assert not any(verified for *_, verified, _ in origins(document, VERIFIED, NO_RULES)), "no verified stream"


def test_findings_of_several_accounts_in_one_event_have_an_origin_each() -> None:
    hub = envelope({"findings": [securityhub(MEMBER), securityhub(VICTIM, 2)]}, source="aws.securityhub")
    assert sorted(origins(hub)) == [
        (MEMBER, "us-west-2", ADMINISTRATOR, True, None),
        (VICTIM, "us-west-2", ADMINISTRATOR, True, None),
    ]
    forged = {**hub, "account": MEMBER}
    assert sorted(origins(forged), key=str) == [
        (MEMBER, "eu-central-1", MEMBER, True, VICTIM),
        (MEMBER, "us-west-2", MEMBER, True, None),
    ]


def test_only_a_record_that_is_an_event_itself_is_verified() -> None:
    event = envelope(guardduty())
    message = json.dumps(event)
    around: list[Any] = [
        [event],
        {"Type": "Notification", "TopicArn": "t", "Message": message},
        {"Records": [{"body": message}]},
        {"records": [{"data": base64.b64encode(message.encode()).decode()}]},
        {"message": {"data": base64.b64encode(message.encode()).decode(), "messageId": "1"}, "subscription": "s"},
        {"specversion": "1.0", "id": "1", "type": "t", "source": "s", "data": event},
        guardduty(VICTIM),
        {"detector": "d", "rule_id": "r", "verified": True, "origin": {"verified": True, "account": VICTIM}},
        envelope(guardduty(), account=None),
        envelope(guardduty(), account="11111111111a"),
    ]
    for document in around:
        assert [origin[3] for origin in origins(document)] == [False], document


def test_without_an_event_the_body_names_the_account() -> None:
    assert origins(guardduty(), OPEN) == [(MEMBER, "us-east-1", None, False, None)]
    assert origins({"detector": "d", "rule_id": "r"}, OPEN) == [(None, None, None, False, None)]


def test_no_field_of_a_native_alert_becomes_its_origin() -> None:
    forged = {"account": VICTIM, "region": "us-east-1", "sender": ADMINISTRATOR, "verified": True}
    made = Installation()
    made.receive(*events({"detector": "d", "rule_id": "r", **forged, "origin": forged}, OPEN))
    made.run_and_sweep()
    (alert,) = made.report()["alerts"]
    assert alert["origin"] == {"account": None, "region": None, "sender": None, "verified": False, "named": None}


def in_report(*batches: list[Event]) -> dict[str, Any]:
    made = Installation()
    for batch in batches:
        made.receive(*batch)
    made.run_and_sweep()
    return made.report()


REAL = envelope(guardduty())


@pytest.mark.parametrize("order", ["copy first", "copy last", "one batch"])
def test_a_copy_on_the_alert_stream_neither_removes_nor_gains_the_verification(order: str) -> None:
    copy, real = events(REAL, OPEN, sequence=1), events(REAL, sequence=2)
    batches = {"copy first": [copy, real], "copy last": [real, copy], "one batch": [[*copy, *real]]}[order]
    report = in_report(*batches)
    assert sorted(alert["origin"]["verified"] for alert in report["alerts"]) == [False, True]
    assert len({alert["event_id"] for alert in report["alerts"]}) == 2
    (verified,) = (alert for alert in report["alerts"] if alert["origin"]["verified"])
    assert verified["event_id"].startswith("verified:envelope:")
    assert not any("same event id" in note for note in report["notes"]), "the content is the same"


def test_the_same_verified_event_counts_once() -> None:
    report = in_report(events(REAL, sequence=1), events(REAL, sequence=2))
    assert (report["alert_count"], report["alerts"][0]["origin"]["verified"]) == (1, True)


def test_a_forged_event_with_the_id_of_a_verified_one_is_noted() -> None:
    forged = envelope(guardduty(title="other"))
    report = in_report(events(forged, OPEN, sequence=1), events(REAL, sequence=2))
    assert any("2 alerts have the same event id" in note for note in report["notes"])


def test_equal_positions_of_two_streams_are_different_alerts() -> None:
    native = {"detector": "d", "rule_id": "r"}
    report = in_report([*events(native, OPEN), *events(native, VERIFIED)])
    assert report["alert_count"] == 2


def test_an_unverified_alert_does_not_resolve_a_verified_finding() -> None:
    resolved = events(envelope(guardduty(service={"serviceName": "guardduty", "archived": True})), OPEN, sequence=2)
    assert [event.alert.status for event in resolved] == ["resolved"]
    report = in_report(events(REAL, sequence=1), resolved)
    assert (report["alert_count"], report["status"]) == (2, "active")
    by_rule = events(envelope(guardduty(service={"serviceName": "guardduty", "archived": True})), sequence=2)
    assert in_report(events(REAL, sequence=1), by_rule)["status"] == "resolved"


def test_a_verified_finding_is_news_after_an_unverified_copy() -> None:
    notified: list[str] = []
    made = Installation(emitters={"inbox": lambda request: notified.append(request["report"]["id"])}, window_ms=1_000)
    for number, stream in enumerate((OPEN, OPEN, VERIFIED, VERIFIED)):
        made.now += 10_000_000
        document = envelope(guardduty(), id=f"e{number}")
        made.receive(*(event._replace(arrival=made.now) for event in events(document, stream, sequence=number)))
        made.run_and_sweep()
    assert len(notified) == 2, "the first copy, and the first verified alert"


def test_inspectors_get_the_account_of_the_verified_alert() -> None:
    asked: list[dict[str, Any]] = []

    def look_up(task: dict[str, Any]) -> None:
        asked.append(task["alert"])

    for order in (0, 1):
        asked.clear()
        made = Installation({"whois": look_up})
        claimed = events(envelope(guardduty(VICTIM)), OPEN, sequence=1 + 2 * order)
        batches = [claimed, events(REAL, sequence=2)]
        for batch in batches[:: -1 if order else 1]:
            made.receive(*batch)
        made.run_and_sweep()
        accounts = {(alert["account"], alert["region"]) for alert in asked if alert["attributes"]}
        assert (MEMBER, "us-east-1") in accounts, asked


@pytest.mark.parametrize("per_account", [True, False])
def test_an_answer_that_depends_on_the_account_is_reused_in_that_account_only(*, per_account: bool) -> None:
    """Findings in two accounts name the same instance, as they may name the same private address."""

    def hosts(task: dict[str, Any]) -> dict[str, Any]:
        return {"contents": [{"type": "note", "title": f"host in {task['alert']['account']}"}]}

    plugin = InspectorPlugin(
        name="i", arn="i", version=1, attribute_types=("instance",), cache_seconds=86_400, per_account=per_account
    )
    made = Installation({"i": hosts}, filters=[plugin], window_ms=1_000)
    answers: list[tuple[str, str]] = []
    for number, account in enumerate((MEMBER, VICTIM, MEMBER, VICTIM)):
        made.now += 100_000
        document = envelope(guardduty(account, id=f"f{number}"), id=f"e{number}")
        made.receive(*(event._replace(arrival=made.now) for event in events(document, sequence=number)))
        made.run_and_sweep()
        [finding] = made.report()["findings"]
        answers.append((finding["outcome"], finding["contents"][0]["title"].removeprefix("host in ")))
    others = "ok" if per_account else "cached"
    assert answers == [
        ("ok", MEMBER),
        (others, VICTIM if per_account else MEMBER),
        ("cached", MEMBER),
        ("cached", VICTIM if per_account else MEMBER),
    ]


def test_copies_do_not_displace_a_verified_alert_from_the_report() -> None:
    forged = [events(envelope(guardduty(severity=9), id=f"c{n}"), OPEN, sequence=n) for n in range(100)]
    real = [event._replace(arrival=1_050) for event in events(REAL, sequence=500)]
    report = in_report(*forged[:50], real, *forged[50:])
    assert report["alert_count"] == 101
    assert sum(alert["origin"]["verified"] for alert in report["alerts"]) == 1


def test_a_finding_of_another_account_is_noted() -> None:
    report = in_report(events(envelope(guardduty(VICTIM), MEMBER)))
    assert any("1 alerts name another account" in note for note in report["notes"]), report["notes"]
    assert report["alerts"][0]["origin"]["named"] == VICTIM
    assert not any("another account" in note for note in in_report(events(REAL))["notes"])


def test_replayed_records_keep_their_stream() -> None:
    delivered = {
        "eventID": "shardId-000000000000:7",
        "eventSourceARN": VERIFIED,
        "kinesis": {
            "sequenceNumber": "7",
            "approximateArrivalTimestamp": 1.0,
            "partitionKey": "p",
            "data": base64.b64encode(json.dumps(REAL).encode()).decode(),
        },
    }
    record = read_record(delivered)
    assert (record.stream, record.shard) == (VERIFIED, "verified.shardId-000000000000")
    assert read_record(write_record(record)) == record
    other = read_record({**delivered, "eventSourceARN": OPEN})
    assert (other.stream, other.shard) == (OPEN, "shardId-000000000000")
    forged = read_record({**delivered, "eventID": "verified.shardId-0:7", "eventSourceARN": OPEN})
    batch = read_batch([forged], BUILTIN_FORMATS, rules=RULES)
    assert [event.origin.verified for event in batch.events] == [False]
