"""Every regular expression of the package runs in linear time on any text."""

import ast
import importlib
import re
import time
from pathlib import Path

import pytest

from alert_responder.formats import extraction

PACKAGE = Path(__file__).parents[2] / "lambda" / "alert_responder"

# Pieces that start, continue, or almost complete matches of the package's expressions; each is repeated.
PIECES = """a A 0 z9 - . _ / : \\ " @ # % ~ i- i-0 arn: arn:a arn:a:b: :/ a/ / AKIA AKIAA user/ user/a/ [.] [dot (dot) [
    hxxp:// http[:]// sha-256: md5= 12 0000- 2026- 2026-01-01T 00: .0 +00: é \u3002 ;a,b <a a> \\\\. aa- [1] {"a":[ \\"
    """.split()  # noqa: SIM905 (easier to read)
PIECES += [" ", "\t", "\n", "a ", ", ", "\x00", "\ud800", "AWS::IAM::AccessKey:", "arn:aws:iam::123456789012:user/"]
ENDS = ["", "!", "\n", "/", '"', "\x00"]

LENGTH = 4_000


def _uses() -> dict[str, tuple[re.Pattern[str], str]]:
    """Find each use of an expression: compiled at the top of a module, or used in place."""
    found: dict[str, tuple[re.Pattern[str], str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        source, name = path.read_text(), ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        if "import re\n" not in source:
            continue
        module = importlib.import_module(f"alert_responder.{name}")
        for node in ast.walk(ast.parse(source)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner, method = ast.unparse(node.func.value), node.func.attr
            pattern = getattr(module, owner, None)
            if isinstance(pattern, re.Pattern):
                found[f"{name}.{owner}.{method}"] = (pattern, method)
            elif owner == "re" and method != "compile":
                text = ast.literal_eval(node.args[0])
                found[f"{name}:{text}"] = (re.compile(text), method)
    return found


USES = _uses()


def test_every_expression_is_found() -> None:
    compiled = {
        f"{name}.{variable}"
        for name in ("contracts.alert", "domain.attributes", "formats.extraction", "formats.ocsf_fields")
        for variable, value in vars(importlib.import_module(f"alert_responder.{name}")).items()
        if isinstance(value, re.Pattern)
    }
    # Those of extraction's identifiers are used from a tuple.
    assert {name for name in compiled if not any(use.startswith(f"{name}.") for use in USES)} == IN_A_TUPLE
    assert len(USES) > 20


IN_A_TUPLE = {f"formats.extraction.{name}" for name in ("_INSTANCE", "_ACCESS_KEY", "_ACCOUNT", "_IAM_USER")}
USES |= {name: (getattr(extraction, name.rpartition(".")[2]), "fullmatch") for name in sorted(IN_A_TUPLE)}


@pytest.mark.parametrize("use", USES)
def test_time_is_linear(use: str) -> None:
    for piece in PIECES:
        for end in ENDS:
            assert grows_linearly(*USES[use], piece, end), (piece, end)


def grows_linearly(pattern: re.Pattern[str], method: str, piece: str, end: str, length: int = LENGTH) -> bool:
    """Compare a text with one four times as long: a quadratic expression takes sixteen times as long.

    Times below a millisecond are not compared; on a busy machine, the measurement is repeated.
    """
    short, long = (piece * (most // len(piece)) + end for most in (length, 4 * length))
    for _ in range(5):
        slow = _seconds(pattern, method, long)
        if slow < 0.001 or slow < 9 * _seconds(pattern, method, short):
            return True
    return False


def _seconds(pattern: re.Pattern[str], method: str, text: str) -> float:
    began = time.thread_time()
    if method in {"fullmatch", "match", "search"}:
        getattr(pattern, method)(text)
    else:
        for _ in pattern.finditer(text):
            pass
    return time.thread_time() - began


def test_an_expression_that_is_not_linear_is_found() -> None:
    # Cubic, so that a disturbed measurement cannot make it look linear.
    assert not grows_linearly(re.compile("a*a*a*b"), "fullmatch", "a", "!", 100)
    assert grows_linearly(re.compile("a*b"), "fullmatch", "a", "!")
