"""What the body of an alert says of account, region, times, count and outcome, by its format.

A format is told by fields that it alone has, whoever the alert says its detector is. What is not there, or not as the
format has it, is left out: no alert is refused for it.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from alert_responder.contracts.alert import AttemptOutcome
from alert_responder.domain.instants import parse_instant

_T = TypeVar("_T")

MAX_NAME_LENGTH = 200
"""Longest name of an account that is kept [characters]; what is longer is cut short."""

_MAX_ACCOUNT_LENGTH = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REGION = re.compile(r"[a-z]{2,16}(?:-[a-z0-9]{1,16}){0,4}[0-9]{0,2}")
_ARN = re.compile(r"arn:[a-z-]{3,16}:[a-z0-9-]{0,32}:([a-z0-9-]{0,32}):")


class Particulars(NamedTuple):
    """What a body says; None: nothing.

    Attributes
    ----------
    account, account_name
        The account that the alert is about, and what it is called.
    first_seen, last_seen
        When the detector saw it first and last [ms since the epoch].
    occurrences
        How often the detector saw it.
    outcome
        Whether what was attempted came about.
    """

    account: str | None = None
    account_name: str | None = None
    region: str | None = None
    first_seen: int | None = None
    last_seen: int | None = None
    occurrences: int | None = None
    outcome: AttemptOutcome | None = None


class _Format(NamedTuple):
    """Where a format has what: paths in lower case, of which the first that leads somewhere counts.

    Attributes
    ----------
    outcome
        Where it says in a word, or as whether it was blocked, what became of an attempt.
    error
        Where it names an error, if there was one.
    otherwise
        The outcome of an event that says neither.
    """

    told_by: tuple[str, ...]
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
"""Words of detectors for what became of an attempt."""

_FORMATS = (
    # Security Hub (ASFF), also with copies of GuardDuty's findings.
    _Format(
        told_by=("productarn",),
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
        told_by=("class_uid",),
        account=("cloud.account.uid",),
        account_name=("cloud.account.name",),
        region=("cloud.region",),
        first_seen=("finding_info.first_seen_time_dt", "finding_info.first_seen_time"),
        last_seen=("finding_info.last_seen_time_dt", "finding_info.last_seen_time"),
        occurrences=("count",),
        outcome=("disposition", "action"),
    ),
    # GuardDuty
    _Format(
        told_by=("service.servicename", "service.eventfirstseen"),
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
        told_by=("findingarn",),
        account=("awsaccountid",),
        region=("findingarn",),
        first_seen=("firstobservedat",),
        last_seen=("lastobservedat",),
    ),
    # Macie
    _Format(
        told_by=("resourcesaffected",),
        account=("accountid",),
        region=("region",),
        first_seen=("createdat",),
        last_seen=("updatedat",),
        occurrences=("count",),
    ),
    # CloudTrail
    _Format(
        told_by=("awsregion",),
        account=("recipientaccountid",),
        region=("awsregion",),
        outcome=("responseelements.consolelogin",),
        error=("errorcode",),
        otherwise="success",
    ),
    # CloudWatch alarms, as SNS and as Lambda get them
    _Format(told_by=("alarmarn",), account=("awsaccountid", "accountid"), region=("alarmarn",)),
    # Wiz
    _Format(
        told_by=("entitysnapshot",),
        account=("entitysnapshot.subscriptionexternalid",),
        account_name=("entitysnapshot.subscriptionname",),
        region=("entitysnapshot.region",),
    ),
    _Format(
        told_by=("resource.subscriptionid",),
        account=("resource.subscriptionid",),
        account_name=("resource.subscriptionname",),
        region=("resource.region",),
    ),
    # Okta
    _Format(told_by=("outcome.result",), outcome=("outcome.result",)),
    # Suricata, also as AWS Network Firewall writes it
    _Format(told_by=("alert.signature_id",), outcome=("alert.action",)),
    _Format(told_by=("event.alert.signature_id",), outcome=("event.alert.action",)),
)


def particulars(body: Any) -> Particulars:
    """Read what a body says, whatever it is."""
    form = next((each for each in _FORMATS if any(_at(body, path) is not None for path in each.told_by)), None)
    if form is None:
        return Particulars()
    name = _first(body, form.account_name, _text)
    return Particulars(
        account=_first(body, form.account, _account),
        account_name=name[:MAX_NAME_LENGTH] if name else None,
        region=_first(body, form.region, region_in),
        first_seen=_first(body, form.first_seen, milliseconds),
        last_seen=_first(body, form.last_seen, milliseconds),
        occurrences=_first(body, form.occurrences, _count),
        outcome=_outcome(body, form),
    )


def region_in(value: Any) -> str | None:
    """Return the region that a text is, or that an ARN names.

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
    """Read a time in any form [ms since the epoch]; None: it is none, or before the epoch."""
    time = parse_instant(value)
    return None if time is None or time < _EPOCH else (time - _EPOCH) // timedelta(milliseconds=1)


def _first(body: Any, paths: tuple[str, ...], read: Callable[[Any], _T | None]) -> _T | None:
    return next((found for path in paths if (found := read(_at(body, path))) is not None), None)


def _at(node: Any, path: str) -> Any:
    """Return what is at a path, in any spelling of its keys; of a list the first."""
    for wanted in path.split("."):
        if isinstance(node, list):
            node = node[0] if node else None
        if not isinstance(node, dict):
            return None
        node = next((value for key, value in node.items() if key.lower() == wanted), None)
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
    # As a number it has lost its leading zeros.
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12
    text = f"{value:012d}" if is_number else _text(value)
    return text if text and len(text) <= _MAX_ACCOUNT_LENGTH else None


def _count(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**15 else None
