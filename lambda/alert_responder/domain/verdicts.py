"""Which of several verdicts of inspectors is the worst."""

_WEIGHT: dict[str | None, int] = {"malicious": 0, "suspicious": 1, None: 2, "unknown": 3, "harmless": 4}


def weight(verdict: str | None) -> int:
    """Return what verdicts are ordered by, from the worst on; a finding without one comes before an unknown one."""
    return _WEIGHT[verdict]
