"""The command line reads the YAML of a policy as Terraform's `yamldecode` does."""

import json
import subprocess
from pathlib import Path

from alert_responder_cli.policy.yaml_document import read_yaml
from tools.paths import ROOT
from tools.terraform import binary

TEXT = """\
times: [22:00, "22:00", 2026-12-01, 2026-1-2, 2026-12-01T08:30:00Z, 2026-12-01T08:30:00+01:00, '2026-12-01']
more times: [2026-12-01 08:30:00, 2026-13-41, 26-12-01]
accounts: [111122223333, 012345678901, '012345678901']
numbers: [1_000, -3, 1.50, .5, 1e3, +4, 1., 0x1F, 0o17, 010, -.5, 1.2.3]
words: [yes, No, on, off, y, n, true, TRUE, ~, null, "", Null, nothing, Yes.]
texts: [198.51.100.7, 2001:db8::1, 10.0.0.0/8, "*", a*b, mon, !!str 5, "a\\tb", 'it''s']
anchor: &anchor {a: 1, b: 2}
aliases: [*anchor, {<<: *anchor, b: 3}]
block: |
  line 1
  line 2
folded: >-
  a
  b
"""


def test_yaml_has_the_values_that_terraform_gives_it(tmp_path: Path) -> None:
    files = {"text": TEXT}
    files["policy"] = (ROOT / "examples" / "policy" / "policy.yaml").read_text(encoding="utf-8")
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    expression = ", ".join(f'yamldecode(file("{name}.yaml"))' for name in files)

    done = subprocess.run(
        [binary(), "console"],
        cwd=tmp_path,
        input=f"jsonencode([{expression}])\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    wanted = json.loads(json.loads(done.stdout))
    assert [read_yaml(text).data for text in files.values()] == wanted
