"""Texts for people at a terminal. Nothing an alert or a plug-in says is taken for markup or control codes."""

from rich.text import Text

from alert_responder_cli.plain import plain

COLOURS = {"urgent": "bold red", "unclassified": "yellow", "safe": "green"}
"""Colours of severities."""

VERDICTS = {"malicious": "bold red", "suspicious": "yellow", "harmless": "green"}
"""Colours of verdicts."""


def line(*parts: object, style: str = "") -> Text:
    """Put parts together as one line; a Text keeps its style, everything else is made harmless."""
    text = Text(style=style)
    for part in parts:
        text.append_text(part) if isinstance(part, Text) else text.append(plain(part))
    return text


def severity_text(severity: str) -> Text:
    """Write a severity in its colour."""
    return Text(plain(severity, 40), style=COLOURS.get(severity, ""))


def count(number: int, what: str) -> str:
    """Write a number and what of, such as `1 alert` and `2 alerts`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def instant(text: str) -> str:
    """Shorten an RFC 3339 time in UTC to the second."""
    return plain(text[:19].replace("T", " "), 19)
