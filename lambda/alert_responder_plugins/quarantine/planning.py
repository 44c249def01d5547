"""What of a report is to be contained. Pure: a report and settings in, proposals out."""

import re
from collections.abc import Iterator

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.report import Report, ReportedAttribute
from alert_responder.domain.attributes import canonical
from alert_responder_plugins.quarantine.model import KINDS, Kind, Proposal
from alert_responder_plugins.quarantine.settings import QuarantineSettings

MAX_PROPOSALS = 20
"""Most proposals of one report: who writes alerts could name thousands of things."""

_PRINCIPAL_NAME = r"[\w+=,.@-]{1,64}"
_NAME = re.compile(_PRINCIPAL_NAME, re.ASCII)
_IAM_ARN = re.compile(
    rf"arn:([a-z-]+):iam::([0-9]{{12}}):(user|role)/(?:[!-~]{{1,510}}/)?({_PRINCIPAL_NAME})", re.ASCII
)
_SESSION_ARN = re.compile(rf"arn:([a-z-]+):sts::([0-9]{{12}}):assumed-role/({_PRINCIPAL_NAME})/[!-~]{{1,64}}", re.ASCII)


def plan(report: Report, settings: QuarantineSettings) -> tuple[Proposal, ...]:
    """Say what to contain, in the order of `KINDS` and within a kind by target; each target once.

    Returns
    -------
    tuple of Proposal
        Empty for a severity that is not set. At most `MAX_PROPOSALS`. Only of attributes that are valid, at most
        `max_depth` deep, and in a context set for their kind. Targets hold nothing but what AWS gives out as names.
    """
    if report.result.severity not in settings.severities:
        return ()
    found: dict[tuple[Kind, str], Proposal] = {}
    for attribute in report.attributes:
        for kind, target in _targets(attribute, settings):
            if kind in settings.kinds and settings.contexts_of(kind) & set(attribute.context):
                reason = f"A report of severity {report.result.severity} names it as {_words(attribute)}."
                found.setdefault((kind, target), Proposal(kind, target, report.id, reason))
    ordered = sorted(found.values(), key=lambda each: (KINDS.index(each.kind), each.target))
    return tuple(ordered[:MAX_PROPOSALS])


def principal_of(arn: str, partition: str, account_id: str) -> str | None:
    """Return `user/<name>` or `role/<name>` of an ARN of this account's IAM or of a session, or None.

    Examples
    --------
    >>> principal_of("arn:aws:sts::111122223333:assumed-role/deploy/session", "aws", "111122223333")
    'role/deploy'
    """
    if match := _IAM_ARN.fullmatch(arn):
        kind, name = match[3], match[4]
    elif match := _SESSION_ARN.fullmatch(arn):
        kind, name = "role", match[3]
    else:
        return None
    return f"{kind}/{name}" if (match[1], match[2]) == (partition, account_id) else None


def _targets(attribute: ReportedAttribute, settings: QuarantineSettings) -> Iterator[tuple[Kind, str]]:
    if not attribute.valid or attribute.depth > settings.max_depth:
        return
    value = canonical(Attribute(type=attribute.type, value=attribute.value))
    if value is None:
        return
    if attribute.type == "instance":
        yield "instance", value
    elif attribute.type == "accesskey":
        yield "access_key", value
    elif attribute.type == "ipaddr":
        yield "address", value
    elif attribute.type == "username" and _NAME.fullmatch(value):
        # GuardDuty gives a user's name and a role's alike; IAM is asked which it is.
        yield "principal", f"name/{value}"
    elif attribute.type == "arn" and (principal := principal_of(value, settings.partition, settings.account_id)):
        yield "principal", principal


def _words(attribute: ReportedAttribute) -> str:
    # Types and contexts are words by the contract; at most a few are shown.
    return f"{attribute.type} in context {', '.join(attribute.context[:8])}"
