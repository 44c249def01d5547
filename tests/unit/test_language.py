"""Prose and messages are plain English, without the habits that made this project's texts hard to read.

The rules are a short list, not a grammar. A failure names the plain form to write instead. A line that must keep its
wording is listed in `ALLOWED` with the reason.
"""

import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tools.paths import ROOT

MAX_NOBODY = 14
"""How often "nobody" may occur in all texts: "no user", "no process" or a passive is usually clearer."""


class Rule(NamedTuple):
    """A habit: its pattern, in which a blank is any gap between words, what to write instead, and examples of it."""

    name: str
    pattern: str
    instead: str
    planted: tuple[str, ...]


_BE = "(?:is|are|was|were|be|been|being)"
_COMPARATIVE = "(?:longer|more|less|fewer|later|earlier|larger|smaller|higher|lower|older|newer|better|worse)"

RULES = (
    Rule(
        "negated noun",
        rf"(?:there )?{_BE} (?-i:none|no (?!{_COMPARATIVE}\b))",
        "'is not an alert', 'invalid' or 'cannot be parsed'",
        ("A record that is no alert", "they were none of these", "these are\n    # no findings"),
    ),
    Rule(
        "clause as subject",
        "(?-i:What) (?:is|are|was|were) not",
        "the thing itself: 'records that cannot be parsed'",
        ("What is not asked for is left out.",),
    ),
    Rule(
        "clause as subject",
        "(?-i:Who) (?!may|can|is|are|was|did|does)[a-z]+ [^.?!|:]{1,120}[.]",
        "the person, or 'to keep a copy, add'",
        ("Who needs a copy adds a bucket.",),
    ),
    Rule(
        "clause as subject",
        "(?-i:Who) (?:may|can|could) [^.?!|:]{1,120} (?:can|may|could|writes|reads|has) [^.?!|:]{1,120}[.:]",
        "the person or principal: 'a principal who can'",
        ("Who may put records there writes every byte of them.", "Who can do one of these can forge an origin:"),
    ),
    Rule(
        "says so",
        "says so",
        "'has a note about it', 'is marked' or 'returns it': only people say something",
        ("An account is not asked, and the answer says so.",),
    ),
    Rule(
        "told",
        rf"(?:{_BE}|gets?|got) (?:(?:not|never|also|only|then|once|already) )?told",
        "'notified' (emitters), 'called' or 'asked' (inspectors), 'receives' or 'learns'",
        ("Emitters are told once", "It is then told nothing"),
    ),
    Rule("of ours", "of (?:ours|theirs|one's)", "'our', 'your' or 'custom'", ("a mapping of ours",)),
    Rule("one's own", "one's own", "'your', 'custom' or 'internal'", ("One's own networks",)),
    Rule("anew", "anew", "'again'", ("made anew",)),
    Rule("mend", "mend(?:s|ed|ing)?", "'fix' or 'repair'", ("The sweeper mends it",)),
    Rule("whoever", "who(?:m|so)?ever", "the person: 'a user who'", ("Whoever takes longer", "to whomever it is sent")),
    Rule("a mistake of", "mistakes? of", "'bug' or 'error in'", ("a mistake of the plug-in's",)),
    Rule("for want of", "for want of", "'without' or 'because ... is missing'", ("rejected for want of a rule",)),
    Rule("as it stands", "as (?:it|they) stands?", "'without a review' or 'unchanged'", ("It goes out as it stands.",)),
    Rule(
        "to be had",
        "(?:to|can|could|may|might|cannot|not) be had",
        "'available' or 'can be read'",
        ("no page can be had", "as much as is to be had"),
    ),
    Rule(
        "come to be",
        "(?:come|comes|came|coming) to (?:be|nothing|light)",
        "'become', 'fail' or 'be found'",
        ("how it came to be had", "It comes to nothing."),
    ),
    Rule(
        "become of",
        "(?:become|becomes|became|becoming) of",
        "'what happens to' or 'the outcome of'",
        ("what became of a call", "What becomes of it"),
    ),
    Rule("of its own accord", "of (?:its|their) own accord", "'automatically'", ("ends of its own accord",)),
    Rule("had better", "had better", "'should'", ("It had better wait",)),
    Rule("archaic", "(?:there|where|here)(?:of|upon)|whence|thence", "'of it' or 'then'", ("parts thereof",)),
    Rule("he", "he|him|his|himself", "'they' or 'the user'", ("keeps logs as long as he likes",)),
)

ALLOWED = {("docs/glossary.md", "| as it stands |"): "the column of words to avoid"}
"""Findings that stay: file, and a part of the line; the reason."""

NOUNS_IN_ING = {
    "alert_ranking": "the ranking of alerts",
    "backtesting": "what `backtest` does; a package of the command line",
    "checking": "what `plugins check` does; a package of the command line",
    "event_source_mapping": "AWS's name of the thing",
    "housekeeping": "a noun",
    "mapping": "the glossary's word: a format that is made of expressions",
    "monitoring": "alarms, metrics and dashboard",
    "wiring": "what is connected with what",
}
"""Modules and packages whose names end in -ing, and what makes each of them a noun."""

_SUFFIXES = {".in", ".jinja", ".js", ".md", ".mjs", ".py", ".tf", ".tftpl", ".toml", ".yaml"}
_NAMES = {"Makefile", "bootstrap"}
_FOLDERS = ("benchmarks", "cli", "docs", "examples", "lambda", "modules", "requirements", "templates", "tests", "tools")
_TEST_NAME = re.compile(r"(?<=def )test_\w+")
# Between words: white space, the comment signs of a new line, and the end and start of adjacent strings.
_GAP = r"""(?:[\s#>]+|["']\s+[fr]{0,2}["'])++"""


