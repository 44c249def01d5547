"""Check one answer against the JSON Schema and the rules of the core, and remark on what is legal but unwise.

Pure: the bytes of an answer in, problems out.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from alert_responder.contracts.inspection import InspectionAnswer
from alert_responder.contracts.report import EmissionAnswer, Report, ReviewAnswer
from alert_responder.domain.attributes import canonical, identity
from alert_responder.domain.plugin_answers import (
    LEFT_OUT,
    OPTIONAL_IN_REVIEW,
    InvalidAnswerError,
    read_emission,
    read_inspection,
    read_review,
    split_answers,
)
from alert_responder.domain.suppressions import obstacle
from alert_responder_cli.checking.faults import schema_faults
from alert_responder_cli.checking.results import Kind, Level, Problem
from alert_responder_cli.checking.unread_answers import FIELDS, lost_fields, lost_sentence
from alert_responder_cli.records.attribute_types import is_known
from alert_responder_cli.records.attribute_types import sentence as unknown_type

ANSWERS: Mapping[Kind, str] = {
    "inspector": "inspection_answer",
    "reviewer": "review_answer",
    "emitter": "emission_answer",
}
"""The schema of each kind's answer."""

_READERS = {"inspector": read_inspection, "reviewer": read_review, "emitter": read_emission}
_ANSWERED = frozenset({"ok", "empty", "cached"})
_FREE = frozenset({"data", "state"})
"""Fields that may hold any JSON."""


@dataclass(frozen=True)
class Judgement:
    """An answer with its problems.

    Attributes
    ----------
    document
        The parsed answer; None if it is not JSON.
    """

    document: Any
    problems: tuple[Problem, ...]


def judge(kind: Kind, case: str, event: Any, body: bytes, own_types: Collection[str] = ()) -> Judgement:
    """Check the answer to a valid request; `own_types` are additional known attribute types."""
    try:
        document = json.loads(body or b"null")
    except (ValueError, RecursionError):
        document = None
    problems: list[Problem] = []

    def say(check: str, level: Level, what: str, path: str = "", allowed: str = "") -> None:
        problems.append(Problem(check=check, level=level, case=case, path=path, what=what, allowed=allowed))

    try:
        answer: BaseModel | None = _READERS[kind](body)
        refusal = ""
    except InvalidAnswerError as error:
        answer, refusal = None, error.reason
    faults = list(schema_faults(ANSWERS[kind], document)) if _is_json(body) else []
    lost_part = _lost_part(answer)
    for fault in faults:
        # The core accepts some violations, such as "yes" for true.
        is_lost = bool(lost_part) and fault.path.partition(".")[0] in OPTIONAL_IN_REVIEW
        say("schema", "fault" if refusal or is_lost else "remark", fault.what, fault.path, fault.allowed)
    if (refusal or lost_part) and not faults:
        say("limits", "fault", refusal or lost_part)
    lost = lost_fields(document) if kind == "inspector" else ()
    if answer is not None and lost:
        say("unknown-field", "fault", lost_sentence(lost), "", ", ".join(FIELDS))
    elif answer is not None and isinstance(document, dict):
        for path, known in _ignored(document, answer.model_dump(mode="json")):
            say("unknown-field", "remark", "AlertResponder ignores this unknown field.", path, known)
    match answer:
        case InspectionAnswer():
            _remark_on_inspection(answer, event, own_types, say)
        case ReviewAnswer():
            _remark_on_review(answer, event, say)
        case EmissionAnswer():
            _remark_on_url(answer.url, "url", say)
        case _:
            pass
    return Judgement(document, tuple(problems))


def _lost_part(answer: BaseModel | None) -> str:
    """Return the core's note on invalid parts of a review that it left out; empty if there are none."""
    notes = answer.notes if isinstance(answer, ReviewAnswer) else ()
    return notes[0] if notes and notes[0].startswith(LEFT_OUT) else ""


def judge_batch(
    case: str, event: Any, body: bytes, singles: Mapping[str, Any], own_types: Collection[str] = ()
) -> tuple[Problem, ...]:
    """Check the answer to a batch, also against the answers to the same tasks in batches of one."""

    def say(level: Level, what: str, allowed: str, path: str = "answers") -> Problem:
        return Problem(check="batches", level=level, case=case, path=path, what=what, allowed=allowed)

    try:
        answers = split_answers(body)
    except InvalidAnswerError as error:
        return (say("fault", error.reason, "an object of task ids and answers"),)
    tasks = {task["task_id"]: task for task in event["tasks"]}
    problems: list[Problem] = []
    if unknown := answers.keys() - tasks.keys():
        what = f"{len(unknown)} answers have other task ids: AlertResponder ignores them."
        problems.append(say("fault", what, "the ids of the tasks in the request"))
    for task_id, task in tasks.items():
        judged = judge("inspector", case, task, answers.get(task_id, b"null"), own_types)
        problems += judged.problems
        if task_id in singles and list(differences(singles[task_id], judged.document)):
            what = "The answer to a task differs from that in a batch of one."
            problems.append(say("remark", what, "the same answer", f"answers.{task_id}"))
    return tuple(problems)


