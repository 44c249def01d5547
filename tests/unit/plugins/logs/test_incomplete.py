"""An answer states which sources a limit left out, so that its report is not complete."""

import json
from dataclasses import replace

import pytest

from alert_responder.contracts.inspection import NoteContent
from alert_responder.domain.plugin_answers import read_inspection
from alert_responder_plugins.logs.custom_results import MAX_ROWS, custom_answers
from alert_responder_plugins.logs.sizes import fitted
from alert_responder_plugins.logs.summary import QueryFacts, SourceAnswer, combined

KNOWN = SourceAnswer("dns", [NoteContent(type="note", title="Logs: dns")])
NOTHING = SourceAnswer("http")
USED_UP = SourceAnswer("flows", kind="throttled", reason="max_gb_per_day is used up.")
TOO_MANY = SourceAnswer("trail", kind="throttled", reason="the attributes need too many queries.")
NO_DATA = SourceAnswer("waf", kind="no_data", reason="no partition.")
BROKEN = SourceAnswer("eks", kind="failed", reason="no such table.")
CUT = replace(KNOWN, limited=True)
UNREAD = SourceAnswer("vpn", kind="no_data", reason="the result has too many rows.", limited=True)
FACTS = QueryFacts("Athena", "q", 1, 0.00005, "https://console.example.com/q", 1)


@pytest.mark.parametrize(
    ("answers", "incomplete"),
    [
        ([KNOWN], None),
        ([KNOWN, NOTHING, NO_DATA, BROKEN], None),
        ([KNOWN, USED_UP], "flows: max_gb_per_day is used up."),
        (
            [USED_UP, NOTHING, KNOWN, BROKEN, TOO_MANY],
            "flows: max_gb_per_day is used up. trail: the attributes need too many queries.",
        ),
        ([NOTHING, CUT], "dns: the result was too long to be read as a whole."),
        ([KNOWN, UNREAD], "vpn: the result has too many rows."),
    ],
)
def test_what_is_known_is_incomplete_if_a_limit_left_out_a_source(
    answers: list[SourceAnswer], incomplete: str | None
) -> None:
    answer = combined(answers, "Athena")
    assert answer is not None
    assert answer.contents[0] == KNOWN.contents[0]
    assert (answer.incomplete, answer.throttled, answer.failed) == (incomplete, None, None)


def test_what_is_not_known_is_incomplete_too() -> None:
    unread, broken, throttled = (combined(each, "Athena") for each in ([UNREAD, NO_DATA], [UNREAD, BROKEN], [USED_UP]))
    assert unread is not None
    assert (unread.unknown, unread.incomplete) == (
        "vpn: the result has too many rows. waf: no partition.",
        "vpn: the result has too many rows.",
    )
    assert broken is not None
    assert (broken.failed, broken.incomplete) == ("eks: no such table.", "vpn: the result has too many rows.")
    assert throttled is not None
    assert throttled.throttled == "flows: max_gb_per_day is used up."
    assert combined([NOTHING, NOTHING], "Athena") is None


def test_the_reasons_of_many_sources_fit_an_answer() -> None:
    many = [replace(TOO_MANY, source=f"source-{number}") for number in range(60)]
    answer = combined([KNOWN, *many], "Athena")
    assert answer is not None
    assert read_inspection(json.dumps(answer.model_dump(mode="json")).encode()).incomplete == answer.incomplete
    assert len(answer.incomplete or "") == 500


def test_an_answer_that_is_too_long_keeps_the_reasons_and_adds_its_own() -> None:
    long = replace(KNOWN, contents=[NoteContent(type="note", title="Logs: dns", text="x" * 300_000)])
    answer = combined([long, USED_UP], "Athena")
    assert answer is not None
    assert fitted(answer, 1)["incomplete"] == (
        "flows: max_gb_per_day is used up. "
        "The answer was too long: it has at most 15 rows of each source and direction, with their texts cut."
    )


@pytest.mark.parametrize(("rows", "limited"), [(MAX_ROWS, False), (MAX_ROWS + 1, True)])
def test_a_result_with_more_rows_than_are_read_is_limited_for_every_value(rows: int, limited: bool) -> None:
    result = [["value", "action"], *([["192.0.2.9", "GET"]] * rows)]
    known, unknown = custom_answers("requests", ["192.0.2.9", "192.0.2.10"], ["ipaddr", "ipaddr"], result, FACTS)
    assert (known.limited, unknown.limited) == (limited, limited)
    assert (known.contents != [], unknown.kind) == (True, "no_data" if limited else "answered")
