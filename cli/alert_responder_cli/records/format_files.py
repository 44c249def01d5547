"""Read custom formats from a file, and convert parsed records to the native format."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from alert_responder.contracts.alert import WORD_RULE
from alert_responder.contracts.base import fault_clause, fault_message, fault_path
from alert_responder.contracts.mapping import AttributeMapping, FormatMapping
from alert_responder.formats import ParsedAlert
from alert_responder.formats.mapping import InvalidMappingError, MappedFormat
from alert_responder.formats.messages import quoted
from alert_responder.formats.registry import Format
from alert_responder_cli.errors import CommandError

NAME_RULE = "lower-case letters, digits and single hyphens"


def read_format_file(path: Path) -> tuple[Format, ...]:
    """Read one custom format or a list of them from a JSON file, with the fields of the root module's `custom_formats`.

    Raises
    ------
    CommandError
        The file cannot be read or is invalid: not JSON, a missing or unknown field, an invalid expression.
    """
    try:
        given: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise CommandError(f"The format file {path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise CommandError(f"The format file {path} is not JSON.") from None
    entries = given if isinstance(given, list) else [given]
    try:
        mappings = TypeAdapter(tuple[FormatMapping, ...]).validate_python(entries)
        formats = tuple(MappedFormat(mapping) for mapping in mappings)
    except ValidationError as error:
        faults = "; ".join(_fault(fault) for fault in error.errors(include_url=False))
        raise CommandError(f"The format file {path} is invalid: {faults}.") from None
    except InvalidMappingError as error:
        raise CommandError(f"The format file {path} is invalid: {error}.") from None
    unknown = [field for entry in entries for field in _unknown(entry)]
    if unknown:
        known, of_attributes = (", ".join(each.model_fields) for each in (FormatMapping, AttributeMapping))
        raise CommandError(
            f"The format file {path} has unknown fields: {', '.join(unknown)}. "
            f"Known fields: {known}; in attributes: {of_attributes}."
        )
    if not formats:
        raise CommandError(f"The format file {path} contains no format.")
    return formats


def as_native(parsed: ParsedAlert) -> bytes:
    """Serialise an alert as a record of the native format.

    If the original record was an envelope with an id, the new one is too, with the same id.
    """
    document: dict[str, Any] = parsed.alert.model_dump(mode="json")
    if parsed.event_id is not None:
        document = {"detail-type": "AlertResponder alert", "id": parsed.event_id, "detail": document}
    return json.dumps(document, separators=(",", ":")).encode()


def _fault(fault: ErrorDetails) -> str:
    """Describe in one clause which field is invalid, its value, and what is allowed."""
    number, _, field = fault_path(fault).removeprefix("[").partition("]")
    field = field.removeprefix(".")
    where = f"{field} of format {number}" if field else f"format {number}"
    message = fault_message(fault)
    if fault["type"] == "string_pattern_mismatch":
        message = f"must be {NAME_RULE if field == 'name' else WORD_RULE}"
    return fault_clause(where, message) + ("" if fault["type"] == "missing" else f", got {quoted(fault['input'])}")


def _unknown(entry: dict[str, Any]) -> Sequence[str]:
    attributes = entry.get("attributes") or ()
    return [
        *(name for name in entry if name not in FormatMapping.model_fields),
        *(
            f"attributes.{name}"
            for attribute in attributes
            for name in attribute
            if name not in AttributeMapping.model_fields
        ),
    ]
