"""A delivery log on a table in memory."""

import json
from typing import Any

from alert_responder_plugins.common.delivery_log import DeliveryLog
from tests.fakes.memory import MemoryTable


class MemoryDeliveryLog(DeliveryLog):
    """A delivery log whose records tests can read, and whose completions can be lost."""

    def __init__(self) -> None:
        self.table = MemoryTable()
        self.loses_completions = False
        super().__init__(self.table, "emitter")

    def complete(self, emission_id: str, answer: Any) -> None:
        if self.loses_completions:
            raise ConnectionError("the table does not answer")
        super().complete(emission_id, answer)

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by emission id; None for a delivery that did not complete."""
        records = {key.pk.removeprefix("emitted/emitter/"): item for key, item in self.table.items.items()}
        return {id_: json.loads(item.get("answer", "null")) for id_, item in records.items() if "state" in item}

    def lose_answers(self) -> None:
        """Make every recorded delivery one that did not complete."""
        for item in self.table.items.values():
            item.pop("answer", None)
