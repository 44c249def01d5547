"""CloudWatch alarms, findings of Access Analyzer, and CloudTrail Insights: keys, states, ids."""

import json
from pathlib import Path
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry

ALL = FormatRegistry()
SAMPLES = Path(__file__).parents[3] / "events" / "samples"
OWN, OTHER = "111122223333", "444455556666"
STATE = {"value": "ALARM", "reason": "Threshold crossed.", "timestamp": "2026-03-02T10:00:00.000+0000"}


def parsed(event: Any) -> Alert:
    (found,), rejected = parse_record(json.dumps(event).encode(), ALL)
    assert not rejected
    return found.alert


def arn(account: str = OWN, region: str = "eu-west-1") -> str:
    return f"arn:aws:cloudwatch:{region}:{account}:alarm:root-sign-in"


def alarm(account: str = OWN, region: str = "eu-west-1", value: str = "ALARM", **fields: Any) -> Alert:
    """Parse an alarm as EventBridge sends it."""
    detail = fields.pop("detail", {"alarmName": "root-sign-in", "state": {**STATE, "value": value}})
    event = {"source": "aws.cloudwatch", "account": account, "region": region, "resources": [arn(account, region)]}
    return parsed({"detail-type": "CloudWatch Alarm State Change", **event, "detail": detail, **fields})


def message(**fields: Any) -> Alert:
    """Parse an alarm as SNS sends it."""
    base = {"AlarmName": "root-sign-in", "NewStateValue": "ALARM", "OldStateValue": "OK", "AWSAccountId": OWN}
    return parsed({"Type": "Notification", "TopicArn": "arn:t", "Message": json.dumps({**base, **fields})})


def typed(alert: Alert, kind: str) -> list[str]:
    return [each.value for each in alert.attributes if each.type == kind]


class TestAlarms:
    def test_an_alarm_of_each_account_and_region_is_an_incident(self) -> None:
        assert alarm().alert_key == arn()
        assert alarm(account=OTHER).alert_key == arn(account=OTHER)
        assert alarm(region="us-east-1").alert_key == arn(region="us-east-1")
        assert typed(alarm(account=OTHER), "account") == [OTHER]

    def test_one_alarm_has_one_key_whichever_way_it_arrives(self) -> None:
        called = parsed({"alarmArn": arn(), "alarmData": {"alarmName": "root-sign-in", "state": STATE}})
        assert {alarm().alert_key, message(AlarmArn=arn()).alert_key, called.alert_key} == {arn()}

    def test_without_an_arn_account_and_region_are_in_the_key(self) -> None:
        assert alarm(resources=[]).alert_key == f"{OWN}/eu-west-1/root-sign-in"
        assert message(Region="EU (Ireland)").alert_key == f"{OWN}/EU (Ireland)/root-sign-in"

    def test_a_contributor_is_part_of_its_alarm(self) -> None:
        contributor = {"id": "c1", "attributes": {"TableName": "orders"}}
        for value in ("ALARM", "OK"):
            detail = {"alarmName": "a", "state": {**STATE, "value": value}, "alarmContributor": contributor}
            alert = alarm(detail=detail)
            assert (alert.alert_key, alert.status, typed(alert, "resource")) == (arn(), "active", ["orders"])

    @pytest.mark.parametrize(
        ("value", "status"), [("OK", "resolved"), ("ALARM", "active"), ("INSUFFICIENT_DATA", "active")]
    )
    def test_ok_is_resolved(self, value: str, status: str) -> None:
        called = parsed({"alarmArn": arn(), "alarmData": {"alarmName": "a", "state": {"value": value}}})
        for alert in (alarm(value=value), message(NewStateValue=value), called):
            assert (alert.status, alert.finding_id) == (status, "")

    def test_a_deleted_alarm_is_not_resolved(self) -> None:
        detail = {"alarmName": "a", "operation": "delete", "state": {"value": "OK", "reason": "Fine."}}
        alert = alarm(detail=detail)
        assert (alert.status, alert.description) == ("active", "Change of the alarm: delete - Fine.")

    def test_the_reason_comes_before_the_description(self) -> None:
        detail = {"alarmName": "a", "state": STATE, "configuration": {"description": "Root signed in."}}
        assert alarm(detail=detail).description == "Threshold crossed. Root signed in."
        assert message(NewStateReason="Crossed.", AlarmDescription="Root.").description == "Crossed. Root."

    def test_dimensions_are_what_the_alarm_is_about(self) -> None:
        dimensions = {"InstanceId": "i-0123456789abcdef0", "FunctionName": "pay"}
        listed = [{"name": name, "value": value} for name, value in dimensions.items()]
        metrics = [{"metricStat": {"metric": {"dimensions": dimensions}}}]
        detail = {"alarmName": "a", "state": STATE, "configuration": {"metrics": metrics}}
        for alert in (
            alarm(detail=detail),
            message(Trigger={"Dimensions": listed}),
            message(Trigger={"Metrics": [{"MetricStat": {"Metric": {"Dimensions": listed}}}]}),
        ):
            assert (typed(alert, "instance"), typed(alert, "resource")) == (["i-0123456789abcdef0"], ["pay"])


