"""The order of inspectors' verdicts."""

_WEIGHT: dict[str | None, int] = {"malicious": 0, "suspicious": 1, None: 2, "unknown": 3, "harmless": 4}


def weight(verdict: str | None) -> int:
    """Return the sort key of a verdict, worst first; a finding without a verdict comes before an unknown one."""
    return _WEIGHT[verdict]
