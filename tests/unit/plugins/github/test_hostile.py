"""Hostile text in any field of a report is inactive on GitHub."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.report import Report
from alert_responder_plugins.github.comment import comment
from alert_responder_plugins.github.issue import body, title
from alert_responder_plugins.github.markdown import characters, code, fenced, fenced_json, row, table
from tests.fakes.github_markdown import active, shown_code, skeleton
from tests.fakes.hostile import HOSTILE, report_of
from tests.fakes.reports import a_finding, a_report, an_attribute

GITHUB = {
    "run of marks": "`" * 81 + " @octocat",
    "runs of marks": "` `` ``` ```` ````` @octocat",
    "long run": "`" * 5_000 + "\n@octocat",
    "closes a long fence": "`" * 300 + "\n# heading\n@octocat",
    "ends in a mark": "x`",
    "begins with a mark": "`x",
    "bar": "|",
    "backslash and bar": "a\\| b \\\\| c \\\\\\| @octocat",
    "ends in a backslash": "x\\",
    "formula around code": "$`x`$ `$`a`$`",
    "issue of another": "octo-org/octo-repo#7",
    "commit": "16c999e8c71134401a78d4d46435517b2271d6ac",
    "short commit": "16c999e",
    "advisory": "GHSA-jfh8-c2jp-5v3q CVE-2026-0001",
    "alert": "> [!WARNING]\n> All is well",
    "diagram": '```mermaid\ngraph TD;\nclick A href "https://evil.example"\n```',
    "footnote": "text[^1]\n\n[^1]: https://evil.example",
    "keyword": "closes #1, resolves GH-2",
    "suggestion": "```suggestion\nrm -rf /\n```",
    "slash command": "/close",
    "picture": "![][p]\n\n[p]: https://evil.example/p.png",
    "details": "<details open><summary>x</summary>",
    "conditional comment": "--><script>alert(1)</script><!--",
    "cdata": "<![CDATA[x]]> <?php x ?> <!DOCTYPE html>",
    "own mark": "<!-- alert-responder report " + "0" * 64 + " -->",
    "mail by mailto": "mailto:eve@evil.example xmpp:eve@evil.example/x",
    "rule": "---\n***\n___",
    "setext": "x\n===\ny\n---",
    "indented": "    code\n\tcode",
    "number": "1. one\n2) two\n+ three\n* four",
    "line end of a table": "x |\n| --- |\n| y |",
    "entity of at": "&#64;octocat &commat;octocat",
    "colour": "#0969DA rgb(9, 105, 218)",
    "json text": '{"a": "@octocat `x`", "b": ["```"]}',
}
ALL = {**HOSTILE, **GITHUB}
EMPTY = frozenset({"blank letters"})
"""Names of texts without visible characters."""


def everywhere(text: str) -> Report:
    """Put a string into every field, including ids and JSON attributes."""
    report = report_of(text, id=text, alert_id=text, previous_report_id=text)
    document = an_attribute(json.dumps({text: [text, {"x": text}]}), type="json", key=text, id=text)
    broken = an_attribute(text, type="json", key=text, id=text)
    changed = report.model_dump() | {"attributes": [*report.model_dump()["attributes"], document, broken]}
    changed["findings"] = [{**finding, "attribute_id": text} for finding in changed["findings"]]
    return Report.model_validate(changed)


def written(text: str) -> list[str]:
    report = everywhere(text)
    return [body(report), comment(report, text, "safe", frozenset())]


@pytest.mark.parametrize("name", ALL)
def test_hostile_text_is_inactive(name: str) -> None:
    assert [active(made) for made in written(ALL[name])] == [[], []]


@pytest.mark.parametrize("name", [name for name in ALL if name not in EMPTY])
def test_structure_is_the_same_as_for_harmless_text(name: str) -> None:
    # A JSON attribute is written as text or as JSON; both are code.
    assert [skeleton(made) for made in written(ALL[name])] == [skeleton(made) for made in written("harmless")]


@pytest.mark.parametrize("name", ALL)
def test_title_is_one_code_span(name: str) -> None:
    made = title(everywhere(ALL[name]))

    assert characters(made) <= 256
    assert active(made) == []
    assert [item[0] for item in skeleton(made) if item[0] in {"text", "code_inline"}] == (
        ["text"] if name in EMPTY else ["text", "code_inline"]
    )


@pytest.mark.parametrize("name", ["url", "github user", "json text", "long mark-up"])
def test_hostile_text_is_still_visible(name: str) -> None:
    word = {"url": "hxxps://evil[.]example", "github user": "[at]octocat", "json text": '"a":'}.get(name, "channel")

    assert all(word in shown_code(made) for made in written(ALL[name]))


def test_there_are_enough_hostile_texts() -> None:
    assert len(ALL) >= 100


# The check can fail: it finds each of these when it is not escaped.


@pytest.mark.parametrize(
    "name",
    [
        "github user",
        "github team",
        "github issue",
        "github commit",
        "markdown link",
        "markdown image",
        "markdown autolink",
        "markdown math",
        "markdown task",
        "markdown footnote",
        "slack emoji",
        "html script",
        "html image",
        "html comment",
        "html details",
        "url",
        "url upper",
        "domain",
        "mail",
        "bidi override",
        "zero width",
        "tags",
        "terminal",
        "issue of another",
        "short commit",
        "long run",
        "alert",
        "diagram",
        "keyword",
        "rule",
        "number",
        "entity of at",
    ],
)
def test_check_finds_what_is_active(name: str) -> None:
    assert active(ALL[name])


def test_check_finds_a_broken_table() -> None:
    assert active(f"{table(['a', 'b'])}\n| `x\\\\| y` | z |")
    assert active(f"{table(['a', 'b'])}\n{row([code('x'), code('y')])}") == []


PIECES = st.sampled_from(
    [
        "`",
        "``",
        "\\",
        "|",
        "\n",
        "@a",
        "#1",
        "$",
        "[",
        "](",
        ")",
        "<",
        ">",
        "https://a.b",
        "~~~",
        " ",
        "&#64;",
        "*",
        "x",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))


@given(TEXTS, st.integers(10, 400))
def test_any_code_span_in_a_table(text: str, most: int) -> None:
    made = f"{table(['a', 'b'])}\n{row([code(text, most), code(text)])}"

    assert active(made) == []
    inline = [item for item in skeleton(made) if item[0] in {"text", "code_inline"}]
    assert [item[3] for item in inline if item[0] == "text"] in (["a", "b"], ["a", "b", "-", "-"])


@given(TEXTS, st.integers(10, 400))
def test_any_fenced_block(text: str, most: int) -> None:
    made = fenced(text, most)

    assert active(made) == []
    assert [item[0] for item in skeleton(f"{made}\n\nafter")] == ["fence", "paragraph_open", "text", "paragraph_close"]


@given(st.recursive(TEXTS, lambda inner: st.dictionaries(TEXTS, inner, max_size=3), max_leaves=5))
def test_any_json(value: object) -> None:
    made = fenced_json(value, 100_000)

    assert active(made) == []
    inside = shown_code(made)
    if "`" * 64 not in inside:
        assert json.loads(inside) == value


def test_marks_of_a_report_are_at_its_beginning_alone() -> None:
    forged = GITHUB["own mark"]
    for made in written(forged):
        assert made.startswith("<!-- alert-responder ")
        assert not made.startswith(forged)


def test_nothing_of_a_finding_is_a_link() -> None:
    finding = a_finding(contents=[{"type": "host", "link": "https://lists.example.com/198.51.100.7"}])

    assert active(comment(a_report(findings=[finding]), "e", None, frozenset())) == []
