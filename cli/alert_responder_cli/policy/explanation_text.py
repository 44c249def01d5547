"""An explanation as text for a terminal. Texts of reports are sanitized, and never interpreted as markup."""

import json
from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from alert_responder_cli.policy.explanation import AskedPart, Explanation, SeenCondition
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.render import line, section, severity_text, short_time


def explanation_lines(found: Explanation) -> Iterator[RenderableType]:
    """Describe the decision, and each rule and suppression."""
    yield line(Text(plain(found.title, 500), style="bold"))
    yield line(f"report {found.report_id}, reviewed at {short_time(found.at)} (UTC)")
    yield line(severity_text(found.severity), ": ", Text(plain(found.reason, 4_000)))
    is_suppressed = found.suppressed_by is not None and found.breakthrough is None
    if not is_suppressed:
        yield line("rule: ", found.rule or "none, the default applies")
    if found.labels:
        yield line(f"labels: {', '.join(found.labels)}")
    if found.suppressed_by is not None:
        what = Text("suppressed by ") if found.breakthrough is None else Text("not suppressed by ", style="yellow")
        yield line(what, found.suppressed_by, f": {found.breakthrough}" if found.breakthrough else "")
    yield from section("Notes", [Text(plain(note, 1_000)) for note in found.notes])
    for kind, title in (("rule", "Rules"), ("suppression", "Suppressions")):
        lines = [text for part in found.asked if part.kind == kind for text in _part(part)]
        yield from section(title, lines)


def _part(part: AskedPart) -> Iterator[Text]:
    severity = [Text(" ("), severity_text(part.severity), Text(")")] if part.severity else []
    if part.fault:
        answer = Text(f"counts as not matching: {plain(part.fault, 500)}", style="yellow")
    elif part.broken_by:
        answer = Text(f"does not apply: {plain(part.broken_by, 500)}", style="yellow")
    elif part.matched:
        answer = Text("matches, and decides" if part.decides else "matches", style="green")
    else:
        answer = Text("does not match", style="dim")
    yield line(Text(plain(part.name), style="bold"), *severity, ": ", answer)
    for check in part.checks:
        # Of a rule that does not match, only the reasons are of interest.
        if part.matched or part.fault or part.broken_by or not check.holds:
            yield _check(check)


def _check(check: SeenCondition) -> Text:
    holds = Text("  holds  ", style="green") if check.holds else Text("  fails  ", style="red")
    wanted = "" if check.wanted is None else f" {_value(check.wanted)}"
    return line(holds, Text(f"{check.condition}{wanted}", style="bold"), Text(f", saw {_value(check.saw)}"))


def _value(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return plain(", ".join(value), 300)
    return plain(value if isinstance(value, str) else json.dumps(value, default=str), 300)
