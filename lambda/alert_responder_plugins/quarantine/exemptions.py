"""Exempt attributes of sample findings, and of alerts about the quarantine's own actions."""

from collections.abc import Collection, Mapping

from alert_responder.contracts.alert import SAMPLE_SUFFIX, Attribute
from alert_responder.contracts.report import Report, ReportedAlert, ReportedAttribute
from alert_responder.domain.attributes import identity
from alert_responder_plugins.quarantine.names import principal_of
from alert_responder_plugins.quarantine.settings import QuarantineSettings


def exempt(report: Report, settings: QuarantineSettings, own: Collection[str]) -> Mapping[str, str]:
    """Return why attributes are exempt, by the attributes' ids.

    An attribute is exempt only if all alerts with it are. An attribute that an inspector returned is exempt if the one
    from which it was found is. Attributes that are in no listed alert, because a report lists only some of its alerts,
    are exempt if all listed alerts are.

    Parameters
    ----------
    own
        The quarantine's own roles, from `QuarantineSettings.own_roles`.
    """
    reasons: dict[str, str] = {}
    not_exempt: set[str] = set()
    verdicts = []
    for alert in report.alerts:
        ids = {identity(attribute) for attribute in alert.attributes}
        verdict = _reason(alert, settings, own)
        verdicts.append(verdict)
        if verdict is None:
            not_exempt |= ids
        else:
            reasons.update(dict.fromkeys(ids, verdict))
    by_id = {attribute.id: attribute for attribute in report.attributes}
    exemptions = {}
    for id_ in by_id:
        root = _root(id_, by_id)
        if root in not_exempt:
            continue
        reason = reasons.get(root) or (next(filter(None, verdicts), None) if None not in verdicts else None)
        if reason is not None:
            exemptions[id_] = reason
    return exemptions


def _reason(alert: ReportedAlert, settings: QuarantineSettings, own: Collection[str]) -> str | None:
    if alert.rule_id.endswith(SAMPLE_SUFFIX):
        return "The alert is a sample finding."
    # AWS events contain the ARN of the caller; a user name can be chosen freely.
    subjects = (each.value.strip() for each in alert.attributes if each.type == "arn" and "subject" in each.context)
    if any(principal_of(subject, settings.partition, settings.account_id) in own for subject in subjects):
        return "The alert describes an action of this quarantine."
    return None


def _root(id_: str, by_id: Mapping[str, ReportedAttribute]) -> str:
    """Return the id of the alert's attribute from which an attribute was found, directly or through others."""
    seen = set()
    while id_ not in seen and (attribute := by_id.get(id_)) is not None:
        seen.add(id_)
        origin = attribute.origin
        if origin.attribute_type is None or origin.attribute_value is None:
            return id_
        id_ = identity(Attribute(type=origin.attribute_type, value=origin.attribute_value))
    return id_
