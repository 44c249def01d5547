"""Generated names: report ids, execution names, emission ids, shards."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ULID_LENGTH = 26
_TIME_LENGTH = 10
_LAST_TIME = 2**48 - 1

_PLANS_OF_A_ROUND = 1000
_TRIES_OF_A_PLAN = 100

INDEX_SHARDS = 8
"""Partitions of each index, so that a storm of alerts does not write to a single one."""


def ulid(milliseconds: int, randomness: bytes) -> str:
    """Generate a ULID: 26 characters that sort by time.

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
    """Return the first and the last time of ULIDs with this beginning [ms since the epoch].

    If no ULID has this beginning, the first exceeds the largest possible time.

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
    """Return the index partition of a report [0 to `INDEX_SHARDS` - 1]; it never changes."""
    return sum(report_id.encode()) % INDEX_SHARDS


def execution_name(report_id: str, round_: int) -> str:
    """Return the name of a round's execution: at most 80 valid characters."""
    return f"{report_id}-{round_}"


def parse_execution_name(name: str) -> tuple[str, int] | None:
    """Return report id and round of an execution's name, or None for other names."""
    report_id, _, round_ = name.rpartition("-")
    return (report_id, int(round_)) if report_id and round_.isascii() and round_.isdigit() else None


def emission_id(report_id: str, emitter: str, round_: int) -> str:
    """Return the id of a delivery, which is the same for all attempts."""
    return f"{report_id}/{emitter}/{round_:06d}"


def sequence(round_: int, iteration: int) -> int:
    """Return the sequence number of a Plan; later Plans have larger ones. A round has at most 999."""
    return round_ * _PLANS_OF_A_ROUND + iteration


def round_of(sequence_: int) -> int:
    """Return the round of a Plan's sequence number."""
    return sequence_ // _PLANS_OF_A_ROUND


def first_wave(sequence_: int) -> int:
    """Return the number of a Plan's first wave. A retry of the Plan may find more alerts and add waves."""
    return sequence_ * _TRIES_OF_A_PLAN


def plan_of(wave: int) -> int:
    """Return the sequence number of the Plan that planned a wave."""
    return wave // _TRIES_OF_A_PLAN


def after_plans(round_: int) -> int:
    """Return a sequence number after all Plans of a round, for Review."""
    return sequence(round_, _PLANS_OF_A_ROUND - 1)
