"""Formats that come with the package as mappings, one module a vendor below `vendors`, and all formats together."""

import importlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from alert_responder.formats import FORMATS, Format

if TYPE_CHECKING:
    from alert_responder.formats.mapping import MappedFormat


@cache
def shipped() -> "tuple[MappedFormat, ...]":
    """Give all of them, by name; a test says that each can be read."""
    # Most records need none of this.
    import pkgutil

    from alert_responder.contracts.mapping import FormatMapping
    from alert_responder.formats import vendors
    from alert_responder.formats.mapping import MappedFormat

    names = sorted(module.name for module in pkgutil.iter_modules(vendors.__path__))
    return tuple(
        MappedFormat(FormatMapping.model_validate({"name": name.replace("_", "-"), **mapping}))
        for name in names
        for mapping in importlib.import_module(f"{vendors.__name__}.{name}").MAPPINGS
    )


class AllFormats:
    """All formats in the order they are asked; those that are shipped are read when one of them is first asked.

    Parameters
    ----------
    own
        The operator's own, which are asked first.
    """

    def __init__(self, own: Iterable[Format] = ()) -> None:
        self._own = tuple(own)

    def __iter__(self) -> Iterator[Format]:
        yield from self._own
        yield from FORMATS
        yield from shipped()
