"""An overflow report is handled like any other report, and says what it is."""

import json
from typing import Any

from alert_responder.contracts.plugin import EmitterPlugin
from alert_responder.contracts.report import Report
from alert_responder.domain.admission import NO_LIMITS, AdmissionLimits
from alert_responder.page.bounds import BOUNDS
from alert_responder.page.renderer import render
from alert_responder.page.view import Page, view_of
from tests.fakes.installation import Installation
from tests.fakes.meter import Meter
from tests.unit.usecases.test_admission import NOON, WINDOW, event, flood
from tests.unit.usecases.test_rounds import by_count, note, remember


def installation(**given: Any) -> Installation:
    given.setdefault("emitters", {"inbox": remember})
    return Installation({"note": note}, by_count, admission=AdmissionLimits(2, 4), window_ms=WINDOW, **given)


def overflow_report(made: Installation) -> dict[str, Any]:
    (head,) = [head for head in made.heads() if head.overflow]
    found: dict[str, Any] = json.loads(made.archive.objects[f"reports/{head.report_id}/{head.round:06d}.json"])
    return found


def test_an_overflow_report_is_looked_up_rated_and_delivered_like_any_other() -> None:
    made = installation()
    made.now = NOON
    made.receive(*[event(n, f"host{n}", NOON + n, value=f"host{n}.example.com") for n in range(6)])
    made.run_and_sweep()
    report = overflow_report(made)
    assert report["title"] == "Overflow: more than 2 new reports in the hour from 2027-01-15 08:00 UTC, detector edr"
    assert report["alert_count"] == 4
    assert report["overflow"] == {
        "scope": "detector",
        "limit": 2,
        "hour": "2027-01-15T08:00:00.000Z",
        "first_keys": [{"detector": "edr", "rule_id": "beacon", "alert_key": f"host{n}"} for n in range(2, 6)],
    }
    assert {finding["attribute_value"]: finding["outcome"] for finding in report["findings"]} == {
        f"host{n}.example.com": "ok" for n in range(2, 6)
    }
    assert report["result"]["severity"] != "unclassified"
    assert report["notes"][0] == (
        "These 4 alerts have no separate reports, because max_new_reports_per_hour was reached."
    )
    sent = [call["report"]["id"] for arn, call in made.plugins.calls if arn == "inbox"]
    assert sent.count(report["id"]) == 1
    assert len(sent) == 3


def test_other_reports_do_not_mention_an_overflow_report() -> None:
    made = installation()
    made.receive(event(1, "a", 10_000))
    made.run()
    assert made.report()["overflow"] is None
    assert made.report()["title"] == "Beacon a"


def test_a_later_alert_starts_another_round_of_the_overflow_report() -> None:
    made = installation()
    made.now = NOON
    made.receive(*flood(3))
    made.run_and_sweep()
    made.receive(*flood(30, first=3))
    made.run_and_sweep()
    report = overflow_report(made)
    assert (report["round"], report["alert_count"]) == (2, 31)
    assert [key["alert_key"] for key in report["overflow"]["first_keys"]] == [f"host{n}" for n in range(2, 22)]


def test_the_installations_overflow_report_goes_to_the_emitters_of_every_detector() -> None:
    """Otherwise an emitter with a filter for one detector would miss its alerts."""
    only = EmitterPlugin(name="pager", arn="pager", version=1, detectors=("precious",))
    made = installation(emitters={"pager": remember}, filters=[only])
    made.now = NOON
    made.receive(*[event(n, "k", NOON + n, detector=f"noise {n}") for n in range(6)])
    made.receive(event(9, "k", NOON + 9, detector="precious"))
    made.run_and_sweep()
    (call,) = [call for arn, call in made.plugins.calls if arn == "pager"]
    assert call["report"]["overflow"]["scope"] == "installation"
    assert call["report"]["title"].endswith("all detectors")
    assert "precious" in {alert["detector"] for alert in call["report"]["alerts"]}


def test_a_detectors_overflow_report_goes_to_its_own_emitters() -> None:
    only = EmitterPlugin(name="pager", arn="pager", version=1, detectors=("precious",))
    made = installation(emitters={"pager": remember}, filters=[only])
    made.now = NOON
    made.receive(*flood(4))
    made.run_and_sweep()
    assert [call for arn, call in made.plugins.calls if arn == "pager"] == []


def test_admission_costs_no_additional_request() -> None:
    def requests(admission: AdmissionLimits) -> dict[str, int]:
        meter = Meter()
        made = Installation({"note": note}, by_count, {"inbox": remember}, meter=meter, admission=admission)
        made.receive(event(1, "a", 10_000))
        made.run()
        return dict(meter.requests)

    assert requests(AdmissionLimits()) == requests(NO_LIMITS)


def test_hostile_keys_are_shortened_and_stay_text() -> None:
    made = installation()
    made.now = NOON
    made.receive(*flood(2), event(8, "<b>" + "x" * 900, NOON + 5), event(9, "\ud800", NOON + 6))
    made.run_and_sweep()
    listed = [key["alert_key"] for key in overflow_report(made)["overflow"]["first_keys"]]
    assert [len(key) for key in listed] == [200, 6]


def test_the_page_explains_an_overflow_report() -> None:
    made = installation()
    made.now = NOON
    made.receive(*flood(2), event(2, "<script>", NOON + 2), event(3, "host3", NOON + 3))
    made.run_and_sweep()
    report = overflow_report(made)
    page = Page(Report.model_validate(report), (NOON,), (), "document.json")
    facts = dict(view_of(page, BOUNDS[0]).facts)
    assert facts["Overflow of"] == "2 new reports in an hour for the detector"
    assert facts["First incidents"] == "beacon / <script>; beacon / host3"
    assert not facts.keys() & {"Rule", "Key"}
    assert b"<script>" not in render(page)
