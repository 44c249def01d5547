"""Waiting within the time of a call."""

from alert_responder_plugins.common.deadline import Patience


def test_waits_only_where_enough_is_left_after_it() -> None:
    now, waited = [100.0], []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    patience = Patience(24, clock=lambda: now[0], sleep=sleep)

    assert patience.wait(10, spare=6)
    assert patience.left() == 14
    assert not patience.wait(9, spare=6)
    assert patience.wait(8, spare=6)
    assert waited == [10, 8]
    now[0] += 100
    assert patience.left() == 0
    patience.renew()
    assert patience.left() == 24
