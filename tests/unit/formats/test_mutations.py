"""No value in a field of a sample event suppresses the alert, except in the fields of detector and rule.

One mutation in ten is tried. To try all of them:

    RECORD_EXAMPLES=100000 make unit
"""

import copy
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alert_responder.formats import UNKNOWN, parse_record
from alert_responder.formats.registry import FormatRegistry

EVENTS = Path(__file__).parents[2] / "events"
SAMPLES = sorted(EVENTS.rglob("*.json"))
FORMATS = FormatRegistry()
STEP = 1 if os.environ.get("RECORD_EXAMPLES") else 10

MUTATIONS: tuple[Any, ...] = ({"n": None}, 0.25, False, [{"n": [1]}], "y" * 1_900)

DECIDES = re.compile(
    rf"{UNKNOWN}|(format [a-z0-9-]+: )?(detector|rule_id|rule)\b|the rule is|type must be a GuardDuty|Message\b"
)
"""Reasons about detector and rule, the fields that identify the format, and the string with the whole alert."""


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    elif isinstance(node, list):
        for number, value in enumerate(node[:3]):
            yield from leaves(value, (*path, number))
    else:
        yield path


def mutated(document: Any, path: tuple[Any, ...], value: Any) -> bytes:
    made = copy.deepcopy(document)
    node = made
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    return json.dumps(made).encode()


@pytest.mark.parametrize("number", range(len(SAMPLES)), ids=[path.stem for path in SAMPLES])
def test_one_invalid_field_does_not_cost_the_alert(number: int) -> None:
    document = json.loads(SAMPLES[number].read_bytes())
    before = len(parse_record(json.dumps(document).encode(), FORMATS)[0])
    tries = [(path, value) for path in list(leaves(document))[:150] for value in MUTATIONS]
    for path, value in tries[number % STEP :: STEP]:
        parsed, rejects = parse_record(mutated(document, path, value), FORMATS)
        assert not [reject for reject in rejects if reject.internal], path
        decides = any(DECIDES.match(reject.reason) for reject in rejects)
        assert len(parsed) >= before or decides, (path, value, rejects)
