"""Tables at widths from 60 columns: no heading, id or name is broken, and nothing is lost."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

import alert_responder_cli
from alert_responder.domain.records import DeliveryRecord, Head
from alert_responder_cli.backtesting.comparison import Backtest, Cell, Change, Trouble
from alert_responder_cli.checking.results import Problem, Result, Times
from alert_responder_cli.commands import backtest, check, plugins, quarantine, reports, simulate
from alert_responder_cli.plugins.health import Health
from alert_responder_cli.plugins.registry import AttachedPlugin
from alert_responder_cli.records.preview import PreviewedRecord
from alert_responder_cli.reports.status import ReportStatus
from alert_responder_cli.reports.summary import ReportSummary
from alert_responder_cli.simulation.failures import PluginFailure
from alert_responder_cli.simulation.plugins import SimulatedEmission, UnansweredLookup
from alert_responder_cli.simulation.results import SimulationResult
from alert_responder_cli.simulation.unknown_types import UnknownType
from alert_responder_cli.terminal.console import UncroppedConsole, print_entry
from alert_responder_cli.terminal.render import status_table
from alert_responder_cli.terminal.tables import Records

WIDTHS = (60, 80, 100, 120)
IDS = ("01KG9Z9Q7R2D4B6C8E0FGHJKMN", "01KG9Z9Q7R2D4B6C8E0FGHJKMP")
RULE = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"
PLUGIN = "reputation-of-addresses-and-domains-by-the-threat-intelligence-team"
ARN = f"arn:aws:lambda:eu-central-1:123456789012:function:secops-inspector-{PLUGIN}"
KEY = "arn:aws:securityhub:eu-central-1:123456789012:subscription/aws-foundational/v/1.0.0/IAM.1/finding/0a1b2c3d"
SENTENCE = "It was seen with command and control servers of a botnet, more than once. " * 6
AT = "2026-02-01T00:00:01.250Z"


def listed(**fields: object) -> ReportSummary:
    given = {"report_id": IDS[0], "title": f"{RULE} {SENTENCE}", "detector": "guardduty", "rule_id": RULE}
    more = {"severity": "unclassified", "reviewed": False, "alert_count": 10_000, "round": 1, "alert_key": KEY}
    return ReportSummary.model_validate({**given, **more, "created_at": AT, "updated_at": AT, **fields})


def attached_plugins() -> AttachedPlugin:
    health = Health(
        calls=20,
        answered=1,
        throttled=3,
        failed=16,
        outcomes={"error": 16},
        median_seconds=10.0,
        p95_seconds=59.0,
        longest_seconds=60.0,
        last_failure=SENTENCE,
        last_failure_report_id=IDS[0],
    )
    return AttachedPlugin(
        kind="inspector",
        name=PLUGIN,
        arn=ARN,
        enabled=False,
        filters={"attribute_types": ("ipaddr", "filehashvalue"), "detectors": ("guardduty",)},
        cache_seconds=3600,
        function="access denied",
        health=health,
    )


def status(report_id: str = IDS[0]) -> ReportStatus:
    return ReportStatus(
        head=Head(report_id, "a" * 64, 1, "settled", 12, 12, 0, 1, None, None),
        title=RULE,
        severity="unclassified",
        reason="",
        alert_count=10_000,
        tasks=(),
        deliveries=(DeliveryRecord(PLUGIN, 12, ARN, "d", "s", 0, outcome="superseded"),),
        reviewed_round=12,
        alert_key=KEY,
    )


def compared() -> Backtest:
    change = Change(
        report_id=IDS[0],
        title=RULE,
        detector="guardduty",
        rule_id=RULE,
        created_at=AT,
        was="unclassified",
        now="unrated",
        old_reason=SENTENCE,
        new_reason=SENTENCE,
    )
    trouble = Trouble(outcome="unreadable", reason=SENTENCE, reports=1, example=IDS[1])
    return Backtest(
        reviewer=ARN,
        since=AT,
        until=AT,
        reports=10_000,
        not_reviewed=0,
        changed=1,
        reasons_changed=0,
        cells=(Cell(was="unclassified", now="unrated", reports=10_000),),
        changes=(change,),
        troubles=(trouble,),
        troubled=1,
    )


def checked() -> Result:
    problem = Problem(
        check="unknown-fields",
        level="remark",
        case="a task with all fields that there may be, and one that is not known",
        path="contents.0.related_malware.0.scans.0.positive",
        what=SENTENCE,
        allowed="malicious, suspicious, harmless or unknown",
    )
    times = Times(limit=60, first=None, median=None, longest=None)
    return Result(kind="inspector", target=ARN, cases=1, problems=(problem, problem), times=times, unseen=())


def simulated() -> SimulationResult:
    emission = SimulatedEmission(
        at=AT,
        emitter=PLUGIN,
        emission_id=f"{IDS[0]}/{PLUGIN}/000001",
        report_id=IDS[0],
        round=1,
        severity="unclassified",
        reason=SENTENCE,
        title=RULE,
        request={},
    )
    unanswered = UnansweredLookup(inspector=PLUGIN, type="filehashvalue", value="ab" * 32)
    record = PreviewedRecord(file=f"/srv/alerts/{RULE}.jsonl", line=1, alerts=(), problems=(SENTENCE,))
    return SimulationResult(
        ended_at=AT,
        records=(record,),
        reports=(),
        emissions=(emission,),
        unanswered=(unanswered,),
        failures=(PluginFailure(kind="inspector", plugin=PLUGIN, outcome="timeout", reason=SENTENCE, calls=10_000),),
        unknown_types=(UnknownType(type="registry-entry", inspector=PLUGIN, value="ab" * 32, values=2, what=SENTENCE),),
    )


def entry() -> quarantine.QuarantineEntry:
    return quarantine.QuarantineEntry(
        id="access_key/AKIAIOSFODNN7EXAMPLE",
        state="waits-for-approval",
        reason=SENTENCE,
        report_id=IDS[0],
        approved_by=ARN,
        parts=({"name": "status", "before": "Active", "after": "Inactive"},),
    )


TABLES: dict[str, tuple[Callable[[], Records], str, tuple[str, ...]]] = {
    "reports": (
        lambda: reports.reports_table([listed(), listed(report_id=IDS[1], alert_key="alice", title="Login")]),
        "report opened (UTC) severity alerts key title",
        (*IDS, "not reviewed yet", "10000", KEY, RULE),
    ),
    "statuses": (
        lambda: status_table([status(), status(IDS[1])]),
        "report severity now alerts round key title notified",
        (*IDS, "unclassified", "settled", "10,000", KEY, RULE, PLUGIN, "superseded"),
    ),
    "plugins": (
        lambda: plugins.plugins_table([attached_plugins()]),
        "kind name called for function state",
        (PLUGIN, ARN, "inspector"),
    ),
    "health": (
        lambda: plugins.health_table([attached_plugins()]),
        "name calls answered throttled failed median 95 % longest last failure",
        (PLUGIN, IDS[0]),
    ),
    "quarantine": (
        lambda: quarantine.entries_table([entry()]),
        "entry state why changes by",
        ("access_key/AKIAIOSFODNN7EXAMPLE", "waits-for-approval", ARN),
    ),
    "backtest matrix": (
        lambda: backtest.matrix(compared()),
        "old new urgent unclassified unrated safe",
        ("10,000",),
    ),
    "backtest changes": (
        lambda: backtest.changes_table(compared()),
        "report opened (UTC) old, new title old reason new reason",
        (IDS[0], "unclassified, unrated", RULE),
    ),
    "backtest troubles": (
        lambda: backtest.troubles_table(compared()),
        "reports unrated reason example",
        (IDS[1], "unreadable"),
    ),
    "check": (
        lambda: check.problems_table(checked()),
        "check case field problem allowed",
        ("unknown-fields", "contents.0.related_malware.0.scans.0.positive"),
    ),
    "simulate emissions": (
        lambda: simulate.emissions_table(simulated()),
        "at would notify severity round report title",
        (PLUGIN, IDS[0], RULE),
    ),
    "simulate failures": (
        lambda: simulate.failures_table(simulated()),
        "failed plug-in outcome calls reason",
        (PLUGIN, "timeout"),
    ),
    "simulate unknown types": (
        lambda: simulate.unknown_types_table(simulated()),
        "unknown type in first value suggestion",
        (PLUGIN, "registry-entry", "ab" * 32),
    ),
    "simulate unanswered": (
        lambda: simulate.unanswered_table(simulated()),
        "no answer recorded type value",
        (PLUGIN, "filehashvalue", "ab" * 32),
    ),
    "simulate problems": (
        lambda: simulate.problems_table(simulated()),
        "file problem",
        (f"/srv/alerts/{RULE}.jsonl:1",),
    ),
}


def drawn(what: Records, width: int) -> list[str]:
    console = UncroppedConsole(width=width, markup=False, highlight=False, emoji=False, color_system=None)
    with console.capture() as capture:
        console.print(what)
    return capture.get().splitlines()


@pytest.mark.parametrize("width", [*WIDTHS, 240])
@pytest.mark.parametrize("name", TABLES)
def test_no_table_breaks_a_heading_or_a_name(name: str, width: int) -> None:
    make, headings, whole = TABLES[name]
    lines = drawn(make(), width)
    words = {word.strip(":") for line in lines for word in line.split()}

    assert set(headings.split()) <= words
    for text in whole:
        assert any(text in line for line in lines), text
    # Only what is longer than a line goes beyond it.
    for line in lines:
        assert cell_len(line) <= width or max(map(cell_len, line.split())) + 5 > width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", TABLES)
def test_every_word_is_shown_whole(name: str, width: int) -> None:
    wide = {word for line in drawn(TABLES[name][0](), 10_000) for word in line.split() if not set(word) <= set("─")}
    narrow = {word for line in drawn(TABLES[name][0](), width) for word in line.split()}
    assert {word.strip(":") for word in wide} <= {word.strip(":") for word in narrow}


WORDS = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=70)
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)


@given(st.data(), st.integers(60, 200), st.integers(0, 3))
def test_any_table_keeps_its_words(data: st.DataObject, width: int, head: int) -> None:
    headings = data.draw(st.lists(WORDS, min_size=1, max_size=9, unique=True))
    rows = data.draw(st.lists(st.tuples(*(TEXTS for _ in headings)), max_size=5))
    whole = data.draw(st.sets(st.sampled_from(headings)))
    lines = drawn(Records(headings, rows, whole, head), width)
    said = " ".join(" ".join(lines).split())

    if rows:
        assert all(heading in said for heading in headings if _is_shown(heading, headings, rows, head))
    for row in rows:
        for heading, cell in zip(headings, row, strict=True):
            assert all(word in said for word in cell.split())
            if heading in whole and len(cell) <= width - 2 * len(heading) - 4:
                assert any(cell in line for line in lines) or cell_len(f"  {heading}: {cell}") > width


def _is_shown(heading: str, headings: list[str], rows: list[tuple[str, ...]], head: int) -> bool:
    """Whether a record has a value for a heading; of the others only those of the head are shown."""
    number = headings.index(heading)
    return number < head or any(row[number] for row in rows)


def test_columns_are_used_where_they_fit() -> None:
    small = reports.reports_table([listed(title="Login", alert_key="alice", reviewed=True)])
    assert len(drawn(small, 100)) == 3
    assert len(drawn(small, 80)) == 3
    assert len(drawn(small, 10_000)) == 3


def test_a_long_text_is_not_squeezed_into_a_narrow_column() -> None:
    what = Records(("report", "reason"), [(IDS[0], "a b c d e f " * 60)], ("report",))
    lines = drawn(what, 60)
    assert lines[:2] == ["report", IDS[0]]
    assert lines[2].startswith("  reason: a b c")
    assert len(lines) < 20


@pytest.mark.parametrize("width", [60, 200])
@pytest.mark.parametrize("room", [8, 12, 30])
def test_only_the_last_rows_are_shown_where_there_is_room_for_few_lines(width: int, room: int) -> None:
    ids = [f"01KG9Z9Q7R2D4B6C8E0FGHJ{number:03}" for number in range(20)]
    rows = [(report_id, "a title of a few words " * (5 if width < 100 else 1)) for report_id in ids]
    lines = drawn(Records(("report", "title"), rows, ("report",), most_lines=room), width)
    shown = [report_id for report_id in ids if any(report_id in line for line in lines)]

    assert shown == ids[len(ids) - len(shown) :]
    assert shown
    assert len(lines) <= room
    assert (len(shown) == 20) == (lines[0].split()[0] == "report")
    assert len(shown) == 20 or lines[0].startswith(f"{20 - len(shown)} more do not fit")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_words_of_a_list_entry_are_not_broken(width: int) -> None:
    console = UncroppedConsole(width=width, color_system=None)
    head = f"rejected/2026-01-31/shardId-000000000000/{'4959' * 14}.json"
    with console.capture() as capture:
        print_entry(console, Text(f"batch {head}"), [Text(f"States.TaskFailed of {ARN}: {SENTENCE}")])
    said = capture.get()

    assert head in said
    assert ARN in said
    assert SENTENCE.strip() in " ".join(said.split())
    assert all(cell_len(line) <= width or ARN in line or head in line for line in said.splitlines())


def test_hostile_cells_stay_text() -> None:
    (line,) = drawn(Records(("title",), [("\x1b[2J[bold]x[/bold]\nnext",)]), 60)[-1:]
    assert line.strip() == r"\x1b[2J[bold]x[/bold]\nnext"


def test_one_module_decides_how_tables_are_drawn() -> None:
    folders = (Path(alert_responder_cli.__file__).parent, Path(__file__).parents[4] / "tools")
    modules = [path for folder in folders for path in folder.rglob("*.py")]
    drawing = [path.name for path in modules if re.search(r"\brich\.table\b", path.read_text(encoding="utf-8"))]
    assert len(modules) > 80
    assert drawing == ["tables.py"]


def test_a_line_that_wide_characters_fill_is_shown_whole() -> None:
    word = "0" * 21 + "\u2e80" * 6
    lines = drawn(Records(("a", "b"), [(f"0 0 {word} {word} 0", "0 " * 60 + word)]), 120)
    assert word in " ".join(lines)
    assert " ".join(lines).count("\u2e80" * 6) == 3
