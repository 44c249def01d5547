"""Extracts account, region, times, count and outcome from the body of an alert.

A format is recognised by fields that no other format has, not by the alert's detector. Missing and invalid fields are
left out.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from alert_responder.contracts.alert import AttemptOutcome
from alert_responder.domain.instants import parse_instant

_T = TypeVar("_T")

MAX_NAME_LENGTH = 200
"""Longest name of an account [characters]; longer ones are cut off."""

_MAX_ACCOUNT_LENGTH = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REGION = re.compile(r"[a-z]{2,16}(?:-[a-z0-9]{1,16}){0,4}[0-9]{0,2}")
_ARN = re.compile(r"arn:[a-z-]{3,16}:[a-z0-9-]{0,32}:([a-z0-9-]{0,32}):")


class BodyDetails(NamedTuple):
    """Details from a body; None for missing ones.

    Attributes
    ----------
    account, account_name
        The account that the alert is about, and its name.
    first_seen, last_seen
        When the detector saw the event first and last [ms since the epoch].
    occurrences
        How often the detector saw the event.
    outcome
        Whether the attempted action succeeded.
    """

    account: str | None = None
    account_name: str | None = None
    region: str | None = None
    first_seen: int | None = None
    last_seen: int | None = None
    occurrences: int | None = None
    outcome: AttemptOutcome | None = None


class _Format(NamedTuple):
    """The fields of a format: paths in lower case, of which the first one with a value counts.

    Attributes
    ----------
    recognised_by
        Fields of which a body of this format has at least one.
    outcome
        Fields with the outcome, as a word or as a flag `blocked`.
    error
        Fields with the name of an error.
    otherwise
        The outcome of an event that has neither.
    """

    recognised_by: tuple[str, ...]
    account: tuple[str, ...] = ()
    account_name: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    first_seen: tuple[str, ...] = ()
    last_seen: tuple[str, ...] = ()
    occurrences: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    error: tuple[str, ...] = ()
    otherwise: AttemptOutcome | None = None


_ACTIONS = ("networkconnectionaction", "dnsrequestaction", "portprobeaction")
_SUCCEEDED = ("success", "succeeded", "allow", "allowed", "pass", "passed")
_FAILED = ("failure", "failed", "deny", "denied", "block", "blocked", "drop", "dropped", "reject", "rejected")
_OUTCOMES: dict[str, AttemptOutcome] = {**dict.fromkeys(_SUCCEEDED, "success"), **dict.fromkeys(_FAILED, "failure")}
"""Detectors' words for the outcome of an attempt."""

_FORMATS = (
    # Security Hub (ASFF), also with copies of GuardDuty's findings.
    _Format(
        recognised_by=("productarn",),
        account=("awsaccountid",),
        account_name=("awsaccountname",),
        region=("region", "productarn"),
        first_seen=("firstobservedat",),
        last_seen=("lastobservedat",),
        occurrences=("productfields.aws/guardduty/service/count",),
        outcome=tuple(f"action.{each}.blocked" for each in _ACTIONS),
        error=("action.awsapicallaction.errorcode",),
    ),
    # OCSF
    _Format(
        recognised_by=("class_uid",),
        account=("cloud.account.uid", "cloud.account_uid"),
        account_name=("cloud.account.name",),
        region=("cloud.region",),
        first_seen=("finding_info.first_seen_time_dt", "finding_info.first_seen_time", "finding.first_seen_time"),
        last_seen=("finding_info.last_seen_time_dt", "finding_info.last_seen_time", "finding.last_seen_time"),
        occurrences=("count", "unmapped.productfields.aws/guardduty/service/count"),
        outcome=("disposition", "action"),
    ),
    # GuardDuty
    _Format(
        recognised_by=("service.servicename", "service.eventfirstseen"),
        account=("accountid",),
        region=("region", "arn"),
        first_seen=("service.eventfirstseen",),
        last_seen=("service.eventlastseen",),
        occurrences=("service.count",),
        outcome=tuple(f"service.action.{each}.blocked" for each in _ACTIONS),
        error=("service.action.awsapicallaction.errorcode",),
    ),
    # Inspector
    _Format(
        recognised_by=("findingarn",),
        account=("awsaccountid",),
        region=("findingarn",),
        first_seen=("firstobservedat",),
        last_seen=("lastobservedat",),
    ),
    # Macie
    _Format(
        recognised_by=("resourcesaffected",),
        account=("accountid",),
        region=("region",),
        first_seen=("createdat",),
        last_seen=("updatedat",),
        occurrences=("count",),
    ),
    # CloudTrail
    _Format(
        recognised_by=("awsregion",),
        account=("recipientaccountid",),
        region=("awsregion",),
        outcome=("responseelements.consolelogin",),
        error=("errorcode",),
        otherwise="success",
    ),
    # CloudWatch alarms, from SNS and in events of Lambda
    _Format(recognised_by=("alarmarn",), account=("awsaccountid", "accountid"), region=("alarmarn",)),
    # Microsoft Sentinel: an incident grows by alerts.
    _Format(
        recognised_by=("properties.incidentnumber", "object.properties.incidentnumber"),
        occurrences=("properties.additionaldata.alertscount", "object.properties.additionaldata.alertscount"),
    ),
    # Wiz
    _Format(
        recognised_by=("entitysnapshot",),
        account=("entitysnapshot.subscriptionexternalid",),
        account_name=("entitysnapshot.subscriptionname",),
        region=("entitysnapshot.region",),
    ),
    _Format(
        recognised_by=("resource.subscriptionid",),
        account=("resource.subscriptionid",),
        account_name=("resource.subscriptionname",),
        region=("resource.region",),
    ),
    # Okta
    _Format(recognised_by=("outcome.result",), outcome=("outcome.result",)),
    # Suricata, also from AWS Network Firewall
    _Format(recognised_by=("alert.signature_id",), outcome=("alert.action",)),
    _Format(recognised_by=("event.alert.signature_id",), outcome=("event.alert.action",)),
)


