"""The comment of a round: what has become of the report since the last one."""

from alert_responder.contracts.primitives import Severity
from alert_responder.contracts.report import Report
from alert_responder_plugins.common.summary import unanswered, weighed
from alert_responder_plugins.github.issue import MAX_REASON
from alert_responder_plugins.github.markdown import fenced
from alert_responder_plugins.github.markers import of_emission
from alert_responder_plugins.github.state import news
from alert_responder_plugins.github.tables import findings_parts
from alert_responder_plugins.github.truncation import fitted


def comment(report: Report, emission_id: str, before: Severity | None, told: frozenset[str]) -> str:
    """Return the comment: marked, at most `fitting.MAX_CHARACTERS` long.

    Parameters
    ----------
    before
        Severity when last told; None: never, or unknown.
    told
        Digests of the findings that earlier comments show; they are counted, and not shown again.
    """
    found, missing = news(weighed(report), told), news(unanswered(report), told)
    severity = report.result.severity
    changed = f" (was {before})" if before not in {None, severity} else ""
    beginning = "\n\n".join(
        [
            f"{of_emission(emission_id)}\n## Round {report.round:,}: {severity}{changed}",
            fenced(report.result.reason, MAX_REASON),
            _said(len(report.findings) - len(news(report.findings, told)), bool(found or missing)),
        ]
    )
    return fitted(beginning, findings_parts(found, missing))


def _said(known: int, anything: bool) -> str:
    new = "What was found:" if anything else "Nothing was found"
    if known and anything:
        new = "What is new:"
    elif known:
        new = "Nothing new was found"
    earlier = f" Unchanged since earlier comments: {known:,} lookups." if known else ""
    return f"{new}{'' if anything else '.'}{earlier}"
