"""Formats that come with the package as mappings, one module a vendor below `vendors`, and all formats together."""

import importlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

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


@cache
def _by_field() -> "dict[str, tuple[tuple[int, MappedFormat], ...]]":
    """Give for each field the formats, with their places, that a document may be of because it has the field."""
    found: dict[str, list[tuple[int, MappedFormat]]] = {}
    for place, each in enumerate(shipped()):
        # A format whose expression does not tell is found by "", which every document stands for.
        for field in each.needs or ("",):
            found.setdefault(field, []).append((place, each))
    return {field: tuple(formats) for field, formats in found.items()}


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

    def candidates(self, document: dict[str, Any]) -> Iterator[Format]:
        """Give those that a document may be of, in order: few of those that are shipped."""
        yield from self._own
        if not document:
            return
        yield from FORMATS
        index = _by_field()
        found = {
            place: each for field in (*(index.keys() & document.keys()), "") for place, each in index.get(field, ())
        }
        for place in sorted(found):
            yield found[place]
