"""Names that are made rather than given: report ids, execution names, emission ids, shards."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ULID_LENGTH = 26
_TIME_LENGTH = 10
_LAST_TIME = 2**48 - 1

_PLANS_OF_A_ROUND = 1000
_TRIES_OF_A_PLAN = 100

INDEX_SHARDS = 8
"""Partitions of each index, so that no single one takes all writes of a storm (design, data)."""


def ulid(milliseconds: int, randomness: bytes) -> str:
    """Make a ULID: 26 characters that sort by time.

    Parameters
    ----------
    milliseconds
        Time since the epoch [ms, 0 to 2**48 - 1].
    randomness
        10 random bytes.
    """
    number = (milliseconds << 80) | int.from_bytes(randomness, "big")
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def ulid_range(beginning: str) -> tuple[int, int]:
    """Return the first and the last time that ULIDs with this beginning stand for [ms since the epoch].

    The first is past the last one there is where no ULID begins so.

    Examples
    --------
    >>> ulid_range(ulid(1_800_000_000_000, bytes(10))[:9])
    (1799999999968, 1799999999999)
    """
    first, last = (beginning[:_TIME_LENGTH].ljust(_TIME_LENGTH, filler) for filler in (_CROCKFORD[0], _CROCKFORD[-1]))
    return _time_of(first), min(_time_of(last), _LAST_TIME)


def _time_of(text: str) -> int:
    number = 0
    for character in text:
        number = number * 32 + _CROCKFORD.index(character)
    return number


def index_shard(report_id: str) -> int:
    """Return the index partition of a report [0 to `INDEX_SHARDS` - 1], the same for ever."""
    return sum(report_id.encode()) % INDEX_SHARDS


def execution_name(report_id: str, round_: int) -> str:
    """Name the one execution of a round: at most 80 legal characters."""
    return f"{report_id}-{round_}"


def parse_execution_name(name: str) -> tuple[str, int] | None:
    """Return report id and round of an execution's name, or None for a name not made by `execution_name`."""
    report_id, _, round_ = name.rpartition("-")
    return (report_id, int(round_)) if report_id and round_.isascii() and round_.isdigit() else None


def emission_id(report_id: str, emitter: str, round_: int) -> str:
    """Name a delivery; the same on every try of it."""
    return f"{report_id}/{emitter}/{round_:06d}"


def sequence(round_: int, iteration: int) -> int:
    """Number the Plans of a report so that later ones are larger: at most 999 iterations a round."""
    return round_ * _PLANS_OF_A_ROUND + iteration


def round_of(sequence_: int) -> int:
    """Return the round of a Plan's sequence."""
    return sequence_ // _PLANS_OF_A_ROUND


def first_wave(sequence_: int) -> int:
    """Number what is planned first in a Plan: a Plan that is tried again may find alerts that its first try did not."""
    return sequence_ * _TRIES_OF_A_PLAN


def plan_of(wave: int) -> int:
    """Return the sequence of the Plan that a wave was planned in."""
    return wave // _TRIES_OF_A_PLAN


def after_plans(round_: int) -> int:
    """Return the sequence of a Plan after all that a round may have: how Review sees what they left."""
    return sequence(round_, _PLANS_OF_A_ROUND - 1)
