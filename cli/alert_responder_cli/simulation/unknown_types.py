"""Types of attributes in a simulation that nobody knows: often a known one that is misspelt."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from alert_responder.contracts.plugin import Plugins
from alert_responder_cli.records.attribute_types import is_known, sentence


class UnknownType(BaseModel):
    """A type that nobody knows.

    Attributes
    ----------
    inspector
        Whose answers have it; None: the alerts have it.
    value
        The first value of that type.
    values
        How many different values there are.
    what
        That it is unknown, and which type is probably meant.
    """

    model_config = ConfigDict(frozen=True)

    type: str
    inspector: str | None
    value: str
    values: int
    what: str

    @property
    def sentence(self) -> str:
        """Say where it is, and what is meant."""
        where = f"The inspector {self.inspector}" if self.inspector else "An alert"
        return f"{where} has an attribute {self.type} {self.value}. {self.what}"


def unknown_types(reports: Iterable[Mapping[str, Any]], plugins: Plugins) -> tuple[UnknownType, ...]:
    """List them, in order of first appearance; a type that an inspector is attached for is known."""
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
