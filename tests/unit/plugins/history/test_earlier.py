"""The summary of earlier reports with an attribute."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.inspection import InspectionAnswer
from alert_responder_plugins.history.earlier import MAX_SHOWN, Page, answer, unexpired

NOW = 1_800_000_000
ME = "01KG000000000000000000ME00"


def note(number: int, severity: str = "safe", *, expires_in: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "pk": "attribute/abc",
        "sk": f"01KG{number:022d}",
        "severity": severity,
        "title": f"Title {number}",
        "detector": "vpn",
        "rule_id": "new-address",
        "created_at": f"2026-01-{number:02d}T00:00:00.000Z",
        "updated_at": f"2026-01-{number:02d}T00:05:00.000Z",
        "alert_count": number,
        "expires_at": NOW + expires_in,
        **more,
    }


def whole(*items: dict[str, Any]) -> InspectionAnswer | None:
    page = Page(items, complete=True)
    return answer(page, page, ME, NOW)


def data_of(answered: InspectionAnswer | None) -> dict[str, Any]:
    assert answered is not None
    [content] = answered.contents
    assert content.type == "note"
    data: dict[str, Any] = content.data
    return data


def text_of(answered: InspectionAnswer | None) -> str:
    assert answered is not None
    [content] = answered.contents
    assert content.type == "note"
    return content.text


def test_no_reports() -> None:
    assert whole() is None


def test_report_of_the_lookup_is_not_counted() -> None:
    assert whole(note(1, sk=ME)) is None


def test_expired_report_is_not_counted() -> None:
    assert whole(note(1, expires_in=0)) is None
    assert data_of(whole(note(1, expires_in=0), note(2, expires_in=1)))["reports"] == 1


def test_all_reports_are_counted_if_one_page_contains_them() -> None:
    answered = whole(note(1, "urgent"), note(2), note(3, "unclassified"), note(4))

    assert text_of(answered) == (
        "In 4 other reports: 1 urgent, 1 unclassified, 2 safe. "
        "First opened 2026-01-01T00:00:00.000Z, last opened 2026-01-04T00:00:00.000Z."
    )
    data = data_of(answered)
    assert (data["reports"], data["more_reports"], data["first_is_exact"]) == (4, False, True)
    assert data["severities"] == {"urgent": 1, "unclassified": 1, "safe": 2}
    assert data["newest"][0] == {
        "report_id": "01KG0000000000000000000004",
        "severity": "safe",
        "title": "Title 4",
        "detector": "vpn",
        "rule_id": "new-address",
        "opened_at": "2026-01-04T00:00:00.000Z",
        "updated_at": "2026-01-04T00:05:00.000Z",
        "alerts": 4,
    }


def test_one_report_is_written_in_the_singular() -> None:
    assert text_of(whole(note(1))).startswith("In 1 other report: 1 safe.")


def test_number_is_a_minimum_if_not_all_items_were_read() -> None:
    answered = answer(
        Page([note(9), note(8, "urgent")], complete=False), Page([note(1), note(2)], complete=False), ME, NOW
    )

    assert text_of(answered) == (
        "In at least 4 other reports; those read: 1 urgent, 3 safe. "
        "First opened 2026-01-01T00:00:00.000Z, last opened 2026-01-09T00:00:00.000Z."
    )
    assert data_of(answered)["more_reports"] is True


def test_report_at_both_ends_is_counted_once() -> None:
    newest, oldest = Page([note(3), note(2)], complete=False), Page([note(1), note(2)], complete=False)

    assert data_of(answer(newest, oldest, ME, NOW))["reports"] == 3


def test_first_time_is_a_minimum_if_all_of_the_oldest_have_expired() -> None:
    newest = Page([note(9), note(8)], complete=False)
    oldest = Page([note(1, expires_in=-5), note(2, expires_in=-5)], complete=False)
    answered = answer(newest, oldest, ME, NOW)

    assert "First opened 2026-01-08T00:00:00.000Z or earlier," in text_of(answered)
    assert data_of(answered)["first_is_exact"] is False


def test_only_the_newest_are_shown() -> None:
    shown = data_of(whole(*(note(number) for number in range(1, 21))))["newest"]

    assert [report["alerts"] for report in shown] == list(range(20, 20 - MAX_SHOWN, -1))


def test_item_without_detector_and_rule_can_be_read() -> None:
    item = {name: value for name, value in note(1).items() if name not in ("detector", "rule_id")}

    assert data_of(whole(item))["newest"][0]["detector"] == ""


def test_item_of_another_version_is_left_out() -> None:
    assert data_of(whole(note(1), {"sk": "01KG0000000000000000000002", "pk": "attribute/abc"}))["reports"] == 1


def test_hostile_titles_are_not_part_of_the_text() -> None:
    title = "<!channel> https://evil.example ```"
    answered = whole(note(1, title=title))

    assert title not in text_of(answered)
    assert data_of(answered)["newest"][0]["title"] == title


@given(st.lists(st.tuples(st.integers(1, 28), st.integers(-2, 2)), unique_by=lambda pair: pair[0], max_size=20))
def test_order_of_items_does_not_matter(pairs: list[tuple[int, int]]) -> None:
    items = [note(number, expires_in=expires_in) for number, expires_in in pairs]
    kept = unexpired(items, ME, NOW)

    assert kept == unexpired(reversed(items), ME, NOW)
    assert len(kept) == sum(expires_in > 0 for _, expires_in in pairs)
    assert whole(*items) == whole(*reversed(items))
