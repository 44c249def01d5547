"""An installation is removed as described in docs/operations.md, and its archive stays."""

import re

from tests.integration.conftest import installed
from tools.paths import ROOT

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCKS = OPERATIONS.split("<!-- removal -->\n")[1].split("<!-- end -->")[0]
PROVIDER = re.compile(r'^provider "aws" \{.*?^\}\n', re.MULTILINE | re.DOTALL)


def test_removal_leaves_only_the_archive() -> None:
    with installed() as made:
        made.send([made.alert("removal", ("ipaddr", "192.0.2.9"))])
        (status,) = made.settled("removal")
        bucket, s3 = made.installation.archive_bucket, made.installation.client("s3")

        configuration = made.example.terraform.folder
        (provider,) = PROVIDER.findall((configuration / "main.tf").read_text(encoding="utf-8"))
        for path in configuration.glob("*.tf"):
            if path.name not in {"variables.tf", "versions.tf"}:
                path.unlink()
        (configuration / "main.tf").write_text(f"{provider}\n{BLOCKS}", encoding="utf-8")
        made.example.terraform.init()
        made.example.terraform.apply()

        assert made.leftovers() == [f"s3: {bucket}"]
        report = s3.get_object(Bucket=bucket, Key=f"reports/{status.report_id}/000001.json")
        assert report["Body"].read()
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
        assert "RefuseWithoutTls" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
        assert made.example.terraform.plan_is_empty()


def test_destroy_leaves_nothing() -> None:
    with installed() as made:
        made.send([made.alert("destroyed", ("ipaddr", "192.0.2.9")), b"not an alert"])
        made.settled("destroyed")

        made.example.terraform.init()
        made.example.terraform.destroy()

        assert made.leftovers() == []
