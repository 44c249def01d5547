"""Reasons with fields such as `{attribute}`: known names only, and values without invisible characters. Pure."""

import re
from collections.abc import Mapping

from alert_responder.domain.sanitize import spell_out

FIELDS = (
    "account",
    "account_environment",
    "account_name",
    "account_owner",
    "account_unit",
    "alert_count",
    "alert_key",
    "attribute",
    "attribute_type",
    "detector",
    "detector_severity",
    "earlier",
    "inspector",
    "region",
    "rounds",
    "rule_id",
    "title",
    "verdict",
)
"""Names that a reason may contain in braces."""

MAX_VALUE = 200
"""Maximum length of a value in a reason [characters]; longer ones are cut off."""

_FIELD = re.compile(r"\{([^{}]*)\}")


def unknown_fields(template: str) -> list[str]:
    """Return what a template must not contain: unknown names in braces, and single braces."""
    unknown = [f"{{{name}}}" for name in _FIELD.findall(template) if name not in FIELDS]
    return unknown or [brace for brace in "{}" if brace in _FIELD.sub("", template)]


def fill(template: str, values: Mapping[str, str]) -> str:
    """Replace the fields by values; a field without a value becomes "unknown"."""
    return _FIELD.sub(lambda match: _short(values.get(match[1], "")) or "unknown", template)


def _short(value: str) -> str:
    # Twice: the replacement of invisible characters makes text longer.
    text = " ".join(spell_out(value[:MAX_VALUE]).split())
    return text if len(text) <= MAX_VALUE and len(value) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"
