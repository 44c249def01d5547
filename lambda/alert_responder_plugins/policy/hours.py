"""Times of day in a time zone. Pure."""

from datetime import date, datetime, timedelta

from alert_responder_plugins.policy.model import DAYS, Hours
from alert_responder_plugins.policy.time_zones import time_zone


def covers(hours: Hours, moment: datetime) -> bool:
    """Check whether a moment is within hours, by the clock on the wall.

    An end before the begin is on the next day, and `days` are those on which the time begins. When clocks change, an
    hour that is repeated counts twice, and one that is skipped not at all.
    """
    return occurrence(hours, moment) is not None


def occurrence(hours: Hours, moment: datetime) -> date | None:
    """Return the day on which the hours around a moment began, or None if it is outside."""
    local = moment.astimezone(time_zone(hours.timezone))
    clock, today = f"{local:%H:%M}", local.date()
    if hours.from_ <= clock and (clock < hours.to or hours.to < hours.from_):
        begun = today
    elif clock < hours.to < hours.from_ and today > date.min:
        begun = today - timedelta(days=1)
    else:
        return None
    return begun if DAYS[begun.weekday()] in hours.days else None
