"""Each rule of the protocol is needed: without it something goes wrong, and the checks notice.

The test changes the code in memory and replays a schedule that passes with the rule and fails without it. A stored
schedule shows in a few lines what the rule is for, takes milliseconds, and fails when the rule, the check or the
schedule has lost its point. If code has changed so that a schedule no longer reaches its moment, let hypothesis find
another one:

    PROTOCOL_WITHOUT="no lease" PROTOCOL_EXAMPLES=1000 python -m pytest tests/unit/protocol/test_protocol.py
"""

import re
from pathlib import Path

import pytest

from tests.unit.protocol.machine import replay
from tests.unit.protocol.mutants import MUTANTS
from tests.unit.protocol.schedules import COVERED, SCHEDULES

PROTOCOL = Path(__file__).parents[3] / "docs/protocol.md"


def test_every_rule_has_a_schedule_or_a_reason() -> None:
    assert MUTANTS.keys() == SCHEDULES.keys() | COVERED.keys()
    assert not SCHEDULES.keys() & COVERED.keys()


def test_the_document_lists_every_rule() -> None:
    tables = PROTOCOL.read_text(encoding="utf-8").split("| rule | mutant |")[1:]
    cells = re.findall(r"^\|[^|]+\|([^|]+)\|$", "".join(table.partition("\n\n")[0] for table in tables), re.MULTILINE)
    listed = [(name, "(covered)" in cell) for cell in cells for name in re.findall("`([^`]+)`", cell)]
    assert sorted(listed) == sorted((name, name in COVERED) for name in MUTANTS)


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_schedule_fails_without_the_rule(name: str) -> None:
    what, schedule = SCHEDULES[name]
    replay(schedule)
    with MUTANTS[name].applied(), pytest.raises(AssertionError, match=what):
        replay(schedule)


@pytest.mark.parametrize("name", COVERED)
def test_other_rules_cover_the_rule(name: str) -> None:
    _, schedule = COVERED[name]
    replay(schedule)
    with MUTANTS[name].applied():
        replay(schedule)
