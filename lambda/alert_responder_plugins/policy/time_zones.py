"""The time zones that a policy may name: those of the IANA database by continent and ocean, and UTC.

Their data come with this package, so that a policy gives the same result in the function and on a laptop, and because
Lambda's operating system has none. `make time-zones` writes them from the pinned package tzdata; Terraform validates
the same names.
"""

import json
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

FILE = Path(__file__).with_name("time_zones.bin")
"""JSON of `version` and, by name, `places` (begin and end), a line break, and the files; compressed by zlib."""


class _Data(NamedTuple):
    version: str
    places: dict[str, tuple[int, int]]
    content: bytes


@cache
def _data() -> _Data:
    """Read the file when the first policy with hours needs it: about 3 ms."""
    head, _, content = zlib.decompress(FILE.read_bytes()).partition(b"\n")
    return _Data(**json.loads(head), content=content)


def version() -> str:
    """Return the version of the IANA database."""
    return _data().version


def time_zone_names() -> frozenset[str]:
    """Return the names that a policy may use."""
    return frozenset(_data().places)


@cache
def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name, one of `time_zone_names`."""
    begin, end = _data().places[name]
    return ZoneInfo.from_file(BytesIO(_data().content[begin:end]), key=name)
