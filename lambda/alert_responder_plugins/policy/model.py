"""The policy as data: rules, suppressions, and tests. Strict: an unknown field or value is refused.

Wherever a list is allowed, a single value is allowed too.
"""

import ipaddress
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    field_validator,
    model_validator,
)

from alert_responder.contracts.base import fault_clause, fault_message, fault_path
from alert_responder.contracts.inspection import Verdict
from alert_responder.contracts.primitives import Severity, Status, is_worse, parse_rfc3339
from alert_responder.contracts.report import Outcome
from alert_responder.domain.severities import WORDS
from alert_responder_plugins.common.errors import PluginFaultError
from alert_responder_plugins.policy.templates import FIELDS, unknown_fields
from alert_responder_plugins.policy.time_zones import time_zone_names

MAX_POLICY_BYTES = 350_000
"""Maximum size of a policy as JSON; an item of the table holds 400 KB."""

MAX_RULES = 500
MAX_SUPPRESSIONS = 500
MAX_TESTS = 1000
MAX_VALUES = 500
"""Maximum number of values of one matcher."""

MAX_LABELS = 20
MAX_NAME, MAX_OWNER, MAX_REASON, MAX_EXPRESSION, MAX_PATTERN = 100, 200, 1000, 1000, 300
"""Maximum lengths [characters]."""

MAX_SUPPRESSION_DAYS = 90
"""Maximum time between `starts` and `expires` of a suppression."""

