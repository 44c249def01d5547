"""Text of every kind is unchanged at the end of a round, in every field, and makes no name or key invalid.

Only half of a surrogate pair cannot: no UTF-8 text can hold it. It is spelled out as its JSON escape (six characters).
"""

import json
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from alert_responder.domain.stream import StreamRecord
from alert_responder.usecases.intake import receive_batch
from alert_responder_cli.aws.in_memory import SerialExecutor
from tests.fakes.installation import Installation

TEXTS = {
    "nfc": "caf\u00e9 \u1e69",
    "nfd": "cafe\u0301 s\u0323\u0307",
    "hangul nfc": "\ud55c\uae00",
    "hangul nfd": unicodedata.normalize("NFD", "\ud55c\uae00"),
    "compatibility": "\ufb01 \u2460 \uff21 \u212b \u00b2",
    "mathematical": "\U0001d518\U0001d52b\U0001d526",
    "hebrew": "\u05e9\u05dc\u05d5\u05dd",
    "arabic": "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \ufdfa",
    "right to left override": "invoice\u202efdp.exe\u202c",
    "isolates": "\u2066a\u2067b\u2068c\u2069",
    "direction marks": "a\u200eb\u200fc\u061c",
    "nul": "a\x00b",
    "only nul": "\x00",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f",
    "c1 controls": "".join(map(chr, range(0x80, 0xA0))),
    "escape sequences": "\x1b[31mred\x1b[0m\x9b2J",
    "new lines": "a\r\nb\rc\nd",
    "line separators": "a\u2028b\u2029c\x85d",
    "spaces": " \t\u00a0x\u2003\u3000 ",
    "no width": "a\u200bb\u200cc\u200dd\u2060e",
    "byte order mark": "\ufefftext\ufeff",
    "soft hyphen": "pass\u00adword",
    "high surrogate": "a\ud800b",
    "low surrogate": "a\udfffb",
    "turned pair": "\udc00\ud800",
    "many surrogates": "\ud800" * 50,
    "spelled surrogate": "a\\ud800b",
    "pair": "\U00010437",
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f44d\U0001f3ff\U0001f1ef\U0001f1f5",
    "noncharacters": "\ufffe\uffff\ufdd0\U0001ffff",
    "last of all": "\U0010ffff",
    "private use": "\ue000\uf8ff\U000f0000",
    "tags": "\U000e0041\U000e0042\U000e007f",
    "variation": "\u2764\ufe0f\u2764\ufe0e\U000e0100",
    "stacked": "Z" + "\u0310\u0321\u0352" * 30,
    "leading combining": "\u0301\u0301",
    "case": "\u0130\u0131\u00df\u1e9e\ufb00\u03c2",
    "homographs": "\u0430\u0440\u0440\u04cf\u0435.com",
    "replacement": "\ufffd\ufffc",
    "annotation": "\ufff9a\ufffab\ufffb",
    "indic": "\u0915\u094d\u0937\u093f",
    "thai": "\u0e01\u0e33\u0e4d\u0e32",
    "unassigned": "\u0378\U0003fffd",
    "markup": "<script>alert(1)</script>&amp;<!--]]>",
    "json": '{"a": "\\u0000", "b": [1]}',
    "quotes": "'\"`\\\\\u201c\u2018",
}

TEXTS |= {
    "formula": "=cmd|' /C calc'!A0",
    "formula with sign": "+1-1*@SUM(1+1)",
    "jsonata": "{% $states.input %}",
    "json path": "$.report_id",
    "intrinsic": "States.Format('{}', $.x)",
    "template": "${jndi:ldap://x.test/a} {{7*7}} #{7*7} <%= 7*7 %>",
    "format": "%s %n %(asctime)s {0} {0.__class__}",
    "expression": "#n0 = :v0 OR attribute_exists(pk)",
    "sql": "'; DROP TABLE reports; --",
    "shell": "$(id) `id` ; id | id & id",
    "path": "../../etc/passwd",
    "encoded path": "%2e%2e%2f..\\..\\",
    "url": "file:///etc/passwd?x=<a href=javascript:alert(1)>",
    "markdown": "[a](javascript:alert(1)) ![b](//x.test/c) @channel <!channel> <@U1>",
    "prototype": "__proto__",
    "constructor": "constructor",
    "class": "__class__",
    "reference": "$ref",
    "yaml": "&a [*a,*a] !!python/object/apply:os.system [id]",
    "entity": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>&b;',
    "log line": '\n{"level":"ERROR","message":"forged"}\n',
    "metric": '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[]}}',
    "arn": "arn:aws:lambda:us-east-1:123456789012:function:*",
    "wild": "*?[a-z]",
}
"""Texts that could be taken for code or markup."""

