"""The rules of the protocol (`docs/protocol.md`), each with the change that takes it out of the code.

A mutant changes the source text of a function. The text it replaces must occur exactly once, so that no mutant outlives
its rule.
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
    """A rule and the change that removes it.

    Attributes
    ----------
    rule
        The rule in short; IF stands for a condition of a write.
    function
        Module below `alert_responder`, and the qualified name in it.
    changes
        Texts of the function, each with its replacement.
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
        """Compile the function without the rule, at its place in the module."""
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
    "window chosen by the clock": Mutant(
        "receptor: an event belongs to a window by its arrival time",
        "usecases.receive:Receiver.receive",
        (
            (
                "self._windows.owners(alert_id, [event.arrival for event in remaining], newest, now)",
                "self._windows.owners(alert_id, [now for event in remaining], newest, now)",
            ),
        ),
    ),
    "no walk back": Mutant(
        "receptor: an event that arrived before the newest window walks back",
        "domain.aggregation:owner_of",
        (("while previous is not None", "while False and previous is not None"),),
    ),
    "join without checking the state": Mutant(
        "join: raise the revision IF head.state is open",
        "store.reports:_bumped",
        (('condition=(equals("state", "open"),)', "condition=()"),),
    ),
    "reopen without a condition": Mutant(
        "reopen: IF head.state and head.round are as read",
        "store.reports:_opened_again",
        (('condition=(equals("state", head.state), equals("round", head.round))', "condition=()"),),
    ),
    "reopen in any round": Mutant(
        "reopen: IF head.round is as read",
        "store.reports:_opened_again",
        (
            (
                'condition=(equals("state", head.state), equals("round", head.round))',
                'condition=(equals("state", head.state),)',
            ),
        ),
    ),
    "group stored again": Mutant(
        "join: put the group IF it does not exist",
        "store.reports:ReportStore._group_puts",
        (("summary, NEW)", "summary)"),),
    ),
    "round not started for a stored group": Mutant(
        "receptor: start the round, even if the group was already stored",
        "usecases.receive:Receiver._join",
        (
            (
                "joined = self.store.join(head, fitting)",
                "if not (joined := self.store.join(head, fitting)): return group.event_ids",
            ),
        ),
    ),
    "Plan in any round": Mutant(
        "each step first checks head.round: Plan",
        "usecases.plan:Planner.plan",
        (
            (
                "self.store.current(report_id, round_, now)",
                "self.store.current(report_id, getattr(self.store.head(report_id, now), 'round', 0), now)",
            ),
        ),
    ),
    "Inspect in any round": Mutant(
        "each step first checks head.round: Inspect",
        "usecases.inspect:Inspection.inspect",
        (("if head is None or head.round != round_:", "if head is None:"),),
    ),
    "Review in any round": Mutant(
        "each step first checks head.round: Review",
        "usecases.review:Reviewer._current",
        (
            (
                "round_.report_id, round_.number, self.clock()",
                "round_.report_id, getattr(self.store.head(round_.report_id, self.clock()), 'round', 0), self.clock()",
            ),
        ),
    ),
    "publish in any round": Mutant(
        "Review: publish IF head.round is this one",
        "store.deliveries:Deliveries.publish",
        (("fence(report_id, round_),", "Update(keys.head(report_id)),"),),
    ),
    "claim in any round": Mutant(
        "Emit: claim IF head.round is this one",
        "store.deliveries:Deliveries.claim",
        (("fence(report_id, delivery.round)", "Update(keys.head(report_id))"),),
    ),
    "settle in any round": Mutant(
        "Close: settle IF head.round is this one",
        "store.reports:ReportStore.settle",
        (('equals("round", round_), ', ""),),
    ),
    "revision read last": Mutant(
        "Plan: read the revision before the groups",
        "usecases.plan:Planner.plan",
        (
            ("groups = self.store.groups(report_id)", "pass"),
            ("current = self.store", "groups = self.store.groups(report_id); current = self.store"),
        ),
    ),
    "claimed lookups handed out again": Mutant(
        "Plan: claimed lookups of an earlier Plan are not handed out",
        "usecases.plan:Planner._take_over",
        (("if lookup.claimed is not None:", "if False:"),),
    ),
    "claimed lookups left open": Mutant(
        "Plan: claimed lookups of an earlier Plan end as error",
        "usecases.plan:Planner._take_over",
        (('self.ledger.record(report_id, lookup.task_id, "error", RUNNER_STOPPED, self.clock())', "pass"),),
    ),
    "unclaimed lookups closed": Mutant(
        "Plan: unclaimed lookups of an earlier Plan are not closed",
        "usecases.plan:Planner._take_over",
        (("if lookup.claimed is not None:", "if True:"),),
    ),
    "unclaimed lookups not handed out": Mutant(
        "Plan: unclaimed lookups of an earlier Plan are handed out",
        "usecases.plan:Planner._take_over",
        (("return self.ledger.raise_sequence(", "return False and self.ledger.raise_sequence("),),
    ),
    "lookups of the same Plan not handed out again": Mutant(
        "Plan: repeated, it returns the same ids",
        "usecases.plan:Planner.plan",
        (
            (
                "handed_out = {lookup.task_id for lookup in open_lookups if lookup.sequence == this_plan}",
                "handed_out = set()",
            ),
        ),
    ),
    "lookups of a later Plan taken over": Mutant(
        "Plan: take over open lookups of a LOWER sequence",
        "usecases.plan:Planner.plan",
        (("if lookup.sequence < this_plan]", "if lookup.sequence != this_plan]"),),
    ),
    "new lookups only where none exists": Mutant(
        "Plan: write a new lookup IF it has no sequence or none above this one",
        "store.ledger:Ledger.hand_out",
        (('absent_or_at_most("sequence", record.sequence)', 'absent("sequence")'),),
    ),
    "new lookups taken from later Plans": Mutant(
        "Plan: write a new lookup IF its sequence is at most this one",
        "store.ledger:Ledger.hand_out",
        (
            (
                'condition=(absent("outcome"), absent_or_at_most("sequence", record.sequence))',
                'condition=(absent("outcome"),)',
            ),
        ),
    ),
    "new lookups over an outcome": Mutant(
        "Plan: write a new lookup IF it has no outcome",
        "store.ledger:Ledger.hand_out",
        (
            (
                'condition=(absent("outcome"), absent_or_at_most("sequence", record.sequence))',
                'condition=(absent_or_at_most("sequence", record.sequence),)',
            ),
        ),
    ),
    "ledger not read again": Mutant(
        "Plan: read the lookups again after a takeover",
        "usecases.plan:Planner.plan",
        (("if earlier or again:", "if False:"),),
    ),
    "earlier answer not planned": Mutant(
        "Inspect: if another outcome came first, the next Plan looks up its attributes",
        "usecases.inspect:Inspection._with_call",
        (
            (
                "return _Settled(lookup, found=True, outcome=outcome)",
                "return _Settled(lookup, bool(answer and answer.new_attributes))",
            ),
        ),
    ),
    "the last outcome wins": Mutant(
        "Inspect: store an outcome IF there is none",
        "store.ledger:Ledger.record",
        ((', absent("outcome"))', ",)"),),
    ),
    "answer of another lookup stored": Mutant(
        "Inspect: a lookup of a batch gets the answer to its own task",
        "usecases.inspect:Inspection._with_call",
        (("answers[lookup.task_id]", "answers[call[0].task_id]"),),
    ),
    "lookups asked about without a claim": Mutant(
        "Inspect: ask only about lookups that this runner has claimed",
        "usecases.inspect:Inspection._settle",
        (("call = [lookup for lookup, mine in zip(call, claims, strict=True) if mine]", "call = list(call)"),),
    ),
    "review of unplanned alerts": Mutant(
        "Review: head.revision is not the planned one -> replan",
        "usecases.review:_needs_planning",
        (("current.head.revision != round_.revision\n        or any(", "any("),),
    ),
    "review with unclaimed lookups": Mutant(
        "Review: an unclaimed lookup is open -> replan",
        "usecases.review:_needs_planning",
        (("lookup.outcome is None and lookup.claimed is None for lookup", "False for lookup"),),
    ),
    "unlimited replans": Mutant(
        "Review: replan at most twice",
        "usecases.review:Reviewer.review",
        (("round_.replans < MAX_REPLANS and ", ""),),
    ),
    "published twice": Mutant(
        "Review: publish IF meta has no publication of this round",
        "store.deliveries:Deliveries.publish",
        ((", _unpublished(round_)),", "),"),),
    ),
    "publication not resumed": Mutant(
        "Review: published before -> complete the publication",
        "usecases.publication:Publisher.resume_publication",
        (("self._keep(", "(lambda *_: None)("),),
    ),
    "closed with an unpublished revision": Mutant(
        "Review: published before -> return the revision of the publication",
        "usecases.publication:Publisher.resume_publication",
        (("for delivery in pending), meta.revision,", "for delivery in pending), current.head.revision,"),),
    ),
    "compiled revision returned": Mutant(
        "Review: return the planned revision",
        "usecases.review:Reviewer._draft",
        (("Review(round_.revision, ", "Review(current.head.revision, "),),
    ),
    "deliveries not read again after the reviewer": Mutant(
        "Review: read deliveries and emitter states after the reviewer was called",
        "usecases.publication:Publisher.publish",
        (("if report.round == 1 and attempt == 0", "if attempt == 0"),),
    ),
    "outcome overwritten": Mutant(
        "Review: end earlier deliveries IF they have no outcome",
        "store.deliveries:Deliveries.publish",
        (('absent("outcome"), equals("attempts", delivery.attempts)', 'equals("attempts", delivery.attempts),'),),
    ),
    "open deliveries not returned again": Mutant(
        "Review: published before -> return the deliveries without an outcome",
        "usecases.publication:Publisher.resume_publication",
        (("Published(sorted(delivery.emitter for delivery in pending)", "Published([]"),),
    ),
    "digest over counts": Mutant(
        "the digest excludes counts",
        "domain.digest:report_digest",
        (('"truncated": report.truncated,', '"truncated": report.alert_count,'),),
    ),
    "digest without findings": Mutant(
        "the digest includes findings",
        "domain.digest:report_digest",
        (("for finding in report.findings", "for finding in ()"),),
    ),
    "digest compared with the last round": Mutant(
        "the digest is compared with what this emitter was last notified of",
        "domain.deliveries:emitters_to_notify",
        (
            (
                "emitter.name not in knows",
                "all(one.digest != digest for one in deliveries if one.emitter == emitter.name)",
            ),
        ),
    ),
    "calls with an unknown end ignored": Mutant(
        "after a call with an unknown end, an emitter may show something else",
        "domain.deliveries:emitters_to_notify",
        (("_knows(last, digest) and not _unsure(last, begun)", "_knows(last, digest)"),),
    ),
    "slow claim": Mutant(
        "Emit: the lease covers the call",
        "usecases.emit:Deliverer._try",
        (("if self.clock() > now + LEASE_MS - EMITTER_SECONDS * 1000:", "if False:"),),
    ),
    "no lease": Mutant(
        "Emit: claim IF no lease is alive",
        "store.deliveries:Deliveries.claim",
        ((', absent_or_below("lease", now))', ")"),),
    ),
    "finished delivery claimed": Mutant(
        "Emit: claim IF it has no outcome",
        "store.deliveries:Deliveries.claim",
        (('absent("outcome"), absent_or_below', "absent_or_below"),),
    ),
    "emitter state read before the claim": Mutant(
        "Emit: read the emitter state after the claim",
        "usecases.emit:Deliverer._try",
        (
            ("last_state = None if delivery.fresh else self.deliveries.emitter(", "None if delivery.fresh else ("),
            ("delivery.emitter).state", "delivery.emitter)"),
            (
                "self._claim(report_id, delivery, owner, now)",
                "last_state = self.deliveries.emitter(report_id, delivery.emitter).state; "
                "self._claim(report_id, delivery, owner, now)",
            ),
        ),
    ),
    "settle with unplanned alerts": Mutant(
        "Close: settle IF head.revision is the published one",
        "store.reports:ReportStore.settle",
        ((', equals("revision", revision))', ")"),),
    ),
    "next round without a condition": Mutant(
        "Close: next round IF head.round is this one and head.state is open",
        "store.reports:ReportStore.next_round",
        (('condition=(equals("round", head.round), equals("state", "open"))', "condition=()"),),
    ),
    "lookups without a turn not reopened": Mutant(
        "Plan: reopen a lookup that had no turn in an earlier round",
        "usecases.plan:Planner.plan",
        (("if round_of(lookup.sequence) < round_ and not late", "if False"),),
    ),
    "lookups reopened without limit": Mutant(
        "Plan: reopen a lookup IF it was not reopened before",
        "domain.lookup_plan:reopenable",
        (("and not task.reopened", ""),),
    ),
    "lookups reopened although they may have been made": Mutant(
        "Inspect: no turn IF no other runner has claimed the lookup",
        "store.ledger:Ledger.had_no_turn",
        (('equals("claims", claims or None),', ""), ('*(() if claims else (absent("claimed"),)),', "")),
    ),
    "lookup of a later Plan ended": Mutant(
        "Inspect: no turn IF no later Plan owns the lookup",
        "store.ledger:Ledger.had_no_turn",
        (('equals("sequence", lookup.sequence),', ""),),
    ),
    "repeated reopen not recognised": Mutant(
        "Plan: hand out a reopened lookup, even if the response was lost",
        "store.ledger:Ledger.reopen",
        (('return item is not None and item["sequence"] == sequence and "outcome" not in item', "return False"),),
    ),
    "settle with lookups left": Mutant(
        "Close: lookups are left -> next round",
        "usecases.close:Closer._close",
        (("not lookups_left and self.store.settle", "self.store.settle"),),
    ),
    "remaining lookups not returned again": Mutant(
        "Review: published before -> return whether lookups are left",
        "usecases.publication:Publisher.resume_publication",
        (("meta.lookups_left", "False"),),
    ),
    "no reserve": Mutant(
        "Plan: a wave of alerts leaves a quarter to later ones",
        "domain.lookup_shares:_Room.__init__",
        (("budget - max(0, budget - sum(one.wave < wave for one in charged)) // RESERVE", "budget"),),
    ),
    "no shares": Mutant(
        "Plan: alerts that compete keep a share of the round",
        "domain.lookup_shares:_Portions.allow",
        (("all(self._extra[wave] > 0 for wave in self._exceeded(alert))", "True"),),
    ),
    "last lookups to anyone": Mutant(
        "Plan: the last lookups go to the alerts that had the fewest",
        "domain.lookup_shares:_Portions.__init__",
        (("set(alerts) - set(claims[:usable])", "set()"),),
    ),
    "delivery ended without checking the attempts": Mutant(
        "Emit, Close: end a delivery IF the attempts are as read",
        "store.deliveries:Deliveries.settle",
        ((', equals("attempts", delivery.attempts))', ",)"),),
    ),
    "earlier call ignored": Mutant(
        "Emit: failed only if each call failed for certain",
        "usecases.emit:Deliverer._try",
        (("outcome = final_outcome(ended)", 'outcome = "unknown" if error.may_have_run else "failed"'),),
    ),
    "expired delivery made": Mutant(
        "Emit: an expired delivery is not made",
        "usecases.emit:Deliverer.deliver",
        ((" or delivery.expires_at * 1000 <= self.clock()", ""),),
    ),
    "deleted delivery recreated": Mutant(
        "Emit: claim IF the delivery exists",
        "store.deliveries:Deliveries.claim",
        (("*EXISTS, ", ""),),
    ),
    "deleted lookup recreated": Mutant(
        "Inspect: store an outcome IF the lookup exists",
        "store.ledger:Ledger.record",
        (('*EXISTS, absent("outcome")', 'absent("outcome"),'),),
    ),
    "repeated takeover not recognised": Mutant(
        "Plan: hand out a lookup taken over, even if the response was lost",
        "store.ledger:Ledger.raise_sequence",
        (('absent_or_at_most("sequence", sequence)', 'absent_or_at_most("sequence", sequence - 1)'),),
    ),
    "report over the limit": Mutant(
        "open: count the report IF the counter is below the limit",
        "store.admission:count",
        (('condition=(absent_or_below("opened", counter.most),)', "condition=()"),),
    ),
    "admission by the clock": Mutant(
        "open: the hour is that of the event's arrival",
        "usecases.receive:Receiver._open",
        (("events[0].alert.detector, events[0].arrival", "events[0].alert.detector, self.clock()"),),
    ),
    "overflow decision not stored": Mutant(
        "overflow: the transaction that stores events stores the decision",
        "store.admission:link",
        (("for each in links", "for each in ()"),),
    ),
    "overflow decision overwritten": Mutant(
        "overflow: write the window IF it is as read",
        "store.admission:link",
        (("            each.unchanged,\n", ""),),
    ),
    "no walk back over an overflow report": Mutant(
        "open, overflow: keep the window of an overflow report when another replaces it",
        "store.admission:keep",
        (("if window is not None and window.overflow", "if window is not None and False"),),
    ),
    "alerts after the hour": Mutant(
        "overflow: later events are received again",
        "usecases.overflow:OverflowReceiver.receive",
        (
            ("if ends is None or one.event.arrival < ends", "if True"),
            ("if ends is not None and one.event.arrival >= ends", "if False"),
        ),
    ),
    "count without archiving": Mutant(
        "join: alerts that a full report only counts are archived first",
        "usecases.counted_alerts:ReportCaps.fit",
        (("self._archive().put(", "(lambda *_: None)("),),
    ),
    "join without raising the alerts held": Mutant(
        "join: raise head.alerts by those of the group",
        "store.reports:ReportStore.join",
        (('"alerts": held.alerts', '"alerts": 0'),),
    ),
    "unchanged findings delivered again": Mutant(
        "chain: a finding that is unchanged since the report before is not delivered again",
        "domain.chain:_repeats",
        (("return before is not None", "return False and before is not None"),),
    ),
    "worse severity not delivered": Mutant(
        "chain: an unchanged finding whose report is rated worse is delivered to those that know it",
        "domain.chain:Continuation.rated",
        (("if worse or ", "if "),),
    ),
    "end of a suppression not delivered": Mutant(
        "chain: an unchanged finding whose report is not suppressed any more is delivered to those that know it",
        "domain.chain:Continuation.rated",
        (("or ended", ""),),
    ),
    "breakthrough not delivered": Mutant(
        "chain: an unchanged finding that breaks through a suppression is delivered to those that know it",
        "domain.chain:Continuation.rated",
        (("or broken", ""),),
    ),
    "suppressed report delivered": Mutant(
        "Review: a suppressed report notifies no emitter",
        "domain.deliveries:emitters_to_notify",
        (("if result.is_suppressed:", "if False:"),),
    ),
    "findings not compared": Mutant(
        "chain: any change of a finding is news",
        "domain.chain:_repeats",
        ((" and not state.mixed and bool(state.substance) and state.substance == before.substance", ""),),
    ),
    "last delivery not compared": Mutant(
        "chain: an emitter knows the report before if its last delivery had the digest of the last publication",
        "domain.chain:Previous.knows",
        (("return same and not later", "return True"),),
    ),
    "findings of the last delivery not compared": Mutant(
        "chain: an emitter knows the report before if its last delivery had the findings of the last publication",
        "domain.chain:Previous.knows",
        (
            (
                "(emitter.digest, emitter.substance) == (self.meta.digest, substance(self.meta.states))",
                "emitter.digest == self.meta.digest",
            ),
        ),
    ),
    "inherited from an open report": Mutant(
        "chain: a report waits for an open one before it",
        "domain.chain:continuation",
        (('waits=quiet and previous is not None and previous.head.state == "open"', "waits=False"),),
    ),
    "inherited from a changed report": Mutant(
        "chain: publish IF the report before is as it was read",
        "usecases.publication:_unchanged",
        (("checks.append(Check(keys.head(before.report_id), as_read))", "pass"),),
    ),
    "inherited state not stored": Mutant(
        "chain: the publication stores the inherited states",
        "store.deliveries:Deliveries.publish",
        (("for emitter in publication.inherited", "for emitter in ()"),),
    ),
    "news as an update": Mutant(
        "chain: news gets no inherited state",
        "usecases.publication:Publisher.publish",
        (("fresh=emitter.name in last_delivered and emitter.name not in inherited | own", "fresh=False"),),
    ),
    "incident resolved while a finding is active": Mutant(
        "chain: an incident of the report before is not resolved while one of its findings is active",
        "usecases.publication:Publisher.publish",
        ((" if not chain.unfinished or each.name in own_incidents", ""),),
    ),
    "inherited before the news": Mutant(
        "chain: a record that was inherited before the report became news is not inherited",
        "domain.chain:Previous.known_by",
        (("if not each.inherited_from or each.substance == published", ""),),
    ),
    "findings that an emitter lacks forgotten": Mutant(
        "chain: an emitter lacks findings of earlier reports of which it was not notified",
        "domain.chain:Continuation.lacks",
        (("return tuple(sorted(others))", "return ()"),),
    ),
    "resolved report delivered to anyone": Mutant(
        "chain: a resolved report notifies only emitters that were notified before",
        "usecases.publication:Publisher.publish",
        (("known_only=chain.known_only or chain.waits", "known_only=chain.waits"),),
    ),
    "resolved although a later report exists": Mutant(
        "chain: publish as resolved IF the window is of this report",
        "usecases.publication:_unchanged",
        (('if report.status == "resolved":', "if False:"),),
    ),
    "more alerts without a round": Mutant(
        "join: the first alert that is not counted raises the revision",
        "store.reports:ReportStore.note_more",
        (("bump = _bumped(head)", "bump = Update(keys.head(head.report_id))"),),
    ),
}
