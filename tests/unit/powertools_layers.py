"""The public layers that functions.tf pins."""

import re

from tools.paths import ROOT

_ENTRY = re.compile(r'^ +([a-z0-9-]+) += \{ account_id = "(\d{12})", version = (\d+) \}$', re.MULTILINE)
_LISTED = re.compile(r"powertools_regions = \[(.*?)\]", re.DOTALL)
_ALL_REGIONS = re.compile(r' region => \{ account_id = "(\d{12})", version = (\d+) \}$', re.MULTILINE)


def powertools_layers() -> dict[str, tuple[str, int]]:
    """Return account and version by region."""
    text = (ROOT / "functions.tf").read_text(encoding="utf-8")
    (common,) = _ALL_REGIONS.findall(text)
    (listed,) = _LISTED.findall(text)
    named = [*((region, *common) for region in re.findall(r'"([a-z0-9-]+)"', listed)), *_ENTRY.findall(text)]
    return {place: (account, int(version)) for place, account, version in named}
