"""The policies that `make checkov` skips are few, and each has a reason."""

import re

from tools.paths import ROOT

MOST = 12
SOURCES = {"CKV_TF_1", "CKV_TF_2"}
"""Policies on the sources of modules, which the examples cannot follow before a release."""

SKIP = re.compile(r"  - (?P<check>CKV2?_(?:AWS|TF)_\d+) # (?P<what>[^:]+): (?P<reason>.{20,})")


def test_at_most_twelve_policies_on_resources_are_skipped_each_with_a_reason() -> None:
    _, _, skips = (ROOT / ".checkov.yaml").read_text(encoding="utf-8").partition("skip-check:\n")
    matches = [SKIP.fullmatch(line) for line in skips.splitlines()]

    assert all(matches), skips
    checks = [match["check"] for match in matches if match]
    assert len(set(checks)) == len(checks)
    assert len(set(checks) - SOURCES) <= MOST


def test_no_policy_is_skipped_in_the_code() -> None:
    for path in ROOT.glob("**/*.tf"):
        if not {".terraform", "build"} & set(path.parts):
            assert "checkov:skip" not in path.read_text(encoding="utf-8"), path
