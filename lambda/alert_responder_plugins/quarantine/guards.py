"""Whether something may be contained. Pure, and closed: what is not plainly allowed is refused, with the reason."""

import fnmatch
import ipaddress
from collections.abc import Iterable, Sequence

from alert_responder.contracts.report import Report
from alert_responder.formats.aws_activity import SAMPLE_SUFFIX
from alert_responder_plugins.quarantine.model import Kind, Sight
from alert_responder_plugins.quarantine.planning import principal_of
from alert_responder_plugins.quarantine.settings import QuarantineSettings

HOUR = 3_600_000
"""[ms]"""


def about_report(report: Report, settings: QuarantineSettings, own_arn: str) -> str | None:
    """Say why nothing of a report may be contained; None: it may.

    Parameters
    ----------
    own_arn
        ARN of the session this code runs in. A report whose actor is our own role tells of what we did to contain
        something.
    """
    if any(alert.rule_id.endswith(SAMPLE_SUFFIX) for alert in report.alerts):
        return "It is about a sample finding."
    own = principal_of(own_arn, settings.partition, settings.account_id)
    if own is None:
        return "The role this runs with is not known."
    for attribute in report.attributes:
        if "subject" not in attribute.context:
            continue
        same_arn = principal_of(attribute.value, settings.partition, settings.account_id) == own
        # GuardDuty gives a role's name as user name.
        if same_arn or (attribute.type == "username" and f"role/{attribute.value.strip()}" == own):
            return "It tells of what this quarantine did itself."
    return None


def about_target(kind: Kind, target: str, sight: Sight, settings: QuarantineSettings, own_arn: str) -> str | None:
    """Say why a target must not be contained, given what there is of it; None: it may be."""
    if kind not in settings.kinds:
        return f"The kind {kind} is not switched on."
    if sight.refusal:
        return sight.refusal
    own = principal_of(own_arn, settings.partition, settings.account_id)
    if own is None:
        return "The role this runs with is not known."
    if own in {target, *sight.names}:
        return "It is the quarantine's own role."
    names = (target, target.rpartition("/")[2], *sight.names)
    if kind == "principal" and matches(names, (f"role/{settings.installation}-*",)):
        return "It is a role of AlertResponder's."
    if matches(names, settings.protected_names):
        return "Its name is protected."
    if _has_tag(sight, settings):
        return "It has a protected tag."
    if kind == "address" and (refusal := _about_address(target, settings)):
        return refusal
    if not sight.parts:
        return "There is nothing to change."
    return None


def about_rate(times: Sequence[int], now: int, settings: QuarantineSettings) -> str | None:
    """Say why no further action may begin now; None: one may.

    Parameters
    ----------
    times
        When actions began [ms since the epoch]. A time in the future counts as well: in doubt there were too many.
    """
    recent = still_counting(times, now)
    if len(recent) >= settings.max_actions_per_hour:
        return f"{settings.max_actions_per_hour} actions have begun within an hour, and no more may."
    return None


def still_counting(times: Sequence[int], now: int) -> list[int]:
    """Return the times of the last hour [ms since the epoch]."""
    return [time for time in times if time > now - HOUR]


def matches(names: Iterable[str], patterns: Iterable[str]) -> bool:
    """Whether any name fits any pattern; `*` stands for any text, and case does not matter."""
    folded = [name.casefold() for name in names]
    # Only the asterisk is special: brackets and question marks stand for themselves.
    plain = [pattern.casefold().replace("[", "[[]").replace("?", "[?]") for pattern in patterns]
    return any(fnmatch.fnmatchcase(name, pattern) for name in folded for pattern in plain)


def _has_tag(sight: Sight, settings: QuarantineSettings) -> bool:
    return any(
        key.casefold() == protected.casefold() and value in ("*", found)
        for key, found in sight.tags
        for protected, value in settings.protected_tags.items()
    )


def _about_address(target: str, settings: QuarantineSettings) -> str | None:
    try:
        address = ipaddress.ip_address(target)
    except ValueError:
        return "It is no address."
    if not address.is_global or address.is_multicast:
        return "It is no address of the public internet."
    for network in map(ipaddress.ip_network, settings.protected_networks):
        if address.version == network.version and address in network:
            return "It is in a protected network."
    return None