_HALF = re.compile("[\ud800-\udfff]")


def spelled(text: str) -> str:
    return _HALF.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def alert(text: str) -> dict[str, Any]:
    return {
        "detector": f"d{text}",
        "rule_id": f"r{text}",
        "rule_name": f"n{text}",
        "alert_key": f"k{text}",
        "description": text,
        "severity": f"s{text}",
        "attributes": [
            {"type": "other", "key": text, "value": text},
            {"type": "username", "key": "user", "value": f"u{text}u"},
            {"type": "json", "key": "json", "value": {f"x{text}": [text]}},
        ],
        "body": {f"x{text}": {"deep": [text, {"y": text}]}},
    }


def deliver(made: Installation, *records: bytes) -> None:
    batch = [StreamRecord("shard-1", str(number), number, "p", data) for number, data in enumerate(records)]
    intake = receive_batch(batch, made.receiver, lambda: made.archive, SerialExecutor())
    assert (intake.failed, intake.rejects) == (frozenset(), [])


@cache
def rounds(kind: str) -> Installation:
    """Run a round in which all plug-ins return a text, and another in which the emitter gets its state back."""
    text = TEXTS[kind]

    def inspector(task: dict[str, Any]) -> Any:
        found = [{"type": "other", "key": text, "value": f"found {text}"}]
        content = {"type": "note", "title": text, "text": text, "data": {f"x{text}": [text]}, "source": text}
        return {"contents": [content], "new_attributes": found if task["depth"] == 0 else []}

    made = Installation(
        {"i": inspector},
        lambda report: {"severity": "urgent", "reason": f"{text}{report['alert_count']}"},
        {"e": lambda _: {"state": {f"x{text}": text}, "url": f"https://{text}"}},
    )
    deliver(made, json.dumps(alert(text)).encode())
    made.run()
    other = {**alert(text), "description": "again"}
    batch = [StreamRecord("shard-1", "9", 9, "p", json.dumps(other).encode())]
    receive_batch(batch, made.receiver, lambda: made.archive, SerialExecutor())
    made.run()
    return made


def _emission(made: Installation) -> dict[str, Any]:
    call: dict[str, Any] = [call for arn, call in made.plugins.calls if arn == "e"][-1]
    return call


def _oldest(made: Installation) -> dict[str, Any]:
    found: dict[str, Any] = _emission(made)["report"]["alerts"][0]
    return found


def _attributes(made: Installation) -> dict[str, dict[str, Any]]:
    return {f"{one['type']} {one['depth']}": one for one in _emission(made)["report"]["attributes"]}


def _note(made: Installation) -> dict[str, Any]:
    found: dict[str, Any] = _emission(made)["report"]["findings"][0]["contents"][0]
    return found


