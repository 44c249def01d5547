"""Time zones come from the package, and are those that a policy may name."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alert_responder_plugins.policy import hours
from alert_responder_plugins.policy.model import Hours
from alert_responder_plugins.policy.time_zones import time_zone, time_zone_names, version
from tools.paths import ROOT

WITHOUT_SYSTEM = """
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError
from alert_responder_plugins.policy.hours import covers
from alert_responder_plugins.policy.model import Hours

try:
    ZoneInfo("Europe/Berlin")
except ZoneInfoNotFoundError:
    print("missing")
at_night = Hours.model_validate({"from": "22:00", "to": "06:00", "timezone": "Europe/Berlin"})
print(covers(at_night, datetime(2026, 7, 1, 20, 0, tzinfo=UTC)))
print(covers(at_night, datetime(2026, 1, 1, 20, 59, tzinfo=UTC)))
"""


def test_the_time_zones_are_those_of_the_pinned_version() -> None:
    pins = (ROOT / "requirements" / "tzdata.txt").read_text(encoding="utf-8")
    year, letter = version()[:4], version()[4:]
    assert f"tzdata=={year}.{ord(letter) - ord('a') + 1} " in pins, "run `make time-zones`"
    assert {"Europe/Berlin", "America/New_York", "UTC", "Etc/UTC"} <= time_zone_names()
    assert all("/" in name or name == "UTC" for name in time_zone_names())


def test_every_time_zone_is_valid_all_year() -> None:
    for name in time_zone_names():
        for month in range(1, 13):
            offset = datetime(2026, month, 15, tzinfo=UTC).astimezone(time_zone(name)).utcoffset()
            assert offset is not None
            assert abs(offset) <= timedelta(hours=14)


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])
def test_time_zones_agree_with_those_of_this_machine(name: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(365 * 4):
        moment += timedelta(hours=6)
        assert moment.astimezone(time_zone(name)).utcoffset() == moment.astimezone(ZoneInfo(name)).utcoffset()


def test_the_time_zones_of_the_operating_system_are_not_needed() -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_SYSTEM],
        env={"PYTHONTZPATH": "", "PYTHONPATH": str(ROOT / "lambda")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["missing", "True", "False"]


@pytest.mark.parametrize(
    ("given", "at", "within"),
    [
        # Clocks go from 02:00 to 03:00: the night of 29 March is an hour shorter.
        ({"from": "01:30", "to": "03:30", "timezone": "Europe/Berlin"}, "2026-03-29T00:30", True),
        ({"from": "01:30", "to": "03:30", "timezone": "Europe/Berlin"}, "2026-03-29T01:29", True),
        ({"from": "01:30", "to": "03:30", "timezone": "Europe/Berlin"}, "2026-03-29T01:30", False),
        # Clocks go from 03:00 to 02:00: 02:30 comes twice.
        ({"from": "02:30", "to": "02:45", "timezone": "Europe/Berlin"}, "2026-10-25T00:30", True),
        ({"from": "02:30", "to": "02:45", "timezone": "Europe/Berlin"}, "2026-10-25T01:30", True),
        # Half an hour, and a change at midnight.
        ({"from": "01:30", "to": "02:00", "timezone": "Australia/Lord_Howe"}, "2026-04-04T15:00", True),
        ({"from": "00:00", "to": "01:00", "timezone": "Africa/Cairo"}, "2026-04-23T22:30", False),
        # Sunday's window ends on Monday, and Monday has none.
        ({"days": "sun", "from": "23:00", "to": "01:00", "timezone": "Pacific/Auckland"}, "2026-06-07T12:59", True),
        ({"days": "sun", "from": "23:00", "to": "01:00", "timezone": "Pacific/Auckland"}, "2026-06-07T13:00", False),
    ],
)
def test_hours_follow_the_clock_on_the_wall(given: dict[str, Any], at: str, within: bool) -> None:
    assert hours.covers(Hours.model_validate(given), datetime.fromisoformat(f"{at}+00:00")) is within
