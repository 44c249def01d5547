"""The files of a new plug-in. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from alert_responder_cli.checking.cases import batches, emissions, inspections, reviews

Kind = Literal["inspector", "reviewer", "emitter"]
Language = Literal["python", "nodejs"]

NAME = re.compile(r"(?=.{1,40}\Z)[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
"""Names that Terraform, a Python module and the registry all accept."""

NAMES = "1 to 40 lower-case letters, digits and single hyphens, beginning with a letter"

SOURCE = "github.com/alert-responder/terraform-aws-alert-responder"
_RUNTIMES: Mapping[Language, str] = {"python": "python3.12", "nodejs": "nodejs22.x"}
_SUFFIXES: Mapping[Language, str] = {"python": ".py", "nodejs": ".mjs"}
_DESCRIPTIONS: Mapping[Kind, str] = {
    "inspector": "Looks up who owns an address.",
    "reviewer": "Rates reports by what inspectors found.",
    "emitter": "Posts reports to a webhook.",
}
_REPORT_ID = "01JZ0000000000000000000000"


def new_project(kind: Kind, name: str, language: Language, batch_size: int = 1) -> dict[str, str]:
    """Write the files of a plug-in that honours its contract.

    Parameters
    ----------
    name
        See `NAME`.
    batch_size
        Number of lookups that an inspector gets in one call [1 to 100].

    Returns
    -------
    dict
        Texts by path relative to the plug-in's folder.
    """
    templates = Environment(
        loader=PackageLoader("alert_responder_cli.new_plugin", "templates"),
        autoescape=False,  # noqa: S701 # the texts are programs; values are validated names or constants  # nosec B701
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    module = name.replace("-", "_")
    function_file = f"{module}{_SUFFIXES[language]}"
    target = f"function/{function_file}:handler"
    test_file = f"test_{module}.py" if language == "python" else f"{module}.test.mjs"
    options = {"inspector": f"--inspector {name}={target}", "reviewer": f"--reviewer {target}"}
    batched = batch_size > 1
    check_options = " --type ipaddr" if kind == "inspector" else ""
    values = {
        "kind": kind,
        "name": name,
        "module": module,
        "source": SOURCE,
        "description": _DESCRIPTIONS[kind],
        "runtime": _RUNTIMES[language],
        "types": json.dumps(["ipaddr"]),
        "function_file": function_file,
        "test_file": test_file,
        "target": target,
        "test": f"python3 -m unittest {test_file}" if language == "python" else f"node --test {test_file}",
        "batch_size": batch_size,
        "check_options": f"{check_options} --batch-size {batch_size}" if batched else check_options,
        "simulate_option": options.get(kind, f"--emitter {name}={target}")
        + (" --inspector-answers answers" if batched else ""),
    }

    def text(template: str) -> str:
        return templates.get_template(f"{template}.jinja").render(values)

    return {
        f"function/{function_file}": text(f"{language}/{'batch_' if batched else ''}{kind}"),
        test_file: text(f"{language}/test"),
        "case.json": _json(_recorded_batch(name, batch_size) if batched else _recorded_case(kind, name)),
        "alert.json": _json(_ALERT),
        "main.tf": text("main.tf"),
        "README.md": text("README.md"),
        **({f"answers/{name}.jsonl": _attached(batch_size)} if batched else {}),
    }


_ALERT = {
    "detector": "example",
    "rule_id": "login",
    "alert_key": "alice",
    "description": "A login from an unusual address.",
    "attributes": [{"type": "ipaddr", "value": "198.51.100.7", "key": "source", "context": ["remote"]}],
}


def _recorded_case(kind: Kind, name: str) -> dict[str, Any]:
    """Return a request, and the answer of the template's function."""
    match kind:
        case "inspector":
            answer: Any = {"contents": [{"type": "host", "source": name, "owner": ["guests"]}]}
            return {"event": inspections(_REPORT_ID, ("ipaddr",))[0].event, "answer": answer}
        case "reviewer":
            answer = {"severity": "urgent", "reason": "Known as malicious: 198.51.100.7"}
            return {"event": reviews(_REPORT_ID)[0].event, "answer": answer}
        case "emitter":
            return {"event": emissions((_REPORT_ID,) * 3)[0].event, "answer": {"state": {"rounds": 1}}}


def _recorded_batch(name: str, batch_size: int) -> dict[str, Any]:
    """Return a batch, and the answer of the template's function."""
    event = batches(inspections(_REPORT_ID, ("ipaddr",)), batch_size)[0].event
    known = [task["task_id"] for task in event["tasks"] if task["attribute"]["value"].startswith("198.51.100.")]
    answer = {"contents": [{"type": "host", "source": name, "owner": ["guests"]}]}
    return {"event": event, "answer": {"answers": dict.fromkeys(known, answer)}}


def _attached(batch_size: int) -> str:
    return json.dumps({"attach": {"attribute_types": ["ipaddr"], "batch_size": batch_size}}) + "\n"


def _json(document: Any) -> str:
    return json.dumps(document, indent=2) + "\n"
