"""The notes and omissions of a report: which limits were reached, and what was skipped or left out."""

from collections.abc import Iterator

from alert_responder.contracts.report import Omission
from alert_responder.domain.alert_ranking import SHOWN_WORST
from alert_responder.domain.lookup_plan import budget, underived
from alert_responder.domain.material import SHOWN_ALERTS, SHOWN_SKIPPED, Material
from alert_responder.domain.plugin_answers import UNANSWERED
from alert_responder.domain.records import LookupRecord
from alert_responder.domain.stream import shared_ids


def omissions(material: Material, counted_only: int) -> Iterator[Omission]:
    """Yield what each limit left out; the count is 0 if it left out nothing.

    Parameters
    ----------
    counted_only
        Number of alerts that are only counted.
    """
    yield Omission(
        what="attributes",
        count=counted_only + material.head.held.more,
        reason="The alerts exceed what one report can hold.",
    )
    yield Omission(
        what="attributes",
        count=sum(group.unfit for group in material.groups),
        reason="Invalid fields of alerts were left out or changed.",
    )
    yield Omission(
        what="attributes",
        count=sum(group.left_out for group in material.groups),
        reason="The attributes are too large to be looked up.",
    )
    yield Omission(
        what="attributes",
        count=sum(group.cut_off for group in material.groups),
        reason="The alert has too many attributes.",
    )
    yield Omission(
        what="attributes",
        count=underived(material.known),
        reason="The report has too many attributes to add the hosts of all URLs and e-mail addresses.",
    )
    yield Omission(
        what="lookups",
        count=len(material.agenda.over_budget),
        reason=f"{budget(material.limits, material.lookups)}.",
    )
    yield Omission(
        what="lookups",
        count=len(material.agenda.deferred),
        reason="They are deferred to the next round, because alerts share the lookups of a round.",
    )
    yield Omission(
        what="lookups",
        count=sum(task.no_turn for task in material.lookups),
        reason="They had no turn: no runner, inspector or quota was free in time.",
    )
    yield Omission(
        what="lookups",
        count=sum(task.outcome == "throttled" and not task.no_turn for task in material.lookups),
        reason="They were throttled: a quota or another limit of the inspector or its source was reached.",
    )
    yield Omission(
        what="findings",
        count=len(_incomplete(material)),
        reason="Limits of the inspectors left out parts of their answers.",
    )
    yield Omission(
        what="findings",
        count=len(material.answers.shortened),
        reason="The details of all answers need too much memory.",
    )


def notes(material: Material, whole: int, alert_count: int, *, names_accounts: bool) -> tuple[str, ...]:
    """Return one sentence for each limit that was reached and for skipped lookups.

    Parameters
    ----------
    whole, alert_count
        Number of stored alerts, and of all alerts.
    names_accounts
        Whether an account is described by the words of the directory.
    """
    limits, planned = material.limits, material.agenda
    invalid = sum(not attribute.valid for attribute in material.known)
    left_out = any(group.left_out for group in material.groups)
    cut_off = sum(group.cut_off for group in material.groups)
    unfit = sum(group.unfit for group in material.groups)
    mismatched = sum(group.mismatched for group in material.groups)
    shared = shared_ids({event_id for group in material.groups for event_id, _ in group.events})
    withheld = sum(task.outcome == "skipped" for task in material.lookups) + len(planned.unlisted)
    unanswered = sorted(
        {f"{each.inspector}: {each.outcome}" for each in material.lookups if each.outcome in UNANSWERED}
    )
    incomplete = sorted({each.inspector for each in _incomplete(material)})
    forgotten = material.answers.activities_left_out
    every = [
        (
            material.head.overflow,
            f"These {alert_count:,} alerts have no separate reports, because max_new_reports_per_hour was reached.",
        ),
        (
            whole > 2 * SHOWN_ALERTS + SHOWN_WORST,
            f"Of {whole:,} alerts, the {SHOWN_ALERTS} oldest, the {SHOWN_ALERTS} newest, and up to {SHOWN_WORST} of the"
            " others with the worst severity are shown.",
        ),
        (
            alert_count > whole,
            f"{alert_count - whole:,} alerts exceed what one report can hold and are only counted; they are archived"
            " under counted/.",
        ),
        (
            material.head.held.more,
            f"There are at least {alert_count:,} alerts; more alerts are not counted, but archived under counted/.",
        ),
        (left_out, "Attributes that are too large to be looked up were left out; only the alerts contain them."),
        (
            cut_off,
            f"{cut_off:,} attributes exceed an alert's limit and were left out; they are archived under rejected/.",
        ),
        (
            unfit,
            f"{unfit:,} fields of alerts are invalid and were left out or changed; they are archived under rejected/.",
        ),
        (
            shared,
            f"{shared:,} alerts have the same event id as an alert with other content; each is counted.",
        ),
        (
            mismatched,
            f"{mismatched:,} alerts name another account than the one that sent them, which is not an administrator"
            " account; they count as alerts about the sender.",
        ),
        (invalid, f"{invalid} attributes do not fit their type and were not looked up."),
        (
            len(material.unasked) > SHOWN_SKIPPED,
            f"{SHOWN_SKIPPED} of {len(material.unasked):,} lookups that could not be made are listed.",
        ),
        (
            planned.too_deep,
            f"{len(planned.too_deep)} lookups were skipped: max_inspection_depth is {limits.max_depth}.",
        ),
        (
            planned.over_budget,
            f"{len(planned.over_budget)} lookups were skipped: {budget(limits, material.lookups)}.",
        ),
        (
            planned.deferred,
            f"{len(planned.deferred)} lookups are deferred to the next round: alerts share the lookups of a round.",
        ),
        (
            withheld,
            f"{withheld} lookups were skipped: egress rules forbid sending these attributes to external inspectors.",
        ),
        (
            material.called_local,
            f"{material.called_local} public addresses or domains were not looked up: alerts call them local, and"
            " the filters of inspectors ask for remote ones.",
        ),
        (
            material.bodies.left_out,
            f"Left out because they need too much memory: the bodies of {material.bodies.left_out} alerts.",
        ),
        (
            material.answers.shortened,
            f"Left out because they need too much memory: the details of {len(material.answers.shortened)} answers"
            f"{f', and {forgotten:,} of their activities' if forgotten else ''}.",
        ),
        (
            names_accounts and material.directory and material.directory.is_stale(material.now),
            "The directory of accounts is older than 24 hours: names, units, owners and environments of accounts may"
            " have changed.",
        ),
        (
            material.directory_fault,
            "The directory of accounts could not be read: names, units, owners and environments of accounts are"
            " missing.",
        ),
        (unanswered, f"Without an answer: {', '.join(unanswered)}."),
        (incomplete, f"Incomplete answers, because of limits of the inspectors: {', '.join(incomplete)}."),
    ]
    return tuple(note for applies, note in every if applies)


def _incomplete(material: Material) -> list[LookupRecord]:
    return [each for each in material.lookups if each.incomplete]
