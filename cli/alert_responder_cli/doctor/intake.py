"""Checks of the intake: stream, event source mapping, dead letters, and batches that were given up."""

from collections.abc import Iterator

from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.doctor.examination import Check, Verdict, ok

_FINE = ("OK", "No records processed")
_GIVEN_UP = "aws/lambda/"


def _stream(installation: Installation) -> Iterator[Verdict]:
    summary = installation.client("kinesis").describe_stream_summary(StreamName=installation.stream)
    description = summary["StreamDescriptionSummary"]
    state = description["StreamStatus"]
    if state not in ("ACTIVE", "UPDATING"):
        yield Verdict("problem", f"The stream {installation.stream} is {state}.", "Apply the module again.")
    elif description.get("EncryptionType") != "KMS":
        yield Verdict("warning", f"The stream {installation.stream} is not encrypted.", "Apply the module again.")
    else:
        yield ok(f"The stream {installation.stream} is {state.lower()} and encrypted.")


def _mapping(installation: Installation) -> Iterator[Verdict]:
    receptor = installation.function("receptor")
    mappings = installation.client("lambda").list_event_source_mappings(FunctionName=receptor)["EventSourceMappings"]
    if not mappings:
        yield Verdict(
            "problem", f"No event source mapping calls {receptor}: alerts are not read.", "Apply the module again."
        )
    for mapping in mappings:
        state, result = mapping.get("State", "unknown"), mapping.get("LastProcessingResult") or _FINE[1]
        if state not in ("Enabled", "Enabling", "Updating"):
            yield Verdict(
                "problem",
                f"The event source mapping of {receptor} is {state.lower()}: alerts are not read.",
                "Enable it (aws lambda update-event-source-mapping --enabled), and find out who disabled it.",
            )
        elif not result.startswith(_FINE):
            yield Verdict(
                "problem",
                f"The last batch of the event source mapping of {receptor} ended with: {result}.",
                "Check the receptor's role and log, and the KMS key's policy.",
            )
        else:
            yield ok(f"The event source mapping of {receptor} is {state.lower()}; last result: {result}.")


def _dead_letters(installation: Installation) -> Iterator[Verdict]:
    queue = f"{installation.name}-dead-letters"
    client = installation.client("sqs")
    url = client.get_queue_url(QueueName=queue)["QueueUrl"]
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    count = int(attributes["ApproximateNumberOfMessages"])
    if count:
        yield Verdict(
            "warning",
            f"{count} sweeps could not be started in the last 14 days and lie in the queue {queue}.",
            "Look at the coordinator's errors and throttles of that time, then purge the queue.",
        )
    else:
        yield ok(f"The queue {queue} is empty.")


def _given_up(installation: Installation) -> Iterator[Verdict]:
    found = installation.client("s3").list_objects_v2(Bucket=installation.archive_bucket, Prefix=_GIVEN_UP, MaxKeys=1)
    if found.get("KeyCount", len(found.get("Contents", ()))):
        yield Verdict(
            "warning",
            f"The archive holds batches that were given up, under {_GIVEN_UP}.",
            "List them with alert-responder failures list --kind batch, and redrive those that were not.",
        )
    else:
        yield ok("No batch of the stream was given up.")


CHECKS = (
    Check("stream", ("kinesis:DescribeStreamSummary",), _stream),
    Check("mapping", ("lambda:ListEventSourceMappings",), _mapping),
    Check("dead-letters", ("sqs:GetQueueUrl", "sqs:GetQueueAttributes"), _dead_letters),
    Check("given-up-batches", ("s3:ListBucket",), _given_up),
)
