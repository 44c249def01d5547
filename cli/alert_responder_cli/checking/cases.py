"""The standard requests to a plug-in of each kind, in order, with the expected results.

All are requests that AlertResponder might send: built from its models, with hostile text wherever an attacker can
write. Only those that are invalid on purpose are different.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.inspection import AlertSummary, Content, HostContent, InspectionTask, NoteContent
from alert_responder.contracts.primitives import Severity, Status
from alert_responder.contracts.report import (
    Emission,
    Finding,
    Origin,
    Outcome,
    Report,
    ReportedAlert,
    ReportedAttribute,
    Result,
    Suppression,
    TimelineEntry,
)
from alert_responder.domain.attributes import canonical, identity
from alert_responder.domain.egress import redacted_attribute
from alert_responder.domain.identifiers import emission_id
from alert_responder_cli.checking.batch_target import is_batched
from alert_responder_cli.checking.samples import HOSTILE, SAMPLES, SPELLINGS

WITHOUT_STATE = "resolved, without state"
"""Name of the request that is about a resolved report of which the emitter was never notified."""

Expected = Literal["answer", "same", "failure", "batch"]


@dataclass(frozen=True)
class Case:
    """One request.

    Attributes
    ----------
    name
        Short description; unique within a kind.
    event
        The request, any JSON.
    expected
        `answer`: a valid answer. `same`: the answer of the case `like`. `failure`: an error (the request is invalid).
        `batch`: a valid answer to a batch, with the answers to the single tasks.
    like
        The case that `same` refers to.
    state_of
        The case whose returned state is put into the event, as AlertResponder does in a later round.
    check
        The check that fails if this case is not answered, or not answered like `like`.
    fresh
        Whether to use a new process, if possible.
    sample_of
        The attribute type that an inspector is asked about; empty for other requests.
    """

    name: str
    event: Any
    expected: Expected = "answer"
    like: str = ""
    state_of: str = ""
    check: str = "answer"
    fresh: bool = False
    sample_of: str = ""


_CARRIERS: Sequence[tuple[str, Callable[[str], str]]] = (
    ("username", str),
    ("x-check", str),
    ("url", lambda text: f"https://evil.example.net/?q={text}"),
    ("email", lambda text: f"{text}@example.com"),
)
"""Attribute types that can contain hostile text, with functions that insert it."""

_TIME = "2026-01-31T23:59:59.000Z"
_ALERT_ID = "54fb0ece28c9739fb8f35e0916866fde69964be2825d4b452c47a4977640e0f0"
_LAST = "first request again, in a new process"
_TITLE = "Test by alert-responder check: not a real alert"
_OUTCOMES: tuple[Outcome, ...] = ("ok", "empty", "cached", "error", "throttled", "timeout", "invalid", "skipped")
_INVALID_REQUESTS: Mapping[str, Any] = {
    "an empty object": {},
    "null": None,
    "an array": [],
    "text": "report",
    "a number": 0,
}
"""Events that are not valid requests to any plug-in."""


def inspections(report_id: str, types: Iterable[str] = ()) -> list[Case]:
    """List the requests to an inspector.

    Parameters
    ----------
    report_id
        A ULID that is different in each run.
    types
        The attribute types it is attached for; empty: all.
    """
    chosen = {kind: SAMPLES.get(kind, ("a value",)) for kind in dict.fromkeys(types)} or SAMPLES
    cases = [
        Case(
            f"{kind} {value}"[:60],
            _task(report_id, Attribute(type=kind, key="source", value=value)),
            sample_of=kind,
        )
        for kind, values in chosen.items()
        for value in values
    ]
    first = cases[0]
    cases.append(Case("same request again", first.event, "same", first.name, check="determinism"))
    cases.append(Case("unknown fields", with_more_fields(first.event), "same", first.name, check="unknown-fields"))
    kind, value = next((kind, values[0]) for kind, values in chosen.items())
    bare = Attribute(type=kind, value=value)
    cases.append(Case("required fields only", _task(report_id, bare, alert=False, depth=2)))
    cases += [
        Case(
            f"spelled {odd!a}"[:60],
            _task(report_id, Attribute(type=kind, key="source", value=odd)),
            "same",
            f"{kind} {chosen[kind][0]}"[:60],
            check="spelling",
        )
        for kind, spellings in SPELLINGS.items()
        if kind in chosen
        for odd in spellings
    ]
    cases += [
        Case(f"hostile: {name}", _hostile_task(report_id, text, chosen), check="hostile")
        for name, text in HOSTILE.items()
    ]
    cases.append(Case(_LAST, first.event, "same", first.name, check="determinism", fresh=True))
    cases += [Case(f"invalid task: {name}", event, "failure") for name, event in _INVALID_REQUESTS.items()]
    cases.append(Case("invalid task: attribute is null", {**first.event, "attribute": None}, "failure"))
    without = {name: item for name, item in first.event["attribute"].items() if name != "value"}
    cases.append(Case("invalid task: attribute without value", {**first.event, "attribute": without}, "failure"))
    return cases


def batches(cases: Sequence[Case], batch_size: int, types: Collection[str] | None = None) -> list[Case]:
    """List the requests to an inspector with `batch_size`, in addition to those of `inspections`.

    Parameters
    ----------
    types
        Attribute types that are looked up in batches; None: all.
    """
    tasks = {case.event["task_id"]: case.event for case in cases if case.sample_of and is_batched(case.event, types)}
    if not tasks:
        return []
    several = list(tasks.values())[:batch_size]
    return [
        Case("several tasks in one batch", {"tasks": several}, "batch", check="batches"),
        Case("invalid batch: tasks is null", {"tasks": None}, "failure"),
        Case("invalid batch: a task is an empty object", {"tasks": [several[0], {}]}, "failure"),
    ]


def reviews(report_id: str) -> list[Case]:
    """List the requests to a reviewer; see `inspections`."""
    good = _finding("ok", HostContent(type="host", verdict="malicious", source="check", owner=("somebody",)))
    cases = [Case("one finding", _json(_report(report_id, good)))]
    first = cases[0]
    cases.append(Case("same request again", first.event, "same", first.name, check="determinism"))
    cases.append(Case("unknown fields", with_more_fields(first.event), "same", first.name, check="unknown-fields"))
    cases.append(Case("no findings", _json(_report(report_id))))
    cases += [Case(f"outcome {outcome}", _json(_report(report_id, _finding(outcome)))) for outcome in _OUTCOMES]
    cases += [Case(name, event) for name, event in _unusual(report_id).items()]
    cases += [
        Case(f"hostile: {name}", _json(_hostile_report(report_id, text)), check="hostile")
        for name, text in HOSTILE.items()
    ]
    cases.append(Case(_LAST, first.event, "same", first.name, check="determinism", fresh=True))
    cases += [Case(f"invalid report: {name}", event, "failure") for name, event in _INVALID_REQUESTS.items()]
    cases.append(Case("invalid report: findings is null", {**first.event, "findings": None}, "failure"))
    return cases


def emissions(report_ids: Sequence[str], emitter: str = "check") -> list[Case]:
    """List the requests to an emitter: rounds of three reports, each with the state that it returned before.

    Parameters
    ----------
    report_ids
        Three ULIDs that are different in each run, since an emitter may remember deliveries.
    """
    plain, hostile, unusual = report_ids
    good = _finding("ok", HostContent(type="host", verdict="malicious", source="check", owner=("somebody",)))

    def delivery(name: str, report: Report | Mapping[str, Any], after: str = "") -> Case:
        document = _json(report) if isinstance(report, Report) else dict(report)
        request = {
            "report": document,
            "emitter": emitter,
            "emission_id": emission_id(document["id"], emitter, document["round"]),
            "state": None,
            # Cover both: a link, and none.
            "report_url": None if after else f"https://console.example.com/reports/{document['id']}",
        }
        is_state = after or name == WITHOUT_STATE
        check = "hostile" if name.startswith("hostile") else "state" if is_state else "answer"
        return Case(name, request, state_of=after, check=check)

    def rounds(reports: Mapping[str, Report | Mapping[str, Any]]) -> list[Case]:
        cases: list[Case] = []
        for number, (name, report) in enumerate(reports.items(), start=1):
            document = _json(report) if isinstance(report, Report) else dict(report)
            cases.append(delivery(name, document | {"round": number}, cases[-1].name if cases else ""))
        return cases

    first, *later = rounds(
        {
            "round 1": _report(plain, good, severity="urgent"),
            "round 2 with state": _report(plain, good, severity="unclassified"),
            "round 3 with state": _report(plain, _finding("empty"), severity="safe"),
        }
    )
    again = Case("repeated delivery", first.event, "same", first.name, check="repeated")
    after_later = Case(
        "late retry of round 3", later[1].event, "same", later[1].name, state_of=later[0].name, check="repeated"
    )
    fourth = delivery("", _json(_report(plain, good, severity="urgent")) | {"round": 4})
    more = Case("unknown fields", with_more_fields(fourth.event), state_of=later[1].name, check="unknown-fields")
    resolved = delivery("resolved", _json(_report(plain, good, status="resolved")) | {"round": 5}, more.name)
    active = delivery("active again", _json(_report(plain, good, severity="urgent")) | {"round": 6}, resolved.name)
    shown = rounds({f"hostile: {name}": _hostile_report(hostile, text) for name, text in HOSTILE.items()})
    odd = rounds(
        {
            WITHOUT_STATE: _report(unusual, good, status="resolved"),
            **_unusual(unusual),
            "broken suppression": _report(unusual, good, result=_reviewed("urgent", "A check: a suppression.")),
        }
    )
    wrong = [Case(f"invalid emission: {name}", event, "failure") for name, event in _INVALID_REQUESTS.items()]
    wrong.append(Case("invalid emission: report is null", {**first.event, "report": None}, "failure"))
    return [first, again, *later, after_later, more, resolved, active, *shown, *odd, *wrong]


def with_more_fields(value: Any) -> Any:
    """Add a field to every object except free-form ones, as a later version of AlertResponder might."""
    if isinstance(value, dict):
        return {
            name: item if name in ("body", "data", "state") else with_more_fields(item) for name, item in value.items()
        } | {"added_later": [{"by": "a later version"}]}
    return [with_more_fields(item) for item in value] if isinstance(value, list) else value


def _task(report_id: str, attribute: Attribute, *, alert: bool = True, depth: int = 0, word: str = "") -> Any:
    # As AlertResponder sends it: the canonical value, and the original as `spelling`.
    spelling, attribute = attribute.value, redacted_attribute(attribute, None)
    summary = AlertSummary(
        detector=word or ("check" if alert else "d"),
        rule_id=word or "rule",
        rule_name=word or "rule",
        alert_key=word or ("key" if alert else ""),
        description=word or ("A check: nothing happened." if alert else ""),
        timestamp=_TIME if alert else None,
        severity=word or ("medium" if alert else None),
        attributes=(attribute,) if alert else (),
    )
    task_id = f"check/{identity(attribute)}"
    task = InspectionTask(
        report_id=report_id,
        task_id=task_id,
        inspector="check",
        attribute=attribute,
        spelling=spelling,
        alert=summary,
        depth=depth,
    )
    return task.model_dump(mode="json")


def _hostile_task(report_id: str, text: str, chosen: Mapping[str, tuple[str, ...]]) -> Any:
    """Put the text into the value if a type accepts it, and into all other fields."""
    key = text[:900]
    for kind, write in _CARRIERS:
        attribute = Attribute(type=kind, key=key, value=write(text))
        if kind in chosen and canonical(attribute) is not None:
            return _task(report_id, attribute, word=text[:1_000])
    kind, values = next(iter(chosen.items()))
    return _task(report_id, Attribute(type=kind, key=key, value=values[0]), word=text[:1_000])


def _finding(outcome: Outcome, *contents: Content, value: str = "198.51.100.7", reason: str = "") -> Finding:
    answered = outcome in ("ok", "empty", "cached")
    shown = contents or ((NoteContent(type="note", title="Note"),) if outcome in ("ok", "cached") else ())
    return Finding(
        inspector="check",
        attribute_id=identity(Attribute(type="x-check", value=value)),
        attribute_type="ipaddr",
        attribute_value=value,
        depth=0,
        outcome=outcome,
        reason=None if answered else reason or f"It ended as {outcome}.",
        seconds=None if outcome in ("skipped", "cached") else 0.25,
        contents=shown,
    )


def _alert(number: int, word: str = "", *, bare: bool = False, status: Status = "active") -> ReportedAlert:
    return ReportedAlert(
        event_id=f"check:{number}",
        arrived_at=_TIME,
        detector=word or "check",
        rule_id=word or "rule",
        rule_name=word or "rule",
        alert_key=word or ("" if bare else "key"),
        description=word or ("" if bare else "A check: nothing happened."),
        timestamp=None if bare else _TIME,
        severity=None if bare else word or "medium",
        attributes=() if bare else (Attribute(type="x-check", key=word[:900], value=word or "value"),),
        body=None if bare else {word or "field": [word, {"nested": word}]},
        status=status,
    )


def _report(
    report_id: str,
    *findings: Finding,
    severity: Severity = "unclassified",
    word: str = "",
    alerts: Sequence[ReportedAlert] = (),
    bare: bool = False,
    **fields: Any,
) -> Report:
    attribute = ReportedAttribute(
        id=identity(Attribute(type="ipaddr", value="198.51.100.7")),
        type="ipaddr",
        key=word or "source",
        value=word or "198.51.100.7",
        context=("remote",),
        timestamp=None,
        valid=not word,
        depth=0,
        origin=Origin(),
    )
    given: dict[str, Any] = {
        "id": report_id,
        "alert_id": _ALERT_ID,
        "previous_report_id": None,
        "round": 1,
        "title": word or _TITLE,
        "alerts": tuple(alerts) or (_alert(1, word, bare=bare),),
        "alert_count": max(1, len(alerts)),
        "attributes": () if bare else (attribute,),
        "findings": findings,
        "result": _reviewed(severity, word)
        if word
        else Result(severity=severity, reason="A check: not reviewed.", reviewer=None),
        "emissions": (),
        "timeline": () if bare else (TimelineEntry(at=_TIME, what=word or "The first alert came in."),),
        "notes": (word,) if word else (),
        "created_at": _TIME,
        "updated_at": _TIME,
        "truncated": False,
    }
    return Report(**(given | fields))


def _reviewed(severity: Severity, word: str) -> Result:
    """Return a result with everything that a reviewer may answer, and a suppression that does not apply."""
    suppression = Suppression(
        name=word[:100], owner=word[:200], reason=word[:1_000], expires="2026-03-01", despite=("raised",)
    )
    return Result(
        severity=severity,
        reason=word,
        reviewer="check",
        rule=word[:200],
        labels=("network", "team-a"),
        suppressed=suppression,
        breakthrough=word[:1_000],
    )


def _unusual(report_id: str) -> dict[str, dict[str, Any]]:
    """Return unusual reports: required fields only, all outcomes, truncated, many alerts, a later round, large."""
    every = [_finding(outcome, value=f"198.51.100.{number}") for number, outcome in enumerate(_OUTCOMES)]
    verdicts = [
        _finding("ok", HostContent(type="host", verdict=verdict), value=f"host-{verdict}")
        for verdict in ("malicious", "suspicious", "harmless", "unknown", None)
    ]
    note = NoteContent(type="note", title="t", text="x" * 2_000, data={"a": [None, 1.5, True]})
    emission = Emission(emitter="check", round=1, outcome="failed", reason="It failed.", url=None)
    many = [_alert(number) for number in range(20)]
    return {
        name: _json(report)
        for name, report in {
            "required fields only": _report(report_id, bare=True),
            "all outcomes": _report(report_id, *every),
            "all verdicts": _report(report_id, *verdicts),
            "resolved alerts": _report(report_id, alerts=[_alert(1), _alert(2, status="resolved")], status="resolved"),
            "truncated": _report(report_id, truncated=True, notes=("Bodies of alerts were left out.",)),
            "5,000 alerts": _report(report_id, *every, alerts=many, alert_count=5_000),
            "a later round": _report(
                report_id, *every, round=7, previous_report_id="01KG9Z9Q7R2D4B6C8E0FGHJKMN", emissions=(emission,)
            ),
            "large": _report(report_id, *(_finding("ok", note, value=f"host-{n}") for n in range(200))),
        }.items()
    }


def _hostile_report(report_id: str, text: str) -> Report:
    content = HostContent(
        type="host", verdict="suspicious", source=text, link=text, owner=(text,), hostname=(text,), country=(text,)
    )
    note = NoteContent(type="note", title=text, text=text, data={text: text})
    return _report(
        report_id,
        _finding("ok", content, note, value=text),
        _finding("error", value=text, reason=text),
        word=text,
        emissions=(Emission(emitter="check", round=1, outcome="ok", reason=text, url=text),),
    )


def _json(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = report.model_dump(mode="json")
    return document
