"""Times of day in a time zone. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from alert_responder_plugins.policy.model import DAYS, Hours


def covers(hours: Hours, moment: datetime) -> bool:
    """Check whether a moment is within hours, by the clock on the wall.

    An end before the begin is on the next day, and `days` are those on which the time begins. When clocks change, an
    hour that is repeated counts twice, and one that is skipped not at all.
    """
    local = moment.astimezone(ZoneInfo(hours.timezone))
    clock, today, yesterday = f"{local:%H:%M}", DAYS[local.weekday()], DAYS[local.weekday() - 1]
    if hours.from_ < hours.to:
        return today in hours.days and hours.from_ <= clock < hours.to
    return (clock >= hours.from_ and today in hours.days) or (clock < hours.to and yesterday in hours.days)
