"""The comment of a round: its findings that earlier comments do not show."""

from alert_responder.contracts.primitives import Severity
from alert_responder.contracts.report import Report
from alert_responder.domain.review_facts import suppression_facts
from alert_responder_plugins.common.summary import findings_by_verdict, unanswered
from alert_responder_plugins.github.issue import MAX_REASON
from alert_responder_plugins.github.markdown import code, fenced
from alert_responder_plugins.github.markers import of_emission
from alert_responder_plugins.github.state import new_findings
from alert_responder_plugins.github.tables import findings_parts
from alert_responder_plugins.github.truncation import fitted


def comment(report: Report, emission_id: str, before: Severity | None, shown: frozenset[str]) -> str:
    """Write the comment, with its marker and at most `truncation.MAX_CHARACTERS` long.

    Parameters
    ----------
    before
        Severity in the last delivered round; None if unknown.
    shown
        Digests of the findings in earlier comments, which are only counted.
    """
    answered = new_findings(findings_by_verdict(report), shown)
    missing = new_findings(unanswered(report), shown)
    severity = report.result.severity
    now = f"{severity} (was {before})" if before not in {None, severity} else severity
    if report.status == "resolved":
        now = "resolved, according to the detector"
    unchanged = len(report.findings) - len(new_findings(report.findings, shown))
    paragraphs = [
        f"{of_emission(emission_id)}\n## Round {report.round:,}: {now}",
        *(f"{name}: {code(value)}" for name, value in suppression_facts(report.result)),
        fenced(report.result.reason, MAX_REASON),
    ]
    if not answered and not missing:
        paragraphs.append("No new findings." if unchanged else "No findings.")
    if unchanged:
        paragraphs.append(f"Unchanged since earlier comments: {unchanged:,} lookups.")
    return fitted("\n\n".join(paragraphs), findings_parts(answered, missing))
