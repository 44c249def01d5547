"""Suggest a known name for a misspelt one."""

from collections.abc import Collection
from difflib import get_close_matches

_SHORTEST = 2
_LONGEST = 64


def nearest(name: str, known: Collection[str], likeness: float = 0.6) -> str | None:
    """Return the known name that is most similar to a given one, or None.

    Parameters
    ----------
    likeness
        Minimum similarity, from 0 (any name) to 1 (equal).

    Examples
    --------
    >>> nearest("ruel_id", ("detector", "rule_id")), nearest("ip", ("domain", "ipaddr"))
    ('rule_id', 'ipaddr')
    """
    if not _SHORTEST <= len(name) <= _LONGEST:
        return None
    word = name.lower()
    if word in known:
        return word
    # difflib rates a part of a name as less similar than this threshold.
    return next(iter(get_close_matches(word, known, n=1, cutoff=likeness)), None) or next(
        (each for each in known if word in each), None
    )
