"""The rules of the protocol, each with what the code is without it.

A mutant is a change of the code's own text: what it replaces must occur in the function exactly once, so none outlives
the rule that it takes away.
"""

import ast
import importlib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """One rule taken out.

    Attributes
    ----------
    rule
        In the protocol's words.
    function
        Module below `alert_responder`, and the qualified name in it.
    changes
        Texts of the function, and what stands there without the rule.
    """

    rule: str
    function: str
    changes: tuple[tuple[str, str], ...]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Run the code without the rule."""
        function = _function(self.function)
        original = function.__code__
        function.__code__ = self.code()
        try:
            yield
        finally:
            function.__code__ = original

    def code(self) -> CodeType:
        """Compile the function without the rule, where it stands in its module."""
        function = _function(self.function)
        lines, first = inspect.getsourcelines(function)
        changed = "".join(lines)
        for text, instead in self.changes:
            assert changed.count(text) == 1, f"{self.rule}: {text!r} is not found once in {self.function}"
            changed = changed.replace(text, instead)
        path = inspect.getsourcefile(function)
        assert path
        module = inspect.getsource(inspect.getmodule(function) or function).splitlines(keepends=True)
        module[first - 1 : first - 1 + len(lines)] = [changed]
        compiled = compile(ast.parse("".join(module)), path, "exec")
        name = self.function.partition(":")[2]
        (code,) = [code for code in _all_codes(compiled) if code.co_qualname == name]
        return code


def _function(where: str) -> FunctionType:
    module, _, name = where.partition(":")
    found: Any = importlib.import_module(f"alert_responder.{module}")
    for part in name.split("."):
        found = getattr(found, part)
    assert isinstance(found, FunctionType)
    return found


def _all_codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _all_codes(constant)


MUTANTS: dict[str, Mutant] = {
    "window by the clock": Mutant(
        "receptor: an event belongs by its arrival",
        "usecases.receive:Receiver.receive",
        (
            (
                "self._windows.owners(alert_id, [event.arrival for event in remaining], newest, now)",
                "self._windows.owners(alert_id, [now for event in remaining], newest, now)",
            ),
        ),
    ),
    "no walk back": Mutant(
        "receptor: else walk back while arrival < prev_ends",
        "domain.aggregation:owner_of",
        (("while previous is not None", "while False and previous is not None"),),
    ),
    "open join without its state": Mutant(
        "JOIN, h open: H revision += 1 IF state = open",
        "store.reports:ReportStore.join",
        (('condition=(equals("state", "open"),)', "condition=()"),),
    ),
    "reopened whatever it is now": Mutant(
        "JOIN, else: IF state = h.state AND round = r",
        "store.reports:_opened_again",
        (('condition=(equals("state", head.state), equals("round", head.round))', "condition=()"),),
    ),
    "reopened in whatever round": Mutant(
        "JOIN, else: IF round = r",
        "store.reports:_opened_again",
        (
            (
                'condition=(equals("state", head.state), equals("round", head.round))',
                'condition=(equals("state", head.state),)',
            ),
        ),
    ),
    "group stored again": Mutant(
        "JOIN: Put G IF not exists",
        "store.reports:ReportStore._group_puts",
        (("summary, NEW)", "summary)"),),
    ),
    "no ENSURE of what is stored": Mutant(
        "ENSURE always, also when it is stored",
        "usecases.receive:Receiver._join",
        (
            (
                "joined = self.store.join(head, fitting)",
                "if not (joined := self.store.join(head, fitting)): return group.event_ids",
            ),
        ),
    ),
    "Plan of any round": Mutant(
        "each step first checks H.round = r: Plan",
        "usecases.plan:Planner.plan",
        (
            (
                "self.store.current(report_id, round_, now)",
                "self.store.current(report_id, getattr(self.store.head(report_id, now), 'round', 0), now)",
            ),
        ),
    ),
    "Inspect of any round": Mutant(
        "each step first checks H.round = r: Inspect",
        "usecases.inspect:Inspection.inspect",
        (("if head is None or head.round != round_:", "if head is None:"),),
    ),
    "Review of any round": Mutant(
        "each step first checks H.round = r: Review",
        "usecases.review:Reviewer._current",
        (
            (
                "round_.report_id, round_.number, self.clock()",
                "round_.report_id, getattr(self.store.head(round_.report_id, self.clock()), 'round', 0), self.clock()",
            ),
        ),
    ),
    "publishes in any round": Mutant(
        "REVIEW: condition H.round = r",
        "store.deliveries:Deliveries.publish",
        (("fence(report_id, round_),", "Update(keys.head(report_id)),"),),
    ),
    "emits in any round": Mutant(
        "EMIT: condition H.round = r",
        "store.deliveries:Deliveries.claim",
        (("fence(report_id, delivery.round)", "Update(keys.head(report_id))"),),
    ),
    "settles in any round": Mutant(
        "CLOSE: settled IF round = r",
        "store.reports:ReportStore.settle",
        (('equals("round", round_), ', ""),),
    ),
    "revision read last": Mutant(
        "PLAN: rev = H.revision FIRST, then Query G",
        "usecases.plan:Planner.plan",
        (
            ("groups = self.store.groups(report_id)", "pass"),
            ("current = self.store", "groups = self.store.groups(report_id); current = self.store"),
        ),
    ),
    "claimed tasks handed out again": Mutant(
        "PLAN: claimed -> outcome = error",
        "usecases.plan:Planner._take_over",
        (("if task.claimed is not None:", "if False:"),),
    ),
    "claimed tasks left open": Mutant(
        "PLAN: claimed -> outcome = error",
        "usecases.plan:Planner._take_over",
        (('stopped = "The runner stopped before the inspector\'s answer was stored."', "return False"),),
    ),
    "unclaimed tasks closed": Mutant(
        "PLAN: unclaimed -> raised to this seq and handed out",
        "usecases.plan:Planner._take_over",
        (("if task.claimed is not None:", "if True:"),),
    ),
    "unclaimed tasks left": Mutant(
        "PLAN: unclaimed -> raised to this seq and handed out (left lying)",
        "usecases.plan:Planner._take_over",
        (("return self.ledger.raise_sequence(", "return False and self.ledger.raise_sequence("),),
    ),
    "tasks of its own sequence closed": Mutant(
        "PLAN: tasks without outcome of a LOWER seq; repeated, it answers the same ids",
        "usecases.plan:Planner.plan",
        (("handed_out = {task.task_id for task in open_tasks if task.sequence == this_plan}", "handed_out = set()"),),
    ),
    "tasks of a later sequence taken over": Mutant(
        "PLAN: tasks without outcome of a LOWER seq",
        "usecases.plan:Planner.plan",
        (("if task.sequence < this_plan]", "if task.sequence != this_plan]"),),
    ),
    "new tasks only where there is none": Mutant(
        "PLAN: new: Update T SET seq, ARN IF no seq OR seq <= mine",
        "store.ledger:Ledger.hand_out",
        (('absent_or_at_most("sequence", record.sequence)', 'absent("sequence")'),),
    ),
    "new tasks taken from later Plans": Mutant(
        "PLAN: new: IF seq <= mine",
        "store.ledger:Ledger.hand_out",
        (
            (
                'condition=(absent("outcome"), absent_or_at_most("sequence", record.sequence))',
                'condition=(absent("outcome"),)',
            ),
        ),
    ),
    "new tasks over an outcome": Mutant(
        "PLAN: new: IF no outcome",
        "store.ledger:Ledger.hand_out",
        (
            (
                'condition=(absent("outcome"), absent_or_at_most("sequence", record.sequence))',
                'condition=(absent_or_at_most("sequence", record.sequence),)',
            ),
        ),
    ),
    "plans by the ledger as it was": Mutant(
        "PLAN: Query T after what is open was taken over",
        "usecases.plan:Planner.plan",
        (("if earlier or again:", "if False:"),),
    ),
    "an answer that came first is nobody's": Mutant(
        "INSPECT: the first outcome wins, and the next Plan looks what it brought up",
        "usecases.inspect:Inspection._with_call",
        (("return True, outcome", "return bool(answer and answer.new_attributes), False"),),
    ),
    "the last outcome wins": Mutant(
        "INSPECT: SET outcome IF no outcome: the first wins",
        "store.ledger:Ledger.record",
        ((', absent("outcome"))', ",)"),),
    ),
    "reviews what was not planned": Mutant(
        "REVIEW: H.revision != rev -> replan",
        "usecases.review:_needs_planning",
        (("current.head.revision != round_.revision\n        or any(", "any("),),
    ),
    "reviews with unclaimed tasks": Mutant(
        "REVIEW: an unclaimed task is open -> replan",
        "usecases.review:_needs_planning",
        (("task.outcome is None and task.claimed is None for task", "False for task"),),
    ),
    "replans without end": Mutant(
        "REVIEW: fewer than 2 replans",
        "usecases.review:Reviewer.review",
        (("round_.replans < MAX_REPLANS and ", ""),),
    ),
    "published twice": Mutant(
        "REVIEW: M IF M is not of this round: the first publication of a round stands",
        "store.deliveries:Deliveries.publish",
        ((", _unpublished(round_)),", "),"),),
    ),
    "what follows a publication left undone": Mutant(
        "REVIEW: published before -> what follows the publication is done again",
        "usecases.publication:Publishing.make_up",
        (("self._keep(", "(lambda *_: None)("),),
    ),
    "closed with what was not published": Mutant(
        "REVIEW: published before -> answer the revision of the publication",
        "usecases.publication:Publishing.make_up",
        (("for delivery in pending], meta.revision,", "for delivery in pending], current.head.revision,"),),
    ),
    "answers the compiled revision": Mutant(
        "REVIEW: answer the PLANNED revision",
        "usecases.review:Reviewer._draft",
        (("Review(round_.revision, ", "Review(current.head.revision, "),),
    ),
    "reviews by what was told before the reviewer was asked": Mutant(
        "REVIEW: per emitter: E = Get; earlier D, after the reviewer",
        "usecases.publication:Publishing.publish",
        (("if report.round == 1 and attempt == 0", "if attempt == 0"),),
    ),
    "an outcome given over another": Mutant(
        "REVIEW: earlier D WITHOUT OUTCOME -> superseded or unknown IF unchanged",
        "store.deliveries:Deliveries.publish",
        (('absent("outcome"), equals("attempts", delivery.attempts)', 'equals("attempts", delivery.attempts),'),),
    ),
    "answers only new deliveries": Mutant(
        "REVIEW: answer the deliveries without outcome",
        "usecases.publication:Publishing.make_up",
        (("Published([delivery.emitter for delivery in pending]", "Published([]"),),
    ),
    "digest over counts": Mutant(
        "the digest is not over counts",
        "domain.digest:report_digest",
        (('"truncated": report.truncated,', '"truncated": report.alert_count,'),),
    ),
    "digest without findings": Mutant(
        "the digest is over findings",
        "domain.digest:report_digest",
        (("for finding in report.findings", "for finding in ()"),),
    ),
    "compared with the last round": Mutant(
        "the digest is compared with what this emitter was last told",
        "domain.deliveries:emitters_to_notify",
        (
            (
                "emitter.name not in knows",
                "all(one.digest != digest for one in deliveries if one.emitter == emitter.name)",
            ),
        ),
    ),
    "taken for told what it was told before": Mutant(
        "what an emitter was last told is not known after a call whose end nobody knows",
        "domain.deliveries:emitters_to_notify",
        (("last.digest == digest and not _unsure(last, begun)", "last.digest == digest"),),
    ),
    "a lease that began long before the claim": Mutant(
        "EMIT: the lease covers the call",
        "usecases.emit:Delivering._try",
        (("if self.clock() > now + LEASE_MS - EMITTER_SECONDS * 1000:", "if False:"),),
    ),
    "no lease": Mutant(
        "EMIT: no lease OR it is over",
        "store.deliveries:Deliveries.claim",
        ((', absent_or_below("lease", now))', ")"),),
    ),
    "claims what has an outcome": Mutant(
        "EMIT: claim IF no outcome",
        "store.deliveries:Deliveries.claim",
        (('absent("outcome"), absent_or_below', "absent_or_below"),),
    ),
    "state read before the claim": Mutant(
        "EMIT: E = Get (after the claim)",
        "usecases.emit:Delivering._try",
        (
            ("told = self.deliveries.emitter(report_id, delivery.emitter)", "pass"),
            (
                "self._claim(report_id, delivery, owner, now)",
                "told = self.deliveries.emitter(report_id, delivery.emitter); "
                "self._claim(report_id, delivery, owner, now)",
            ),
        ),
    ),
    "settles what was not planned": Mutant(
        "CLOSE: settled IF revision = rev",
        "store.reports:ReportStore.settle",
        ((', equals("revision", revision))', ")"),),
    ),
    "next round over another's": Mutant(
        "CLOSE: round = r+1 IF round = r AND state = open",
        "store.reports:ReportStore.next_round",
        (('condition=(equals("round", head.round), equals("state", "open"))', "condition=()"),),
    ),
    "what had no turn is lost": Mutant(
        "PLAN: a lookup that had no turn -> opened again in the next round",
        "usecases.plan:Planner.plan",
        (("if round_of(task.sequence) < round_ and not late", "if False"),),
    ),
    "opened again without end": Mutant(
        "PLAN: opened again IF it was not before",
        "domain.lookup_plan:reopenable",
        (("and not task.reopened", ""),),
    ),
    "opened again although somebody may have asked": Mutant(
        "INSPECT: no turn IF nobody else has claimed it",
        "store.ledger:Ledger.had_no_turn",
        (('equals("claims", claims or None),', ""), ('*(() if claims else (absent("claimed"),)),', "")),
    ),
    "ended for a later Plan": Mutant(
        "INSPECT: no turn IF no later Plan owns it",
        "store.ledger:Ledger.had_no_turn",
        (('equals("sequence", task.sequence),', ""),),
    ),
    "its own lost opening not known again": Mutant(
        "PLAN: opened again and handed out, also when the response was lost",
        "store.ledger:Ledger.reopen",
        (('return item is not None and item["sequence"] == sequence and "outcome" not in item', "return False"),),
    ),
    "settles what is deferred": Mutant(
        "CLOSE: lookups are left -> round = r+1",
        "usecases.close:Closer._close",
        (("not lookups_left and self.store.settle", "self.store.settle"),),
    ),
    "what is left forgotten with the first answer": Mutant(
        "REVIEW: published before -> answer whether lookups are left",
        "usecases.publication:Publishing.make_up",
        (("lookups_left=meta.lookups_left", "lookups_left=False"),),
    ),
    "no reserve": Mutant(
        "PLAN: a wave of alerts leaves a quarter to later ones",
        "domain.lookup_shares:_Room.__init__",
        (("budget - max(0, budget - sum(one.wave < wave for one in spent)) // RESERVE", "budget"),),
    ),
    "no shares": Mutant(
        "PLAN: alerts that compete keep a share of the round",
        "domain.lookup_shares:_Portions.allow",
        (("all(self._extra[wave] > 0 for wave in self._exceeded(alert))", "True"),),
    ),
    "given up without looking again": Mutant(
        "EMIT, CLOSE: outcome IF no outcome, and nobody has called the emitter since",
        "store.deliveries:Deliveries.settle",
        ((', equals("attempts", delivery.attempts))', ",)"),),
    ),
    "an earlier call forgotten": Mutant(
        "EMIT: claimed without a definite failure -> unknown, else failed",
        "usecases.emit:Delivering._try",
        (("outcome = final_outcome(ended)", 'outcome = "unknown" if error.may_have_run else "failed"'),),
    ),
    "a delivery that has expired is made": Mutant(
        "every item of a report expires together: EMIT reads the delivery and compares the time",
        "usecases.emit:Delivering.deliver",
        ((" or delivery.expires_at * 1000 <= self.clock()", ""),),
    ),
    "a delivery that is gone comes back": Mutant(
        "every item of a report expires together: EMIT",
        "store.deliveries:Deliveries.claim",
        (("*EXISTS, ", ""),),
    ),
    "a lookup that is gone is answered": Mutant(
        "every item of a report expires together: INSPECT",
        "store.ledger:Ledger.record",
        (('*EXISTS, absent("outcome")', 'absent("outcome"),'),),
    ),
    "its own lost raise not known again": Mutant(
        "PLAN: raised to this seq and handed out, also when the response was lost",
        "store.ledger:Ledger.raise_sequence",
        (('absent_or_at_most("sequence", sequence)', 'absent_or_at_most("sequence", sequence - 1)'),),
    ),
    "a report beyond the limit": Mutant(
        "OPEN: H of the hour's new reports += 1 IF below the limit",
        "store.admission:count",
        (('condition=(absent_or_below("opened", counter.most),)', "condition=()"),),
    ),
    "admission by the clock": Mutant(
        "OPEN: the hour is that of the arrival",
        "usecases.receive:Receiver._open",
        (("events[0].alert.detector, events[0].arrival", "events[0].alert.detector, self.clock()"),),
    ),
    "decided again": Mutant(
        "OVERFLOW: Put P in the transaction that stores the alerts: the decision is stored",
        "store.admission:link",
        (("for each in links", "for each in ()"),),
    ),
    "decided over another's decision": Mutant(
        "OVERFLOW: Put P IF it is as read",
        "store.admission:link",
        (("            each.unchanged,\n", ""),),
    ),
    "no walk back over an overflow report": Mutant(
        "OPEN, OVERFLOW: P of an overflow report is kept when another takes its place",
        "store.admission:keep",
        (("if window is not None and window.overflow", "if window is not None and False"),),
    ),
    "beyond the hour": Mutant(
        "OVERFLOW: the alerts of the hour, the others are received again",
        "usecases.overflow:OverflowReceiver.receive",
        (
            ("if ends is None or one.event.arrival < ends", "if True"),
            ("if ends is not None and one.event.arrival >= ends", "if False"),
        ),
    ),
    "counted and not archived": Mutant(
        "JOIN: alerts beyond what a report holds are archived before they are counted",
        "usecases.counted_alerts:Capping.fit",
        (("self._archive().put(", "(lambda *_: None)("),),
    ),
    "counted and not weighed": Mutant(
        "JOIN: H alerts += those of the group",
        "store.reports:ReportStore.join",
        (('"alerts": held.alerts', '"alerts": 0'),),
    ),
    "uncounted and not published": Mutant(
        "JOIN: the first alert that is not even counted has a round publish that there are more",
        "store.reports:ReportStore.note_more",
        (("bump = _bumped(head)", "bump = Update(keys.head(head.report_id))"),),
    ),
}
