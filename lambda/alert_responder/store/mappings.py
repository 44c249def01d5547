"""The operator's own formats, as Terraform writes them into the table."""

import json

from pydantic import TypeAdapter, ValidationError

from alert_responder.contracts.mapping import FormatMapping
from alert_responder.errors import DependencyError
from alert_responder.store import keys
from alert_responder.store.table import Table


def read_mappings(table: Table) -> tuple[FormatMapping, ...] | None:
    """Read them in their order; None where there are none. Raise `DependencyError` for what Terraform did not write."""
    item = table.get(keys.formats())
    if item is None:
        return None
    try:
        # Earlier versions of the Terraform module wrote `each` for `events`.
        entries = [{"events": entry.get("each"), **entry} for entry in json.loads(item["mappings"])]
        return TypeAdapter(tuple[FormatMapping, ...]).validate_python(entries)
    except (AttributeError, KeyError, TypeError, ValueError, ValidationError):
        raise DependencyError("config/formats: the item is not as Terraform writes it") from None
