"""An installation is removed as described in docs/operations.md, and its archive stays."""

import json
import re

from tests.integration.conftest import installed
from tests.integration.pipeline import Pipeline
from tools.paths import ROOT

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCKS = OPERATIONS.split("<!-- removal -->\n")[1].split("<!-- end -->")[0]
PROVIDER = re.compile(r'^provider "aws" \{.*?^\}\n', re.MULTILINE | re.DOTALL)


def test_removal_leaves_only_the_archive() -> None:
    with installed() as pipeline:
        pipeline.send([pipeline.alert("removal", ("ipaddr", "192.0.2.9"))])
        (status,) = pipeline.settled("removal")
        bucket, s3 = pipeline.installation.archive_bucket, pipeline.installation.client("s3")

        configuration = pipeline.example.terraform.folder
        (provider,) = PROVIDER.findall((configuration / "main.tf").read_text(encoding="utf-8"))
        for path in configuration.glob("*.tf"):
            if path.name not in {"variables.tf", "versions.tf"}:
                path.unlink()
        (configuration / "main.tf").write_text(f"{provider}\n{BLOCKS}", encoding="utf-8")
        pipeline.example.terraform.init()
        pipeline.example.terraform.apply()

        assert pipeline.leftovers() == [f"s3: {bucket}"]
        report = s3.get_object(Bucket=bucket, Key=f"reports/{status.report_id}/000001.json")
        assert report["Body"].read()
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
        assert "RefuseWithoutTls" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
        assert pipeline.example.terraform.plan_is_empty()


def test_destroy_leaves_nothing_even_during_a_round() -> None:
    with installed() as pipeline:
        pipeline.send([pipeline.alert("destroyed", ("ipaddr", "192.0.2.9")), b"not an alert"])
        pipeline.settled("destroyed")
        wait_in_settle(pipeline)
        pipeline.send([pipeline.alert("waiting", ("ipaddr", "192.0.2.9"))])
        pipeline.wait(lambda: any(each["status"] == "RUNNING" for each in pipeline.all_executions()), "running round")

        pipeline.example.terraform.init()
        pipeline.example.terraform.destroy()

        assert pipeline.leftovers() == []


def wait_in_settle(pipeline: Pipeline) -> None:
    """Let rounds wait in Settle for the maximum of `inspection_delay_seconds`, as operators may set it."""
    client, arn = pipeline.installation.client("stepfunctions"), pipeline.installation.workflow_arn
    definition = json.loads(client.describe_state_machine(stateMachineArn=arn)["definition"])
    definition["States"]["Settle"]["Seconds"] = 3600
    client.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))
