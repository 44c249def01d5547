"""The page of a report: archived beside its JSON, linked in deliveries, and never a reason to fail."""

from collections.abc import Sequence
from typing import Any

import pytest

from alert_responder.contracts.report import Emission, Report
from alert_responder.errors import DependencyError
from alert_responder.store import keys
from alert_responder.usecases.publication import Published
from alert_responder.usecases.review import Reviewed, Round
from tests.fakes.html import PageReader
from tests.fakes.installation import Installation
from tests.fakes.memory import Crash, Faults, Interleaved
from tests.fakes.pages import printed
from tests.fakes.plugins import MemoryArchive
from tests.unit.usecases.test_rounds import by_count, event, note, remember


def rounds_only(report: Report, arrivals: Sequence[int], deliveries: Sequence[Emission], document: str) -> bytes:
    outcomes = ",".join(f"{each.emitter}:{each.outcome}:{each.round}" for each in deliveries)
    return f"{report.id} {report.round} {report.updated_at} {list(arrivals)} {outcomes} {document}".encode()


class Inbox:
    """An emitter that stores its requests."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __call__(self, request: dict[str, Any]) -> None:
        self.asked.append(request)


def lasting(made: Installation, ending: str) -> dict[str, bytes]:
    return {key: body for key, body in made.archive.objects.items() if key.startswith("reports/") and ending in key}


def test_the_page_is_archived_beside_the_json_and_emitters_get_its_url() -> None:
    inbox = Inbox()
    made = Installation({"i": note}, by_count, {"inbox": inbox}, print_page=printed)
    made.receive(event(1, "example.com"))
    made.run()

    ((key, page),) = lasting(made, ".html").items()
    ((document, _),) = lasting(made, ".json").items()
    assert key.startswith(document.removesuffix(".json"))
    reader = PageReader(page)
    assert "pending\ninbox" in reader.text
    assert "1 alert, at" in reader.text
    assert document in reader.text
    assert inbox.asked[0]["report_url"] == f"https://archive.example/{key}"
    assert inbox.asked[0]["report"] == made.report()


def test_each_round_has_its_own_page_with_the_earlier_deliveries() -> None:
    made = Installation({"i": note}, by_count, {"inbox": remember}, print_page=rounds_only)
    made.receive(event(1, "example.com"))
    made.run()
    made.receive(event(2, "other.example"))
    made.run()

    first, second = sorted(lasting(made, ".html").values())
    assert b"inbox:pending:1" in first
    assert b"inbox:ok:1,inbox:pending:2" in second
    ended = made.deliveries()["inbox", 1].ended
    assert ended is not None
    assert made.report()["emissions"][0]["at"] is not None


@pytest.mark.parametrize("fault", [ValueError("x"), RecursionError(), MemoryError(), DependencyError("full")])
def test_a_round_is_published_without_a_page_that_cannot_be_rendered(fault: Exception) -> None:
    def failing(*_args: object, **_named: object) -> bytes:
        raise fault

    inbox = Inbox()
    made = Installation({"i": note}, by_count, {"inbox": inbox}, print_page=failing)
    made.receive(event(1, "example.com"))
    made.run()

    assert made.heads()[0].state == "settled"
    assert lasting(made, ".html") == {}
    assert inbox.asked[0]["report_url"] is None


class NoPages(MemoryArchive):
    """An archive that rejects pages."""

    def put(self, key: str, document: bytes, content_type: str = "application/json") -> None:
        if key.endswith(".html"):
            raise DependencyError("put_object failed (SlowDown)")
        super().put(key, document, content_type)


def test_a_round_is_published_without_a_page_that_cannot_be_archived() -> None:
    inbox = Inbox()
    made = Installation({"i": note}, by_count, {"inbox": inbox}, print_page=rounds_only)
    made.archive = NoPages()
    made._build()
    made.receive(event(1, "example.com"))
    made.run()

    assert made.heads()[0].state == "settled"
    assert lasting(made, ".html") == {}
    assert inbox.asked[0]["report_url"] is None


def planned() -> tuple[Installation, Round]:
    """Build a round that is ready for review."""
    made = Installation({}, None, {"inbox": remember}, print_page=rounds_only)
    made.receive(event(1, "example.com"))
    report_id, number = min(made.workflow.running)
    made.steps.planner.plan(report_id, number, 1, None)
    return made, Round(report_id, number, 1, 0, 1, as_it_stands=False)


def calls() -> int:
    """Count the calls of a Review."""
    made, round_ = planned()
    made.strike(counting := Faults())
    made.steps.reviewer.review(round_)
    return counting.calls


def assert_published_once(made: Installation, round_: Round) -> None:
    """Check that the archive keeps what was published, and that emitters get the page of it."""
    snapshot = made.table.items[keys.meta(round_.report_id)]["snapshot"]
    assert list(lasting(made, ".json").values()) == [made.archive.objects[snapshot]]
    (delivery,) = made.deliveries().values()
    assert delivery.snapshot == snapshot
    token = snapshot.rpartition("/")[2].removesuffix(".json")
    assert delivery.page == f"reports/{round_.report_id}/000001-{token}.html"
    assert delivery.page in made.archive.objects
    (attribute,) = made.report()["attributes"]
    assert keys.attribute_history(attribute["id"], round_.report_id) in made.table.items


@pytest.mark.parametrize("before", range(1, calls() + 1))
def test_one_of_two_concurrent_reviews_publishes_and_both_return_its_deliveries(before: int) -> None:
    made, round_ = planned()
    reviewed: list[Reviewed] = []

    def other() -> None:
        made.strike(Faults())
        reviewed.append(made.steps.reviewer.review(round_))

    made.strike(Interleaved(before, other))
    reviewed.append(made.steps.reviewer.review(round_))
    assert_published_once(made, round_)
    assert [each.payload()["deliveries"] for each in reviewed] == [["inbox"], ["inbox"]]
    assert [each.measured is None for each in reviewed].count(False) == 1, "measured once"


@pytest.mark.parametrize("before", range(1, calls() + 1))
def test_a_repeated_review_completes_one_that_died_before_any_call(before: int) -> None:
    made, round_ = planned()
    made.strike(Faults(crash_before=before))
    with pytest.raises(Crash):
        made.steps.reviewer.review(round_)
    made.strike(Faults())
    assert made.steps.reviewer.review(round_).payload()["deliveries"] == ["inbox"]
    assert_published_once(made, round_)


def test_an_alert_after_the_publication_of_a_round_is_part_of_the_next_round() -> None:
    made, round_ = planned()
    made.steps.reviewer.review(round_)
    made.receive(event(2, "late.example"))
    again = made.steps.reviewer.review(round_)
    assert again == Reviewed(Published(["inbox"], revision=1))
    assert made.report()["alert_count"] == 1
    made.run()
    assert made.report()["alert_count"] == 2
    assert made.report()["round"] == 2


def test_an_earlier_round_never_changes_a_later_page() -> None:
    made = Installation({"i": note}, None, {}, print_page=rounds_only)
    made.receive(event(1, "example.com"))
    made.run()
    made.receive(event(2, "example.com"))
    made.run()
    (head,) = made.heads()
    before = lasting(made, "000002")
    made.run_round(head.report_id, 1)

    assert len(before) == 2
    assert lasting(made, "000002") == before


def test_the_result_of_review_explains_a_missing_page() -> None:
    def torn(*_args: object, **_named: object) -> bytes:
        raise ValueError("words of an alert")

    made = Installation({}, None, {}, print_page=torn)
    made.receive(event(1, "example.com"))
    report_id, number = min(made.workflow.running)
    made.steps.planner.plan(report_id, number, 1, None)
    published = made.steps.reviewer.review(Round(report_id, number, 1, 0, 1, as_it_stands=False)).published

    assert published
    assert (published.page_fault or "").startswith("ValueError at test_pages.py:")
