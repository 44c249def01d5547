"""The item of a directory of accounts, as DynamoDB returns it."""

from typing import Any

from boto3.dynamodb.types import TypeSerializer

from alert_responder.domain.directory import Directory
from alert_responder.store import keys
from alert_responder.store.directory import write_directory
from alert_responder_cli.aws.in_memory import MemoryTable


def directory_item(directory: Directory) -> dict[str, Any]:
    """Give the item with the types of its attributes."""
    table = MemoryTable()
    write_directory(table, directory)
    return {name: TypeSerializer().serialize(value) for name, value in (table.get(keys.directory()) or {}).items()}
