"""What only some reviewers answer, as names and values for pages, messages and the command line.

Texts are hostile, as in the report.
"""

from alert_responder.contracts.report import Result


def review_facts(result: Result) -> tuple[tuple[str, str], ...]:
    """Return the reviewer's rule and labels, and why the report is suppressed, or not although it might be.

    At most three facts, the most important first.
    """
    facts = (
        *suppression_facts(result),
        ("Rated by rule", result.rule or ""),
        ("Labels", ", ".join(result.labels)),
    )
    return tuple((name, value) for name, value in facts if value)


def suppression_facts(result: Result) -> tuple[tuple[str, str], ...]:
    """Return the suppression and what breaks through it, as one fact; nothing without a suppression."""
    suppressed = result.suppressed
    if suppressed is None:
        return ()
    which = f"{suppressed.name}, until {suppressed.expires}, owner {suppressed.owner}: {suppressed.reason}"
    if result.breakthrough is None:
        return (("Suppressed", which),)
    return (("Suppression does not apply", f"{result.breakthrough} {which}"),)


def suppression_note(result: Result) -> str:
    """Return in a few words that a suppression does not apply; empty if it does, or without one."""
    return f"Not suppressed: {result.breakthrough}" if result.suppressed and result.breakthrough else ""
