"""What an emitter has done already, in memory."""

from typing import Any

from alert_responder_plugins.common.delivery_log import Before


class MemoryOnce:
    """As `common.once.Once`; `ends` is what is stored, None for a delivery whose end nobody knows."""

    def __init__(self) -> None:
        self.ends: dict[str, Any] = {}

    def begin(self, emission_id: str) -> Before | None:
        if emission_id in self.ends:
            return Before(self.ends[emission_id])
        self.ends[emission_id] = None
        return None

    def done(self, emission_id: str, answer: Any) -> None:
        self.ends[emission_id] = answer

    def forget(self, emission_id: str) -> None:
        del self.ends[emission_id]
