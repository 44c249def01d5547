"""Waiting within the time limit of a call."""

from alert_responder_plugins.common.deadline import Deadline


def test_wait_is_refused_if_too_little_time_would_be_left() -> None:
    now, waited = [100.0], []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    deadline = Deadline(24, clock=lambda: now[0], sleep=sleep)

    assert deadline.wait(10, reserve=6)
    assert deadline.remaining() == 14
    assert not deadline.wait(9, reserve=6)
    assert deadline.wait(8, reserve=6)
    assert waited == [10, 8]
    now[0] += 100
    assert deadline.remaining() == 0
    deadline.restart()
    assert deadline.remaining() == 24
