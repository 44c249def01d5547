"""The formats that are read, described by their own modules and mappings."""

import importlib
import re
from collections.abc import Iterable, Iterator
from types import ModuleType

from pydantic import BaseModel

from alert_responder.formats.mapping import MappedFormat
from alert_responder.formats.registry import CODED_FORMATS, Format, format_name, vendor_modules

_LINK = re.compile(r"https://[^\s()]+")
_DETECTOR = re.compile(r"^Detector: (.+)\.$", re.MULTILINE)
_LITERAL = re.compile(r"'([a-z0-9-]+)'")


class KnownFormat(BaseModel):
    """A format.

    Attributes
    ----------
    detector
        The detector of its alerts. Of a custom format: the expression.
    description
        Which events it reads. Of a custom format: the expression that recognises them.
    links
        The vendor's documentation; empty for custom formats.
    """

    name: str
    detector: str
    description: str
    links: tuple[str, ...] = ()
    custom: bool = False


def known_formats(custom: Iterable[Format] = ()) -> list[KnownFormat]:
    """List all formats in the order in which they are tried; the mappings of a vendor are one format."""
    return [*map(_custom, custom), *_built_in()]


def _custom(format_: Format) -> KnownFormat:
    if not isinstance(format_, MappedFormat):
        raise TypeError(f"a custom format must be a mapping, got {type(format_).__name__}")
    return KnownFormat(name=format_.name, detector=format_.detector, description=format_.match, custom=True)


def _built_in() -> Iterator[KnownFormat]:
    for coded in CODED_FORMATS:
        if isinstance(coded, ModuleType):
            detector = _DETECTOR.search(coded.__doc__ or "")
            yield _described(coded, detector[1].replace("`", "") if detector else "")
    for name in vendor_modules():
        module = importlib.import_module(name)
        literals = [word for mapping in module.MAPPINGS for word in _LITERAL.findall(mapping["detector"])]
        yield _described(module, ", ".join(dict.fromkeys(literals)))


def _described(module: ModuleType, detector: str) -> KnownFormat:
    text = module.__doc__ or ""
    return KnownFormat(
        name=format_name(module.__name__),
        detector=detector,
        description=" ".join(text.partition("\n\n")[0].replace("`", "").split()),
        links=tuple(link.rstrip(".,") for link in _LINK.findall(text)),
    )
