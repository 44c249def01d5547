"""Times of day in a time zone. Pure.

Time zones are those of this package, so that a policy gives the same result in the function and on a laptop. Lambda's
operating system has none.
"""

import json
import zlib
from base64 import b32decode
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO
from zoneinfo import ZoneInfo

from alert_responder_plugins.policy.model import DAYS, Hours


def covers(hours: Hours, moment: datetime) -> bool:
    """Check whether a moment is within hours, by the clock on the wall.

    An end before the begin is on the next day, and `days` are those on which the time begins. When clocks change, an
    hour that is repeated counts twice, and one that is skipped not at all.
    """
    return occurrence(hours, moment) is not None


def occurrence(hours: Hours, moment: datetime) -> date | None:
    """Return the day on which the hours around a moment began, or None if it is outside."""
    local = moment.astimezone(zone(hours.timezone))
    clock, today = f"{local:%H:%M}", local.date()
    if hours.from_ <= clock and (clock < hours.to or hours.to < hours.from_):
        begun = today
    elif clock < hours.to < hours.from_ and today > date.min:
        begun = today - timedelta(days=1)
    else:
        return None
    return begun if DAYS[begun.weekday()] in hours.days else None


@cache
def zone(name: str) -> ZoneInfo:
    """Return a time zone by one of the names in `time_zones`."""
    places, content = zone_files()
    begin, end = places[name]
    return ZoneInfo.from_file(BytesIO(content[begin:end]), key=name)


@cache
def zone_files() -> tuple[Mapping[str, tuple[int, int]], bytes]:
    """Return the begin and end of each time zone's file, and the files."""
    # Imported here: few policies name hours.
    from alert_responder_plugins.policy.zone_data import PACKED

    index, _, content = zlib.decompress(b32decode(PACKED.replace("\n", ""), casefold=True)).partition(b"\n")
    return json.loads(index), content