def judge_unexpected_answer(kind: Kind, case: str, body: bytes) -> tuple[Problem, ...]:
    """Check the answer to an invalid request, which should have failed."""
    silent = body.strip() in (b"", b"null") and kind != "reviewer"
    what = "It answers null to an invalid request" if silent else "It answers an invalid request"
    why = {
        "inspector": "a bug would look like an empty answer",
        "reviewer": "a bug would look like a rating",
        "emitter": "a bug would look like a delivery",
    }[kind]
    return (
        Problem(
            check="nonsense",
            level="remark" if silent else "fault",
            case=case,
            what=f"{what}: {why}.",
            allowed="an error, such as an exception",
        ),
    )


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Yield the paths at which two JSON values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            inner = f"{path}.{name}" if path else name
            if name in one and name in other:
                yield from differences(one[name], other[name], inner)
            else:
                yield inner
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{path}.{number}" if path else str(number))
    elif one != other or type(one) is not type(other):
        yield path or "the answer"


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body or b"null")
    except (ValueError, RecursionError):
        return False
    return True


def _ignored(document: Any, read: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the fields of an answer that were ignored, with the known ones."""
    if isinstance(document, dict) and isinstance(read, dict):
        for name, item in document.items():
            inner = f"{path}.{name}" if path else name
            if name not in read:
                yield inner, ", ".join(read)
            elif name not in _FREE:
                yield from _ignored(item, read[name], inner)
    elif isinstance(document, list) and isinstance(read, list):
        for number, pair in enumerate(zip(document, read, strict=False)):
            yield from _ignored(*pair, f"{path}.{number}")


def _remark_on_inspection(answer: InspectionAnswer, event: Any, own_types: Collection[str], say: Any) -> None:
    asked = event["attribute"]
    own = {asked["type"], *own_types}
    for number, content in enumerate(answer.contents):
        _remark_on_url(content.link, f"contents.{number}.link", say)
    for number, attribute in enumerate(answer.new_attributes):
        path = f"new_attributes.{number}"
        if not is_known(attribute.type, own):
            say(
                "new-attributes",
                "remark",
                unknown_type(attribute.type),
                f"{path}.type",
                "a type that an inspector looks up",
            )
        if canonical(attribute) is None:
            what = f"The value does not fit type {attribute.type}: it is shown in the report, but not looked up."
            say("new-attributes", "remark", what, f"{path}.value", f"a value of type {attribute.type}")
        elif attribute.type == asked["type"] and attribute.value == asked["value"]:
            say("new-attributes", "remark", "This attribute is the one that was looked up.", path)
    repeated = _repeated([identity(attribute) for attribute in answer.new_attributes])
    for number in repeated:
        say("new-attributes", "remark", "This attribute is a duplicate.", f"new_attributes.{number}")
    if answer.contents or answer.new_attributes:
        for name in ("throttled", "failed"):
            if getattr(answer, name) is not None:
                say(name, "remark", f"If {name} is set, the rest of the answer is ignored.", name)
        if answer.unknown is not None:
            say("unknown", "remark", "If the answer has contents or new attributes, unknown is ignored.", "unknown")


def _remark_on_review(answer: ReviewAnswer, event: Any, say: Any) -> None:
    if not answer.reason.strip():
        say("reason", "remark", "The reason is empty.", "reason", "a text that explains the severity")
    for number in _repeated(answer.labels):
        say("labels", "remark", "This label is a duplicate.", f"labels.{number}")
    if answer.suppressed and (why := obstacle(Report.model_validate(event, extra="ignore"), answer.suppressed)):
        what = f"The suppression does not apply, and the report is delivered: {why}"
        say("suppression", "remark", what, "suppressed", "no suppression, or `despite` with what it is meant for")
    outcomes = {finding["outcome"] for finding in event["findings"]}
    if answer.severity == "safe" and not outcomes & _ANSWERED:
        what = "It rates a report without any answered lookup as safe."
        say("unanswered", "remark", what, "severity", "unclassified, so that failed lookups cannot hide an incident")


def _remark_on_url(url: str | None, path: str, say: Any) -> None:
    try:
        fine = url is None or (urlsplit(url).scheme == "https" and bool(urlsplit(url).hostname))
    except ValueError:
        fine = False
    if not fine:
        say("link", "remark", "Not an https link: it may not be shown.", path, "https://…")


def _repeated(names: Sequence[str]) -> list[int]:
    return [number for number, name in enumerate(names) if name in names[:number]]
