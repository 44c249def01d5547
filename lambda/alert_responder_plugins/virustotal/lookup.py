"""Look up one attribute."""

from typing import Protocol

from alert_responder.plugin import Attribute, InspectionAnswer
from alert_responder_plugins.virustotal.api_call import QuotaExceededError
from alert_responder_plugins.virustotal.contents import AnswerWriter, Response
from alert_responder_plugins.virustotal.queries import Question, question_for
from alert_responder_plugins.virustotal.settings import VirusTotalSettings


class Source(Protocol):
    """Answers questions; see `client.VirusTotal`."""

    def look_up(self, question: Question) -> Response | None:
        """Answer a question."""
        ...


class VirusTotalInspector:
    """The inspector."""

    def __init__(self, settings: VirusTotalSettings, source: Source) -> None:
        self._settings = settings
        self._source = source
        self._writer = AnswerWriter(
            vendors=settings.vendors,
            malicious_from=settings.malicious_from,
            suspicious_from=settings.suspicious_from,
            harmless_from=settings.harmless_from,
            follow_hashes=settings.follow_hashes,
        )

    def inspect(self, attribute: Attribute) -> InspectionAnswer | None:
        """Look up an attribute; None if VirusTotal does not know it or its kind.

        If a quota is exceeded, the answer is `throttled`; other errors are raised (see `client.VirusTotal.look_up`).
        """
        question = question_for(attribute, self._settings.relationships, self._settings.premium)
        if question is None:
            return None
        try:
            response = self._source.look_up(question)
        except QuotaExceededError as error:
            return InspectionAnswer(throttled=str(error))
        return None if response is None else self._writer.answer(question, response)
