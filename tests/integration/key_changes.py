"""An installation gets a key, another one, and none again: alerts become reports after each apply.

Three applies take minutes, so `make audit` runs this and `make test` does not.
"""

from collections.abc import Sequence

import pytest

from tests.integration.conftest import installed
from tests.integration.pipeline import Pipeline

LINE = "  deletion_protection        = false\n"


def apply_key(pipeline: Pipeline, key: str | None, previous: Sequence[str]) -> None:
    """Change the inputs of the example's root module, as a user would, and apply."""
    path = pipeline.example.terraform.folder / "main.tf"
    written = path.read_text(encoding="utf-8").split(LINE)
    arns = ", ".join(f'"{arn}"' for arn in previous)
    kept = "".join(line for line in written[1].splitlines(keepends=True) if "kms_key" not in line)
    inputs = (f'  kms_key = {{ arn = "{key}" }}\n' if key else "") + f"  previous_kms_key_arns = [{arns}]\n"
    path.write_text(f"{written[0]}{LINE}{inputs}{kept}", encoding="utf-8")
    pipeline.example.terraform.apply()


@pytest.mark.timeout(900)
def test_the_key_can_be_added_changed_and_removed() -> None:
    with installed() as pipeline:
        client = pipeline.installation.client
        first, second = (client("kms").create_key()["KeyMetadata"]["Arn"] for _ in range(2))
        pipeline.example.terraform.init()
        (machine,) = client("stepfunctions").list_state_machines()["stateMachines"]
        for number, (key, previous) in enumerate([(first, []), (second, [first]), (None, [first, second])], start=1):
            apply_key(pipeline, key, previous)

            pipeline.send([pipeline.alert(f"key-{number}", ("ipaddr", "192.0.2.9"))])
            (status,) = pipeline.settled(f"key-{number}")
            assert pipeline.report(status)["findings"]
            table = client("dynamodb").describe_table(TableName=pipeline.installation.table)["Table"]
            encryption = table.get("SSEDescription", {})
            assert (encryption["KMSMasterKeyArn"] if encryption.get("Status") == "ENABLED" else None) == key
            definition = client("stepfunctions").describe_state_machine(stateMachineArn=machine["stateMachineArn"])
            assert definition.get("encryptionConfiguration", {}).get("kmsKeyId") == key
