"""Test results in JUnit's XML, which CI systems read. Pure."""

from collections.abc import Sequence
from html import escape

from alert_responder_cli.policy.test_runs import Difference, TestResult
from alert_responder_cli.sanitize import plain

_LONGEST = 4_000


def junit(policy: str, results: Sequence[TestResult]) -> str:
    """Write the results; control characters, which XML does not allow, are spelled out."""
    failed = sum(not result.passed and result.error is None for result in results)
    errors = sum(result.error is not None for result in results)
    counts = f'tests="{len(results)}" failures="{failed}" errors="{errors}"'
    cases = "".join(_case(policy, result) for result in results)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites {counts}>\n  <testsuite name="{_text(policy)}" {counts}>\n{cases}  </testsuite>\n</testsuites>\n'
    )


def _case(policy: str, result: TestResult) -> str:
    head = f'    <testcase classname="{_text(policy)}" name="{_text(result.name)}"'
    if result.error is not None:
        return f'{head}>\n      <error message="{_text(result.error)}"/>\n    </testcase>\n'
    if result.passed:
        return f"{head}/>\n"
    lines = [difference(each) for each in result.differences]
    text = "\n".join(_text(line) for line in (*lines, f"reason: {result.reason}", *result.notes))
    return f'{head}>\n      <failure message="{_text("; ".join(lines))}">{text}</failure>\n    </testcase>\n'


def difference(found: Difference) -> str:
    """Write a difference as a clause."""
    return f"{found.field}: expected {_shown(found.expected)}, got {_shown(found.got)}"


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return (", ".join(map(str, value)) or "none") if isinstance(value, tuple | list) else f"{value}"


def _text(value: str) -> str:
    return escape(plain(value, _LONGEST))
