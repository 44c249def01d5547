"""What somebody probably meant who wrote a name that there is not."""

from collections.abc import Collection
from difflib import get_close_matches

_SHORTEST = 2
_LONGEST = 64


def nearest(name: str, known: Collection[str], likeness: float = 0.6) -> str | None:
    """Return the known name that is most like a given one; None: nothing is like it.

    Parameters
    ----------
    likeness
        From 0, anything, to 1, the same.

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
    # What is only part of a name is less like it than that by the measure of difflib.
    return next(iter(get_close_matches(word, known, n=1, cutoff=likeness)), None) or next(
        (each for each in known if word in each), None
    )
