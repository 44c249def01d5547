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
from alert_responder.contracts.primitives import MAX_JSON_DEPTH, canonical_json, digest_of, parse_rfc3339, printable

MAX_IDENTIFIER_LENGTH = 1024
"""Longest `detector`, `rule_id` and `alert_key` [characters]; they are parts of keys (DynamoDB: 2,048 bytes a key)."""

AttemptOutcome = Literal["success", "failure"]
"""Whether what somebody attempted came about, as a detector says."""

KNOWN_CONTEXTS = frozenset({"remote", "local", "subject", "object", "client", "server", "file", "additional"})
"""The contexts inspectors know of. Others are allowed: a detector may have words of its own."""

SAMPLE_SUFFIX = " [SAMPLE]"
"""Ends the `rule_id` of a sample finding, so that it is never aggregated with real ones."""

SAMPLE_PREFIX = "[SAMPLE] "
"""Begins the `rule_name` and the description of a sample finding, as in the GuardDuty console."""

MAX_STANDARDS = 20
"""Most standards of one source; of more, the first by name are kept. Security Hub has about ten."""

MAX_SOURCE_LENGTH = 200
"""Longest text in a source [characters]; what is longer is cut short."""

_WORD = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_REMEMBERED_LENGTH = 64
WORD_RULE = "a word of at most 32 lower-case letters, digits, '-' and '_' that begins with a letter"


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else printable(value)
    raise ValueError("must be text")


def _optional_text(value: Any) -> Any:
    return "" if value is None else _text(value)


