"""Formats of one's own from a file, and what they make of a record."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from alert_responder.contracts.mapping import AttributeMapping, FormatMapping
from alert_responder.formats import Format, ParsedAlert
from alert_responder.formats.mapping import InvalidMappingError, MappedFormat
from alert_responder_cli.errors import CommandError


def formats_in(path: Path) -> tuple[Format, ...]:
    """Read formats of one's own from a file: one as JSON, or a list of them, as in `formats` of the root module.

    Raises
    ------
    CommandError
        With everything that is wrong: no JSON, a missing or unknown field, an expression that is no JMESPath.
    """
    try:
        given: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise CommandError(f"The format {path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise CommandError(f"The format {path} is no JSON.") from None
    entries = given if isinstance(given, list) else [given]
    try:
        found = TypeAdapter(tuple[FormatMapping, ...]).validate_python(entries)
        read = tuple(MappedFormat(mapping) for mapping in found)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        said = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        raise CommandError(f"The format {path} is wrong: {said}.") from None
    except InvalidMappingError as error:
        raise CommandError(f"The format {path} is wrong: {error}.") from None
    unknown = [field for entry in entries for field in _unknown(entry)]
    if unknown:
        raise CommandError(f"The format {path} has fields that nobody knows: {', '.join(unknown)}.")
    if not read:
        raise CommandError(f"The format {path} is empty.")
    return read


def as_native(parsed: ParsedAlert) -> bytes:
    """Write an alert as a record of the native format, which any installation reads.

    Where the alert came in an envelope with an id, it gets one with the same id, so that it is counted once however it
    is sent.
    """
    document: dict[str, Any] = parsed.alert.model_dump(mode="json")
    if parsed.event_id is not None:
        document = {"detail-type": "AlertResponder alert", "id": parsed.event_id, "detail": document}
    return json.dumps(document, separators=(",", ":")).encode()


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
