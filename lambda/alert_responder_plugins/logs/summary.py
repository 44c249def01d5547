"""Summarise what the sources returned about one attribute. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from alert_responder.contracts.inspection import Content, HostContent, InspectionAnswer, NoteContent, UserContent
from alert_responder_plugins.logs.rows import Row, ShapeName, activity, data, nouns, time_text
from alert_responder_plugins.logs.windows import Window

USERS = frozenset({"accesskey", "arn", "email", "username"})
"""Types of attributes that are users; the others are hosts."""

_SIGN_INS = frozenset({"ConsoleLogin", "GetSigninToken", "SwitchRole", "UserAuthentication", "AssumeRoleWithSAML"})
_NEW_SHOWN = 5
_CUT = "the result was too long to be read as a whole."
_AT_LEAST = "The result was too long to be read as a whole: all numbers are at least these."


@dataclass(frozen=True, slots=True)
class QueryFacts:
    """What a query cost, and where to see it.

    Attributes
    ----------
    product
        What ran it, such as `Athena`.
    usd
        Its price [USD].
    attributes
        Number of attributes that share it.
    """

    product: str
    query_id: str
    bytes_scanned: int
    usd: float
    link: str
    attributes: int

    def data(self) -> dict[str, object]:
        """Write it as JSON."""
        return {
            "query_id": self.query_id,
            "bytes_scanned": self.bytes_scanned,
            "usd": self.usd,
            "attributes": self.attributes,
        }

    def text(self) -> str:
        """Describe it in a sentence."""
        attributes = f"{self.attributes} attribute{'' if self.attributes == 1 else 's'}"
        return f"{self.bytes_scanned:,} bytes scanned, {self.usd:.4f} USD for {attributes}."


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What one source returned about one attribute.

    Attributes
    ----------
    kind
        `answered`; `no_data`: the window has no data; `throttled`; `failed`.
    reason
        Why it did not answer, as a sentence.
    limited
        Whether a limit left out its result, or rows of it; it always did of a `throttled` source.
    """

    source: str
    contents: Sequence[Content] = ()
    kind: Literal["answered", "no_data", "throttled", "failed"] = "answered"
    reason: str = ""
    limited: bool = False


def contents_of(
    source: str,
    shape: ShapeName,
    attribute_type: str,
    rows: Sequence[Row],
    window: Window,
    facts: QueryFacts,
    *,
    at_least: bool = False,
) -> list[Content]:
    """Describe what a source returned: activities, and a note with counts and cost; empty if it knows nothing.

    Parameters
    ----------
    at_least
        Whether the result had more rows than were read.
    """
    if not rows:
        return []
    activities = tuple(activity(shape, row) for row in rows)
    name = f"{facts.product} {source}"
    content: Content
    if attribute_type in USERS:
        content = UserContent(type="user", source=name, link=facts.link, activities=activities)
    else:
        content = HostContent(type="host", source=name, link=facts.link, activities=activities)
    note = NoteContent(
        type="note",
        title=f"Logs: {source}",
        text=" ".join([*_sentences(shape, rows), *([_AT_LEAST] if at_least else []), facts.text()]),
        data={
            "from": time_text(window.begins),
            "to": time_text(window.ends),
            "rows": [data(row) for row in rows],
            **facts.data(),
        },
        source=name,
        link=facts.link,
    )
    return [content, note]


def combined(answers: Sequence[SourceAnswer], product: str) -> InspectionAnswer | None:
    """Combine what the sources returned about one attribute; None if all of them answered that they know nothing.

    Sources that did not answer are listed in a note. If nothing else is known, the answer is `throttled`, `failed` or
    `unknown`, whichever comes first of these, with the reasons of those sources. It is incomplete if a limit left out
    what a source would have returned.
    """
    contents = [content for answer in answers for content in answer.contents]
    missing = [answer for answer in answers if answer.kind != "answered"]
    incomplete = _reasons([answer for answer in answers if answer.kind == "throttled" or answer.limited])[:500] or None
    if contents and missing:
        contents.append(_missing_note(missing, product))
    if contents:
        return InspectionAnswer(contents=tuple(contents), incomplete=incomplete)
    reasons = {kind: _reasons([one for one in missing if one.kind == kind])[:500] for kind in _UNANSWERED}
    if reasons["throttled"]:
        return InspectionAnswer(throttled=reasons["throttled"])
    if reasons["failed"]:
        return InspectionAnswer(failed=reasons["failed"], incomplete=incomplete)
    if reasons["no_data"] or incomplete:
        return InspectionAnswer(unknown=reasons["no_data"] or None, incomplete=incomplete)
    return None


_UNANSWERED = ("throttled", "failed", "no_data")


def _missing_note(missing: Sequence[SourceAnswer], product: str) -> NoteContent:
    rows = [{"source": answer.source, "kind": answer.kind, "reason": answer.reason} for answer in missing]
    text = _reasons(missing)[:2000]
    return NoteContent(type="note", title="Logs that did not answer", text=text, data=rows, source=product)


def _reasons(answers: Sequence[SourceAnswer]) -> str:
    return " ".join(f"{answer.source}: {answer.reason or _CUT}" for answer in answers)


def _sentences(shape: ShapeName, rows: Sequence[Row]) -> list[str]:
    sentences = []
    for way in ("by", "to"):
        of_way = [row for row in rows if row.way == way]
        if of_way:
            sentences += _of_way(shape, of_way)
    if not any(row.usual for row in rows):
        sentences.append("Without a baseline, it is unknown whether this is usual.")
    return sentences


def _of_way(shape: ShapeName, rows: Sequence[Row]) -> list[str]:
    total = rows[0]
    acted = "" if rows[0].way == "by" else " that concern it"
    failed = f", {total.all_failed:,} of them without success" if total.all_failed else ""
    regions = sorted({region for row in rows for region in row.columns.get("regions", "").split(", ") if region})
    where = f" in {', '.join(regions)}" if regions else ""
    sentences = [
        f"{nouns(shape, total.all_times)}{acted}{failed}{where}, "
        f"first {time_text(total.all_first)}, last {time_text(total.all_last)}."
    ]
    if total.all_groups > len(rows):
        sentences.append(f"The first {len(rows)} of {total.all_groups:,} kinds are listed.")
    sign_ins = [row for row in rows if row.columns.get("action") in _SIGN_INS]
    if sign_ins:
        number, bad = sum(row.times for row in sign_ins), sum(row.times for row in sign_ins if row.columns["error"])
        sentences.append(f"Sign-ins: {number:,}, {bad:,} of them failed.")
    known = [row for row in rows if row.usual]
    if known:
        sentences.append(_novelty(shape, known))
    return sentences


def _novelty(shape: ShapeName, rows: Sequence[Row]) -> str:
    new = [row for row in rows if row.usual and row.usual.new]
    days = max(row.usual.days for row in rows if row.usual)
    period = f"{days} day{'' if days == 1 else 's'}"
    if not new:
        return f"All of this is usual: it was also done in the {period} before."
    shown = [_phrase(shape, row) for row in new[:_NEW_SHOWN]]
    more = f" and {len(new) - _NEW_SHOWN} more" if len(new) > _NEW_SHOWN else ""
    return f"New in {period}: {'; '.join(shown)}{more}."


def _phrase(shape: ShapeName, row: Row) -> str:
    done = activity(shape, row)
    if shape == "names":
        return f"{done.principal} {done.action} {done.target}"
    if shape == "flows":
        return f"{done.action} {done.remote_addr} {done.service_name}"
    return f"{done.action} from {done.remote_addr}"
