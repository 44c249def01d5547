"""Which changes of a report are news to emitters."""

from typing import Any

import pytest

from alert_responder.domain.digest import report_digest
from tests.unit.domain.builders import finding, report, reported_alert, reported_attribute

NOTE = {"type": "note", "title": "n"}
REVIEW = {"severity": "urgent", "reason": "because", "reviewer": "arn"}
SUPPRESSION = {"name": "n", "owner": "o", "reason": "r", "expires": "2027-03-01"}
A, B = reported_attribute("a.test"), reported_attribute("b.test")


@pytest.mark.parametrize(
    "changes",
    [
        {"round": 9, "updated_at": "2027-01-01T00:00:00.000Z", "timeline": [], "notes": ["A note."]},
        {"alerts": [reported_alert("e9", description="another")], "alert_count": 4, "title": "another"},
        {"attributes": [B, A]},
        {"attributes": [A | {"context": ["local"]}, B | {"context": ["remote"]}]},
        {"attributes": [reported_attribute("a.test", timestamp="2026-01-01T00:00:00Z"), B]},
        {"findings": [finding("b.test"), finding("a.test", NOTE)]},
        {"findings": [finding("a.test", NOTE, seconds=9.0), finding("b.test")]},
        {"findings": [finding("a.test", NOTE, outcome="cached", seconds=None), finding("b.test", outcome="empty")]},
        {"emissions": [{"emitter": "e", "round": 1, "outcome": "ok", "reason": None, "url": None}]},
        {"result": {"severity": "urgent", "reason": "because", "reviewer": "another"}},
        {"result": {**REVIEW, "rule": None, "labels": [], "suppressed": None, "breakthrough": None}},
        {"overview": {"first_seen": "2026-01-01T00:00:00.000Z", "occurrences": 9, "regions": ["eu-west-1"]}},
    ],
)
def test_changes_that_are_not_news(changes: dict[str, Any]) -> None:
    assert report_digest(report(**changes)) == report_digest(report())


@pytest.mark.parametrize(
    "changes",
    [
        {"test": True},
        {"result": {"severity": "safe", "reason": "because", "reviewer": "arn"}},
        {"result": {"severity": "urgent", "reason": "of that", "reviewer": "arn"}},
        {"result": {**REVIEW, "rule": "another"}},
        {"result": {**REVIEW, "labels": ["network"]}},
        {"result": {**REVIEW, "suppressed": SUPPRESSION}},
        {"result": {**REVIEW, "breakthrough": "A reason."}},
        {"attributes": [A]},
        {"attributes": [A, B, reported_attribute("c.test")]},
        {"attributes": [A, reported_attribute("b.test", context=["subject"])]},
        {"attributes": [A, B | {"type": "account", "context": ["remote"]}]},
        {"findings": [finding("a.test", NOTE)]},
        {"findings": [finding("a.test", NOTE), finding("b.test", outcome="error", reason="x")]},
        {"findings": [finding("a.test", NOTE), finding("b.test", outcome="skipped")]},
        {"findings": [finding("a.test", NOTE | {"verdict": "malicious"}), finding("b.test")]},
        {"findings": [finding("a.test"), finding("b.test", NOTE)]},
        {"truncated": True},
        {"overview": {"severity": "High"}},
        {"overview": {"outcome": "success"}},
    ],
)
def test_changes_that_are_news(changes: dict[str, Any]) -> None:
    assert report_digest(report(**changes)) != report_digest(report())


def test_the_order_of_labels_is_not_news() -> None:
    one, other = ({"result": {**REVIEW, "labels": labels}} for labels in (["a", "b"], ["b", "a"]))
    assert report_digest(report(**one)) == report_digest(report(**other))


def test_an_extended_suppression_is_not_news() -> None:
    one, other = (
        {"result": {**REVIEW, "suppressed": SUPPRESSION | {"expires": expires}}}
        for expires in ("2027-03-01", "2027-04-01")
    )
    assert report_digest(report(**one)) == report_digest(report(**other))
