"""Looks one attribute up."""

from typing import Protocol

from alert_responder.plugin import Attribute, InspectionAnswer
from alert_responder_plugins.virustotal.api_call import QuotaUsedUpError
from alert_responder_plugins.virustotal.contents import Found, Reading
from alert_responder_plugins.virustotal.queries import Question, question_for
from alert_responder_plugins.virustotal.settings import VirusTotalSettings


class Source(Protocol):
    """Where questions are answered; see `client.VirusTotal`."""

    def look_up(self, question: Question) -> Found | None:
        """Answer a question."""
        ...


class VirusTotalInspector:
    """The inspector."""

    def __init__(self, settings: VirusTotalSettings, source: Source) -> None:
        self._settings = settings
        self._source = source
        self._reading = Reading(
            vendors=settings.vendors,
            malicious_from=settings.malicious_from,
            suspicious_from=settings.suspicious_from,
            harmless_from=settings.harmless_from,
            follow_hashes=settings.follow_hashes,
        )

    def inspect(self, attribute: Attribute) -> InspectionAnswer | None:
        """Look an attribute up; None where VirusTotal knows nothing of it, or of its kind.

        A used-up quota is answered `throttled`; other faults are raised, see `client.VirusTotal.look_up`.
        """
        question = question_for(attribute, self._settings.relationships, self._settings.premium)
        if question is None:
            return None
        try:
            found = self._source.look_up(question)
        except QuotaUsedUpError as error:
            return InspectionAnswer(throttled=str(error))
        return None if found is None else self._reading.answer(question, found)
