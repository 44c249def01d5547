"""The headline of a report, on its page and as text."""

from typing import Any

import pytest

from alert_responder.contracts.report import Overview
from alert_responder.domain.glance import glance
from alert_responder.page.headline import headline
from tests.fakes.reports import a_report, an_alert, an_attribute
from tests.unit.page.builders import AT, read

CAME = ("2026-02-01T00:00:01.250Z", "2026-02-01T00:05:00.000Z")
TIMES: dict[str, Any] = {"first_seen": "2026-01-31T10:00:00.000Z", "last_seen": "2026-01-31T12:00:00.000Z"}


def facts(count: int = 1, arrived: tuple[str, ...] = CAME[:1], rule: str = "", **fields: Any) -> dict[str, str]:
    overview = Overview.model_validate(fields)
    return dict(headline(glance(overview, rule), overview, count, arrived))


def test_all_known_facts_are_named() -> None:
    shop = {"id": "111122223333", "name": "shop"}
    where: dict[str, Any] = {"accounts": [shop], "regions": ["eu-central-1"]}
    assert facts(500, severity="High (8)", rule="Recon:EC2/Portscan", occurrences=1_204, **where, **TIMES) == {
        "Detector's severity": "High (8)",
        "Rule": "Recon:EC2/Portscan",
        "Account": "111122223333 (shop)",
        "Region": "eu-central-1",
        "Event first seen": "2026-01-31 10:00:00 UTC",
        "Event last seen": "2026-01-31 12:00:00 UTC",
        "Count": "500 alerts; the detector counts 1,204",
    }


def test_an_event_at_one_moment_has_one_time() -> None:
    assert facts(**{**TIMES, "last_seen": TIMES["first_seen"]})["Event time"] == (
        "2026-01-31 10:00:00 UTC (first and last seen)"
    )


@pytest.mark.parametrize(
    ("arrived", "time"),
    [
        (CAME[:1], "unknown; arrived 2026-02-01 00:00:01 UTC"),
        ((CAME[0], CAME[0]), "unknown; arrived 2026-02-01 00:00:01 UTC"),
        (CAME, "unknown; arrived 2026-02-01 00:00:01 to 2026-02-01 00:05:00 UTC"),
        ((), "unknown"),
    ],
)
def test_without_a_time_of_the_event_the_arrivals_are_shown(arrived: tuple[str, ...], time: str) -> None:
    assert facts(arrived=arrived) == {"Detector's severity": "none", "Event time": time, "Count": "1 alert"}


def test_the_first_of_many_accounts_and_regions_are_named() -> None:
    found = facts(accounts=[{"id": f"{n:012d}", "name": None} for n in range(5)], regions=["a", "b", "c", "d"])
    assert found["Accounts"] == "000000000000, 000000000001, 000000000002 and 2 more"
    assert found["Regions"] == "a, b, c and 1 more"


def test_the_page_shows_the_headline_before_the_reason() -> None:
    overview = {"severity": "High (8)", "accounts": [{"id": "111122223333", "name": "<b>shop\u202e"}], **TIMES}
    reader = read(a_report("urgent", "Because.", overview=overview))
    words = " ".join(reader.text.partition("Because.")[0].split())
    assert (
        "Detector's severity High (8) Rule new-address Account 111122223333 (<b>shop⟨U+202E⟩) "
        "Event first seen 2026-01-31 10:00:00 UTC Event last seen 2026-01-31 12:00:00 UTC Count 1 alert"
    ) in words


def test_the_headline_of_a_report_of_an_earlier_version_is_derived_from_its_alerts() -> None:
    body = {"service": {"serviceName": "guardduty", "eventFirstSeen": "2026-01-31T10:00:00Z", "count": 3}}
    alert = an_alert(detector="guardduty", severity="8", body={**body, "region": "eu-central-1"}, timestamp=None)
    account = an_attribute("111122223333", type="account", key="account", context=["local"])
    found = an_attribute("444455556666", type="account", key="account", context=["local"], depth=1)
    reader = read(a_report(alerts=[alert], attributes=[account, found], overview=None), arrivals=(AT, AT + 1))
    words = " ".join(reader.text.partition("Known for")[0].split())
    assert "Detector's severity High (8) Rule new-address Account 111122223333 Region eu-central-1" in words
    assert "Event time 2026-01-31 10:00:00 UTC (first and last seen) Count 1 alert; the detector counts 3" in words
