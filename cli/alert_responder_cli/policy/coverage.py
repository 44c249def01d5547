"""Whether one rule or suppression matches whatever another one matches. Pure.

The answer is "no" wherever it is uncertain.
"""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from alert_responder.domain.directory import units_above
from alert_responder.domain.severities import word_rank
from alert_responder_plugins.policy.globs import globs
from alert_responder_plugins.policy.model import (
    AttributeMatch,
    EarlierMatch,
    Match,
    Range,
    Rule,
    SuppressionRule,
)

_ABOUT_ATTRIBUTES = ("attribute", "attribute_type", "context", "verdict", "outcome", "inspector")


def covers(wide: Rule | SuppressionRule, narrow: Rule | SuppressionRule, *, lower: bool) -> bool:
    """Check whether the first of two rules matches every report that the second one matches.

    Parameters
    ----------
    lower
        Whether both lower the severity, or suppress; otherwise both raise it.
    """
    if wide.when is not None and wide.when != narrow.when:
        return False
    return _match_covers(wide.match, narrow.match, lower=lower)


def is_unconditional(rule: Rule) -> bool:
    """Check whether a rule has no condition."""
    return rule.when is None and not _set(rule.match)


def _set(match: Match) -> set[str]:
    return {name for name in Match.model_fields if getattr(match, name) is not None}


def _match_covers(wide: Match, narrow: Match, *, lower: bool) -> bool:
    if not _set(wide) <= _set(narrow):
        return False
    if lower and any(getattr(wide, name) != getattr(narrow, name) for name in _ABOUT_ATTRIBUTES):
        # All attributes must fit then, and which ones depends on the types that a match names.
        return False
    return (
        _patterns(wide.detector, narrow.detector)
        and _patterns(wide.rule, narrow.rule)
        and _severities(wide.severity, narrow.severity, lower=lower)
        and _among(wide.status, narrow.status)
        and _among(wide.account, narrow.account)
        and _patterns(wide.account_name, narrow.account_name)
        and _units(wide.account_unit, narrow.account_unit)
        and _patterns(wide.account_owner, narrow.account_owner)
        and _patterns(wide.account_environment, narrow.account_environment)
        and _patterns(wide.region, narrow.region)
        and _tags(wide, narrow)
        and _attributes(wide.attribute, narrow.attribute)
        and _among(wide.attribute_type, narrow.attribute_type)
        and _among(wide.context, narrow.context)
        and _among(wide.verdict, narrow.verdict)
        and _among(wide.outcome, narrow.outcome)
        and _patterns(wide.inspector, narrow.inspector)
        and wide.complete in (None, narrow.complete)
        and _range(wide.alert_count, narrow.alert_count)
        and _range(wide.rounds, narrow.rounds)
        and _earlier(wide.earlier, narrow.earlier)
        and wide.time in (None, narrow.time)
    )


def _among(wide: Iterable[str] | None, narrow: Iterable[str] | None) -> bool:
    return wide is None or set(narrow or ()) <= set(wide)


def _patterns(wide: tuple[str, ...] | None, narrow: tuple[str, ...] | None, *, ignore_case: bool = True) -> bool:
    if wide is None:
        return True
    every = globs(wide, ignore_case=ignore_case)
    # A question mark matches one character, and a star in a narrow pattern stands for several.
    of_stars = globs(tuple(each for each in wide if "?" not in each), ignore_case=ignore_case)
    # Wildcards of a narrow pattern are characters here, which only wildcards of a wide one match.
    texts = _distinct(wide)
    return all(text in texts or (of_stars if "*" in text else every).match(text) for text in narrow or ())


def _units(wide: tuple[str, ...] | None, narrow: tuple[str, ...] | None) -> bool:
    """Check units, which also match the units below them."""
    return wide is None or all(any(_patterns(wide, (each,)) for each in units_above(unit)) for unit in narrow or ())


@lru_cache(maxsize=4096)
def _distinct(patterns: tuple[str, ...]) -> frozenset[str]:
    return frozenset(patterns)


def _severities(wide: tuple[str, ...] | None, narrow: tuple[str, ...] | None, *, lower: bool) -> bool:
    if wide is None or narrow is None:
        return wide is None
    ranks = [[rank for word in words if (rank := word_rank(word)) is not None] for words in (wide, narrow)]
    # A smaller rank is worse.
    return min(ranks[1]) >= min(ranks[0]) if lower else max(ranks[1]) <= max(ranks[0])


def _tags(wide: Match, narrow: Match) -> bool:
    of_narrow = {key.lower(): patterns for key, patterns in (narrow.tag or {}).items()}
    return all(
        key.lower() in of_narrow and _patterns(patterns, of_narrow[key.lower()])
        for key, patterns in (wide.tag or {}).items()
    )


def _attributes(wide: tuple[AttributeMatch, ...] | None, narrow: tuple[AttributeMatch, ...] | None) -> bool:
    return wide is None or all(any(_attribute_covers(each, one) for each in wide) for one in narrow or ())


def _attribute_covers(wide: AttributeMatch, narrow: AttributeMatch) -> bool:
    if any(getattr(wide, name) is not None and getattr(narrow, name) is None for name in AttributeMatch.model_fields):
        return False
    return (
        _among(wide.type, narrow.type)
        and _among(wide.context, narrow.context)
        and _patterns(wide.value, narrow.value, ignore_case=False)
        and _networks(wide.cidr, narrow.cidr)
    )


def _networks(wide: tuple[str, ...] | None, narrow: tuple[str, ...] | None) -> bool:
    if wide is None:
        return True
    known = _first_bits(wide)
    return all(
        any(_bits(text, version, length) in bits for (version, length), bits in known.items()) for text in narrow or ()
    )


@lru_cache(maxsize=4096)
def _first_bits(cidrs: tuple[str, ...]) -> dict[tuple[int, int], frozenset[int | None]]:
    """Return the first bits of networks by IP version and length."""
    lengths = {(network.version, network.prefixlen) for network in map(ipaddress.ip_network, cidrs)}
    return {
        (version, length): frozenset(
            _bits(text, version, length) for text in cidrs if ipaddress.ip_network(text).prefixlen == length
        )
        - {None}
        for version, length in lengths
    }


@lru_cache(maxsize=65_536)
def _bits(text: str, version: int, length: int) -> int | None:
    """Return the first bits of a network; None if it is of another version or larger."""
    network = ipaddress.ip_network(text)
    if network.version != version or network.prefixlen < length:
        return None
    return int(network.network_address) >> (network.max_prefixlen - length)


def _range(wide: Range | None, narrow: Range | None) -> bool:
    if wide is None or narrow is None:
        return wide is None
    is_low_enough = wide.min is None or (narrow.min is not None and narrow.min >= wide.min)
    is_high_enough = wide.max is None or (narrow.max is not None and narrow.max <= wide.max)
    return is_low_enough and is_high_enough


def _earlier(wide: EarlierMatch | None, narrow: EarlierMatch | None) -> bool:
    if wide is None or narrow is None:
        return wide is None
    return wide.min <= narrow.min and wide.model_copy(update={"min": narrow.min}) == narrow
