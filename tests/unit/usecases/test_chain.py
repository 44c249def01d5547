"""The chain of reports of one alert id: re-sends are not delivered again, and resolved alerts notify no new emitter."""

from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.plugin import EmitterPlugin
from alert_responder.domain.admission import AdmissionLimits
from alert_responder.domain.records import Event
from alert_responder.errors import PluginFailedError, PluginTimeoutError
from tests.fakes.installation import Installation

WINDOW_MS = 500_000


class Line:
    """An emitter that remembers what it was notified of, and whose answers can be chosen."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, str, Any]] = []

    def __call__(self, request: Any) -> Any:
        report = request["report"]
        self.calls.append((report["id"], report["status"], request["state"]))
        answer = self.answers.pop(0) if self.answers else None
        return answer if isinstance(answer, Exception) else {"state": {"incident": len(self.calls)}}

    @property
    def seen(self) -> list[tuple[str, Any]]:
        return [(status, state and state["incident"]) for _, status, state in self.calls]


class Story:
    """One alert id, whose alerts arrive in one window after another."""

    def __init__(self, *answers: Any, **options: Any) -> None:
        self.inbox, self.reviews, self.looked_up = Line(*answers), 0, 0
        self.severity, self.verdict = "urgent", "harmless"
        self.suppressed: dict[str, Any] | None = None
        self.made = Installation(
            {"whois": self._look_up}, self._review, {"inbox": self.inbox}, window_ms=WINDOW_MS, **options
        )
        self.count = 0

    def _look_up(self, _: Any) -> Any:
        self.looked_up += 1
        return {"contents": [{"type": "note", "title": f"answer {self.looked_up}", "verdict": self.verdict}]}

    def _review(self, _: Any) -> Any:
        self.reviews += 1
        answer = {"severity": self.severity, "reason": f"review {self.reviews}"}
        return answer | ({"suppressed": self.suppressed} if self.suppressed else {})

    def event(self, finding: str = "f", **fields: Any) -> Event:
        self.count += 1
        alert = {
            "detector": "d",
            "rule_id": "r",
            "alert_key": "k",
            "severity": "high",
            "finding_id": finding,
            "attributes": [{"type": "domain", "value": "evil.example.net", "context": ["remote"]}],
            **fields,
        }
        return Event(f"e{self.count}", self.made.now, str(self.count), Alert.model_validate(alert))

    def window(self, *events: Event) -> dict[str, Any]:
        """Receive alerts in a new window, and return the report."""
        self.made.now += 2 * WINDOW_MS
        return self.later(*(event._replace(arrival=self.made.now) for event in events))

    def later(self, *events: Event) -> dict[str, Any]:
        """Receive alerts now, and return the report."""
        self.made.receive(*(event._replace(arrival=self.made.now) for event in events))
        self.made.run_and_sweep()
        return self.made.report()


def test_a_resent_finding_is_delivered_once_over_many_windows() -> None:
    story = Story()
    reports = [story.window(story.event()) for _ in range(4)]
    assert story.inbox.seen == [("active", None)]
    assert len({report["id"] for report in reports}) == 4
    assert reports[1]["notes"][0].startswith("Nothing has changed since the previous report")
    assert story.reviews == 4, "each report is inspected and reviewed"


def test_a_resend_that_is_rated_worse_is_an_update_for_those_that_know_it() -> None:
    story, quiet = Story(), []
    for severity in ("safe", "safe", "urgent", "urgent", "safe"):
        story.severity = severity
        report = story.window(story.event())
        quiet.append(any("Nothing has changed" in note for note in report["notes"]))
    assert story.inbox.seen == [("active", None), ("active", 1)]
    assert quiet == [False, True, False, True, True]


SUPPRESSION = {"name": "n", "owner": "o", "reason": "r", "expires": "2027-03-01"}


def test_the_end_of_a_suppression_is_an_update_for_those_that_know_the_finding() -> None:
    story, answers = Story(), []
    for suppressed in (None, SUPPRESSION, SUPPRESSION, None, None):
        story.suppressed = suppressed
        story.window(story.event())
        answers.append(len(story.inbox.calls))
    assert answers == [1, 1, 1, 2, 2]
    assert story.inbox.seen == [("active", None), ("active", 1)]


def test_what_breaks_through_is_an_update_once() -> None:
    story, calls = Story(), []
    story.suppressed = SUPPRESSION
    for verdict in ("harmless", "malicious", "malicious", "harmless", "malicious"):
        story.verdict = verdict
        report = story.window(story.event())
        calls.append((bool(report["result"]["breakthrough"]), len(story.inbox.calls)))
    assert calls == [(False, 0), (True, 1), (True, 1), (False, 1), (True, 2)]


def test_a_finding_that_is_resolved_while_it_is_suppressed_is_an_update() -> None:
    story = Story()
    story.window(story.event())
    story.suppressed = SUPPRESSION
    story.later(story.event(severity="low"))
    assert story.inbox.seen == [("active", None)], "the incident stays as it is"
    story.later(story.event(status="resolved"))
    assert story.inbox.seen == [("active", None), ("resolved", 1)]


CHANGES: dict[str, dict[str, Any]] = {
    "severity": {"severity": "critical"},
    "spelling of the severity": {"severity": "HIGH"},
    "finding": {"finding": "g"},
    "no finding": {"finding": ""},
    "count": {"body": {"service": {"servicename": "guardduty", "count": 6}}},
    "attribute": {"attributes": [{"type": "domain", "value": "other.example.net", "context": ["remote"]}]},
    "context": {"attributes": [{"type": "domain", "value": "evil.example.net", "context": ["local"]}]},
    "further attribute": {
        "attributes": [
            {"type": "domain", "value": "evil.example.net", "context": ["remote"]},
            {"type": "domain", "value": "other.example.net", "context": ["remote"]},
        ]
    },
    "no attribute": {"attributes": []},
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_is_news_of_a_new_incident(change: str) -> None:
    story = Story()
    story.window(story.event(body={"service": {"servicename": "guardduty", "count": 5}}))
    changed: dict[str, Any] = {"body": {"service": {"servicename": "guardduty", "count": 5}}} | CHANGES[change]
    story.window(story.event(**changed))
    assert story.inbox.seen == [("active", None), ("active", None)]
    story.window(story.event(**changed))
    again = 1 if change == "no finding" else 0
    assert len(story.inbox.calls) == 2 + again


def test_texts_and_times_do_not_count_as_changes() -> None:
    story = Story()
    story.window(story.event(description="one", timestamp="2026-01-01T00:00:00Z"))
    story.window(story.event(description="two", timestamp="2026-01-02T00:00:00Z"))
    assert len(story.inbox.calls) == 1


def test_a_change_after_a_re_send_in_its_window_is_news_of_a_new_incident() -> None:
    story = Story()
    story.window(story.event())
    story.window(story.event())
    story.later(story.event(severity="critical"))
    assert story.inbox.seen == [("active", None), ("active", None)]


def test_alerts_of_the_finding_that_differ_are_news() -> None:
    story = Story()
    story.window(story.event())
    story.window(story.event(severity="low"), story.event())
    assert len(story.inbox.calls) == 2


def test_a_resolved_alert_updates_the_incident_of_the_report_before() -> None:
    story = Story()
    first = story.window(story.event())
    looked_up = story.looked_up
    report = story.window(story.event(status="resolved", attributes=[{"type": "domain", "value": "new.example.net"}]))
    assert story.inbox.seen == [("active", None), ("resolved", 1)]
    assert (report["status"], report["previous_report_id"]) == ("resolved", first["id"])
    assert (report["result"]["severity"], story.reviews, story.looked_up) == ("urgent", 1, looked_up)
    assert report["findings"] == []
    story.window(story.event(status="resolved", attributes=[{"type": "domain", "value": "new.example.net"}]))
    assert len(story.inbox.calls) == 2, "it is resolved already"
    story.window(story.event())
    assert story.inbox.seen[2:] == [("active", None)], "it is active again"


def test_a_resolved_alert_is_inherited_over_re_sends() -> None:
    story = Story()
    for _ in range(3):
        story.window(story.event())
    story.window(story.event(status="resolved"))
    assert story.inbox.seen == [("active", None), ("resolved", 1)]


def test_a_resolved_alert_without_a_predecessor_is_not_delivered() -> None:
    story = Story()
    report = story.window(story.event(status="resolved"))
    assert (report["status"], story.inbox.calls, story.reviews) == ("resolved", [], 0)
    assert report["notes"][0].startswith("All alerts are resolved")


def test_the_detectors_times_decide_and_not_the_order_of_arrival() -> None:
    for windows in (1, 2):
        story = Story()
        resolved = story.event(status="resolved", timestamp="1970-01-01T00:00:02Z")
        active = story.event(timestamp="1970-01-01T00:00:01Z")
        story.window(resolved)
        report = story.later(active) if windows == 1 else story.window(active)
        assert (report["status"], story.inbox.calls) == ("resolved", [])


def test_a_finding_that_is_active_again_within_the_window_is_news() -> None:
    story = Story()
    story.window(story.event())
    assert story.later(story.event(status="resolved"))["status"] == "resolved"
    assert story.later(story.event())["status"] == "active"
    assert story.inbox.seen == [("active", None), ("resolved", 1), ("active", 2)]


def test_an_incident_is_resolved_when_all_its_findings_are() -> None:
    story = Story()
    story.window(story.event("f"), story.event("g"))
    report = story.window(story.event("f", status="resolved"))
    assert (report["status"], len(story.inbox.calls)) == ("resolved", 1)
    story.window(story.event("g", status="resolved"))
    assert story.inbox.seen == [("active", None), ("resolved", 1)]


def test_alerts_without_a_finding_id_are_one_finding() -> None:
    story = Story()
    story.window(story.event(""), story.event(""))
    story.window(story.event("", status="resolved"))
    assert story.inbox.seen == [("active", None), ("resolved", 1)]


def test_an_emitter_whose_delivery_failed_is_notified_of_the_re_send() -> None:
    story = Story(*[PluginFailedError("no line")] * 3)
    story.window(story.event())
    story.window(story.event())
    assert story.inbox.seen[3:] == [("active", None)]
    story.window(story.event())
    assert len(story.inbox.calls) == 4


def test_an_emitter_that_may_have_been_notified_is_notified_again() -> None:
    story = Story(PluginTimeoutError("no answer"))
    story.window(story.event())
    story.window(story.event())
    assert story.inbox.seen == [("active", None), ("active", None)]


def test_an_emitter_that_lacks_the_last_news_gets_the_re_send_as_an_update() -> None:
    story = Story(None, *[PluginFailedError("no line")] * 3)
    story.window(story.event())
    story.later(story.event(severity="critical"))
    story.window(story.event(severity="critical"))
    assert story.inbox.seen[-1] == ("active", 1)


def test_an_emitter_attached_meanwhile_is_notified_of_a_re_send_but_not_of_a_resolved_alert() -> None:
    story, late = Story(), Line()
    story.window(story.event())
    story.made.plugins.functions["late"] = late
    registry = story.made.registry
    attached = registry.attached
    registry.attached = attached.model_copy(
        update={"emitters": (*attached.emitters, EmitterPlugin(name="late", arn="late", version=1))}
    )
    story.window(story.event("g", status="resolved"))
    assert late.calls == []
    story.window(story.event())
    assert late.seen == [("active", None)]


def test_a_report_from_which_a_limit_left_something_out_is_news() -> None:
    large: dict[str, Any] = {"attributes": [{"type": "text", "value": "x" * 5_000}]}
    story = Story()
    story.window(story.event(**large))
    story.window(story.event(**large))
    assert len(story.inbox.calls) == 2


def test_too_many_findings_are_active_and_news() -> None:
    story = Story()
    for _ in range(2):
        story.window(*(story.event(f"f{number}") for number in range(101)))
    report = story.window(*(story.event(f"f{number}", status="resolved") for number in range(101)))
    assert (report["status"], len(story.inbox.calls)) == ("active", 3)


def test_a_finding_in_an_overflow_report_is_news_afterwards() -> None:
    story = Story(admission=AdmissionLimits(1, None))
    story.window(story.event(alert_key="other"))
    story.later(story.event())
    assert story.made.report()["overflow"]
    story.made.now += 3_600_000
    story.window(story.event())
    assert story.made.report()["overflow"] is None
    assert len(story.inbox.calls) == 3


def test_a_late_resolved_alert_of_an_earlier_report_resolves_nothing() -> None:
    story = Story()
    story.window(story.event())
    at = story.made.now
    story.window(story.event())
    story.made.receive(story.event(status="resolved")._replace(arrival=at))
    story.made.run_and_sweep()
    assert [status for status, _ in story.inbox.seen] == ["active"]


def test_a_change_that_was_not_delivered_within_its_window_is_delivered_with_the_re_send() -> None:
    def counted(number: int) -> dict[str, Any]:
        return {"body": {"service": {"servicename": "guardduty", "count": number}}}

    story = Story()
    story.made.plugins.functions["reviewer"] = lambda _: {"severity": "urgent", "reason": "constant"}
    story.window(story.event(**counted(1)))
    story.later(story.event(**counted(2)))
    assert len(story.inbox.calls) == 1, "a count is not news in a report"
    story.window(story.event(**counted(2)))
    assert story.inbox.seen == [("active", None), ("active", 1)]
    story.window(story.event(**counted(2)))
    assert len(story.inbox.calls) == 2


def filtered(story: Story, *severities: str) -> None:
    """Let the inbox take only these severities from now on."""
    attached = story.made.registry.attached
    changed = [each.model_copy(update={"severities": severities}) for each in attached.emitters]
    story.made.registry.attached = attached.model_copy(update={"emitters": tuple(changed)})


def rate(story: Story, severity: str) -> None:
    """Let the reviewer return this severity from now on."""
    story.made.plugins.functions["reviewer"] = lambda _: {"severity": severity, "reason": "constant"}


def test_an_emitter_that_lacks_a_finding_is_not_notified_that_another_one_is_resolved() -> None:
    story = Story(None, *[PluginFailedError("no line")] * 3)
    story.window(story.event("f"))
    story.later(story.event("g", severity="critical"))
    calls = len(story.inbox.calls)
    story.window(story.event("f", status="resolved"))
    assert len(story.inbox.calls) == calls, "the incident is not over while g is active"
    story.window(story.event("g", severity="critical"))
    assert story.inbox.seen[calls:] == [("active", 1)]
    story.window(story.event("g", status="resolved"))
    assert story.inbox.seen[-1] == ("resolved", len(story.inbox.calls) - 1)


def test_an_updated_incident_is_resolved_when_all_its_findings_are() -> None:
    story = Story(None, *[PluginFailedError("no line")] * 3)
    story.window(story.event("f"))
    story.later(story.event("g", severity="critical"))
    story.window(story.event("g", severity="critical"))
    assert story.inbox.seen[-1] == ("active", 1)
    story.later(story.event("g", status="resolved"))
    assert "resolved" not in {status for status, _ in story.inbox.seen}, "f is active"


def test_an_incident_of_its_own_is_resolved_although_an_earlier_one_is_not() -> None:
    story = Story()
    story.window(story.event("f"))
    story.window(story.event("g"))
    story.later(story.event("g", status="resolved"))
    assert story.inbox.seen == [("active", None), ("active", None), ("resolved", 2)]


def test_an_emitter_that_news_did_not_concern_gets_its_re_send() -> None:
    story = Story()
    rate(story, "urgent")
    filtered(story, "urgent")
    story.window(story.event())
    story.window(story.event())
    rate(story, "safe")
    story.later(story.event(severity="critical"))
    assert len(story.inbox.calls) == 1, "its filter does not match"
    rate(story, "urgent")
    story.window(story.event(severity="critical"))
    assert story.inbox.seen == [("active", None), ("active", None)]


def test_an_emitter_that_knows_only_one_finding_is_notified_of_the_other_ones() -> None:
    story = Story()
    rate(story, "safe")
    filtered(story, "urgent")
    story.window(*(story.event(finding) for finding in "fgh"))
    assert story.inbox.calls == [], "its filter does not match"
    rate(story, "urgent")
    for _ in range(2):
        for finding in "fgh":
            story.window(story.event(finding))
    assert len(story.inbox.calls) == 3
    story.window(*(story.event(finding) for finding in "fgh"))
    assert len(story.inbox.calls) == 3
