"""How a limit is split into counters, and how the overflow report of an hour is identified."""

from alert_responder.contracts.alert import Alert
from alert_responder.domain.admission import COUNTER_PARTS, HOUR_MS, Surplus, counters, first_keys, hour_of


def test_the_shares_of_counters_add_up_to_the_limit() -> None:
    for limit in (*range(1, 400), 500, 2_000, 1_000_000):
        parts = counters("installation", "", 1, limit)
        assert sum(part.most for part in parts) == limit
        assert min(part.most for part in parts) >= 1
        assert len({part.part for part in parts}) == len(parts) <= COUNTER_PARTS
    assert len(counters("detector", "edr", 1, 500)) == COUNTER_PARTS


def test_detectors_hours_and_the_installation_have_separate_counters() -> None:
    made = [
        counters("detector", "edr", 1, 5),
        counters("detector", "ids", 1, 5),
        counters("detector", "edr", 2, 5),
        counters("detector", "", 1, 5),
        counters("installation", "", 1, 5),
    ]
    assert len({(part.scope, part.name, part.hour) for parts in made for part in parts}) == len(made)


def test_overflow_report_ids_never_equal_an_alert_s() -> None:
    """A detector chooses all three texts in an alert's id."""
    surplus = Surplus("detector", "edr", 500_000)
    forged = Alert(detector="overflow", rule_id="detector", alert_key='edr","500000')
    assert len({surplus.alert_id, forged.alert_id, Surplus("installation", "", 500_000).alert_id}) == 3


def test_hours_begin_on_the_hour() -> None:
    assert hour_of(7 * HOUR_MS - 1) == 6
    assert hour_of(7 * HOUR_MS) == 7
    assert Surplus("installation", "", 6).ends == 7 * HOUR_MS


def test_keys_are_listed_once_by_first_appearance() -> None:
    a, b = ("edr", "r", "a"), ("edr", "r", "b")
    assert first_keys([[b, a], [a], [b]]) == (b, a)
    assert len(first_keys([[("edr", "r", str(number)) for number in range(50)]])) == 20