def _severity(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return _text(value)


def _word(value: Any) -> Any:
    if isinstance(value, str):
        # Alerts repeat a few types and contexts: short text is remembered.
        word = _remembered_word(value) if len(value) <= _REMEMBERED_LENGTH else _as_word(value)
        if word:
            return word
    raise ValueError(f"must be {WORD_RULE}")


def _as_word(value: str) -> str | None:
    word = value.strip().lower()
    return word if _WORD.fullmatch(word) else None


_remembered_word = lru_cache(maxsize=1024)(_as_word)


def _value(value: Any, info: ValidationInfo) -> Any:
    """Make a value text; what counts as obvious depends on the type, which is validated before."""
    kind = info.data.get("type")
    if isinstance(value, str):
        return printable(value)
    if kind == "json" and value is not None:
        try:
            return canonical_json(value)
        except (TypeError, ValueError, RecursionError):
            raise ValueError("must be a JSON value") from None
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 256:
        # An account id written as a number has lost its leading zeros.
        return f"{value:012d}" if kind == "account" and value >= 0 else str(value)
    raise ValueError("must be text; another JSON value is allowed for type json only")


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
        # Nothing to spell out: what can be written as UTF-8 holds no lone surrogate.
        return value
    try:
        return printable(value)
    except RecursionError:
        raise ValueError(f"must not be nested deeper than {MAX_JSON_DEPTH} levels") from None


def _label(value: Any) -> Any:
    if isinstance(value, str):
        # Cut before and after: spelling out surrogates makes text longer, and a label that is read again is the same.
        return str(printable(value.strip()[:MAX_SOURCE_LENGTH]))[:MAX_SOURCE_LENGTH].strip()
    raise ValueError("must be text")


def _optional_label(value: Any) -> Any:
    return None if value is None else _label(value) or None


def _labels(value: Any) -> Any:
    return tuple(sorted({label for item in _items(value) if (label := _label(item))})[:MAX_STANDARDS])


def _source(value: Any) -> Any:
    """Read a source; a text is the product alone."""
    if isinstance(value, str):
        return {"product": value} if value.strip() else None
    return value


_NotEmpty = Annotated[str, Field(min_length=1)]
_Short = Annotated[str, Field(max_length=MAX_IDENTIFIER_LENGTH)]
Time = Annotated[datetime | None, BeforeValidator(_time, json_schema_input_type=datetime | None)]


class Attribute(Incoming):
    """One thing an alert is about, which inspectors can look up: an address, a domain, a user, a hash.

    Guarantees: `type` and every context are lower-case words, contexts are sorted and unique, `value` is not
    empty, `timestamp` is aware UTC, and no text holds a lone surrogate. Whether the value fits the type is *not*
    checked here: what does not fit stays in the report, marked invalid (`domain.attributes.canonical`).

    Examples
    --------
    >>> Attribute(type="IPADDR", value="192.0.2.1", context=["remote"]).type
    'ipaddr'
    """

    model_config = ConfigDict(defer_build=False)

    type: Annotated[str, BeforeValidator(_word)] = Field(
        description="ipaddr, domain, url, username, filehashvalue, json, email, instance, accesskey, arn, account, "
        f"or a type of your own: {WORD_RULE}.",
        json_schema_extra={"pattern": r"^[A-Za-z][A-Za-z0-9_-]{0,31}$"},
    )
    key: Annotated[str, BeforeValidator(_optional_text, json_schema_input_type=str | None)] = Field(
        default="", description="What the value is in the alert, for people: 'source address'. Not an identity."
    )
    value: Annotated[
        str,
        Field(min_length=1),
        BeforeValidator(_value, json_schema_input_type=_NotEmpty | int | float | bool | list[Any] | dict[str, Any]),
    ] = Field(description="The value itself. For type json any JSON value; whole numbers become text for every type.")
    context: Annotated[tuple[str, ...], BeforeValidator(_contexts, json_schema_input_type=list[str] | str | None)] = (
        Field(
            default=(),
            description="How the value takes part: remote, local, subject, object, client, server, file, additional, "
            "or words of your own.",
        )
    )
    timestamp: Time = Field(default=None, description="When the value was observed, RFC 3339. Null: unknown.")


class Source(Incoming):
    """The way an alert came: the product that told of it, which need not be the detector that raised it.

    Guarantees: no text is longer than `MAX_SOURCE_LENGTH`, standards are sorted and unique, at most `MAX_STANDARDS`.

    Examples
    --------
    >>> Source(product="securityhub", region="eu-central-1", standards=["b", "a"]).standards
    ('a', 'b')
    """

    model_config = ConfigDict(defer_build=False)

    product: Annotated[str, Field(min_length=1), BeforeValidator(_label)] = Field(
        description="What told of it, such as securityhub for a GuardDuty finding that Security Hub copied."
    )
    region: Annotated[str | None, BeforeValidator(_optional_label, json_schema_input_type=str | None)] = Field(
        default=None, description="The region it was found in. Null: unknown, or in none."
    )
    standards: Annotated[tuple[str, ...], BeforeValidator(_labels, json_schema_input_type=list[str] | None)] = Field(
        default=(), description="The standards that a check belongs to."
    )


class Alert(Incoming):
    """One message of a detector that something may be wrong.

    Guarantees: `detector` and `rule_id` are not empty and, like `alert_key`, at most `MAX_IDENTIFIER_LENGTH`
    characters; `rule_name` is never empty; times are aware UTC; every text can be written as UTF-8. Null stands
    for "not given" wherever a default exists, because Go producers write empty lists so.

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
    ] = Field(description="The rule that fired. Empty: rule_name, which must not be empty then, stands in.")
    rule_name: Annotated[str, BeforeValidator(_optional_text, json_schema_input_type=str | None)] = Field(
        default="", description="The rule's name for people. Empty: rule_id stands in."
    )
    alert_key: Annotated[_Short, BeforeValidator(_optional_text, json_schema_input_type=_Short | None)] = Field(
        default="",
        description="What tells one incident of the rule from another: alerts with the same detector, rule_id and "
        "alert_key are aggregated into one report. Empty: all of the rule.",
    )
    description: Annotated[str, BeforeValidator(_optional_text, json_schema_input_type=str | None)] = Field(
        default="", description="What happened, for people."
    )
    timestamp: Time = Field(default=None, description="When it happened, RFC 3339. Null: unknown.")
    severity: Annotated[str | None, BeforeValidator(_severity, json_schema_input_type=str | float | None)] = Field(
        default=None, description="The detector's own word for how bad it is. Null: it has none."
    )
    attributes: Annotated[
        tuple[Attribute, ...], BeforeValidator(_items, json_schema_input_type=list[Attribute] | None)
    ] = Field(default=(), description="What can be looked up.")
    body: Annotated[Any, BeforeValidator(_body)] = Field(default=None, description="The original, any JSON.")
    source: Annotated[Source | None, BeforeValidator(_source, json_schema_input_type=Source | str | None)] = Field(
        default=None,
        description="The way it came, where that is not plain from the detector; a text is the product alone. Decides "
        "nothing: copies of one alert that came several ways become one report, which names them.",
    )

    @model_validator(mode="before")
    @classmethod
    def _names_stand_in_for_each_other(cls, data: Any) -> Any:
        """Fill an empty rule_id from rule_name (early deepalert producers) and the other way round."""
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
        """SHA-256 (hex) over (detector, rule_id, alert_key); no two triples are joined to the same text."""
        return digest_of(self.detector, self.rule_id, self.alert_key)
