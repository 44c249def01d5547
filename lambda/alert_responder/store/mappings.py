"""The operator's own formats, as Terraform writes them into the table."""

import json

from pydantic import TypeAdapter, ValidationError

from alert_responder.contracts.mapping import FormatMapping
from alert_responder.errors import DependencyError
from alert_responder.store.table import Key, Table

KEY = Key("config", "formats")


def read_mappings(table: Table) -> tuple[FormatMapping, ...]:
    """Read them in their order; raise `DependencyError` where the item is missing or not as Terraform writes it."""
    item = table.get(KEY)
    try:
        return TypeAdapter(tuple[FormatMapping, ...]).validate_python(json.loads((item or {})["mappings"]))
    except (KeyError, ValueError, ValidationError):
        raise DependencyError("config/formats: the item is not as Terraform writes it") from None