def compiled(rule: Rule) -> re.Pattern[str]:
    """Compile a rule's pattern."""
    return re.compile(rf"\b(?:{rule.pattern.replace(' ', _GAP)})(?:\b|(?<=\W))", re.IGNORECASE)


PATTERNS = [(compiled(rule), rule) for rule in RULES]
NOBODY = re.compile(r"\bnobody\b", re.IGNORECASE)


class Finding(NamedTuple):
    """A place in a file that a rule finds."""

    path: str
    number: int
    line: str
    found: str
    rule: Rule

    def __str__(self) -> str:
        found = " ".join(self.found.split())
        return (
            f"{self.path}:{self.number}: '{found}' ({self.rule.name}: {self.rule.pattern}); write {self.rule.instead}"
        )


class Text:
    """A file's text, with names of tests as words; in Python, only comments, strings and these names are prose."""

    def __init__(self, path: str, text: str):
        self.path = path
        self._text = _TEST_NAME.sub(lambda name: name[0].replace("_", " "), text) if path.endswith(".py") else text
        self._prose: list[tuple[int, int]] | None = None

    def findings(self) -> Iterator[Finding]:
        """Find violations of the rules."""
        for pattern, rule in PATTERNS:
            for match in pattern.finditer(self._text):
                if not match[0].lower().startswith("there ") and self._is_prose(match.start()):
                    number = self._text.count("\n", 0, match.start())
                    yield Finding(self.path, number + 1, self._text.split("\n")[number], match[0], rule)

    def count_nobody(self) -> int:
        """Count "nobody" in prose."""
        return sum(self._is_prose(match.start()) for match in NOBODY.finditer(self._text))

    def _is_prose(self, at: int) -> bool:
        if not self.path.endswith(".py"):
            return True
        if self._prose is None:
            self._prose = sorted(self._spans())
        number = bisect_right(self._prose, (at, len(self._text) + 1)) - 1
        return number >= 0 and at < self._prose[number][1]

    def _spans(self) -> Iterator[tuple[int, int]]:
        starts = [0, *(match.end() for match in re.finditer("\n", self._text))]
        yield from ((match.start(), match.end()) for match in re.finditer(r"(?<=def )test [\w ]+", self._text))
        # The tokenizer accepts names of tests that became several words.
        for token in tokenize.generate_tokens(io.StringIO(self._text).readline):
            if token.type in _PROSE:
                (first, column), (last, end) = token.start, token.end
                yield starts[first - 1] + column, starts[last - 1] + end


_PROSE = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}


@cache
def texts() -> list[Text]:
    """Read all files with prose, except this one."""
    paths = [path for path in files() if path != Path(__file__)]
    return [Text(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


def files() -> Iterator[Path]:
    """List the files with prose."""
    for path in [*ROOT.glob("*"), *(path for folder in _FOLDERS for path in (ROOT / folder).rglob("*"))]:
        if path.is_file() and (path.suffix in _SUFFIXES or path.name in _NAMES) and ".terraform" not in path.parts:
            yield path


def allowed(finding: Finding) -> list[tuple[str, str]]:
    return [(path, part) for path, part in ALLOWED if finding.path == path and part in finding.line]


def test_texts_keep_the_rules() -> None:
    found = [finding for text in texts() for finding in text.findings()]
    wrong = [finding for finding in found if not allowed(finding)]

    assert not wrong, "\n".join(map(str, ["", *wrong]))
    assert {place for finding in found for place in allowed(finding)} == ALLOWED.keys(), "remove what is not needed"


def test_nobody_is_a_rare_word() -> None:
    counts = {text.path: number for text in texts() if (number := text.count_nobody())}

    assert sum(counts.values()) <= MAX_NOBODY, counts


def test_modules_and_packages_are_named_by_nouns() -> None:
    modules = {name for path in files() if path.suffix == ".py" for name in (path.stem, path.parent.name)}

    assert {name for name in modules if name.endswith("ing") and not name.startswith("test_")} == NOUNS_IN_ING.keys()


@pytest.mark.parametrize(("rule", "line"), [(rule, line) for rule in RULES for line in rule.planted])
def test_each_rule_finds_what_it_is_for(rule: Rule, line: str) -> None:
    assert rule in [finding.rule for finding in Text("planted.md", line).findings()]


@pytest.mark.parametrize(
    "line",
    [
        "There is no page for this.",
        "It is no longer needed, and is no more than a second late.",
        "Who may approve? The document describes it, whatever the format.",
        "An amendment, the heritage and a hero.",
    ],
)
def test_plain_lines_are_left_alone(line: str) -> None:
    assert not list(Text("planted.md", line).findings())


def test_python_is_searched_in_comments_strings_and_names_of_tests() -> None:
    code = """
def test_an_emitter_is_told_once(is_told: int) -> None:
    '''Whoever reads it
    is told.'''
    told = is_told if anew else mend  # made anew
    raise ValueError(f"{told} is "
                     "no number")
"""
    found = [(finding.number, " ".join(finding.found.split())) for finding in Text("planted.py", code).findings()]

    assert sorted(found) == [(2, "is told"), (3, "Whoever"), (4, "is told"), (5, "anew"), (6, 'is " "no')]
