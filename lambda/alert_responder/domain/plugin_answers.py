"""Parses and validates the answers of plug-ins."""

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from alert_responder.contracts.base import describe_faults
from alert_responder.contracts.inspection import InspectionAnswer
from alert_responder.contracts.primitives import MAX_JSON_DEPTH, nested_too_deep, printable
from alert_responder.contracts.report import MAX_REVIEW_ENTRIES, EmissionAnswer, ReviewAnswer
from alert_responder.domain.attributes import MAX_VALUE_LENGTH
from alert_responder.domain.free_text import limit_free_text
from alert_responder.errors import AlertResponderError

_Model = TypeVar("_Model", bound=BaseModel)

MAX_ANSWER_BYTES = 250 * 1024
"""Largest answer [bytes]: with its task it must fit a DynamoDB item (400 KB)."""

MAX_BATCH_BYTES = 6 * 1024 * 1024
"""Largest answer to a batch [bytes]: Lambda returns no larger one."""

MAX_NEW_ATTRIBUTES = 100
"""Maximum number of new attributes in an answer; more are a fault of the inspector."""

MAX_STATE_BYTES = 32 * 1024
"""Largest state of an emitter [bytes of JSON]."""

_FOR_BATCHES = 'Return {"answers": {task id: answer}}, or attach the function with batch_size 1.'
_FOR_SINGLE_TASKS = "Attach the function with batch_size, or return the answer itself."

_OTHER = rb'(?:[^"\[\]{}%s]+|"(?:[^"\\]+|\\.)*+")*+'
_BRACKET = re.compile(_OTHER % b"" + rb"([\[\]{}])", re.DOTALL)
_PART = re.compile(_OTHER % b":," + rb"([\[\]{}:,])", re.DOTALL)
"""The next bracket, or the next part of an object's structure, after whole strings: every character is read once."""

OPTIONAL_IN_REVIEW = frozenset({"rule", "labels", "notes", "suppressed"})
"""Fields of a reviewer's answer that cost only themselves if they are invalid."""

LEFT_OUT = "Parts of the reviewer's answer were left out: "
"""Begins the note on invalid parts of a reviewer's answer."""

UNANSWERED = frozenset({"error", "throttled", "timeout", "invalid"})
"""Outcomes of lookups without an answer."""


class InvalidAnswerError(AlertResponderError):
    """An answer violates its contract; `reason` is one sentence for the report."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_inspection(body: bytes) -> InspectionAnswer:
    """Parse an inspector's answer, or raise `InvalidAnswerError`."""
    document = _document(body) or {}
    if "answers" in document and not document.keys() & InspectionAnswer.model_fields:
        raise InvalidAnswerError(f"The answer is that to a batch. {_FOR_SINGLE_TASKS}")
    answer = _validated(document, InspectionAnswer)
    if len(answer.new_attributes) > MAX_NEW_ATTRIBUTES:
        raise InvalidAnswerError(
            f"The answer has {len(answer.new_attributes)} new attributes; at most {MAX_NEW_ATTRIBUTES} are allowed."
        )
    if any(len(attribute.value) > MAX_VALUE_LENGTH for attribute in answer.new_attributes):
        raise InvalidAnswerError(f"The value of a new attribute is longer than {MAX_VALUE_LENGTH:,} characters.")
    return answer.model_copy(update={"new_attributes": tuple(limit_free_text(answer.new_attributes))})


def split_answers(body: bytes) -> dict[str, bytes]:
    """Split the answer to a batch into the JSON of the answers to its tasks, by task id.

    The answers are not parsed, so that an invalid one costs only its task.

    Raises
    ------
    InvalidAnswerError
        It is not an object with `answers`, an object.
    """
    if len(body) > MAX_BATCH_BYTES:
        raise InvalidAnswerError(f"The answer has {len(body):,} bytes; at most {MAX_BATCH_BYTES:,} are allowed.")
    fields = json_members(body)
    if fields is None:
        raise InvalidAnswerError(f"The answer to a batch must be an object with answers. {_FOR_BATCHES}")
    if "answers" not in fields:
        what = "is that to a single task" if fields.keys() & InspectionAnswer.model_fields else "has no field answers"
        raise InvalidAnswerError(f"The answer to a batch {what}. {_FOR_BATCHES}")
    answers = json_members(fields["answers"])
    if answers is None:
        raise InvalidAnswerError("The field answers of an answer to a batch must be an object of task ids and answers.")
    return answers


