"""The Alert, what every format on the stream becomes, and the attributes in it.

The field names are those of deepalert, so its producers work unchanged. Beside the models stand the rules for
JSON and times that whoever reads or writes alerts shares.
"""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import to_json

from alert_responder.contracts.base import Incoming

MAX_IDENTIFIER_LENGTH = 1024
"""Longest `detector`, `rule_id` and `alert_key` [characters]; they are parts of keys (DynamoDB: 2,048 bytes a key)."""

MAX_JSON_DEPTH = 100
"""Deepest nesting of objects and arrays. No known detector passes 30; Python's own reader gives up near 1,000."""

AttemptOutcome = Literal["success", "failure"]
"""Whether what somebody attempted came about, as a detector says."""

KNOWN_CONTEXTS = frozenset({"remote", "local", "subject", "object", "client", "server", "file", "additional"})
"""The contexts inspectors know of. Others are allowed: a detector may have words of its own."""

MAX_STANDARDS = 20
"""Most standards of one source; of more, the first by name are kept. Security Hub has about ten."""

MAX_SOURCE_LENGTH = 200
"""Longest text in a source [characters]; what is longer is cut short."""

_WORD = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_REMEMBERED_LENGTH = 64
WORD_RULE = "a word of at most 32 lower-case letters, digits, '-' and '_' that begins with a letter"
_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))"
)
# One step is one whole string, closed or not, or one bracket: every character is read once.
_BRACKET = re.compile(r'"(?:[^"\\]+|\\.?)*+"?|([\[{])|([\]}])', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def nested_too_deep(text: str) -> bool:
    """Tell whether JSON text nests deeper than `MAX_JSON_DEPTH`; asked before reading, in linear time."""
    # Nearly every text has fewer brackets than may be nested, and counting them is quick.
    if text.count("{") + text.count("[") <= MAX_JSON_DEPTH:
        return False
    depth = 0
    for match in _BRACKET.finditer(text):
        if match[1]:
            depth += 1
            if depth > MAX_JSON_DEPTH:
                return True
        elif match[2]:
            depth -= 1
    return False


def without_depths(text: str, instead: str) -> str:
    """Put something in place of what JSON text nests deeper than `MAX_JSON_DEPTH`, in linear time."""
    parts: list[str] = []
    depth = begun = done = 0
    for match in _BRACKET.finditer(text):
        if match[1]:
            depth += 1
            if depth == MAX_JSON_DEPTH + 1:
                begun = match.start()
        elif match[2]:
            if depth == MAX_JSON_DEPTH + 1:
                parts += (text[done:begun], instead)
                done = match.end()
            depth -= 1
    # What is not closed is no JSON, and must not be read as deep as it is.
    parts.append(text[done:begun] if depth > MAX_JSON_DEPTH else text[done:])
    return "".join(parts)


def canonical_json(value: Any) -> str:
    """Write a JSON value so that equal values have equal text: sorted keys, no spaces, ASCII only.

    Raises
    ------
    ValueError, TypeError
        If the value is not JSON (NaN, Infinity, a set). What was read strictly never raises.
    """
    return _encode(value)


def digest_of(*texts: str) -> str:
    """Return SHA-256 (hex) over the canonical JSON of a list of texts; no two lists are joined to the same text."""
    # As `canonical_json` of the list writes it, and quicker: the writer makes a new one of itself for each list.
    return hashlib.sha256(f"[{','.join(map(encode_basestring_ascii, texts))}]".encode()).hexdigest()


def printable(value: Any) -> Any:
    r"""Spell out lone surrogates in any JSON value, so that UTF-8, and with it every store, can carry it.

    JSON may hold half of a surrogate pair (``"\ud800"``), which no UTF-8 text can. It becomes the six characters
    of its escape; everything else is returned as it came.
    """
    if isinstance(value, str):
        # Python knows of each text whether it is ASCII.
        return value if value.isascii() else _LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", value)
    if isinstance(value, dict):
        return {printable(key): printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item) for item in value]
    return value


def rfc3339(text: str) -> datetime | None:
    """Read an RFC 3339 time as aware UTC; None stands for Go's zero time, which means "not set".

    Fractions finer than microseconds are cut off, a leap second is the second before it.

    Raises
    ------
    ValueError
        If the text is no RFC 3339 time with an offset.
    """
    match = _RFC3339.fullmatch(text)
    if not match:
        raise ValueError("not an RFC 3339 time")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if year <= 1:
        return None
    microsecond = int((match[7] or "0")[:6].ljust(6, "0"))
    offset = timedelta(0)
    if match[9]:
        hours, minutes = int(match[10]), int(match[11])
        if hours > 23 or minutes > 59:
            raise ValueError("not an RFC 3339 time")
        offset = timedelta(hours=hours, minutes=minutes) * (1 if match[9] == "+" else -1)
    try:
        second = 59 if second == 60 else second
        return datetime(year, month, day, hour, minute, second, microsecond, timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("not an RFC 3339 time") from error


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
        return rfc3339(value)
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
