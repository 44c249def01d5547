"""The alert, to which every format is converted, and its attributes.

Field names are the same as in deepalert, so its producers work unchanged.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import to_json

from alert_responder.contracts.base import Incoming
from alert_responder.contracts.primitives import (
    MAX_JSON_DEPTH,
    Status,
    canonical_json,
    digest_of,
    parse_rfc3339,
    printable,
    status_of,
)

MAX_IDENTIFIER_LENGTH = 1024
"""Longest `detector`, `rule_id` and `alert_key` [characters]; they are parts of DynamoDB keys (up to 2,048 bytes)."""

AttemptOutcome = Literal["success", "failure"]
"""Whether an attempted action succeeded, according to the detector."""

KNOWN_CONTEXTS = frozenset({"remote", "local", "subject", "object", "client", "server", "file", "additional"})
"""The contexts that inspectors know. Detectors may use others."""

SAMPLE_SUFFIX = " [SAMPLE]"
"""Ends the `rule_id` of a sample finding, so that it is never aggregated with real ones."""

SAMPLE_PREFIX = "[SAMPLE] "
"""Begins the `rule_name` and the description of a sample finding, as in the GuardDuty console."""

MAX_STANDARDS = 20
"""Maximum number of standards of one source; the first by name are kept. Security Hub has about ten."""

MAX_SOURCE_LENGTH = 200
"""Longest text in a source [characters]; longer ones are cut off."""

_WORD = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_REMEMBERED_LENGTH = 64
WORD_RULE = "a word of at most 32 lower-case letters, digits, '-' and '_' that begins with a letter"


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else printable(value)
    raise ValueError("must be a string")


def _optional_text(value: Any) -> Any:
    return "" if value is None else _text(value)


def _severity(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return _text(value)


def _status(value: Any) -> Any:
    return "active" if value is None or value == "" else status_of(_text(value))


def _word(value: Any) -> Any:
    if isinstance(value, str):
        # Alerts repeat a few types and contexts: short ones are cached.
        word = _remembered_word(value) if len(value) <= _REMEMBERED_LENGTH else _as_word(value)
        if word:
            return word
    raise ValueError(f"must be {WORD_RULE}")


def _as_word(value: str) -> str | None:
    word = value.strip().lower()
    return word if _WORD.fullmatch(word) else None


_remembered_word = lru_cache(maxsize=1024)(_as_word)


def _value(value: Any, info: ValidationInfo) -> Any:
    """Convert a value to a string; which JSON values are allowed depends on `type`, which is validated before."""
    kind = info.data.get("type")
    if isinstance(value, str):
        return printable(value)
    if kind == "json" and value is not None:
        try:
            return canonical_json(value)
        except (TypeError, ValueError, RecursionError):
            raise ValueError("must be a JSON value") from None
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 256:
        # An account id that was written as a number lacks its leading zeros.
        return f"{value:012d}" if kind == "account" and value >= 0 else str(value)
    raise ValueError("must be a string; other JSON values are allowed only for the type json")


def _contexts(value: Any) -> Any:
    if value is None:
        return ()
    if isinstance(value, str):
        value = [value]
    return tuple(sorted({_word(word) for word in _items(value)}))


def _time(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("must have a time zone")
        return value.astimezone(UTC)
    try:
        return parse_rfc3339(value)
    except (TypeError, ValueError):
        raise ValueError("must be an RFC 3339 time with an offset, such as 2026-01-31T23:59:59Z") from None


def _items(value: Any) -> Any:
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return value
    raise ValueError("must be an array")


def _body(value: Any) -> Any:
    try:
        to_json(value)
    except ValueError:
        pass
    else:
        # It can be encoded as UTF-8, so it contains no lone surrogates.
        return value
    try:
        return printable(value)
    except RecursionError:
        raise ValueError(f"must not be nested deeper than {MAX_JSON_DEPTH} levels") from None


def _label(value: Any) -> Any:
    if isinstance(value, str):
        # Cut before and after escaping, which makes text longer: parsing a label again must not change it.
        return str(printable(value.strip()[:MAX_SOURCE_LENGTH]))[:MAX_SOURCE_LENGTH].strip()
    raise ValueError("must be a string")


def _optional_label(value: Any) -> Any:
    return None if value is None else _label(value) or None


def _labels(value: Any) -> Any:
    return tuple(sorted({label for item in _items(value) if (label := _label(item))})[:MAX_STANDARDS])


def _source(value: Any) -> Any:
    """Convert a source; a string is only the product."""
    if isinstance(value, str):
        return {"product": value} if value.strip() else None
    return value


_NotEmpty = Annotated[str, Field(min_length=1)]
_Short = Annotated[str, Field(max_length=MAX_IDENTIFIER_LENGTH)]
Time = Annotated[datetime | None, BeforeValidator(_time, json_schema_input_type=datetime | None)]


class Attribute(Incoming):
    """A typed value in an alert that inspectors can look up: an address, a domain, a user, a hash.

    Guarantees: `type` and every context are lower-case words, contexts are sorted and unique, `value` is not empty,
    `timestamp` is aware UTC, and no text contains a lone surrogate. Whether the value fits the type is *not* checked
    here: the report shows such values as invalid (`domain.attributes.canonical`).

    Examples
    --------
    >>> Attribute(type="IPADDR", value="192.0.2.1", context=["remote"]).type
    'ipaddr'
    """

    model_config = ConfigDict(defer_build=False)

    type: Annotated[str, BeforeValidator(_word)] = Field(
        description="ipaddr, domain, url, username, filehashvalue, json, email, instance, accesskey, arn, account, "
        f"or a custom type: {WORD_RULE}.",
        json_schema_extra={"pattern": r"^[A-Za-z][A-Za-z0-9_-]{0,31}$"},
    )
    key: Annotated[str, BeforeValidator(_optional_text, json_schema_input_type=str | None)] = Field(
        default="", description="The role of the value in the alert, for people: 'source address'. Not an identity."
    )
    value: Annotated[
        str,
        Field(min_length=1),
        BeforeValidator(_value, json_schema_input_type=_NotEmpty | int | float | bool | list[Any] | dict[str, Any]),
    ] = Field(description="The value. For type json any JSON value; integers are converted to strings for every type.")
    context: Annotated[tuple[str, ...], BeforeValidator(_contexts, json_schema_input_type=list[str] | str | None)] = (
        Field(
            default=(),
            description="The role of the value: remote, local, subject, object, client, server, file, additional, or "
            "custom words.",
        )
    )
    timestamp: Time = Field(default=None, description="When the value was observed, RFC 3339. Null: unknown.")


class Source(Incoming):
    """The product from which an alert came; not necessarily the detector that raised it.

    Guarantees: no text is longer than `MAX_SOURCE_LENGTH`; standards are sorted and unique, at most `MAX_STANDARDS`.

    Examples
    --------
    >>> Source(product="securityhub", region="eu-central-1", standards=["b", "a"]).standards
    ('a', 'b')
    """

    model_config = ConfigDict(defer_build=False)

    product: Annotated[str, Field(min_length=1), BeforeValidator(_label)] = Field(
        description="The product that sent the alert, such as securityhub for a copy of a GuardDuty finding."
    )
    region: Annotated[str | None, BeforeValidator(_optional_label, json_schema_input_type=str | None)] = Field(
        default=None, description="The region of the product. Null: unknown, or none."
    )
    standards: Annotated[tuple[str, ...], BeforeValidator(_labels, json_schema_input_type=list[str] | None)] = Field(
        default=(), description="The standards that include the check."
    )


class Alert(Incoming):
    """One event of interest from a detector.

    Guarantees: `detector` and `rule_id` are not empty and, like `alert_key`, have at most `MAX_IDENTIFIER_LENGTH`
    characters; `rule_name` is never empty; times are aware UTC; every text can be encoded as UTF-8. Fields with a
    default may be null, because producers in Go write empty lists as null.

    Examples
    --------
    >>> Alert(detector="edr", rule_id="r1", alert_key="host-7").rule_name
    'r1'
    """

    model_config = ConfigDict(defer_build=False)

    detector: Annotated[_NotEmpty, Field(max_length=MAX_IDENTIFIER_LENGTH), BeforeValidator(_text)] = Field(
        description="What raised the alert, such as guardduty."
    )
    rule_id: Annotated[
        str,
        Field(min_length=1, max_length=MAX_IDENTIFIER_LENGTH),
        BeforeValidator(_text, json_schema_input_type=_Short | None),
    ] = Field(description="The rule that fired. If empty, rule_name is used.")
    rule_name: Annotated[str, BeforeValidator(_optional_text, json_schema_input_type=str | None)] = Field(
        default="", description="The rule's name for people. If empty, rule_id is used."
    )
    alert_key: Annotated[_Short, BeforeValidator(_optional_text, json_schema_input_type=_Short | None)] = Field(
        default="",
        description="Distinguishes the incidents of a rule: alerts with the same detector, rule_id and alert_key are "
        "aggregated into one report. If empty, all alerts of the rule are one incident.",
    )
    description: Annotated[str, BeforeValidator(_optional_text, json_schema_input_type=str | None)] = Field(
        default="", description="What happened, for people."
    )
    timestamp: Time = Field(default=None, description="When it happened, RFC 3339. Null: unknown.")
    severity: Annotated[str | None, BeforeValidator(_severity, json_schema_input_type=str | float | None)] = Field(
        default=None, description="The detector's severity, as it spells it. Null: none."
    )
    status: Annotated[Status, BeforeValidator(_status, json_schema_input_type=str | None)] = Field(
        default="active",
        description="`resolved` if the alert reports that the problem is over, otherwise `active`. Detectors' words "
        "such as closed, archived, passed and ok mean resolved; every other word means active.",
    )
    finding_id: Annotated[_Short, BeforeValidator(_optional_text, json_schema_input_type=_Short | None)] = Field(
        default="",
        description="The detector's id of the finding, equal in each update of it, by which repeated alerts are "
        "recognised. Empty: unknown, or new in each alert.",
    )
    attributes: Annotated[
        tuple[Attribute, ...], BeforeValidator(_items, json_schema_input_type=list[Attribute] | None)
    ] = Field(default=(), description="The attributes that inspectors can look up.")
    body: Annotated[Any, BeforeValidator(_body)] = Field(default=None, description="The original event, any JSON.")
    source: Annotated[Source | None, BeforeValidator(_source, json_schema_input_type=Source | str | None)] = Field(
        default=None,
        description="Where the alert came from, if not from the detector itself; a string is only the product. It does "
        "not affect aggregation: copies of one alert from several sources are in one report, which lists the sources.",
    )

    @model_validator(mode="before")
    @classmethod
    def _default_rule_id_and_name(cls, data: Any) -> Any:
        """Fill an empty rule_id from rule_name (as early deepalert producers need it), and the other way round."""
        if not isinstance(data, dict):
            return data
        rule_id, rule_name = data.get("rule_id"), data.get("rule_name")
        if rule_id in (None, "") and isinstance(rule_name, str) and rule_name:
            return {**data, "rule_id": rule_name}
        if rule_name in (None, "") and isinstance(rule_id, str):
            return {**data, "rule_name": rule_id}
        return data

    @property
    def alert_id(self) -> str:
        """SHA-256 (hex) of detector, rule_id and alert_key: different triples never hash the same text."""
        return digest_of(self.detector, self.rule_id, self.alert_key)
