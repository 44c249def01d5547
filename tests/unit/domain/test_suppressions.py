"""What a reviewer's suppression cannot hide, and which severity such a report gets."""

from typing import Any

import pytest

from alert_responder.contracts.report import Omission, Overview, Report, Result
from alert_responder.domain.completeness import with_omissions, with_result
from alert_responder.domain.suppressions import obstacle
from tests.unit.domain.builders import finding, report, reported_alert

SUPPRESSION = {"name": "scanner", "owner": "net-team@example.com", "reason": "SEC-1", "expires": "2026-01-02"}
CUT = Omission(what="lookups", count=3, reason="A limit.")


def answer(severity: str = "safe", **suppression: Any) -> Result:
    fields = {"severity": severity, "reason": "Known.", "reviewer": "arn", "suppressed": SUPPRESSION | suppression}
    return Result.model_validate(fields)


def alerts(*severities: str | None) -> list[dict[str, Any]]:
    return [reported_alert(f"e{number}", severity=severity) for number, severity in enumerate(severities)]


def verdict(inspector: str, rating: str) -> dict[str, Any]:
    return finding("a.test", {"type": "note", "title": "n", "verdict": rating}, inspector=inspector)


BROKEN: dict[str, tuple[Report, str]] = {
    "malicious": (
        report(findings=[verdict("virustotal", "malicious"), verdict("other", "malicious")]),
        "The inspector other found something malicious.",
    ),
    "incomplete": (with_omissions(report(), CUT), "The report is not complete."),
    "raised": (
        report(alerts=alerts("low", "high")),
        "The detector raised its severity, which was Low in the first alert.",
    ),
}


def test_a_suppressed_report_keeps_its_severity() -> None:
    result = with_result(report(findings=[verdict("a", "suspicious")], alerts=alerts("high", "low")), answer()).result
    assert (result.severity, result.breakthrough, result.is_suppressed) == ("safe", None, True)


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_through_is_named_and_is_not_safe(name: str) -> None:
    of, why = BROKEN[name]
    result = with_result(of, answer()).result
    assert (result.breakthrough, result.is_suppressed) == (why, False)
    assert result.suppressed
    assert result.suppressed.name == "scanner"
    assert (result.severity, result.reviewer_severity) == ("unclassified", "safe")
    assert result.reason.startswith("The reviewer answered safe, but the ")
    assert with_result(of, answer("urgent")).result.severity == "urgent"


@pytest.mark.parametrize("name", BROKEN)
def test_a_suppression_applies_despite_what_it_names(name: str) -> None:
    of, _ = BROKEN[name]
    result = with_result(of, answer(despite=[name])).result
    assert (result.breakthrough, result.is_suppressed) == (None, True)
    assert result.severity == ("unclassified" if name == "incomplete" else "safe")
    others = [other for other in BROKEN if other != name]
    assert with_result(of, answer(despite=others)).result.breakthrough


@pytest.mark.parametrize(
    ("expires", "ends"),
    [
        ("2026-01-01", True),
        ("2026-01-01T00:00:01Z", True),
        ("2026-01-01T00:00:01.001Z", False),
        ("2026-01-01T01:00:01+01:00", True),
        ("2026-01-02", False),
    ],
)
def test_an_expired_suppression_hides_nothing(expires: str, ends: bool) -> None:
    suppressed = answer(expires=expires, despite=["malicious", "incomplete", "raised"]).suppressed
    assert suppressed
    assert obstacle(report(), suppressed) == (f"The suppression expired at {expires}." if ends else None)


def test_a_severity_that_was_raised_in_an_alert_that_is_not_shown_breaks_through() -> None:
    first = report(alerts=alerts("low"))
    for worst, broken in (("Low", False), ("High (8)", True), (None, False)):
        of = first.model_copy(update={"overview": Overview(severity=worst), "alert_count": 30})
        assert bool(with_result(of, answer()).result.breakthrough) is broken
