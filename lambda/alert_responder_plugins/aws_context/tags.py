"""What tags say of whose something is and what for; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_VALUE = 256
"""Longest value of a tag (Amazon EC2 user guide, tag restrictions) [characters]."""


@dataclass(frozen=True, slots=True)
class Tagging:
    """Keys of tags that are shown, in any case; others are left out, as they may hold what is nobody's business."""

    owner: Sequence[str]
    purpose: Sequence[str]

    def owners(self, tags: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """Return the tags that say whose it is, in the order of the setting."""
        return _picked(tags, self.owner)

    def purposes(self, tags: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """Return the tags that say what it is for, in the order of the setting."""
        return _picked(tags, self.purpose)


def _picked(tags: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> dict[str, str]:
    by_key = {str(tag["Key"]).lower(): tag for tag in tags if "Key" in tag}
    found = [by_key[key.lower()] for key in dict.fromkeys(keys) if key.lower() in by_key]
    return {str(tag["Key"]): str(tag.get("Value", ""))[:MAX_VALUE] for tag in found}
