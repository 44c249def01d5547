"""Formats that come with the package as mappings, one module a vendor below `vendors`; read when first needed."""

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Any

from alert_responder.contracts.alert import Alert
from alert_responder.errors import RejectedAlertError

if TYPE_CHECKING:
    from alert_responder.formats.mapping import MappedFormat


@cache
def shipped() -> "tuple[MappedFormat, ...]":
    """Give all of them, by name; a test says that each can be read."""
    # Most records need none of this.
    from alert_responder.contracts.mapping import FormatMapping
    from alert_responder.formats import vendors
    from alert_responder.formats.mapping import MappedFormat

    names = sorted(module.name for module in pkgutil.iter_modules(vendors.__path__))
    return tuple(
        MappedFormat(FormatMapping.model_validate({"name": name.replace("_", "-"), **mapping}))
        for name in names
        for mapping in importlib.import_module(f"{vendors.__name__}.{name}").MAPPINGS
    )


class ShippedFormats:
    """All of them as one format, asked after those that are told by code."""

    def recognises(self, document: dict[str, Any]) -> bool:
        """Tell whether one of them recognises a document."""
        return self._of(document) is not None

    def to_alert(self, document: dict[str, Any]) -> Alert:
        """Read it with the first that recognises it, or raise `RejectedAlertError`."""
        found = self._of(document)
        if found is None:
            raise RejectedAlertError("the format is not known")
        return found.to_alert(document)

    def _of(self, document: dict[str, Any]) -> "MappedFormat | None":
        return next((each for each in shipped() if each.recognises(document)), None)
