"""The policies that `make checkov` skips are few, and each has a reason."""

import re

from tools.paths import ROOT

MOST = 12
SKIP = re.compile(r"  - (?P<check>CKV2?_AWS_\d+) # (?P<what>[^:]+): (?P<reason>.{20,})")


def test_at_most_twelve_policies_are_skipped_each_with_a_reason() -> None:
    _, _, skips = (ROOT / ".checkov.yaml").read_text(encoding="utf-8").partition("skip-check:\n")
    matches = [SKIP.fullmatch(line) for line in skips.splitlines()]

    assert all(matches), skips
    assert len({match["check"] for match in matches if match}) == len(matches) <= MOST


def test_no_policy_is_skipped_in_the_code() -> None:
    for path in ROOT.glob("**/*.tf"):
        if not {".terraform", "build"} & set(path.parts):
            assert "checkov:skip" not in path.read_text(encoding="utf-8"), path