Despite = Literal["malicious", "incomplete", "raised"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
"""From Monday, as in `datetime.weekday`."""

_MAPPED = 96
"""Length of the prefix of IPv4-mapped IPv6 addresses [bits]."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_LABEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class InvalidPolicyError(PluginFaultError):
    """The policy is invalid.

    Attributes
    ----------
    faults
        Clauses such as `rules[0].severity must be 'safe', 'unclassified' or 'urgent'`, at least one.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def _several(value: Any) -> Any:
    """Convert a single value to a list, and refuse an empty list, which would match nothing."""
    if isinstance(value, list | tuple):
        if not value:
            raise ValueError("must not be an empty list")
        return tuple(value)
    return (value,)


def _account(value: Any) -> Any:
    if isinstance(value, str):
        return value
    raise ValueError("must be a string of 12 digits in quotes")


def _moment(value: Any) -> Any:
    """Convert a date (00:00 UTC) or an RFC 3339 time; YAML libraries may have parsed it already."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    if isinstance(value, str):
        try:
            if moment := parse_rfc3339(f"{value}T00:00:00Z" if _DATE.fullmatch(value) else value):
                return moment
        except ValueError:
            pass
    raise ValueError("must be a date such as 2027-03-01, which begins at 00:00 UTC, or an RFC 3339 time")


def _clock(value: Any) -> Any:
    if isinstance(value, str) and _CLOCK.fullmatch(value):
        return value
    raise ValueError('must be a time such as "08:00" or "22:00", in quotes, at most "23:59"')


def _label(value: Any) -> Any:
    if isinstance(value, str) and _LABEL.fullmatch(value):
        return value
    raise ValueError("must be 1 to 64 lower-case letters, digits, - and _, beginning with a letter or digit")


def _word(value: Any) -> Any:
    if isinstance(value, str) and value.lower() in WORDS:
        return value.lower()
    raise ValueError(f"must be one of {', '.join(WORDS)}")


def _zone(value: Any) -> Any:
    if isinstance(value, str) and value in time_zone_names():
        return value
    raise ValueError("must be a time zone of the IANA database such as Europe/Berlin, or UTC")


def _cidr(value: Any) -> Any:
    if isinstance(value, str):
        try:
            network = ipaddress.ip_network(value)
            if network.version == 6 and network.prefixlen >= _MAPPED and network.network_address.ipv4_mapped:
                # As in attributes, an IPv4-mapped address is the IPv4 address.
                mapped = network.network_address.ipv4_mapped
                network = ipaddress.ip_network((int(mapped), network.prefixlen - _MAPPED))
            return str(network)
        except ValueError:
            pass
    raise ValueError("must be a network such as 192.0.2.0/24 without host bits, or an address")


def _unit(value: Any) -> Any:
    if isinstance(value, str) and value and "" in value.split("/"):
        raise ValueError("must be a path such as Root/Workloads, without / at its ends and without //")
    return value


def _template(value: Any) -> Any:
    if isinstance(value, str) and (unknown := unknown_fields(value)):
        raise ValueError(f"must not contain {unknown[0]}; allowed: {', '.join(f'{{{name}}}' for name in FIELDS)}")
    return value


_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/-]*$", max_length=MAX_NAME)]
_Label = Annotated[str, BeforeValidator(_label)]
_Pattern = Annotated[str, Field(min_length=1, max_length=MAX_PATTERN)]
"""A text in which `*` stands for any characters and `?` for one."""

_Type = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
_Moment = Annotated[datetime, BeforeValidator(_moment)]
_Clock = Annotated[str, BeforeValidator(_clock)]
_Count = Annotated[StrictInt, Field(ge=0, le=1_000_000_000)]
_AccountId = Annotated[str, BeforeValidator(_account), Field(pattern=r"^[0-9]{12}$")]
_Cidr = Annotated[str, BeforeValidator(_cidr)]
_SeverityWord = Annotated[str, BeforeValidator(_word)]
_Template = Annotated[str, BeforeValidator(_template), Field(max_length=MAX_REASON)]
_Expression = Annotated[str, Field(min_length=1, max_length=MAX_EXPRESSION)]
_Path = Annotated[str, Field(min_length=1, max_length=1000)]

_Unit = Annotated[str, BeforeValidator(_unit), Field(min_length=1, max_length=MAX_PATTERN)]

_Many = Field(max_length=MAX_VALUES)
_Patterns = Annotated[tuple[_Pattern, ...], BeforeValidator(_several), _Many]
_Types = Annotated[tuple[_Type, ...], BeforeValidator(_several), _Many]
_Labels = Annotated[tuple[_Label, ...], BeforeValidator(_several), Field(max_length=MAX_LABELS)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Range(_Part):
    """Limits of a number, both included.

    Attributes
    ----------
    min
        Only in rules that raise the severity.
    max
        Only in rules that lower it, and in suppressions.
    """

    min: _Count | None = None
    max: _Count | None = None

    @model_validator(mode="after")
    def _any(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("min or max is required")
        return self


class AttributeMatch(_Part):
    """Matches an attribute; all fields that are set must fit.

    Attributes
    ----------
    type
        Types, such as `ipaddr`.
    value
        Canonical values or other spellings of them; `*` and `?` are wildcards.
    cidr
        Networks that contain an `ipaddr`.
    context
        Contexts of which the attribute has at least one.
    """

    type: _Types | None = None
    value: _Patterns | None = None
    cidr: Annotated[tuple[_Cidr, ...], BeforeValidator(_several), _Many] | None = None
    context: _Types | None = None

    @model_validator(mode="after")
    def _any(self) -> Self:
        if self.value is None and self.cidr is None and self.type is None:
            raise ValueError("type, value or cidr is required")
        return self


class EarlierMatch(_Part):
    """Matches the number of earlier reports with one of the report's attributes, from the inspector `history`.

    Attributes
    ----------
    min
        Lowest number of reports.
    severity
        Only reports of these severities count.
    within_days
        Only reports that were opened so many days before this one count.
    same_rule
        Only reports of the same detector and rule count.
    """

    min: Annotated[StrictInt, Field(ge=1, le=1_000_000)] = 1
    severity: Annotated[tuple[Severity, ...], BeforeValidator(_several)] | None = None
    within_days: Annotated[StrictInt, Field(ge=1, le=3650)] | None = None
    same_rule: StrictBool = False


class Hours(_Part):
    """Times of day, on days of the week, in a time zone.

    Attributes
    ----------
    days
        Days on which the time begins; default: every day.
    from_, to
        Begin, and end, which is not included; an end before the begin is on the next day.
    """

    days: Annotated[tuple[Day, ...], BeforeValidator(_several)] = DAYS
    from_: Annotated[_Clock, Field(alias="from")]
    to: _Clock
    timezone: Annotated[str, BeforeValidator(_zone)] = "UTC"

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.from_ == self.to:
            raise ValueError("from and to must differ")
        return self


class Match(_Part):
    """Conditions on a report; all that are set must hold.

    In a rule that raises the severity, one alert, attribute or finding is enough. In a rule that lowers it, and in a
    suppression, all of them must fit (`conditions`).

    Attributes
    ----------
    detector
        Detectors; case is ignored.
    rule
        Ids or names of the detector's rules; case is ignored.
    severity
        Words of the detector's severity: at least the mildest of them where it raises, at most the worst of them
        where it lowers.
    status
        The report's status.
    account, region
        AWS accounts and regions.
    account_name, account_unit, account_owner, account_environment
        Words of the directory for an account, not of an alert; they must fit one and the same account. A unit is
        matched by its path or that of a unit above it. Where it lowers, only for verified alerts, and never by name.
    tag
        Values of tags by key, from the inspector `aws-context`; case is ignored.
    attribute
        Attributes.
    attribute_type, context
        Type and context of the attribute; together with `attribute`, `verdict`, `outcome` and `inspector` they must
        fit one and the same attribute.
    verdict
        Verdicts of inspectors.
    outcome, inspector
        Outcomes of lookups, and names of inspectors.
    complete
        Whether the report is complete.
    alert_count, rounds
        Number of alerts, and of rounds.
    earlier
        Earlier reports.
    time
        When the alerts arrived.
    """

    detector: _Patterns | None = None
    rule: _Patterns | None = None
    severity: Annotated[tuple[_SeverityWord, ...], BeforeValidator(_several), _Many] | None = None
    status: Annotated[tuple[Status, ...], BeforeValidator(_several)] | None = None
    account: Annotated[tuple[_AccountId, ...], BeforeValidator(_several), _Many] | None = None
    account_name: _Patterns | None = None
    account_unit: Annotated[tuple[_Unit, ...], BeforeValidator(_several), _Many] | None = None
    account_owner: _Patterns | None = None
    account_environment: _Patterns | None = None
    region: _Patterns | None = None
    tag: Annotated[dict[_Pattern, _Patterns], Field(min_length=1, max_length=20)] | None = None
    attribute: Annotated[tuple[AttributeMatch, ...], BeforeValidator(_several), _Many] | None = None
    attribute_type: _Types | None = None
    context: _Types | None = None
    verdict: Annotated[tuple[Verdict, ...], BeforeValidator(_several)] | None = None
    outcome: Annotated[tuple[Outcome, ...], BeforeValidator(_several)] | None = None
    inspector: _Patterns | None = None
    complete: StrictBool | None = None
    alert_count: Range | None = None
    rounds: Range | None = None
    earlier: EarlierMatch | None = None
    time: Annotated[tuple[Hours, ...], BeforeValidator(_several), Field(max_length=20)] | None = None


class Rule(_Part):
    """One rule: a severity for reports that match.

    Attributes
    ----------
    when
        JMESPath expression on the view of the report (`view`); it must hold too.
    reason
        May contain `{attribute}` and others (`templates.FIELDS`).
    """

    name: _Name
    match: Match = Match()
    when: _Expression | None = None
    severity: Severity
    reason: _Template | None = None
    labels: _Labels = ()


class Default(_Part):
    """The result for a report that no rule matches."""

    severity: Severity = "unclassified"
    reason: _Template = "No rule matched."
    labels: _Labels = ()


class Unless(_Part):
    """What else breaks through a suppression.

    Attributes
    ----------
    new_principal
        Whether a user, role, key or instance that acts, and that `history` does not know, breaks through.
    alert_count_above
        Number of alerts above which the report breaks through.
    """

    new_principal: StrictBool = False
    alert_count_above: _Count | None = None


class SuppressionRule(_Part):
    """Known, accepted alerts: their reports are stored and not delivered.

    Attributes
    ----------
    starts, expires
        Begin, and end, which is not included; at most 90 days.
    weekly
        Only alerts that arrived at these times.
    despite
        What does not break through, although it does otherwise.
    trust_native
        Whether alerts in the native format, which may claim anything, match.
    """

    name: _Name
    match: Match
    when: _Expression | None = None
    owner: Annotated[str, Field(min_length=1, max_length=MAX_OWNER)]
    reason: Annotated[str, Field(min_length=1, max_length=MAX_REASON)]
    labels: _Labels = ()
    starts: _Moment
    expires: _Moment
    weekly: Annotated[tuple[Hours, ...], BeforeValidator(_several), Field(max_length=20)] | None = None
    unless: Unless = Unless()
    despite: Annotated[tuple[Despite, ...], BeforeValidator(lambda value: _several(value) if value else ())] = ()
    trust_native: StrictBool = False

    @field_validator("owner", "reason")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be blank")
        return value

    @field_validator("match")
    @classmethod
    def _narrow(cls, value: Match) -> Match:
        if not value.model_fields_set & {"detector", "rule", "attribute", "account", "tag"}:
            raise ValueError("must contain detector, rule, attribute, account or tag")
        return value

    @model_validator(mode="after")
    def _limited(self) -> Self:
        if self.expires <= self.starts:
            raise ValueError("expires must be after starts")
        if self.expires - self.starts > timedelta(days=MAX_SUPPRESSION_DAYS):
            raise ValueError(f"expires must be at most {MAX_SUPPRESSION_DAYS} days after starts")
        return self


class Expectation(_Part):
    """What a test expects; fields that are not set are not compared. `rule` and `suppressed_by` may be null."""

    severity: Severity | None = None
    rule: str | None = None
    reason: str | None = None
    labels: Annotated[tuple[str, ...], BeforeValidator(lambda value: _several(value) if value else ())] = ()
    suppressed_by: str | None = None


class PolicyTest(_Part):
    """A test of the policy: a report, or alerts with recorded answers, and the expected result.

    Attributes
    ----------
    report
        File with a report, relative to the policy.
    alerts
        Files with alerts, as `simulate` takes them.
    answers
        Folder with recorded answers of inspectors.
    at
        Time of the review; default: the report's last update.
    """

    name: Annotated[str, Field(min_length=1, max_length=MAX_OWNER)]
    report: _Path | None = None
    alerts: Annotated[tuple[_Path, ...], BeforeValidator(_several), _Many] | None = None
    answers: _Path | None = None
    at: _Moment | None = None
    expect: Expectation

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.report is None) == (self.alerts is None):
            raise ValueError("either report or alerts is required")
        if self.answers and self.alerts is None:
            raise ValueError("answers requires alerts")
        return self


_Rules = Annotated[tuple[Rule, ...], Field(max_length=MAX_RULES)]


class Policy(_Part):
    """A whole policy."""

    rules: _Rules = ()
    default: Default = Default()
    suppressions: Annotated[tuple[SuppressionRule, ...], Field(max_length=MAX_SUPPRESSIONS)] = ()
    tests: Annotated[tuple[PolicyTest, ...], Field(max_length=MAX_TESTS)] = ()

    def lowers(self, rule: Rule) -> bool:
        """Check whether a rule lowers the severity: it gives `safe`, or less than the default."""
        return rule.severity == "safe" or is_worse(self.default.severity, rule.severity)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults = (*self._repeated_names(), *self._wrong_directions())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _repeated_names(self) -> Iterator[str]:
        named: tuple[tuple[str, tuple[Rule | SuppressionRule | PolicyTest, ...]], ...] = (
            ("rules", self.rules),
            ("suppressions", self.suppressions),
            ("tests", self.tests),
        )
        for field, parts in named:
            known: set[str] = set()
            for number, part in enumerate(parts):
                if part.name in known:
                    yield f"{field}[{number}].name must be unique, got {part.name!r} again"
                known.add(part.name)

    def _wrong_directions(self) -> Iterator[str]:
        """Refuse what would let more evidence lower the severity."""
        for number, rule in enumerate(self.rules):
            where, match = f"rules[{number}].match", rule.match
            if self.lowers(rule):
                yield from _not_lowering(where, match, "a rule that lowers the severity")
                if match.verdict and "malicious" in match.verdict:
                    yield f"{where}.verdict must not contain malicious in a rule that lowers the severity"
            else:
                for name in ("alert_count", "rounds"):
                    limits: Range | None = getattr(match, name)
                    if limits and limits.max is not None:
                        yield f"{where}.{name}.max is allowed only in a rule that lowers the severity"
                if match.complete:
                    yield f"{where}.complete must be false in a rule that does not lower the severity"
        for number, suppression in enumerate(self.suppressions):
            yield from _not_lowering(f"suppressions[{number}].match", suppression.match, "a suppression")


def _not_lowering(where: str, match: Match, what: str) -> Iterator[str]:
    for name in ("alert_count", "rounds"):
        limits: Range | None = getattr(match, name)
        if limits and limits.min is not None:
            yield f"{where}.{name}.min is not allowed in {what}"
    for name in ("account_name", "earlier"):
        # The owner of an account may change its name.
        if getattr(match, name):
            yield f"{where}.{name} is not allowed in {what}"
    if match.complete is False:
        yield f"{where}.complete must be true in {what}"


def read_policy(data: Any) -> Policy:
    """Validate a policy.

    Parameters
    ----------
    data
        JSON, or what a YAML library returns.

    Raises
    ------
    InvalidPolicyError
        Names each field that is wrong, and what is allowed there.
    """
    try:
        return Policy.model_validate(data)
    except ValidationError as error:
        raise InvalidPolicyError(tuple(_faults(error))) from None
    except RecursionError:
        raise InvalidPolicyError(("policy is nested too deep",)) from None


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        if fault["type"] == "extra_forbidden":
            allowed = ", ".join(allowed_fields(fault["loc"][:-1]))
            yield f"{fault_path(fault)} is not allowed; allowed: {allowed}"
        else:
            path, message = fault_path(fault), fault_message(fault)
            yield (
                message
                if not path and message.startswith(("rules[", "suppressions[", "tests["))
                else fault_clause(path or "policy", message)
            )


def allowed_fields(place: tuple[int | str, ...]) -> tuple[str, ...]:
    """Return the fields of the object at a place of a policy, such as `("rules", 0, "match")`, sorted."""
    model: type[BaseModel] = Policy
    for part in place:
        if isinstance(part, str):
            field = next((each for name, each in model.model_fields.items() if part in (name, each.alias)), None)
            found = next(_models(field.annotation), None) if field else None
            model = found or model
    return tuple(sorted(field.alias or name for name, field in model.model_fields.items()))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
