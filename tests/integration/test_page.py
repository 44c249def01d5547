"""Pages in a real browser: they fit every screen, log and request nothing, and run nothing from a report."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alert_responder.contracts.report import Report
from alert_responder.page.renderer import render
from alert_responder.page.view import Page
from tests.fakes.browser import Browser, browser, missing
from tests.fakes.hostile import HOSTILE, report_of
from tests.fakes.pages import AT, incident, storm

pytestmark = pytest.mark.skipif(missing() is not None, reason=f"pages are not tried in a browser: {missing()}")

WIDTHS = {"phone": 360, "tablet": 768, "desktop": 1280}
SCRIPT = "<script>document.title='hit'</script>"
HANDLER = "\"'><img src=x onerror=\"document.title='hit'\"><svg onload=\"document.title='hit'\"></svg>"

# All hostile strings in one page, and some that would act immediately.
TOGETHER = " ".join([*(text for text in HOSTILE.values() if len(text) < 500), SCRIPT, HANDLER])


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture
def page(tmp_path: Path) -> Callable[[Page], Path]:
    def write(made: Page) -> Path:
        path = tmp_path / "page.html"
        path.write_bytes(render(made))
        return path

    return write


def hostile(text: str) -> Page:
    report: Report = report_of(text)
    return Page(report, [AT, AT + 1], report.emissions, "reports/x.json")


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("made", [incident, storm, lambda: hostile(TOGETHER)], ids=["incident", "storm", "hostile"])
def test_a_page_fits_the_screen_and_logs_and_requests_nothing(
    chromium: Browser, page: Callable[[Page], Path], made: Callable[[], Page], width: int
) -> None:
    shown = chromium.open(page(made()), width)

    assert shown.width == width
    assert shown.console == []
    assert shown.requests == []
    # Including all folded parts.
    chromium.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert chromium.run("return document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("text", [SCRIPT, HANDLER, HOSTILE["html details"], HOSTILE["html style"], TOGETHER])
def test_hostile_strings_are_not_run_and_create_no_elements(
    chromium: Browser, page: Callable[[Page], Path], text: str
) -> None:
    chromium.open(page(hostile(text)))

    assert not chromium.run("return document.title").startswith("hit")
    names = "[...new Set([...document.querySelectorAll('*')].map(each => each.tagName.toLowerCase()))]"
    assert not set(chromium.run(f"return {names}")) & {"script", "img", "iframe", "form", "input", "object", "base"}
    assert chromium.run("return document.querySelectorAll('style').length") == 1
    attributes = "[...document.querySelectorAll('*')].flatMap(each => each.getAttributeNames())"
    assert not [name for name in chromium.run(f"return {attributes}") if name.startswith("on") or name == "style"]
    assert chromium.run("return document.querySelector('h1').textContent.length") > 0


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)], ids=["phone", "desktop"])
def test_the_detector_s_summary_is_on_the_first_screen(
    chromium: Browser, page: Callable[[Page], Path], width: int, height: int
) -> None:
    accounts = [{"id": "123456789012", "name": "production " * 20}] * 10
    times = {"first_seen": "2026-01-31T10:00:00Z", "last_seen": "2026-01-31T12:00:00Z"}
    many = {
        "severity": "very high " * 10,
        "accounts": accounts,
        "regions": ["eu-central-1" * 20] * 20,
        "occurrences": 10**14,
    }
    report = incident().report.model_dump(mode="json")
    report |= {"title": "A role was used from elsewhere. " * 60, "overview": {**times, **many}}
    report["result"]["reason"] = "Because of this and that. " * 100
    chromium.open(page(Page(Report.model_validate(report), [AT], [], "reports/x.json")), width)

    assert 0 < chromium.run("return document.querySelector('.headline').getBoundingClientRect().bottom") <= height


def test_the_content_security_policy_blocks_an_injected_script(chromium: Browser, page: Callable[[Page], Path]) -> None:
    path = page(incident())
    path.write_bytes(path.read_bytes().replace(b"<main", f"{SCRIPT}<p style='color:red'>x</p><main".encode()))
    shown = chromium.open(path)

    assert chromium.run("return document.title") != "hit"
    assert len([said for said in shown.console if "Content Security Policy" in said]) == 2


def test_the_graph_is_a_drawing_on_wide_screens_and_a_list_on_narrow_ones(
    chromium: Browser, page: Callable[[Page], Path]
) -> None:
    path = page(incident())
    shown = "return getComputedStyle(document.querySelector('{}')).display"
    chromium.open(path, WIDTHS["desktop"])
    assert (chromium.run(shown.format(".drawing")), chromium.run(shown.format(".tree"))) == ("block", "none")
    chromium.open(path, WIDTHS["phone"])
    assert (chromium.run(shown.format(".drawing")), chromium.run(shown.format(".tree"))) == ("none", "block")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_has_enough_contrast(chromium: Browser, page: Callable[[Page], Path], dark: bool) -> None:
    """At least 4.5, as WCAG 2 (AA) requires."""
    chromium.open(page(incident()), dark=dark)

    assert chromium.run(_CONTRASTS) == []


def test_a_page_can_be_printed(chromium: Browser, page: Callable[[Page], Path]) -> None:
    chromium.open(page(incident()))

    printed = chromium.pdf()
    assert printed.startswith(b"%PDF-")
    assert len(printed) > 10_000


_CONTRASTS = """
const parsed = colour => colour.match(/[\\d.]+/g).map(Number);
const light = colour => {
  const linear = part => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
  const [r, g, b] = parsed(colour).map(part => linear(part / 255));
  return .2126 * r + .7152 * g + .0722 * b;
};
const behind = element => {
  for (let each = element; each; each = each.parentElement) {
    const colour = getComputedStyle(each).backgroundColor, parts = parsed(colour);
    if (parts.length < 4 || parts[3] > 0) return colour;
  }
  return "rgb(255, 255, 255)";
};
const said = element => [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
document.querySelectorAll('details').forEach(each => each.open = true);
return [...document.querySelectorAll('body *:not(svg *)')].filter(said).map(element => {
  const pair = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
  return [(pair[0] + .05) / (pair[1] + .05), element.className, element.textContent.trim().slice(0, 30)];
}).filter(([ratio]) => ratio < 4.5);
"""
