"""Records that may have ended the process: known by coming alone, and late."""

from collections.abc import Sequence

from alert_responder.domain.stream import StreamRecord
from alert_responder.formats import Reject
from alert_responder.formats.messages import INTERNAL_ERROR

SUSPECT_AGE_MS = 30_000
"""Age from which a record that is delivered alone may have been tried before [ms]. The stream's mapping halves a batch
whose call failed until the record that fails is alone; what comes alone for want of others comes within seconds."""

PROCESS_ENDED = Reject(None, f"{INTERNAL_ERROR}: ProcessEnded while it was read, each time it was tried", internal=True)
"""Why a record is archived without being read."""


def is_suspect(records: Sequence[StreamRecord], now: int) -> StreamRecord | None:
    """Return the record of a batch that may have been tried before, and have ended the process; None: there is none."""
    return records[0] if len(records) == 1 and now - records[0].arrival >= SUSPECT_AGE_MS else None