class TestAccessAnalyzer:
    FINDING: dict[str, Any] = {  # noqa: RUF012 (not changed)
        "id": "f-1",
        "resource": "arn:aws:s3:::data",
        "resourceType": "AWS::S3::Bucket",
        "resourceOwnerAccount": OWN,
        "principal": {"AWS": OTHER},
        "action": ["s3:GetObject"],
        "isPublic": False,
        "analyzedAt": "2026-03-02T10:00:00Z",
        "status": "ACTIVE",
    }

    @pytest.mark.parametrize(
        ("word", "status"),
        [("ACTIVE", "active"), ("ARCHIVED", "resolved"), ("RESOLVED", "resolved"), ("new", "active")],
    )
    def test_the_status_and_the_id(self, word: str, status: str) -> None:
        alert = parsed({"findings": [{**self.FINDING, "status": word}]})
        assert (alert.status, alert.finding_id, alert.alert_key) == (status, "f-1", "arn:aws:s3:::data")

    def test_a_deleted_finding_is_resolved(self) -> None:
        assert parsed({**self.FINDING, "isDeleted": True}).status == "resolved"
        assert parsed({**self.FINDING, "isDeleted": False}).status == "active"

    def test_who_has_access_is_not_suspected(self) -> None:
        alert = parsed(self.FINDING)
        assert {each.value: each.context for each in alert.attributes} == {
            "arn:aws:s3:::data": ("local", "object"),
            OTHER: ("object",),
            OWN: ("local",),
        }
        assert alert.description == f"ExternalAccess: arn:aws:s3:::data: {OTHER}: s3:GetObject: ACTIVE"

    def test_public_access_is_named(self) -> None:
        alert = parsed({**self.FINDING, "principal": {"AWS": "*"}, "isPublic": True})
        assert alert.description == "ExternalAccess: arn:aws:s3:::data: public: *: s3:GetObject: ACTIVE"
        assert typed(alert, "account") == [OWN]


@pytest.mark.parametrize(
    ("name", "key", "status", "description"),
    [
        (
            "cloudwatch_alarm_ok_without_arn",
            f"{OWN}/EU (London)/migration-required",
            "resolved",
            "Threshold Crossed: 1 datapoint was not less than the threshold (1.0). The application reports an error",
        ),
        (
            "cloudwatch_contributor",
            "arn:aws:cloudwatch:us-east-1:111122223333:alarm:tables",
            "active",
            "Threshold Crossed: 1 datapoint was less than the threshold (1.0).",
        ),
        (
            "access_analyzer_deleted",
            "arn:aws:s3:::data",
            "resolved",
            f"ExternalAccess: arn:aws:s3:::data: {OTHER}: s3:GetObject: ACTIVE",
        ),
    ],
)
def test_real_samples(name: str, key: str, status: str, description: str) -> None:
    alert = parsed(json.loads((SAMPLES / f"{name}.json").read_bytes()))
    assert (alert.alert_key, alert.status, alert.description) == (key, status, description)
    assert OWN in typed(alert, "account")


def test_both_ends_of_an_insight_are_one_finding() -> None:
    for state in ("Start", "End"):
        details = {
            "insightType": "ApiCallRateInsight",
            "eventSource": "s3.amazonaws.com",
            "eventName": "x",
            "state": state,
        }
        event = {
            "eventID": state,
            "eventTime": "2026-03-02T10:00:00Z",
            "sharedEventID": "s-1",
            "insightDetails": details,
        }
        alert = parsed(event)
        assert (alert.alert_key, alert.finding_id, alert.status) == ("s-1", "s-1", "active")
