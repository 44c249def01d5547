"""Which attributes of a report are spared for what its alerts are: samples, and what the quarantine did itself."""

from collections.abc import Collection, Mapping

from alert_responder.contracts.alert import SAMPLE_SUFFIX, Attribute
from alert_responder.contracts.report import Report, ReportedAlert, ReportedAttribute
from alert_responder.domain.attributes import identity
from alert_responder_plugins.quarantine.names import principal_of
from alert_responder_plugins.quarantine.settings import QuarantineSettings


def spared(report: Report, settings: QuarantineSettings, own: Collection[str]) -> Mapping[str, str]:
    """Return why attributes are spared, by the attributes' ids.

    An alert spares only itself: an attribute that another alert has too is not spared. What an inspector found is
    spared like the attribute that it was found from. Attributes that no listed alert has, since a report lists some of
    its alerts, are spared if all listed ones are.

    Parameters
    ----------
    own
        The quarantine's own roles, from `QuarantineSettings.own_roles`.
    """
    reasons: dict[str, str] = {}
    named: set[str] = set()
    verdicts = []
    for alert in report.alerts:
        ids = {identity(attribute) for attribute in alert.attributes}
        verdict = _reason(alert, settings, own)
        verdicts.append(verdict)
        if verdict is None:
            named |= ids
        else:
            reasons.update(dict.fromkeys(ids, verdict))
    by_id = {attribute.id: attribute for attribute in report.attributes}
    found = {}
    for id_ in by_id:
        root = _root(id_, by_id)
        if root in named:
            continue
        reason = reasons.get(root) or (next(filter(None, verdicts), None) if None not in verdicts else None)
        if reason is not None:
            found[id_] = reason
    return found


def _reason(alert: ReportedAlert, settings: QuarantineSettings, own: Collection[str]) -> str | None:
    if alert.rule_id.endswith(SAMPLE_SUFFIX):
        return "It is about a sample finding."
    # Events of AWS give the ARN of who acted; a user name may be chosen by anybody.
    subjects = (each.value.strip() for each in alert.attributes if each.type == "arn" and "subject" in each.context)
    if any(principal_of(subject, settings.partition, settings.account_id) in own for subject in subjects):
        return "It is about an action of this quarantine."
    return None


def _root(id_: str, by_id: Mapping[str, ReportedAttribute]) -> str:
    """Return the id of the alert's attribute that an inspector's attribute comes from, over all steps."""
    seen = set()
    while id_ not in seen and (attribute := by_id.get(id_)) is not None:
        seen.add(id_)
        origin = attribute.origin
        if origin.attribute_type is None or origin.attribute_value is None:
            return id_
        id_ = identity(Attribute(type=origin.attribute_type, value=origin.attribute_value))
    return id_
