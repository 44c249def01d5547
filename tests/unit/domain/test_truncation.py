"""Reports of any size can be sent to plug-ins."""

import json
from typing import Any

import pytest

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.report import Report
from alert_responder.domain.attributes import identity
from alert_responder.domain.truncation import MAX_REPORT_BYTES, truncate
from tests.unit.domain.builders import finding, report, reported_alert, reported_attribute


def size(document: Report) -> int:
    return len(json.dumps(document.model_dump(mode="json")))


def test_a_small_report_is_unchanged() -> None:
    assert truncate(report()) == report()


def test_bodies_are_removed_first() -> None:
    alerts = [reported_alert(f"e{number}", body="x" * 400_000) for number in range(20)]
    short = truncate(report(alerts=alerts, notes=["Kept."]))
    assert short.truncated
    assert [alert.event_id for alert in short.alerts] == [f"e{number}" for number in range(20)]
    assert all(alert.body is None for alert in short.alerts)
    assert short.notes == ("Kept.", "Left out because the report exceeds 5 MB: the bodies of alerts.")
    assert short.findings == report().findings


def test_alerts_are_removed_before_findings() -> None:
    alerts = [reported_alert(f"e{number}", description="x" * 400_000) for number in range(20)]
    short = truncate(report(alerts=alerts))
    assert [alert.event_id for alert in short.alerts] == ["e0", "e19"]
    assert short.findings == report().findings


def test_the_worst_alert_is_kept_with_the_first_and_the_last() -> None:
    severities = ["low", "low", "critical", "low"]
    alerts = [reported_alert(f"e{n}", severity=each, description="x" * 2_000_000) for n, each in enumerate(severities)]
    assert [alert.event_id for alert in truncate(report(alerts=alerts)).alerts] == ["e0", "e2", "e3"]


def test_attributes_without_lookups_are_removed_before_findings() -> None:
    junk = [reported_attribute(f"{n}" + "\U0001f480" * 4_000) for n in range(200)]
    found = finding("a.test", {"type": "host", "verdict": "malicious", "source": "our list", "os": ["x" * 2_000]})
    skipped = finding(str(junk[0]["value"]), outcome="skipped")
    attributes = [*junk, reported_attribute("a.test")]
    short = truncate(report(attributes=attributes, findings=[found, skipped]))
    assert [each.id for each in short.attributes] == ["a.test"]
    assert short.findings == report(findings=[found, skipped]).findings
    assert not short.complete
    assert [(each.what, each.count) for each in short.omissions] == [("attributes", 200)]


def test_removed_bodies_and_alerts_leave_a_report_complete() -> None:
    alerts = [reported_alert(f"e{number}", description="x" * 400_000, body="y" * 99_999) for number in range(20)]
    short = truncate(report(alerts=alerts))
    assert short.truncated
    assert (short.complete, short.omissions) == (True, ())


VERDICTS = ("malicious", "suspicious", "harmless", "unknown")


def test_verdicts_are_always_kept() -> None:
    """Types, verdicts and sources are kept even if no details fit; details without a verdict are removed first."""
    note = {"type": "note", "title": "n", "text": "x" * 8_000, "source": "notes"}
    user = {"type": "user", "verdict": "suspicious", "source": "users", "activities": [{"action": "y" * 7_000}]}
    many = [finding(f"{n}.test", note, user | {"verdict": VERDICTS[n % 4]}) for n in range(500)]
    short = truncate(report(findings=many))
    assert [[(each.type, each.verdict, each.source) for each in one.contents] for one in short.findings] == [
        [("note", None, "notes"), ("user", VERDICTS[n % 4], "users")] for n in range(500)
    ]
    assert ("findings", 500) in [(each.what, each.count) for each in short.omissions]
    some = truncate(report(findings=[finding(f"{n}.test", note, note) for n in range(400)] + many[:100]))
    assert {one.contents == () for one in some.findings} == {False}
    assert [one.contents[-1] for one in some.findings[400:]] == [
        one.contents[-1] for one in report(findings=many[:100]).findings
    ]


def test_one_of_thousands_of_contents_is_kept_per_type_and_verdict() -> None:
    # A few findings with large contents, because the cost of truncating grows with their number.
    host = {"type": "host", "os": ["x" * 900]}
    contents = [host | {"verdict": VERDICTS[n % 4], "source": f"{n % 9}"} for n in range(3_000)]
    short = truncate(report(findings=[finding("a.test", *contents), finding("b.test", *contents)]))
    assert [(each.verdict, each.source) for each in short.findings[0].contents] == [
        (verdict, ", ".join(dict.fromkeys(f"{n % 9}" for n in range(place, 3_000, 4))))
        for place, verdict in enumerate(VERDICTS)
    ]


WIDE = "\u4e00"
"""Three bytes in UTF-8, six in JSON."""


