"""Builds an alert field by field: an invalid field is left out, and the rest of the alert is kept.

An attacker who controls one field of an event must not be able to suppress the alert. Fields that are left out are
noted, and the record is archived whole. Only detector and rule are required: they decide what the alert is about.
"""

from collections.abc import Callable, Iterable
from typing import Any

from pydantic import ValidationError

from alert_responder.contracts.alert import MAX_IDENTIFIER_LENGTH, Alert, Attribute
from alert_responder.contracts.base import fault_clause
from alert_responder.contracts.primitives import canonical_json, digest_of, printable
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.messages import faulty_fields, quoted, refusal
from alert_responder.formats.placeholders import is_placeholder, split_hashes

_REQUIRED = ("detector", "rule_id")
_SHOWN_NOTES = 20
_KEPT_OF_LONG = MAX_IDENTIFIER_LENGTH - len("... ") - 64
_MOST_CONTEXTS = 100


class Notes:
    """Collects what was left out of one alert. All notes are counted, and the first of them are written out.

    Attributes
    ----------
    count
        Number of fields that were left out or changed.
    texts
        One clause each: the field, what is allowed, and the escaped value.
    """

    def __init__(self) -> None:
        self.count = 0
        self.texts: list[str] = []

    def add(self, field: str, fault: str, *value: Any) -> None:
        """Note an invalid field, what is allowed, and optionally its value."""
        self.count += 1
        if len(self.texts) < _SHOWN_NOTES:
            found = f", got {quoted(value[0])}" if value and fault != "is required" else ""
            self.texts.append(fault_clause(shown_path(field), fault) + found)

    def copy(self) -> "Notes":
        """Return new notes that start with these."""
        made = Notes()
        made.count, made.texts = self.count, list(self.texts)
        return made

    def take(self, others: "Notes", renamed: Callable[[str], str]) -> None:
        """Add the notes of others, with each text changed by a function."""
        self.count += others.count
        self.texts += [renamed(text) for text in others.texts][: _SHOWN_NOTES - len(self.texts)]


def shown_path(field: str) -> str:
    """Return a path, whose keys may be hostile, in printable characters and short."""
    return field if field.isascii() and field.isprintable() and len(field) <= 100 else quoted(field)


def build_alert(fields: dict[str, Any], notes: Notes | None = None) -> Alert:
    """Build an alert; invalid fields are left out and noted.

    An identifier that is too long is shortened to its beginning and a hash of the whole, so that equal ones stay equal.
    A key that is not a string is converted to one, so that different ones stay different.

    Raises
    ------
    RejectedAlertError
        If detector or rule is invalid.
    """
    notes = notes or Notes()
    fields = {**fields, "attributes": build_attributes(fields.get("attributes"), notes)}
    if fields.get("rule_id") in (None, "") and isinstance(fields.get("rule_name"), str):
        fields["rule_id"] = fields["rule_name"]
    if "alert_key" in fields:
        fields["alert_key"] = _key(fields["alert_key"], notes)
    for name in (*_REQUIRED, "alert_key", "finding_id"):
        value = fields.get(name)
        if isinstance(value, str) and len(value) * 6 > MAX_IDENTIFIER_LENGTH:
            fields[name] = _identifier(name, value, notes)
    try:
        return Alert.model_validate(fields)
    except ValidationError as error:
        return _without_faults(fields, error, notes)


def build_attributes(values: Any, notes: Notes) -> list[Attribute]:
    """Build attributes, and leave out of each what is invalid.

    Placeholders are left out without a note, and a list of hashes in one value becomes several attributes.
    """
    if values is None:
        return []
    if not isinstance(values, list | tuple):
        notes.add("attributes", "must be an array", values)
        return []
    kept: list[Attribute] = []
    for number, value in enumerate(values):
        try:
            made: Attribute | None = value if value.__class__ is Attribute else Attribute.model_validate(value)
        except ValidationError as error:
            made = _attribute(f"attributes[{number}]", value, error, notes)
        if made is None or is_placeholder(made.type, made.value):
            continue
        if made.type == "filehashvalue":
            parts = split_hashes(made.value)
            kept += [made] if parts == [made.value] else [made.model_copy(update={"value": part}) for part in parts]
        else:
            kept.append(made)
    return kept


def _attribute(field: str, value: Any, error: ValidationError, notes: Notes) -> Attribute | None:
    """Build an attribute from the valid fields; return None if its value is invalid."""
    faults = faulty_fields(error)
    if not isinstance(value, dict) or "value" in faults or "" in faults:
        name, fault, found = next(iter(faults.values()))
        notes.add(f"{field}.{name}" if name else field, fault, found)
        return None
    changed = dict(value)
    for name, (path, fault, found) in faults.items():
        notes.add(f"{field}.{path}", fault, found)
        if name == "type":
            changed[name] = "other"
        elif name == "context" and isinstance(changed[name], list):
            changed[name] = list(_fitting_contexts(changed[name]))
        else:
            del changed[name]
    # An object as the value is invalid too if the type is, so this value is valid with the type `other`.
    return Attribute.model_validate(changed)


def _fitting_contexts(words: list[Any]) -> Iterable[str]:
    for word in words[:_MOST_CONTEXTS]:
        try:
            yield from Attribute(type="other", value="x", context=(word,)).context
        except ValidationError:
            continue


def _without_faults(fields: dict[str, Any], error: ValidationError, notes: Notes) -> Alert:
    """Build an alert without the fields that are invalid."""
    faults = faulty_fields(error)
    if not faults.keys().isdisjoint((*_REQUIRED, "")):
        raise RejectedAlertError(refusal(error)) from error
    for name, (path, fault, found) in faults.items():
        notes.add(path, fault, found)
        parts, value = path.split("."), fields.pop(name)
        if name == "source" and len(parts) == 2 and parts[1] != "product":
            fields[name] = {key: part for key, part in value.items() if key != parts[1]}
    try:
        return Alert.model_validate(fields)
    except ValidationError as again:
        if faulty_fields(again).keys() == {"source"}:
            return Alert.model_validate({name: value for name, value in fields.items() if name != "source"})
        raise RejectedAlertError(refusal(again)) from again


def _key(value: Any, notes: Notes) -> Any:
    if value is None or isinstance(value, str):
        return value
    notes.add("alert_key", "must be a string and was converted", value)
    text = canonical_json(value)
    return text if isinstance(value, int | float) else digest_of("alert_key", text)


def _identifier(name: str, value: str, notes: Notes) -> str:
    # Measured as it is stored, with lone surrogates escaped.
    text = str(printable(value))
    if len(text) <= MAX_IDENTIFIER_LENGTH:
        return text
    notes.add(name, f"must have at most {MAX_IDENTIFIER_LENGTH:,} characters and was shortened from {len(text):,}")
    return f"{text[:_KEPT_OF_LONG]}... {digest_of(text)}"
