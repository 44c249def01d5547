"""Rounds of hostile alerts and answers: no exception, no alert is lost, every report is settled and readable.

As many as in a long run:

    HOSTILE_ROUNDS=5000 nice .venv/bin/python -m pytest --timeout 0 tests/unit/usecases/test_hostile_rounds.py
"""

import json
import os
import random
from typing import Any

import pytest

from alert_responder.contracts.report import Report
from alert_responder.domain.records import Event
from alert_responder.domain.truncation import MAX_REPORT_BYTES
from alert_responder.formats import parse_record
from tests.fakes.hostile import HOSTILE
from tests.fakes.installation import Installation
from tests.fakes.pages import printed

ROUNDS = int(os.environ.get("HOSTILE_ROUNDS", "180"))

TEXTS = [
    *HOSTILE.values(),
    *("", " ", "\x00", "\ud800", "\udfff\ud800", "\U0010ffff", "\ufffe", "\u202e", "\ufdfa" * 60, "a" * 5_000),
    *("xn--" + "a" * 59, "xn--0", "." * 300, "a." * 127 + "a", "[::1", "::ffff:1.2.3.4%x", "0x7f.1", "017700000001"),
    *("http://a:99999/", "http://@/", "http://\u2100.com", "http://a/%ff%fe", "http://a/%2525252541", "%c0%80"),
    *("a@b", "<>", "i-" + "f" * 17, "AKIA" + "A" * 124, "arn:aws:iam::123456789012:user/" + "/" * 2_000, "1e999"),
    *('{"a":' * 50 + "1" + "}" * 50, "[" * 99 + "]" * 99, "0" * 64, "f" * 96, "report/x", "../../etc/passwd", "pk"),
]
NAMES = [text for text in TEXTS if text and len(text) < 900]
TIMES = [None, "", "0001-01-01T00:00:00Z", "0002-01-01T00:00:00+23:59", "9999-12-31T23:59:60Z", "2026-02-29T00:00:00Z"]
NUMBERS = [0, -0.0, 1e308, 5e-324, 2**53, 2**255, 10**300, 10**999, True, False, None]
KINDS = [
    "ipaddr",
    "domain",
    "url",
    "username",
    "filehashvalue",
    "json",
    "email",
    "instance",
    "accesskey",
    "arn",
    "other",
]


class Attacker:
    """Writes alerts and answers."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def alert(self) -> dict[str, Any]:
        pick = self._random.choice
        return {
            "detector": pick(["d", pick(NAMES)]),
            "rule_id": pick(["r", pick(NAMES)]),
            "rule_name": pick(TEXTS),
            "alert_key": pick(["k", "k", pick(NAMES)]),
            "description": pick(TEXTS),
            "timestamp": pick(TIMES),
            "severity": pick([*NUMBERS[:3], pick(TEXTS), "critical", None]),
            "attributes": [self._attribute() for _ in range(pick([0, 2, 6]))],
            "body": self.value(),
        }

    def value(self, depth: int = 0) -> Any:
        chance = self._random.random()
        if chance < 0.5 or depth > 4:
            return self._random.choice(TEXTS)
        if chance < 0.65:
            return self._random.choice(NUMBERS)
        many = range(self._random.randint(0, 4))
        if chance < 0.8:
            return [self.value(depth + 1) for _ in many]
        return {self._random.choice(TEXTS): self.value(depth + 1) for _ in many}

    def inspect(self, _: Any) -> bytes:
        contents = [self._content() for _ in range(self._random.randint(0, 3))]
        new = [self._attribute() for _ in range(self._random.randint(0, 4))]
        return self._one_of({"contents": contents, "new_attributes": new}, {"throttled": "x" * 501}, self.value())

    def review(self, _: Any) -> bytes:
        severity = self._random.choice(["safe", "urgent", "unclassified", "x", None, 1])
        return self._one_of({"severity": severity, "reason": self._random.choice(TEXTS)}, {"severity": "safe"})

    def emit(self, _: Any) -> bytes:
        return self._one_of({"state": self.value(), "url": self._random.choice(TEXTS)}, {"state": "x" * 33_000})

    def _one_of(self, *documents: Any) -> bytes:
        written = [raw(document) for document in documents]
        broken = [b"", b"null", b"\xff", b"{", b"[" * 101, b"9" * 5_000, b'{"contents":' + b"9" * 4_299 + b"}"]
        return self._random.choice([*written, written[0], written[0], self._random.choice(broken)])

    def _attribute(self) -> dict[str, Any]:
        pick = self._random.choice
        context = pick([["remote"], [], "local", None, [f"c{number}" for number in range(60)]])
        value = {"type": pick(KINDS), "key": pick(TEXTS), "value": pick(TEXTS), "context": context}
        return {**value, "timestamp": pick(TIMES)}

    def _content(self) -> dict[str, Any]:
        pick = self._random.choice
        rated = {"verdict": pick(["malicious", "harmless", None, "x"]), "source": pick(TEXTS), "link": pick(TEXTS)}
        scan = {"sha256": pick(TEXTS), "scans": [{"vendor": pick(TEXTS), "positive": True}]}
        return pick(
            [
                {"type": "note", "title": pick(TEXTS), "text": pick(TEXTS), "data": self.value(), **rated},
                {"type": "host", "os": [pick(TEXTS)], "related_malware": [scan], **rated},
                {"type": "user", "activities": [{"principal": pick(TEXTS)}], **rated},
                {"type": pick(TEXTS)},
            ]
        )


def raw(document: Any) -> bytes:
    """Write JSON; values that Python cannot write are null."""
    try:
        return json.dumps(document).encode()
    except ValueError:
        return b"null"


@pytest.mark.parametrize("seed", range(6))
def test_hostile_rounds_end_with_reports_that_hold_every_alert(seed: int) -> None:
    attacker = Attacker(seed)
    for number in range(ROUNDS // 6):
        made = Installation(
            {"a": attacker.inspect, "b": attacker.inspect},
            attacker.review,
            {"e": attacker.emit, "f": attacker.emit},
            print_page=printed,
        )
        sent: set[str] = set()
        for at in range(1 + number % 4):
            parsed, rejects = parse_record(raw([attacker.alert(), attacker.alert()]))
            assert all(reject.reason for reject in rejects)
            events = [
                Event(f"e{at}:{each.position}", 10_000 + at, f"{at}", each.alert, each.cut_off) for each in parsed
            ]
            sent |= {event.event_id for event in events}
            made.receive(*events)
            made.run()
        made.run_and_sweep()
        check(made, sent)


def check(made: Installation, sent: set[str]) -> None:
    """Check that every report is settled, valid and small enough, and that the last ones contain all alerts."""
    assert {head.state for head in made.heads()} <= {"settled"}
    last = {
        key.split("/")[1]: key for key in sorted(made.archive.objects) if key.endswith(".json") and "reports/" in key
    }
    documents = [made.archive.objects[key] for key in last.values()]
    assert all(len(document) <= MAX_REPORT_BYTES for document in documents)
    reports = [Report.model_validate_json(document) for document in documents]
    assert {alert.event_id for report in reports for alert in report.alerts} == sent
    assert not any(report.result.severity == "safe" and not report.complete for report in reports)
