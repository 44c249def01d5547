"""What a detector reports of an incident, at a glance: for pages, messages and the command line.

Texts are hostile, as in the report.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from alert_responder.contracts.primitives import Status
from alert_responder.contracts.report import Account, Overview, Report, ReportedAlert
from alert_responder.domain.alert_ranking import SortKey, sort_key
from alert_responder.domain.body_details import extract_details
from alert_responder.domain.overview import overview_of
from alert_responder.domain.sanitize import ellipsize

RESOLVED = "Resolved: "
"""Begins the title of a resolved report."""

_SHOWN = 3
"""Maximum number of accounts and of regions named."""

_NAME, _SEVERITY, _UNIT = 40, 60, 80
"""Maximum length of an account or region, of a severity, and of an organizational unit [characters]."""

_BRACKETS = str.maketrans("()", "[]")
"""The name of an account stands in parentheses, and must not end them."""


@dataclass(frozen=True, slots=True)
class Glance:
    """The facts that a person on call needs first. Empty: unknown, or the same as the title.

    Attributes
    ----------
    description
        What happened, of the worst alert.
    severity
        The detector's severity, in words with its number.
    rule
        Id of the rule, such as a finding type.
    accounts, regions
        The first ones, and how many more there are.
    units, owners, environments
        Those of the accounts in the directory, each once: the first ones, and how many more there are.
    is_one_account, is_one_region
        Whether there is exactly one.
    """

    description: str
    severity: str
    rule: str
    accounts: str
    regions: str
    is_one_account: bool
    is_one_region: bool
    units: str = ""
    owners: str = ""
    environments: str = ""

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Names and values of all known facts except the description."""
        facts = (
            ("Detector's severity", self.severity),
            ("Rule", self.rule),
            ("Account" if self.is_one_account else "Accounts", self.accounts),
            ("Account unit", self.units),
            ("Account owner", self.owners),
            ("Account environment", self.environments),
            ("Region" if self.is_one_region else "Regions", self.regions),
        )
        return tuple((name, value) for name, value in facts if value)


def titled(title: str, status: Status) -> str:
    """Return the title of a report as people see it."""
    return f"{RESOLVED}{title}" if status == "resolved" else title


def glance_of(report: Report) -> Glance:
    """Return the facts of a report; an overflow report has no single rule and description."""
    alert = None if report.overflow else lead_alert(report.alerts, report.status)
    description = alert.description.strip() if alert else ""
    return glance(
        overview_of(report),
        rule=alert.rule_id if alert else "",
        description="" if _words(description) == _words(report.title) else description,
    )


def glance(overview: Overview, rule: str = "", description: str = "") -> Glance:
    """Return the facts of an overview, a rule and a description."""
    return Glance(
        description=description,
        severity=ellipsize(overview.severity or "", _SEVERITY),
        rule=rule,
        accounts=_listed(map(_account, overview.accounts), len(overview.accounts)),
        regions=_listed((ellipsize(each, _NAME) for each in overview.regions), len(overview.regions)),
        is_one_account=len(overview.accounts) == 1,
        is_one_region=len(overview.regions) == 1,
        units=_words_of(overview, lambda account: account.unit, _end),
        owners=_words_of(overview, lambda account: account.owner),
        environments=_words_of(overview, lambda account: account.environment),
    )


def lead_alert(alerts: Sequence[ReportedAlert], status: Status = "active") -> ReportedAlert | None:
    """Return the worst alert with this status, the newest of equal ones; without any, the newest of all."""

    def key(alert: ReportedAlert) -> SortKey:
        return sort_key(alert.detector, alert.severity, extract_details(alert.body).outcome)

    newest_first = list(reversed(alerts))
    fitting = [alert for alert in newest_first if alert.status == status]
    return min(fitting, key=key) if fitting else next(iter(newest_first), None)


def _words(text: str) -> str:
    return text.strip(" \n.").casefold()


def _account(account: Account) -> str:
    name = f" ({ellipsize(account.name, _NAME).translate(_BRACKETS)})" if account.name else ""
    return f"{ellipsize(account.id, _NAME)}{name}"


def _short(text: str) -> str:
    return ellipsize(text, _NAME)


def _end(text: str) -> str:
    """Shorten the path of a unit at its beginning: the end is the account's own unit."""
    return text if len(text) <= _UNIT else f"…{text[1 - _UNIT :]}"


def _words_of(overview: Overview, word: Callable[[Account], str | None], short: Callable[[str], str] = _short) -> str:
    found = dict.fromkeys(text for account in overview.accounts if account.in_directory and (text := word(account)))
    return _listed(map(short, found), len(found))


def _listed(values: Iterable[str], number: int) -> str:
    more = f" and {number - _SHOWN} more" if number > _SHOWN else ""
    return ", ".join(list(values)[:_SHOWN]) + more
