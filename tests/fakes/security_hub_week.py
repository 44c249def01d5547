"""A week of Security Hub in a small account: findings, and how often the services send each of them again.

A control is evaluated every 12 or 24 hours, and its finding sent each time; Inspector scans once a day; GuardDuty
updates a finding every 6 hours while the activity goes on, and Security Hub sends it again. Only times change unless
something happened.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

ACCOUNT, REGION = "111122223333", "eu-west-1"
HOURS = 7 * 24
_HUB = f"arn:aws:securityhub:{REGION}:"
_DETECTOR = f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/{'0d5e' * 8}"
_BEGINNING = 1_772_409_600  # 2026-03-02T00:00:00Z


class Sent(NamedTuple):
    """An event that a service sends.

    Attributes
    ----------
    hour
        When, since the beginning of the week.
    finding
        The finding's id.
    is_open
        Whether the default filters of `modules/eventbridge-source` let it pass.
    event
        The event of EventBridge.
    """

    hour: int
    finding: str
    is_open: bool
    event: dict[str, Any]

    @property
    def record(self) -> bytes:
        """The event as it is put on the stream."""
        return json.dumps(self.event).encode()


class _Finding(NamedTuple):
    """A finding, whatever the notation."""

    product: str
    id: str
    type: str
    title: str
    resource: str
    kind: str
    severity: str
    control: str = ""
    passed: bool = False
    seen: int = 0


def week(notation: str, *, fixed_at: int | None = None, active_again: tuple[int, ...] = ()) -> list[Sent]:
    """Return what arrives in a week, in order.

    Parameters
    ----------
    notation
        "asff", or "ocsf" for Security Hub's newer events.
    fixed_at
        Hour at which the first control passes; None if it fails all week.
    active_again
        Hours at which GuardDuty sees the activity of its first finding again.
    """
    write = _asff if notation == "asff" else _ocsf
    return [
        Sent(hour, finding.id, is_open=not finding.passed, event=_event(notation, hour, write(finding, hour)))
        for hour in range(HOURS)
        for finding in _at(hour, fixed_at, active_again)
    ]


def _at(hour: int, fixed_at: int | None, active_again: tuple[int, ...]) -> Iterator[_Finding]:
    for number in range(8):
        # Periodic checks run every 12 hours, others every 24; not all at once.
        if hour % (12 if number % 2 else 24) == number:
            fixed = number == 0 and fixed_at is not None and hour >= fixed_at
            yield _control(number, passed=fixed or number >= 6)
    for number in range(3):
        if hour % 24 == 5 + number:
            yield _vulnerability(number)
    for number in range(2):
        seen = sum(1 for again in active_again if again <= hour) if number == 0 else 0
        if hour % 6 == 3 + number:
            yield _threat(number, 1 + seen)


def _control(number: int, *, passed: bool) -> _Finding:
    control = f"S3.{number + 1}"
    return _Finding(
        "securityhub",
        f"{_HUB}{ACCOUNT}:security-control/{control}/finding/{number:08x}",
        "Software and Configuration Checks/Industry and Regulatory Standards",
        f"Buckets should pass check {number}",
        f"arn:aws:s3:::shop-{number}",
        "S3::Bucket",
        "INFORMATIONAL" if passed else "HIGH" if number % 3 == 0 else "MEDIUM",
        control,
        passed,
    )


def _vulnerability(number: int) -> _Finding:
    instance = f"i-0a1b2c3d4e5f6071{number}"
    return _Finding(
        "inspector",
        f"arn:aws:inspector2:{REGION}:{ACCOUNT}:finding/{number:032x}",
        "Software and Configuration Checks/Vulnerabilities/CVE",
        f"CVE-2026-1000{number} - openssl",
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance}",
        "EC2::Instance",
        "HIGH",
    )


def _threat(number: int, count: int) -> _Finding:
    return _Finding(
        "guardduty",
        f"{_DETECTOR}/finding/{number + 16:032x}",
        "TTPs/Initial Access/UnauthorizedAccess:EC2-SSHBruteForce",
        "Somebody tries SSH passwords.",
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0b1b2c3d4e5f6071{number}",
        "EC2::Instance",
        "LOW",
        seen=count,
    )


def _event(notation: str, hour: int, finding: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": f"{notation}-{hour}-{finding.get('Id') or finding['finding_info']['uid']}",
        "detail-type": "Security Hub Findings - Imported" if notation == "asff" else "Findings Imported V2",
        "source": "aws.securityhub",
        "account": ACCOUNT,
        "time": _time(hour),
        "region": REGION,
        "resources": [],
        "detail": {"findings": [finding]},
    }


def _asff(finding: _Finding, hour: int) -> dict[str, Any]:
    written: dict[str, Any] = {
        "SchemaVersion": "2018-10-08",
        "Id": finding.id,
        "ProductArn": f"{_HUB}:product/aws/{finding.product}",
        "GeneratorId": f"security-control/{finding.control}" if finding.control else f"aws/{finding.product}",
        "AwsAccountId": ACCOUNT,
        "Region": REGION,
        "Types": [finding.type],
        "FirstObservedAt": "2026-02-02T09:00:00Z",
        "LastObservedAt": _time(hour),
        "CreatedAt": "2026-02-02T09:00:00Z",
        "UpdatedAt": _time(hour),
        "ProcessedAt": _time(hour),
        "Severity": {"Label": finding.severity},
        "Title": finding.title,
        "Description": "What the rule is about.",
        "ProductFields": {},
        "Resources": [{"Type": f"Aws{finding.kind.replace('::', '')}", "Id": finding.resource, "Region": REGION}],
        "Workflow": {"Status": "RESOLVED" if finding.passed else "NEW"},
        "RecordState": "ACTIVE",
    }
    if finding.control:
        written["Compliance"] = {
            "Status": "PASSED" if finding.passed else "FAILED",
            "SecurityControlId": finding.control,
        }
    if finding.product == "inspector":
        written["Vulnerabilities"] = [{"Id": finding.title.split()[0]}]
    if finding.seen:
        written["ProductFields"] = {
            "aws/guardduty/service/count": str(finding.seen),
            "aws/guardduty/service/eventLastSeen": _time(hour),
            "aws/guardduty/service/action/networkConnectionAction/remoteIpDetails/ipAddressV4": "198.51.100.27",
        }
    return written


def _ocsf(finding: _Finding, hour: int) -> dict[str, Any]:
    kind = {"securityhub": 2003, "inspector": 2002, "guardduty": 2004}[finding.product]
    word = finding.severity.capitalize()
    written: dict[str, Any] = {
        "class_uid": kind,
        "category_uid": 2,
        "activity_id": 2,
        "type_uid": kind * 100 + 2,
        "cloud": {"provider": "AWS", "region": REGION, "account": {"uid": ACCOUNT}},
        "metadata": {"product": {"name": finding.product, "uid": f"{_HUB}:productv2/aws/{finding.product}"}},
        "finding_info": {
            "uid": finding.id,
            "title": finding.title,
            "desc": "What the rule is about.",
            "types": [finding.type],
            "first_seen_time_dt": "2026-02-02T09:00:00Z",
            "last_seen_time_dt": _time(hour),
        },
        "resources": [{"type": f"AWS::{finding.kind}", "uid": finding.resource}],
        "severity": word,
        "severity_id": {"Informational": 1, "Low": 2, "Medium": 3, "High": 4}[word],
        "status": "Resolved" if finding.passed else "New",
        "status_id": 4 if finding.passed else 1,
        "time": (_BEGINNING + hour * 3600) * 1000,
    }
    if finding.control:
        written["compliance"] = {"control": finding.control, "status": "Pass" if finding.passed else "Fail"}
    if finding.product == "inspector":
        written["vulnerabilities"] = [{"cve": {"uid": finding.title.split()[0]}}]
    if finding.seen:
        written["count"] = finding.seen
        written["evidences"] = [{"src_endpoint": {"ip": "198.51.100.27"}}]
    return written


def _time(hour: int) -> str:
    return f"2026-03-{2 + hour // 24:02}T{hour % 24:02}:00:00Z"