PLACES: dict[str, tuple[Callable[[Installation], Any], str]] = {
    "detector": (lambda made: _oldest(made)["detector"], "d{}"),
    "rule": (lambda made: _oldest(made)["rule_id"], "r{}"),
    "title": (lambda made: _emission(made)["report"]["title"], "n{}"),
    "alert key": (lambda made: _oldest(made)["alert_key"], "k{}"),
    "description": (lambda made: _oldest(made)["description"], "{}"),
    "severity": (lambda made: _oldest(made)["severity"], "s{}"),
    "attribute of the alert": (lambda made: _oldest(made)["attributes"][0]["value"], "{}"),
    "attribute": (lambda made: _attributes(made)["other 0"]["value"], "{}"),
    "attribute's key": (lambda made: _attributes(made)["other 0"]["key"], "{}"),
    "user": (lambda made: _attributes(made)["username 0"]["value"], "u{}u"),
    "found attribute": (lambda made: _attributes(made)["other 1"]["value"], "found {}"),
    "body": (lambda made: next(iter(_oldest(made)["body"].values()))["deep"][1]["y"], "{}"),
    "body's key": (lambda made: next(iter(_oldest(made)["body"])), "x{}"),
    "task": (lambda made: made.plugins.calls[0][1]["alert"]["description"], "{}"),
    "answer": (lambda made: _note(made)["text"], "{}"),
    "answer's data": (lambda made: next(iter(_note(made)["data"].values()))[0], "{}"),
    "answer's key": (lambda made: next(iter(_note(made)["data"])), "x{}"),
    "reason": (lambda made: _emission(made)["report"]["result"]["reason"], "{}2"),
    "state": (lambda made: next(iter(_emission(made)["state"].values())), "{}"),
    "state's key": (lambda made: next(iter(_emission(made)["state"])), "x{}"),
    "url": (lambda made: _emission(made)["report"]["emissions"][0]["url"], "https://{}"),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_text_is_unchanged_at_the_end_of_a_round(kind: str) -> None:
    made, text = rounds(kind), spelled(TEXTS[kind])

    assert {place: read(made) for place, (read, _) in PLACES.items()} == {
        place: pattern.replace("{}", text) for place, (_, pattern) in PLACES.items()
    }


@pytest.mark.parametrize("kind", TEXTS)
def test_a_json_attribute_is_unchanged(kind: str) -> None:
    """Its value is JSON text, in which each half of a surrogate pair has its own escape."""
    text = TEXTS[kind]
    value = _attributes(rounds(kind))["json 0"]["value"]
    assert json.loads(value) == {f"x{text}": [text]}


@pytest.mark.parametrize("kind", TEXTS)
def test_escapes_in_json_do_not_change_the_alert(kind: str) -> None:
    text = TEXTS[kind]
    made = Installation()
    escaped, sorted_ = json.dumps(alert(text)), json.dumps(alert(text), sort_keys=True, indent=1)
    plain = json.dumps(alert(text), ensure_ascii=False) if not _HALF.search(text) else escaped
    deliver(made, escaped.encode(), sorted_.encode(), plain.encode())
    made.run()
    assert made.report()["alert_count"] == 3
    assert len(made.report()["attributes"]) == 3


def test_texts_that_look_alike_are_different() -> None:
    made = Installation()
    distinct = {spelled(text) for text in TEXTS.values()}
    deliver(made, *(json.dumps(alert(text)).encode() for text in distinct))
    assert len(made.heads()) == len(distinct)


@pytest.mark.parametrize("kind", TEXTS)
def test_keys_and_names_do_not_contain_the_text(kind: str) -> None:
    made = rounds(kind)
    for key in made.table.items:
        counter = "admission/[0-9]+/(detector/[0-9a-f]{64}|installation)/[0-9]"
        assert re.fullmatch(f"(alert|report|attribute)/[0-9A-Za-z]+|{counter}", key.pk), key
        assert re.fullmatch("[0-9A-Za-z/]+", key.sk), key
    assert all(re.fullmatch("[0-9A-Za-z/.-]+", key) for key in made.archive.objects)
    assert all(re.fullmatch("[0-9A-Z]{26}", report_id) for report_id, _, _ in made.workflow.started)


@pytest.mark.parametrize("kind", TEXTS)
def test_the_state_machine_does_not_get_the_text(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def see(answer: Any) -> Any:
        seen.append(answer)
        return answer

    monkeypatch.setattr("alert_responder_cli.aws.limits.check_state", see)
    rounds.__wrapped__(kind)
    assert len(seen) > 5
    ours = {"planned", "published", "replan", "closed", "e", "urgent"}
    assert _texts(seen) <= ours | {
        text for text in _texts(seen) if re.fullmatch("(i/)?[0-9a-f]{64}|[0-9A-Z]{26}", text)
    }


def _texts(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return {text for item in value.values() for text in _texts(item)}
    if isinstance(value, list | tuple):
        return {text for item in value for text in _texts(item)}
    return set()
