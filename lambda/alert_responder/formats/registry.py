"""All formats, in the order in which they are tried: custom, coded, and one mapping module per vendor in `vendors`."""

import importlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from alert_responder.contracts.alert import Alert
from alert_responder.formats import cloudtrail, guardduty, legacy, native, ocsf, securityhub
from alert_responder.formats.alert_builder import Notes

if TYPE_CHECKING:
    from alert_responder.formats.mapping import MappedFormat


class Format(Protocol):
    """The interface of a format: a module in `CODED_FORMATS`, or a `MappedFormat`.

    A format whose documents may hold several events also has ``events(document) -> list``, which returns at least one
    event or raises `RejectedAlertError`. One that also reads the envelope has ``to_alert_within(document, notes,
    envelope) -> Alert``, which is called instead of ``to_alert``.
    """

    def recognises(self, document: dict[str, Any]) -> bool:
        """Check by its fields whether a document is intended to have this format."""
        ...

    def to_alert(self, document: dict[str, Any], notes: Notes) -> Alert:
        """Convert a document and note what is left out, or raise `RejectedAlertError`."""
        ...


CODED_FORMATS: tuple[Format, ...] = (native, legacy, ocsf, securityhub, guardduty, cloudtrail)
"""The formats that are written in Python. The first one that recognises a document converts it."""

NATIVE_FORMATS: tuple[Format, ...] = (native, legacy)
"""The formats in which a producer writes every field of an alert; a custom format is the operator's."""


@cache
def vendor_modules() -> tuple[str, ...]:
    """List the names of the modules in `vendors`, sorted."""
    # Imported here, because most records need none of it.
    import pkgutil

    from alert_responder.formats import vendors

    return tuple(sorted(f"{vendors.__name__}.{module.name}" for module in pkgutil.iter_modules(vendors.__path__)))


@cache
def vendor_formats() -> "tuple[MappedFormat, ...]":
    """Load the mappings of all vendors, sorted by name; a test checks that each of them is valid."""
    from alert_responder.contracts.mapping import FormatMapping
    from alert_responder.formats.mapping import MappedFormat

    return tuple(
        MappedFormat(FormatMapping.model_validate({"name": format_name(module), **mapping}))
        for module in vendor_modules()
        for mapping in importlib.import_module(module).MAPPINGS
    )


def format_name(module: str) -> str:
    """Return the name of the format in a module."""
    return module.rpartition(".")[2].replace("_", "-")


@cache
def _vendor_formats_by_field() -> "dict[str, tuple[tuple[int, MappedFormat], ...]]":
    """Index the vendor formats, with their positions, by the fields of which a document needs one to match."""
    index: dict[str, list[tuple[int, MappedFormat]]] = {}
    for position, candidate in enumerate(vendor_formats()):
        # A format that any document may match is indexed by "".
        for field in candidate.needs or ("",):
            index.setdefault(field, []).append((position, candidate))
    return {field: tuple(formats) for field, formats in index.items()}


class FormatRegistry:
    """All formats in the order in which they are tried; vendors' are loaded when the first of them is needed.

    Parameters
    ----------
    custom
        The operator's formats, which are tried first.
    """

    def __init__(self, custom: Iterable[Format] = ()) -> None:
        self.custom = tuple(custom)

    def __iter__(self) -> Iterator[Format]:
        yield from self.custom
        yield from CODED_FORMATS
        yield from vendor_formats()

    def candidates(self, document: dict[str, Any]) -> Iterator[Format]:
        """Yield the formats that may recognise a document, in order; this skips most vendors."""
        yield from self.custom
        if not document:
            return
        yield from CODED_FORMATS
        index = _vendor_formats_by_field()
        found = {
            position: candidate
            for field in (*(index.keys() & document.keys()), "")
            for position, candidate in index.get(field, ())
        }
        for position in sorted(found):
            yield found[position]


BUILTIN_FORMATS = FormatRegistry()
"""All formats of an installation without custom ones."""
