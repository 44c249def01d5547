"""The evidence refers to existing tests and counts their outcomes."""

import xml.etree.ElementTree as ET

import pytest

from tools.evidence import tests_of as outcome
from tools.paths import ROOT
from tools.promises import Promise, read_promises

PROMISES = read_promises()
CASES = ET.fromstring(  # noqa: S314 - written here
    """<testsuite>
    <testcase classname="tests.unit.a.test_one" name="x" time="1.5">
      <properties><property name="examples" value="200"/></properties>
    </testcase>
    <testcase classname="tests.unit.a.test_one.TestClass" name="y" time="1"><failure/></testcase>
    <testcase classname="tests.unit.a.test_one" name="z" time="1"><skipped/></testcase>
    <testcase classname="tests.unit.a.test_one_more" name="x" time="9"/>
    <testcase classname="tests.unit.ab.test_two" name="x" time="9"/>
    </testsuite>"""
)


def promise(*tests: str) -> Promise:
    return Promise(number=1, section="s", claim="c", how="h", tests=tests)


@pytest.mark.parametrize("one", PROMISES, ids=lambda one: str(one.number))
def test_the_tests_of_a_promise_exist(one: Promise) -> None:
    assert [path for path in one.tests if not (ROOT / path).exists()] == []
    assert one.tests or one.benchmark or one.number == 24


def test_promises_are_numbered_without_gaps() -> None:
    assert [one.number for one in PROMISES] == list(range(1, len(PROMISES) + 1))


def test_a_file_includes_its_tests() -> None:
    found = outcome(promise("tests/unit/a/test_one.py"), CASES)
    assert (found.passed, found.failed, found.seconds, found.figures) == (1, 1, 2.5, ("examples: 200",))


def test_a_folder_includes_the_tests_below_it() -> None:
    assert outcome(promise("tests/unit/a"), CASES).passed == 2
