"""Answers and alerts in memory stay within the limits, and verdicts are always kept."""

import json
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from alert_responder.domain.memory_limits import fitting_answers, fitting_bodies, weight

ROOM = 2_000
VERDICTS = st.sampled_from([None, "malicious", "harmless"])


def answer(size: int, verdict: str | None = None) -> bytes:
    rated = {"verdict": verdict} if verdict else {}
    return json.dumps([{"type": "note", "title": "t", "source": "s", "text": "x" * size, **rated}]).encode()


def test_answers_that_fit_stay_whole() -> None:
    found = fitting_answers([("a", answer(10)), ("b", answer(20, "harmless"))], ROOM)
    assert found.contents["a"][0]["text"] == "x" * 10
    assert (len(found.contents), found.shortened) == (2, frozenset())


def test_the_largest_without_a_verdict_lose_their_details_first() -> None:
    answers = [
        ("small", answer(100)),
        ("rated", answer(600, "malicious")),
        ("large", answer(500)),
        ("last", answer(50)),
    ]
    found = fitting_answers(answers, ROOM)
    assert found.shortened == {"large"}
    assert found.contents["large"] == ({"type": "note", "source": "s", "title": "t"},)
    both = fitting_answers([*answers, ("other", answer(700, "harmless"))], ROOM)
    assert both.contents["other"] == ({"type": "note", "verdict": "harmless", "source": "s", "title": "t"},)


def test_the_most_telling_activities_stay_longest() -> None:
    activities = [
        {"principal": f"user-{number}", "action": "x" * 300, "count": number, "usual": number != 5}
        for number in range(40)
    ]
    content = {"type": "user", "source": "logs", "activities": activities}
    found = fitting_answers([("logs", json.dumps([content]).encode()), ("small", answer(10))], 5_000)
    (reduced,) = found.contents["logs"]
    assert {one["principal"] for one in reduced["activities"]} == {"user-5", "user-39", "user-38"}
    assert (found.shortened, found.activities_left_out) == (frozenset({"logs"}), 37)


@given(st.lists(st.tuples(st.integers(0, 900), VERDICTS), max_size=30))
def test_details_never_exceed_the_limit_and_verdicts_are_kept(sizes: list[tuple[int, str | None]]) -> None:
    answers = [(f"{number}", answer(*each)) for number, each in enumerate(sizes)]
    found = fitting_answers(answers, ROOM)
    whole = [task_id for task_id, _ in answers if task_id not in found.shortened]
    assert sum(weight(text) for task_id, text in answers if task_id in whole) <= ROOM
    assert [found.contents[task_id][0].get("verdict") for task_id, _ in answers] == [verdict for _, verdict in sizes]


def test_answers_are_read_one_at_a_time() -> None:
    """Otherwise all of them would be in memory at once."""
    given_out: list[str] = []

    def answers() -> Iterator[tuple[str, bytes]]:
        for number in range(5):
            given_out.append(f"{number}")
            yield f"{number}", answer(ROOM)

    found = fitting_answers(answers(), ROOM)
    assert (len(given_out), len(found.shortened)) == (5, 5)


def alert(event_id: str, body: object) -> dict[str, object]:
    return {"event_id": event_id, "arrival": 1, "alert": {"detector": "d", "body": body}}


def test_the_largest_bodies_are_left_out() -> None:
    found = fitting_bodies([alert("a", "x" * 400), alert("b", [{}] * 20), alert("c", "x" * 300)], ROOM)
    assert [found.alerts[each]["body"] is None for each in "abc"] == [False, True, False]
    assert found.left_out == 1


def test_an_alert_stored_twice_counts_once_against_the_limit() -> None:
    found = fitting_bodies([alert("a", "x" * 1_200), alert("a", "x" * 1_200)], ROOM)
    assert found.left_out == 0


def test_many_small_values_weigh_more_than_one_long_text() -> None:
    assert weight(json.dumps([{}] * 1_000).encode()) > 50_000 > weight(json.dumps("x" * 4_000).encode())