@pytest.mark.parametrize(
    "changes",
    [
        {"attributes": [reported_attribute(f"{n}{WIDE * 4_000}") for n in range(300)]},
        {"findings": [finding(f"{n}{WIDE * 4_000}") for n in range(250)]},
        {"findings": [finding(f"{n}", reason="x" * 6_000) for n in range(1_500)]},
        {"alerts": [reported_alert(f"e{n}", description=WIDE * 900_000) for n in range(2)]},
        {"alerts": [reported_alert("e1", rule_name=WIDE * 900_000)], "title": WIDE * 900_000},
        {"alerts": [reported_alert("e1", severity="x" * 6_000_000)]},
        {
            "alerts": [
                reported_alert(
                    "e1",
                    attributes=[{"type": "domain", "value": f"{n}{WIDE * 900}"} for n in range(1_000)],
                    origin={"verified": True},
                )
            ]
        },
        {
            "findings": [
                finding(
                    f"{n}{WIDE * 4_000}",
                    *(
                        {"type": kind, "verdict": verdict, "source": WIDE * 4_000, "title": WIDE * 4_000}
                        for kind in ("host", "user", "binary", "note")
                        for verdict in VERDICTS
                    ),
                )
                for n in range(500)
            ]
        },
        {
            "emissions": [
                {"emitter": "e" * 60, "round": n, "outcome": "failed", "reason": "x" * 900, "url": None}
                for n in range(8_000)
            ]
        },
    ],
    ids=["attributes", "values", "reasons", "descriptions", "names", "severities", "verified", "verdicts", "emissions"],
)
def test_a_truncated_report_always_fits_and_is_marked(changes: dict[str, Any]) -> None:
    large = report(**changes)
    short = truncate(large)
    assert size(large) > MAX_REPORT_BYTES
    assert size(short) <= MAX_REPORT_BYTES
    assert short.truncated
    assert short.result == large.result
    assert short.id == large.id
    assert short.notes
    assert truncate(large) == short


def test_the_most_telling_activities_are_kept() -> None:
    def user(n: int, **fields: Any) -> dict[str, Any]:
        activities = [{"action": f"{n}", **fields}, *({"action": f"{n} {m} " + "y" * 400} for m in range(40))]
        return {"type": "user", "source": "logs", "activities": activities}

    findings = [finding(f"{n}.test", user(n)) for n in range(398)]
    new = {"usual": False, "basis": "first time " + "x" * 300, "count": 3}
    short = truncate(
        report(findings=[*findings, finding("new.test", user(398, **new)), finding("rated.test", user(9))])
    )
    kept = [activity for each in short.findings for activity in getattr(each.contents[0], "activities", ())]
    assert len(kept) == 20
    (found,) = short.findings[398].contents
    assert [(each.action, each.count, each.usual, len(each.basis)) for each in getattr(found, "activities", ())] == [
        ("398", 3, False, 200)
    ]
    assert found.source == "logs"


def test_activities_of_any_size_fit() -> None:
    texts = ("service_name", "remote_addr", "principal", "action", "target", "first_seen", "last_seen", "basis")
    activities = [dict.fromkeys(texts, f"{n}" + "\U0001f480" * 300) | {"count": 10**4_000} for n in range(30)]
    contents = [
        {"type": kind, "verdict": verdict, "source": WIDE * 400, "activities": activities}
        for kind in ("host", "user", "binary")
        for verdict in VERDICTS
    ]
    large = report(findings=[finding(f"{n}{WIDE * 400}", *contents[:2]) for n in range(4)])
    short = truncate(large)
    assert size(short) <= MAX_REPORT_BYTES
    assert short.truncated


def test_neither_claims_nor_answers_hide_what_verified_alerts_name() -> None:
    """The quarantine needs them: a producer of large claims would otherwise prevent a containment."""
    named = {"type": "domain", "value": "named.test", "context": ["subject"]}
    claimed = [{**named, "value": f"{n}.test" + "x" * 3_000} for n in range(500)]
    alerts = [
        reported_alert("e0", attributes=claimed, origin={"account": "444455556666"}),
        reported_alert("e1", attributes=[named], origin={"account": "444455556666", "verified": True}),
        *(reported_alert(f"e{n}", attributes=claimed, origin={}) for n in (2, 3)),
    ]
    id_ = identity(Attribute(type="domain", value="named.test"))
    attributes = [*(reported_attribute(f"{n}" + "x" * 9_000) for n in range(600)), reported_attribute(id_)]
    host = {"type": "host", "os": ["x" * 9_000]}
    short = truncate(report(alerts=alerts, attributes=attributes, findings=[finding(f"{n}", host) for n in range(400)]))
    (verified,) = (each for each in short.alerts if each.origin and each.origin.verified)
    assert [each.value for each in verified.attributes] == ["named.test"]
    assert [each.id for each in short.attributes] == [id_]
    assert size(short) <= MAX_REPORT_BYTES