def json_members(text: bytes) -> dict[str, bytes] | None:
    """Split the text of a JSON object into its members, in linear time; None if it is not an object.

    The values are only separated from each other; they may be invalid.

    Examples
    --------
    >>> json_members(b'{"a": [1, {"b": 2}], "c": NaN}')
    {'a': b'[1, {"b": 2}]', 'c': b'NaN'}
    """
    text = text.strip()
    if not (text.startswith(b"{") and text.endswith(b"}")):
        return None
    members: dict[str, bytes] = {}
    begun = place = 1
    depth, name = 0, b""
    try:
        while match := (_BRACKET if depth else _PART).match(text, place):
            place, part = match.end(), match[1]
            if part in b"[{":
                depth += 1
            elif depth:
                depth -= 1
            elif part == b":" and not name:
                name, begun = text[begun : match.start(1)], place
            elif part in b",}":
                value = text[begun : match.start(1)].strip()
                if not name and not value and not members and place == len(text):
                    return {}
                if not name or not value or (part == b"}") != (place == len(text)):
                    return None
                members[_text(name)] = value
                begun, name = place, b""
    except (ValueError, RecursionError):
        return None
    return members if depth == 0 and begun == len(text) else None


def read_review(body: bytes) -> ReviewAnswer:
    """Parse a reviewer's answer, or raise `InvalidAnswerError`, also for `null`.

    Returns
    -------
    ReviewAnswer
        Without invalid parts of `OPTIONAL_IN_REVIEW`; then the first note names the first of them. `safe` beside an
        invalid suppression is `unclassified`: it may have been meant for a suppressed report only.
    """
    document = _document(body)
    if document is None:
        raise InvalidAnswerError("The answer is empty; it must be an object with severity and reason.")
    lost: list[str] = []
    while True:
        try:
            answer = ReviewAnswer.model_validate(document)
            break
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
            if any(fault["loc"][0] not in OPTIONAL_IN_REVIEW for fault in faults):
                raise InvalidAnswerError(_sentence(error)) from None
            lost += describe_faults(error, "it")
            document = _without(document, faults)
    if not lost:
        return answer
    note = f"{LEFT_OUT}{_clause(lost)}."
    is_unsafe = answer.severity == "safe" and any(fault.startswith("suppressed") for fault in lost)
    severity = "unclassified" if is_unsafe else answer.severity
    return answer.model_copy(update={"severity": severity, "notes": (note, *answer.notes)})


def read_emission(body: bytes) -> EmissionAnswer:
    """Parse an emitter's answer, or raise `InvalidAnswerError`."""
    answer = _validated(_document(body) or {}, EmissionAnswer)
    size = len(json.dumps(answer.state))
    if size > MAX_STATE_BYTES:
        raise InvalidAnswerError(f"The state has {size:,} bytes of JSON; at most {MAX_STATE_BYTES:,} are allowed.")
    return answer


def _without(document: dict[str, Any], faults: Iterable[ErrorDetails]) -> dict[str, Any]:
    """Leave out what is invalid: entries of a list and those beyond its limit, otherwise the whole field."""
    kept = dict(document)
    entries: dict[str, set[int]] = defaultdict(set)
    for fault in faults:
        name, *inner = fault["loc"]
        if fault["type"] == "too_long" and not inner:
            kept[str(name)] = kept[str(name)][:MAX_REVIEW_ENTRIES]
        elif inner and isinstance(inner[0], int):
            entries[str(name)].add(inner[0])
        else:
            kept.pop(str(name), None)
    for name, invalid in entries.items():
        kept[name] = [entry for place, entry in enumerate(kept[name]) if place not in invalid]
    return kept


def _validated(document: dict[str, Any], model: type[_Model]) -> _Model:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise InvalidAnswerError(_sentence(error)) from None


def _document(body: bytes) -> dict[str, Any] | None:
    if len(body) > MAX_ANSWER_BYTES:
        raise InvalidAnswerError(f"The answer has {len(body):,} bytes; at most {MAX_ANSWER_BYTES:,} are allowed.")
    try:
        text = body.decode() or "null"
        if nested_too_deep(text):
            raise InvalidAnswerError(f"The answer is nested deeper than {MAX_JSON_DEPTH} levels.")
        document = printable(json.loads(text, parse_constant=_refuse_constant, parse_float=_finite))
    except ValueError:
        raise InvalidAnswerError("The answer is not JSON, or contains a number out of range.") from None
    if document is not None and not isinstance(document, dict):
        raise InvalidAnswerError(f"The answer must be an object or null, got {_kind(document)}.")
    return document


def _text(literal: bytes) -> str:
    text = json.loads(literal)
    if not isinstance(text, str):
        raise ValueError(literal)  # noqa: TRY004 - as for other text that is not JSON
    return text


def _sentence(error: ValidationError) -> str:
    return f"The answer is invalid: {_clause(describe_faults(error, 'it'))}."


def _clause(faults: list[str]) -> str:
    """Describe the first fault, escaped and shortened: paths and messages may quote the plug-in."""
    first, *others = faults
    more = f" ({len(others)} more faults)" if others else ""
    return f"{ascii(first)[1:-1][:400]}{more}"


def _kind(document: object) -> str:
    kinds: dict[type, str] = {list: "an array", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return kinds.get(type(document), "another value")


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _finite(digits: str) -> float:
    """Parse a finite number: JSON cannot represent the result of 1e999."""
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number
