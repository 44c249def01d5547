"""How long the answer to a task may be, whatever texts the logs contain. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from alert_responder.contracts.inspection import Content, InspectionAnswer, NoteContent
from alert_responder.contracts.primitives import printable

MAX_ANSWER_BYTES = 240_000
"""Longest answer to one task; AlertResponder takes 250 KB."""

MAX_CALL_BYTES = 5_500_000
"""Longest answer to all tasks of a call; Lambda returns 6 MB, and a longer one would cost all of them."""

_STEPS = ((15, 200), (10, 200), (5, 200), (3, 100), (2, 100), (1, 50), (0, 50))
"""Rows of each source and direction, and bytes of each text in them, until an answer is short enough."""

_NOTE = 20
"""How many times longer than a text in a row the text of a note may be."""


def fitted(answer: InspectionAnswer, tasks: int) -> dict[str, Any]:
    """Write an answer as JSON, with fewer rows if it is too long for a call with a number of tasks."""
    most = min(MAX_ANSWER_BYTES, MAX_CALL_BYTES // tasks)
    document = _written(answer)
    for rows, longest in _STEPS:
        # Characters that are not ASCII count as their escapes, which older runtimes return.
        if len(json.dumps(document)) <= most:
            break
        document = _written(_shortened(answer, rows, longest))
    return document


def _written(answer: InspectionAnswer) -> dict[str, Any]:
    written: dict[str, Any] = printable(answer.model_dump(mode="json", exclude_defaults=True))
    return written


def _shortened(answer: InspectionAnswer, rows: int, longest: int) -> InspectionAnswer:
    contents: list[Content] = []
    for content, following in zip(answer.contents, (*answer.contents[1:], None), strict=True):
        if isinstance(content, NoteContent):
            contents.append(_short_note(content, rows, longest))
        else:
            # The note of a source follows its activities, with a row for each of them.
            listed = _rows_of(following)
            places = _first_of_each_way(listed, rows) if listed else range(rows)
            kept = [content.activities[place] for place in places if place < len(content.activities)]
            activities = tuple(each.model_copy(update=_cut_all(dict(each), longest)) for each in kept)
            contents.append(content.model_copy(update={"activities": activities}))
    text = f"The answer was too long: it has at most {rows} rows of each source and direction, with their texts cut."
    note = NoteContent(type="note", title="Shortened", text=text)
    incomplete = f"{answer.incomplete} {text}"[:500] if answer.incomplete else text
    return answer.model_copy(update={"contents": (*contents, note), "incomplete": incomplete})


def _short_note(note: NoteContent, rows: int, longest: int) -> NoteContent:
    listed = _rows_of(note)
    kept = [_cut_all(listed[place], longest) for place in _first_of_each_way(listed, rows)]
    data = {**note.data, "rows": kept} if isinstance(note.data, dict) and listed else note.data
    return note.model_copy(update={"text": _cut(note.text, _NOTE * longest), "data": data})


def _cut_all(row: Mapping[str, Any], longest: int) -> dict[str, Any]:
    return {name: _cut(value, longest) if isinstance(value, str) else value for name, value in row.items()}


def _cut(text: str, longest: int) -> str:
    """Shorten a text to a number of bytes in JSON."""
    size = len(json.dumps(text)) - 2
    while size > longest:
        text = text[: min(len(text) - 1, len(text) * longest // size)]
        size = len(json.dumps(text)) - 2
    return text


def _rows_of(content: Content | None) -> Sequence[Mapping[str, Any]]:
    data = content.data if isinstance(content, NoteContent) else None
    rows: Sequence[Mapping[str, Any]] = data.get("rows", []) if isinstance(data, dict) else []
    return rows


def _first_of_each_way(rows: Sequence[Mapping[str, Any]], number: int) -> list[int]:
    """Return the places of the first rows of each direction, so that neither hides the other."""
    counts: dict[Any, int] = {}
    kept: list[int] = []
    for place, row in enumerate(rows):
        way = row.get("way")
        counts[way] = counts.get(way, 0) + 1
        if counts[way] <= number:
            kept.append(place)
    return kept
