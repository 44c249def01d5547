"""Where an attribute comes from, on the page, in an issue and in the terminal."""

import pytest

from alert_responder.contracts.report import Origin
from alert_responder.page.bounds import BOUNDS
from alert_responder.page.findings import origin_of
from alert_responder_cli.terminal import render
from alert_responder_plugins.github.issue import body
from tests.fakes.reports import a_finding, a_report, an_attribute

DERIVED = {"inspector": None, "attribute_type": "url", "attribute_value": "https://a.example/x"}


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        ({}, None),
        (DERIVED, "derived from https://a.example/x"),
        ({**DERIVED, "inspector": "dns"}, "found by dns from https://a.example/x"),
        ({"inspector": "dns"}, "found by dns"),
    ],
)
def test_the_page_describes_the_origin(origin: dict[str, str | None], shown: str | None) -> None:
    assert origin_of(Origin.model_validate(origin), BOUNDS[0]) == shown


def test_an_issue_and_the_terminal_name_the_url_of_a_host() -> None:
    host = an_attribute("a.example", type="domain", key="host of link", origin=DERIVED)
    report = a_report(attributes=[host], findings=[a_finding(attribute_value="a.example", attribute_type="domain")])
    assert "derived from `hxxps://a[.]example/x`" in body(report)
    lines = map(str, render.findings(report.model_dump(mode="json")))
    assert any("a.example (derived from https://a.example/x): ok" in line for line in lines)
