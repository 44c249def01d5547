"""Logs that an attacker writes: they hide nothing, and no text in them makes an answer too long or unreadable."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from alert_responder.contracts.inspection import InspectionAnswer, NoteContent
from alert_responder.domain.plugin_answers import MAX_ANSWER_BYTES, MAX_BATCH_BYTES, read_inspection, split_answers
from alert_responder.plugin import InspectionTask
from alert_responder_plugins.logs.answer import answer
from alert_responder_plugins.logs_insights.dialects import CLOUDTRAIL, ROUTE53_RESOLVER
from alert_responder_plugins.logs_insights.jobs import Source
from tests.fakes.logs_insights import Recorded, RecordedLogsInsights
from tests.unit.plugins.athena.builders import NOW, task
from tests.unit.plugins.logs_insights.builders import custom_query, inspector, look_up, source

AT = int((NOW - timedelta(hours=3)).timestamp() * 1000)
TIMES = {"q_times": 1, "q_first_at": AT, "q_last_at": AT}
SOURCES = [source(f"trail-{number}", CLOUDTRAIL) for number in range(6)]


def returned(tasks: Sequence[InspectionTask], rows: Recorded, sources: Sequence[Source]) -> dict[str, InspectionAnswer]:
    """Answer a batch as Lambda does in Python 3.12: without escapes, in UTF-8."""
    event = {"tasks": [each.model_dump(mode="json") for each in tasks]}
    made = inspector(RecordedLogsInsights({"userIdentity": rows, "filter user": rows}), sources=sources)
    answered = answer(event, lambda: made)
    for body in (json.dumps(answered).encode(), json.dumps(answered, ensure_ascii=False).encode()):
        assert len(body) <= MAX_BATCH_BYTES
        parts = split_answers(body)
        assert max(map(len, parts.values())) <= MAX_ANSWER_BYTES
        found = {task_id: read_inspection(part) for task_id, part in parts.items()}
    return found


def calls(text: str, addresses: Sequence[str], number: int = 20) -> list[dict[str, Any]]:
    """Return different calls from each address."""
    columns = dict.fromkeys(("principal", "service", "error", "target", "resource", "agent", "issuer"), text)
    rows = [{f"q_{name}": value for name, value in columns.items()} | TIMES for _ in range(number)]
    return [
        {**row, "q_action": f"{place}{text}", "q_address": address, "q_user_name": "alice"}
        for address in addresses
        for place, row in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("text", "number", "rows"),
    [("x" * 190, 1, 20), ("\x00\x1b[31m\u202e" * 40, 1, 20), ("\U0001f600" * 190, 100, 1)],
)
def test_no_text_makes_an_answer_too_long(text: str, number: int, rows: int) -> None:
    addresses = [f"198.51.100.{last}" for last in range(number)]
    tasks = [task("ipaddr", address, place) for place, address in enumerate(addresses)]
    sources = SOURCES if number == 1 else SOURCES[:3]
    for found in returned(tasks, calls(text, addresses, rows), sources).values():
        shown = [content for content in found.contents if content.type == "host"]
        assert len(shown) == len(sources)
        assert all(content.activities for content in shown)
        *_, note = (content for content in found.contents if isinstance(content, NoteContent))
        assert (note.title, found.incomplete) == ("Shortened", note.text)


def test_an_answer_that_fits_is_complete() -> None:
    asked = task("ipaddr", "198.51.100.7")
    [found] = returned([asked], calls("arn:aws:iam::111122223333:role/web", ["198.51.100.7"]), SOURCES).values()
    assert [len(content.activities) for content in found.contents if content.type == "host"] == [15] * len(SOURCES)
    assert all(content.title != "Shortened" for content in found.contents if isinstance(content, NoteContent))
    assert found.incomplete is None


def test_many_rows_in_one_direction_do_not_hide_the_other() -> None:
    text = "\U0001f600" * 180
    by = calls(text, ["198.51.100.7"])
    to = [{**row, "q_user_name": "bob", "q_target": "alice", "q_principal": f"bob{text}"} for row in by[:3]]
    [found] = returned([task("username", "alice")], [*by, *to], SOURCES).values()
    assert found.contents[-1].type == "note"
    for content in found.contents:
        if content.type == "user":
            assert {one.principal.startswith("bob") for one in content.activities} == {True, False}


def test_half_characters_do_not_fail_a_batch() -> None:
    row = {"q_user_name": "alice", "q_principal": "a\ud800", "q_action": "b\udfff", "value": "alice", **TIMES}
    tasks = [task("username", "alice"), task("username", "bob", 1)]
    found = returned(tasks, [row], SOURCES[:1])
    [done] = found["athena/0"].contents[0].activities  # type: ignore[union-attr]
    assert (done.principal, done.action) == (r"a\ud800", r"b\udfff")
    assert found["athena/1"].contents == ()


@pytest.mark.parametrize("count", ["9" * 199, "٣", "-1", "1e400", "nan", ""])
def test_counts_of_a_custom_query_are_only_numbers(count: str) -> None:
    rows = [{"value": "alice", "count": count, "first_seen": "\x1b[31m<b>now</b>"}]
    client = RecordedLogsInsights({"filter user": rows})
    shown = look_up(client, sources=(), queries=(custom_query(),)).contents[0].activities[0]
    assert shown.count == (int(count) if count.isascii() and count.isdigit() else None)


@pytest.mark.parametrize("labels", [["a" * 60] * 3 + ["b" * 40], list("abcdefghijklmnopqrstuvwxyz" * 3)])
def test_long_names_below_a_domain_are_found(labels: list[str]) -> None:
    """Data are sent out in names of DNS queries, which are as long as possible."""
    name = ".".join([*labels, "evil.example."])
    row = {"q_name": name, "q_address": "10.0.0.1", "q_answer": "192.0.2.1", **TIMES}
    names = source("names", ROUTE53_RESOLVER)
    found = look_up(RecordedLogsInsights({"query_name": [row]}), kind="domain", value="evil.example", sources=(names,))
    [done] = found.contents[0].activities
    assert (done.principal, done.action, done.count) == ("10.0.0.1", "resolved", 1)
    assert len(done.target) <= 200


def test_values_that_begin_alike_are_not_confused() -> None:
    arns = [f"arn:aws:iam::111122223333:role/{'x' * 200}{end}" for end in "ab"]
    rows = [{"q_principal": arns[0], "q_action": "GetObject", **TIMES}]
    tasks = [task("arn", arn, place) for place, arn in enumerate(arns)]
    found = returned(tasks, rows, SOURCES[:1])
    assert [bool(each.contents) for each in found.values()] == [True, False]
