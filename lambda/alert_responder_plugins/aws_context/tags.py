"""Select the tags with the owner and the purpose of a resource. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_VALUE = 256
"""Maximum length of a tag's value [characters] (Amazon EC2 user guide, tag restrictions)."""


@dataclass(frozen=True, slots=True)
class TagFilter:
    """Case-insensitive keys of the tags that are shown; other tags may contain confidential data."""

    owner: Sequence[str]
    purpose: Sequence[str]

    def owners(self, tags: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """Return the owner tags in the order of the setting."""
        return _picked(tags, self.owner)

    def purposes(self, tags: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """Return the purpose tags in the order of the setting."""
        return _picked(tags, self.purpose)


def _picked(tags: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> dict[str, str]:
    by_key = {str(tag["Key"]).lower(): tag for tag in tags if "Key" in tag}
    picked = [by_key[key.lower()] for key in dict.fromkeys(keys) if key.lower() in by_key]
    return {str(tag["Key"]): str(tag.get("Value", ""))[:MAX_VALUE] for tag in picked}
