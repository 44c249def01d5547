"""Lambda function of the inspector `history`."""

import os
import time
from functools import cache

import boto3

from alert_responder.plugin import InspectionAnswer, InspectionTask, inspector
from alert_responder_plugins.common.aws import lookup_config
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.history.earlier import answer
from alert_responder_plugins.history.settings import HistorySettings
from alert_responder_plugins.history.table import HistoryTable, ThrottledError


@inspector
def handler(task: InspectionTask) -> InspectionAnswer | None:
    """List other reports with the attribute."""
    return look_up(task, _table(), int(time.time()))


def look_up(task: InspectionTask, table: HistoryTable, now: int) -> InspectionAnswer | None:
    """Look up one attribute [now: s since the epoch]."""
    try:
        newest, oldest = table.ends(task.attribute)
    except ThrottledError as error:
        return InspectionAnswer(throttled=str(error))
    return answer(newest, oldest, task.report_id, now)


@cache
def _table() -> HistoryTable:
    settings = read_settings(HistorySettings, os.environ)
    client = boto3.client("dynamodb", config=lookup_config())
    return HistoryTable(client, settings.table_name, settings.max_reports)
