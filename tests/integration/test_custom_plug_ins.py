"""Custom plug-ins of the local run are loaded as on Lambda, attached, and called for a report."""

from pathlib import Path

import pytest

from tests.integration.conftest import RECIPE
from tests.integration.pipeline import Pipeline
from tools import custom_plugins, saved_installations
from tools.account import Account
from tools.custom_plugins import Kind
from tools.errors import ToolError
from tools.installation import LocalExample
from tools.plugin_loader import require_loadable

NOWHERE = Account("https://127.0.0.1:9", "/nowhere.pem")
PYTHON = "def handler(task, context):\n    return None\n"

WHOIS = """
import os

def look_up(task, context):
    return {"contents": [{"type": "host", "verdict": "suspicious", "source": os.environ["SOURCE"]}]}
"""
LENGTH = """
export const handler = async ({ attribute }) => (
  { contents: [{ type: "note", title: `${attribute.value.length} letters` }] }
);
"""
POLICY = """
import { rate } from "./rules.mjs";
export const handler = async (report) => rate(report.findings);
"""
RULES = """
export const rate = (findings) => ({ severity: "urgent", reason: `${findings.length} findings` });
"""
CHAT = "exports.tell = async (emission) => ({ state: emission.report.result.reason });"


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("good.py", PYTHON),
        ("called.py", "class Handler:\n    def __call__(self, task, context): ...\nhandler = Handler()"),
        ("reads.py", f"import os\nos.environ['SOURCE'], os.environ['AWS_REGION']\nimport boto3\n{PYTHON}"),
        ("noisy.py", f"print('x' * 100_000)\n{PYTHON}"),
        ("good.js", "exports.handler = async () => null;"),
        ("whole.js", "module.exports = { handler: () => null };"),
        ("good.mjs", "export const handler = async () => null;"),
    ],
)
def test_a_plug_in_that_lambda_can_load_is_accepted(name: str, code: str, tmp_path: Path) -> None:
    path = write(tmp_path, name, code)
    write(tmp_path, f"{path.stem}.env", "SOURCE=x")

    require_loadable(custom_plugins.given("inspector", str(path))[0], NOWHERE)

    assert sorted(found.name for found in tmp_path.iterdir()) == sorted([name, f"{path.stem}.env"])


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        (
            "none.py",
            "def other(): ...",
            "none.py of the inspector none has no function handler: add its name",
        ),
        ("none.mjs", "export const other = 1;", "none.mjs of the inspector none has no function handler"),
        ("none.js", "exports.other = 1;", "none.js of the inspector none has no function handler"),
        ("value.py", "handler = 1", "handler in value.py of the inspector value is not a function"),
        ("value.mjs", "export const handler = {};", "handler in value.mjs of the inspector value is not a function"),
        ("broken.py", "def handler(:", "broken.py of the inspector broken cannot be loaded: SyntaxError: "),
        (
            "broken.mjs",
            "export const handler = (;",
            "broken.mjs of the inspector broken cannot be loaded: Synt",
        ),
        ("lost.py", "import no_such_thing", "cannot be loaded: ModuleNotFoundError: No module named 'no_such_thing'"),
        ("lost.mjs", 'import "no-such-thing";', "cannot be loaded: Error: Cannot find package 'no-such-thing'"),
        ("unset.py", "import os\nos.environ['API_KEY']", "cannot be loaded: KeyError: 'API_KEY'"),
        ("hostile.py", "raise ValueError('\\x1b[2J')", r"cannot be loaded: ValueError: \\x1b\[2J"),
    ],
)
def test_a_plug_in_that_lambda_cannot_load_is_an_error(
    name: str, code: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_KEY", "the caller's, which no function sees")
    plugin = custom_plugins.given("inspector", str(write(tmp_path, name, code)))[0]

    with pytest.raises(ToolError, match=message):
        require_loadable(plugin, NOWHERE)


def test_a_plug_in_that_loads_too_slowly_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.plugin_loader.LOAD_SECONDS", 1)
    plugin = custom_plugins.given("inspector", str(write(tmp_path, "slow.py", "import time\ntime.sleep(60)")))[0]

    with pytest.raises(ToolError, match="was not loaded within 1 s"):
        require_loadable(plugin, NOWHERE)


def test_plug_ins_of_all_kinds_in_both_languages_are_attached_and_called(tmp_path: Path) -> None:
    write(tmp_path / "whois", "whois.env", "SOURCE=the registry")
    write(tmp_path / "policy", "rules.mjs", RULES)
    wanted: list[tuple[Kind, str, str]] = [
        ("inspector", f"{write(tmp_path / 'whois', 'whois.py', WHOIS)}:look_up", "ipaddr"),
        ("inspector", str(write(tmp_path / "length", "length.mjs", LENGTH)), ""),
        ("reviewer", f"{write(tmp_path / 'policy', 'main.mjs', POLICY).parent}:main.handler", ""),
        ("emitter", f"{write(tmp_path / 'chat', 'chat.js', CHAT)}:tell", ""),
    ]
    plugins = [plugin for kind, text, types in wanted for plugin in custom_plugins.given(kind, text, types)]
    with saved_installations.started(RECIPE) as (emulator, _, _):
        folder = emulator.folder / "example"
        for plugin in plugins:
            require_loadable(plugin, emulator.account)
            plugin.write_zip(folder / "plugins")
        example = LocalExample(emulator.account, folder, {**RECIPE.variables, **custom_plugins.variables(plugins)})
        pipeline = Pipeline(example.apply(), example)
        pipeline.send([pipeline.alert("custom", ("ipaddr", "198.51.100.9"), ("domain", "example.org"))])

        (status,) = pipeline.settled("custom")
        report = pipeline.report(status)

    found = {
        (finding["inspector"], finding["attribute_type"]): finding["contents"][0]
        for finding in report["findings"]
        if finding["outcome"] == "ok"
    }
    assert found["whois", "ipaddr"]["source"] == "the registry"
    assert found["length", "domain"]["title"] == "11 letters"
    assert ("whois", "domain") not in found
    result = report["result"]
    assert (result["severity"], result["reason"]) == ("urgent", f"{len(report['findings'])} findings")
    assert {delivery.emitter: delivery.outcome for delivery in status.deliveries}["chat"] == "ok"
