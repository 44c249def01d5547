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
from zoneinfo import ZoneInfo

FILE = Path(__file__).with_name("time_zones.bin")
"""JSON of `version` and, by name, `places` (begin and end), a line break, and the files; compressed by zlib."""

_HEAD, _, _CONTENT = zlib.decompress(FILE.read_bytes()).partition(b"\n")
_PLACES: dict[str, tuple[int, int]] = json.loads(_HEAD)["places"]

VERSION: str = json.loads(_HEAD)["version"]
"""Version of the IANA database."""

TIME_ZONES = frozenset(_PLACES)


@cache
def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name, one of `TIME_ZONES`."""
    begin, end = _PLACES[name]
    return ZoneInfo.from_file(BytesIO(_CONTENT[begin:end]), key=name)
