"""Exempt attributes of sample findings, and of alerts about the quarantine's own actions."""

from collections.abc import Collection, Mapping

from alert_responder.contracts.alert import SAMPLE_SUFFIX, Attribute
from alert_responder.contracts.report import Report, ReportedAlert, ReportedAttribute
from alert_responder.domain.attributes import identity
from alert_responder.domain.directory import Directory
from alert_responder_plugins.quarantine.names import named_principal, principal_of, without_path
from alert_responder_plugins.quarantine.settings import QuarantineSettings


def exempt(
    report: Report, settings: QuarantineSettings, own: Collection[str], directory: Directory | None = None
) -> Mapping[str, str]:
    """Return why attributes are exempt, by the attributes' ids.

    An attribute is exempt only if all alerts with it are. An attribute that an inspector returned is exempt if the one
    from which it was found is. Attributes that are in no listed alert, because a report lists only some of its alerts,
    are exempt if all listed alerts are.

    Parameters
    ----------
    own
        The quarantine's own roles, from `QuarantineSettings.own_roles`.
    directory
        The accounts of the organisation: in its members, AlertResponder acts with the roles that `members` names. They
        exempt in alerts about their own account only. If it is None, a role of that name exempts in any account, so
        that nothing is contained by mistake.
    """
    reasons: dict[str, str] = {}
    not_exempt: set[str] = set()
    verdicts = []
    for alert in report.alerts:
        ids = {identity(attribute) for attribute in alert.attributes}
        verdict = _reason(alert, settings, own, directory)
        verdicts.append(verdict)
        if verdict is None:
            not_exempt |= ids
        else:
            reasons.update(dict.fromkeys(ids, verdict))
    by_id = {attribute.id: attribute for attribute in report.attributes}
    exemptions = {}
    for id_ in by_id:
        root = root_of(id_, by_id)
        if root in not_exempt:
            continue
        reason = reasons.get(root) or (next(filter(None, verdicts), None) if None not in verdicts else None)
        if reason is not None:
            exemptions[id_] = reason
    return exemptions


def _reason(
    alert: ReportedAlert, settings: QuarantineSettings, own: Collection[str], directory: Directory | None
) -> str | None:
    if alert.rule_id.endswith(SAMPLE_SUFFIX):
        return "The alert is a sample finding."
    # AWS events contain the ARN of the caller; a user name can be chosen freely.
    subjects = (each.value.strip() for each in alert.attributes if each.type == "arn" and "subject" in each.context)
    about = alert.origin.account if alert.origin else None
    if any(_is_own(subject, about, settings, own, directory) for subject in subjects):
        return "The alert describes an action of this quarantine."
    return None


def _is_own(
    subject: str, about: str | None, settings: QuarantineSettings, own: Collection[str], directory: Directory | None
) -> bool:
    if principal_of(subject, settings.partition, settings.account_id) in own:
        return True
    named = named_principal(subject, settings.partition)
    if named is None or settings.members is None or named[0] == settings.account_id:
        return False
    account, principal = named
    # The roles act in their own account only. Its administrators can give any role this name, and use it elsewhere.
    # The origin of an alert may be a claim, which exempts nothing that another listed alert names.
    if account != about:
        return False
    if without_path(principal) not in settings.members.roles:
        return False
    facts = directory.find(account) if directory else None
    return directory is None or (facts is not None and (facts.status, facts.kind) == ("active", "member"))


def root_of(id_: str, by_id: Mapping[str, ReportedAttribute]) -> str:
    """Return the id of the alert's attribute from which an attribute was found, directly or through others."""
    seen = set()
    while id_ not in seen and (attribute := by_id.get(id_)) is not None:
        seen.add(id_)
        origin = attribute.origin
        if origin.attribute_type is None or origin.attribute_value is None:
            return id_
        id_ = identity(Attribute(type=origin.attribute_type, value=origin.attribute_value))
    return id_
