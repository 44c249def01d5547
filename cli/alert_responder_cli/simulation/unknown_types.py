"""Find unknown attribute types in a simulation, which are often misspelt."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from alert_responder.contracts.plugin import Plugins
from alert_responder_cli.records.attribute_types import is_known, sentence


class UnknownType(BaseModel, frozen=True):
    """An unknown attribute type.

    Attributes
    ----------
    inspector
        The inspector whose answers contain it; None: it is in alerts.
    value
        The first value of the type.
    values
        Number of different values.
    what
        The warning, with a suggestion.
    """

    type: str
    inspector: str | None
    value: str
    values: int
    what: str

    @property
    def sentence(self) -> str:
        """Where the type occurs, with the warning."""
        where = f"Inspector {self.inspector} returned" if self.inspector else "An alert has"
        return f"{where} an attribute {self.type} {self.value}. {self.what}"


def unknown_types(reports: Iterable[Mapping[str, Any]], plugins: Plugins) -> tuple[UnknownType, ...]:
    """List unknown types in order of first appearance; types that an inspector is attached for are known."""
    own = {type_ for inspector in plugins.inspectors for type_ in inspector.attribute_types}
    found: dict[tuple[str, str | None], dict[str, None]] = {}
    for report in reports:
        for attribute in report["attributes"]:
            if not is_known(attribute["type"], own):
                values = found.setdefault((attribute["type"], attribute["origin"]["inspector"]), {})
                values[attribute["value"]] = None
    return tuple(
        UnknownType(type=type_, inspector=inspector, value=next(iter(values)), values=len(values), what=sentence(type_))
        for (type_, inspector), values in found.items()
    )