def extract_details(body: Any) -> BodyDetails:
    """Extract the details from any body."""
    form = next((each for each in _FORMATS if any(_at(body, path) is not None for path in each.recognised_by)), None)
    if form is None:
        return BodyDetails()
    name = _first(body, form.account_name, _text)
    return BodyDetails(
        account=_first(body, form.account, _account),
        account_name=name[:MAX_NAME_LENGTH] if name else None,
        region=_first(body, form.region, region_in),
        first_seen=_first(body, form.first_seen, milliseconds),
        last_seen=_first(body, form.last_seen, milliseconds),
        occurrences=_first(body, form.occurrences, _count),
        outcome=_outcome(body, form),
    )


def region_in(value: Any) -> str | None:
    """Return the region in a region name or an ARN.

    Examples
    --------
    >>> region_in("eu-central-1"), region_in("arn:aws:lambda:us-east-1:123456789012:function:f"), region_in("EU")
    ('eu-central-1', 'us-east-1', None)
    """
    if not isinstance(value, str):
        return None
    arn = _ARN.match(value)
    region = arn[1] if arn else value
    return region if _REGION.fullmatch(region) else None


def milliseconds(value: Any) -> int | None:
    """Parse a time in any form [ms since the epoch]; return None for other values and times before the epoch."""
    time = parse_instant(value)
    return None if time is None or time < _EPOCH else (time - _EPOCH) // timedelta(milliseconds=1)


def _first(body: Any, paths: tuple[str, ...], read: Callable[[Any], _T | None]) -> _T | None:
    return next((found for path in paths if (found := read(_at(body, path))) is not None), None)


def _at(node: Any, path: str) -> Any:
    """Return the value at a path, ignoring case; of a list, the first element is used. A key may contain dots."""
    while path:
        if isinstance(node, list):
            node = node[0] if node else None
        if not isinstance(node, dict):
            return None
        wanted, _, rest = path.partition(".")
        found = {key.lower(): value for key, value in reversed(node.items()) if key.lower() in {wanted, path}}
        node, path = (found[path], "") if path in found else (found.get(wanted), rest)
    return node


def _outcome(body: Any, form: _Format) -> AttemptOutcome | None:
    if _first(body, form.error, _text):
        return "failure"
    return _first(body, form.outcome, _success) or form.otherwise


def _success(value: Any) -> AttemptOutcome | None:
    if isinstance(value, bool):
        return "failure" if value else "success"
    return _OUTCOMES.get(value.strip().lower()) if isinstance(value, str) else None


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _account(value: Any) -> str | None:
    # A number lacks the leading zeros.
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12
    text = f"{value:012d}" if is_number else _text(value)
    return text if text and len(text) <= _MAX_ACCOUNT_LENGTH else None


def _count(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**15 else None
