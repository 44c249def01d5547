"""The result of a backtest and its page are bounded, and hostile text is harmless."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from alert_responder_cli.backtesting.comparison import MAX_TROUBLES, RATES, Comparison
from alert_responder_cli.backtesting.page import backtest_page
from alert_responder_cli.backtesting.stored_ratings import UNRATED, Rating
from tests.fakes.hostile import HOSTILE
from tests.unit.cli.example_ratings import listed, rated


def test_memory_does_not_grow_with_the_number_of_reports() -> None:
    comparison = Comparison(most=3)
    for number in range(10_000):
        comparison.add(rated("urgent", "safe", listed(number)))
        comparison.add(rated("safe", UNRATED, listed(number), trouble=("error", f"reason {number}")))

    found = comparison.result("r", "a", "b", 0)

    assert found.changed == found.reports == 20_000
    assert [change.report_id for change in found.changes] == ["R0", "R1", "R2"] * 2
    assert (len(found.troubles), found.troubled) == (MAX_TROUBLES, 10_000)


class Elements(HTMLParser):
    """The elements and attributes of a page, and its text."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_harmless_on_the_page(words: str) -> None:
    comparison = Comparison(most=3)
    report = listed(title=words, detector=words, rule_id=words)
    comparison.add(Rating(report, "urgent", words, "safe", words))
    comparison.add(Rating(report, "urgent", words, UNRATED, "", ("error", words)))
    calm, hostile = Comparison(most=3), backtest_page(comparison.result(words, "a", "b", 1))
    calm.add(Rating(listed(), "urgent", "x", "safe", "x"))
    calm.add(Rating(listed(), "urgent", "x", UNRATED, "", ("error", "x")))
    expected, found = Elements(backtest_page(calm.result("x", "a", "b", 1))), Elements(hostile)

    assert (found.names, found.attributes) == (expected.names, expected.attributes)
    assert not {"script", "img", "a", "iframe"} & found.names
    assert re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f]", hostile) is None


def test_the_page_allows_only_its_own_style() -> None:
    document = backtest_page(Comparison(1).result("r", "a", "b", 0))

    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', document)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1]
    style = document.partition("<style>")[2].partition("</style>")[0]
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy[1]
    assert "http" not in document.replace("http-equiv", "")


def test_unchanged_ratings_are_on_the_diagonal() -> None:
    comparison = Comparison(most=3)
    for number, rate in enumerate(RATES, start=1):
        for _ in range(number):
            comparison.add(rated(rate, rate, listed()))

    matrix = backtest_page(comparison.result("r", "a", "b", 0)).split("matrix")[-1]
    rows = [re.findall(r"<td[^>]*>(\d+)</td>", row) for row in re.findall(r"(?s)<tr>.*?</tr>", matrix)]

    assert [row[place] for place, row in enumerate(rows[1:5])] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(("number", "said"), [(1, "1 report opened"), (2, "2 reports opened")])
def test_numbers_and_words_agree(number: int, said: str) -> None:
    comparison = Comparison(most=3)
    for each in range(number):
        comparison.add(rated("safe", "safe", listed(each)))

    shown = " ".join(Elements(backtest_page(comparison.result("r", "a", "b", number))).text.split())

    assert said in shown
    assert f"{number} report{'s' * (number > 1)} skipped: not reviewed yet." in shown
