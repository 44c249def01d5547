"""Take in alerts of any alert ids: those that are admitted at once, the others after them and together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from alert_responder.domain.admission import Surplus
from alert_responder.domain.aggregation import by_alert_id
from alert_responder.domain.records import Event
from alert_responder.store.reports import StoredGroup
from alert_responder.usecases.overflow import OverflowReceiver
from alert_responder.usecases.receive import Deferred, Note, Receiver

Job = tuple[Sequence[Event], Callable[[], Any]]
"""The events that a piece of work is about, and the work."""


Run = Callable[[Sequence[Job]], Iterable[Any]]
"""Does jobs, in any order or at once, and returns the results of those that did not fail."""


def one_by_one(jobs: Sequence[Job]) -> list[Any]:
    """Do jobs in order; a failure ends it."""
    return [work() for _, work in jobs]


def take_in(
    receiver: Receiver,
    events: Iterable[Event],
    note: Note = lambda _: None,
    run: Run = one_by_one,
    packed: Mapping[str, Sequence[StoredGroup]] = MappingProxyType({}),
) -> None:
    """Store alerts in their reports.

    Parameters
    ----------
    events
        In any order, of any alert ids.
    note
        Is told of each group as soon as it is stored; not of one that was stored already.
    run
        Decides what runs at once and what becomes of failures; jobs do not depend on each other.
    packed
        The events as groups by alert id, where somebody has packed them before.
    """
    overflow = OverflowReceiver(receiver)
    groups = by_alert_id(events)
    while groups:
        deferred = run(
            [(group, partial(receiver.receive, key, group, note, packed.get(key, ()))) for key, group in groups.items()]
        )
        reports: dict[str | Surplus, list[Deferred]] = {}
        for each in deferred:
            for one in each:
                reports.setdefault(one.report, []).append(one)
        left = run(
            [
                ([event for each in some for event in each.events], partial(overflow.receive, some, note))
                for some in reports.values()
            ]
        )
        # An alert id with another way meanwhile, or alerts of the next hour: each time round some are stored, by this
        # process or by another.
        groups = by_alert_id(event for some in left for event in some)
