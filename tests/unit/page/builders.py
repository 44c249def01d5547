"""Pages for tests."""

from collections.abc import Sequence
from typing import Any

from alert_responder.contracts.report import Emission, Report
from alert_responder.page.renderer import render
from alert_responder.page.view import Page
from tests.fakes.html import PageReader
from tests.fakes.reports import a_finding, an_attribute

AT = 1_769_904_001_250
"""Arrival of the first alert [ms]."""


def a_page(report: Report, arrivals: Sequence[int] = (AT,), deliveries: Sequence[Emission] = ()) -> Page:
    return Page(report, arrivals, deliveries, f"reports/{report.id}/{report.round:06d}.json")


def read(report: Report, arrivals: Sequence[int] = (AT,), deliveries: Sequence[Emission] = ()) -> PageReader:
    return PageReader(render(a_page(report, arrivals, deliveries)))


def attribute(value: str, depth: int = 0, found_from: str | None = None, **fields: Any) -> dict[str, Any]:
    origin = {"inspector": "dns", "attribute_type": "domain", "attribute_value": found_from} if found_from else {}
    return an_attribute(value, id=value, type="domain", depth=depth, origin=origin, **fields)


def finding(value: str, *verdicts: str | None, **fields: Any) -> dict[str, Any]:
    contents = [{"type": "note", "title": "seen", "verdict": verdict} for verdict in verdicts]
    about = {"attribute_id": value, "attribute_type": "domain", "attribute_value": value}
    return a_finding(**{"contents": contents, "outcome": "ok" if contents else "empty", **about, **fields})
