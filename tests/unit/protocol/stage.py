"""The installation on which the machine acts."""

from collections.abc import Callable

from alert_responder.contracts.plugin import EmitterPlugin, InspectorPlugin, Plugins, ReviewerPlugin
from alert_responder.domain.admission import NO_LIMITS, AdmissionLimits
from alert_responder.domain.lookup_plan import Limits
from alert_responder.usecases.admission import Admission
from alert_responder.usecases.receive import Receiver
from tests.fakes.installation import Installation
from tests.fakes.memory import MemoryTable
from tests.unit.protocol.witness import INBOX, LATE, PAGER, STEADY, Witness

WINDOW_MS = 100_000

FLOOD, FLOOD_SIZE = "flood", 24
"""Prefix and number of the attributes of an alert that has many."""

BUDGET = 20
"""Lookups of a report: a flood needs more, and a quarter is enough for all other alerts."""


BATCH = 4
"""Lookups in a call of the inspector that is attached and detached."""


class StagedInstallation(Installation):
    """An installation whose plug-ins are the witness, and whose clocks differ between invocations."""

    def __init__(self, table: MemoryTable, clock: Callable[[], int], witness: Witness) -> None:
        self._clock = clock
        super().__init__(
            inspectors={STEADY: witness.inspect, LATE: witness.inspect},
            reviewer=witness.review,
            emitters={INBOX: witness.emit, PAGER: witness.emit},
            limits=Limits(1, BUDGET),
            table=table,
            window_ms=WINDOW_MS,
            admission=NO_LIMITS,
        )

    def limit(self, limits: AdmissionLimits) -> None:
        """Replace the receptors: later calls have other limits and remember nothing."""
        self.receiver = Receiver(
            self.receiver.store,
            self.receiver.workflow,
            self.receiver.clock,
            self.receiver.new_id,
            WINDOW_MS,
            self.receiver.caps,
            Admission(limits),
        )

    def attach(self, *, late: bool) -> None:
        """Attach the permanent plug-ins, and optionally the inspector that is attached and detached."""
        inspectors = [STEADY, LATE] if late else [STEADY]
        self.registry.attached = Plugins(
            inspectors=tuple(
                InspectorPlugin(name=name, arn=name, version=1, batch_size=BATCH if name == LATE else 1)
                for name in inspectors
            ),
            emitters=(
                EmitterPlugin(name=INBOX, arn=INBOX, version=1),
                EmitterPlugin(name=PAGER, arn=PAGER, version=1, severities=("urgent",)),
            ),
            reviewer=ReviewerPlugin(name="reviewer", arn="reviewer", version=1),
        )

    def _tick(self) -> int:
        return self._clock()
