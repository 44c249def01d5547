"""Read the policy of an installation, and its stored reports."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.report import Report
from alert_responder.store.archive_keys import report_key
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.aws.objects import read_object
from alert_responder_cli.backtesting.rerate import READERS, in_order
from alert_responder_cli.errors import CommandError
from alert_responder_cli.plugins.registry import registered
from alert_responder_cli.policy.reports import report_of
from alert_responder_cli.reports.by_day import everything
from alert_responder_cli.reports.history import archived_report, stored_report
from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.reports.summary import ReportSummary
from alert_responder_plugins.policy.model import InvalidPolicyError, Policy, read_policy
from alert_responder_plugins.policy.table import policy_key

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

_MISSING = "The installation has no policy: attach modules/policy, or give a file."

_LONGEST_FUNCTION_NAME = 64
"""Names of functions that would be longer are shortened by modules/plugin-function."""


def installed_policy(installation: Installation) -> Policy:
    """Return the policy of the attached reviewer.

    Raises
    ------
    CommandError
        The table cannot be read (`dynamodb:Query`, `dynamodb:GetItem`), or a shortened function name cannot be resolved
        (`lambda:GetFunctionConfiguration`); the reviewer has no policy, or an invalid one.
    """
    table = DynamoDBTable(installation.client("dynamodb"), installation.table)
    for kind, plugin in registered(installation):
        if kind != "reviewer":
            continue
        with explain_aws_errors():
            name = _policy_name(installation, plugin.arn)
            item = table.get(policy_key(name)) if name else None
        if item is not None:
            try:
                return read_policy(json.loads(str(item.get("policy"))))
            except (InvalidPolicyError, ValueError, RecursionError) as error:
                faults = error.faults if isinstance(error, InvalidPolicyError) else ("policy must be JSON",)
                raise CommandError(f"The policy {name} of the installation is invalid.", faults) from None
    raise CommandError(_MISSING)


def _policy_name(installation: Installation, arn: str) -> str | None:
    """Return the name of the policy of the function that modules/policy creates; None: another function.

    The registry calls every reviewer `reviewer`. The name of the function contains that of the policy, unless it is
    shortened.
    """
    function = arn.split(":")[6]
    prefix = f"{installation.name}-reviewer-"
    if not function.startswith(prefix):
        return None
    if len(function) < _LONGEST_FUNCTION_NAME:
        return function.removeprefix(prefix)
    client: LambdaClient = installation.client("lambda")
    configuration = client.get_function_configuration(FunctionName=arn)
    return configuration.get("Environment", {}).get("Variables", {}).get("PLUGIN_NAME")


def published_report(installation: Installation, report_id: str, round_: int | None, now: int) -> Report:
    """Read a published round of a report.

    Raises
    ------
    CommandError
        It does not exist, or a permission is missing (`dynamodb:Query` on the table, `s3:GetObject` on the archive).
    """
    stored = stored_report(DynamoDBTable(installation.client("dynamodb"), installation.table), report_id, now)
    document = archived_report(installation, report_id, stored.status.reviewed_round, round_)
    if document is None:
        raise CommandError(f"Report {report_id} is not published yet.")
    return report_of(document, f"Report {report_id}")


def stored_reports(installation: Installation, query: ReportQuery, now: int, most: int) -> Iterator[Report]:
    """Yield the newest published reports that match a query; those that cannot be read are left out."""
    client = installation.client("s3", max_pool_connections=READERS)

    def read(report: ReportSummary) -> Report | None:
        key = report_key(report.report_id, report.round or 0)
        document = read_object(client, installation.archive_bucket, key)
        try:
            return None if document is None else report_of(json.loads(document), report.report_id)
        except (CommandError, ValueError, RecursionError):
            return None

    reviewed = (each for each in everything(installation, query, now) if each.reviewed and each.round)
    with ThreadPoolExecutor(READERS) as executor:
        yield from filter(None, in_order(executor, read, islice(reviewed, most), 2 * READERS))
