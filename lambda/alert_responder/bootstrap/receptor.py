"""Builds the receptor."""

import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from alert_responder.adapters.archive import S3Archive
from alert_responder.adapters.workflow import StepFunctionsWorkflow
from alert_responder.bootstrap.common import CONNECTIONS, client, now, table
from alert_responder.domain.identifiers import ulid
from alert_responder.formats import FORMATS, Format
from alert_responder.formats.shipped import ShippedFormats
from alert_responder.settings import ReceptorSettings, read_settings
from alert_responder.store.reports import ReportStore, Retention
from alert_responder.usecases.receive import Receiver


def new_report_id(milliseconds: int) -> str:
    """Make a report id for a time."""
    return ulid(milliseconds, secrets.token_bytes(10))


@cache
def receptor() -> tuple[Receiver, S3Archive, ThreadPoolExecutor]:
    """Build what the receptor needs."""
    settings = read_settings(ReceptorSettings, os.environ)
    receiver = Receiver(
        store=ReportStore(table(settings.table_name), Retention(settings.report_retention_days)),
        workflow=StepFunctionsWorkflow(client("stepfunctions"), settings.workflow_arn),
        clock=now,
        new_id=new_report_id,
        window_ms=settings.aggregation_window_seconds * 1000,
    )
    return receiver, S3Archive(client("s3"), settings.archive_bucket), ThreadPoolExecutor(CONNECTIONS)


@cache
def formats() -> tuple[tuple[Format, ...], tuple[str, ...]]:
    """Give all formats in the order they are asked (the operator's own, those told by code, those that are shipped).

    Returns
    -------
    tuple
        The formats, and what is wrong with those of the operator's own that cannot be read. These are left out: what
        they were for is rejected, and can be brought back when they are mended.

    Raises
    ------
    DependencyError
        When there are formats of the operator's own and the table does not give them: nothing is read without them.
    """
    settings = read_settings(ReceptorSettings, os.environ)
    if settings.formats == "none":
        return (*FORMATS, ShippedFormats()), ()
    # Imported for those who have such formats.
    from alert_responder.formats.mapping import InvalidMappingError, MappedFormat
    from alert_responder.store.mappings import read_mappings

    own: list[Format] = []
    faults: list[str] = []
    for mapping in read_mappings(table(settings.table_name)):
        try:
            own.append(MappedFormat(mapping))
        except InvalidMappingError as error:
            faults.append(str(error))
    return (*own, *FORMATS, ShippedFormats()), tuple(faults)
