"""Writes of exit cases: open one, go a step on, sign the end by a second person. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.money import digits
from crm.core.workdays import add_workdays
from crm.delivery.exits import queries
from crm.delivery.exits.models import ExitCase, ExitStep
from crm.delivery.exits.rules import (
    BY_LEAD,
    BY_SECOND,
    CAUSE_LABELS,
    ENDS,
    LETTERS,
    REASONS,
    Cause,
    Standing,
    StepDraft,
    StepKind,
    step_problems,
)
from crm.delivery.letters import services as letters
from crm.delivery.letters.papers import Content, Late
from crm.delivery.letters.rules import KIND_LABELS, LetterKind, number_of
from crm.delivery.obligations import queries as obligations
from crm.delivery.obligations import telling
from crm.pipeline import queries as projects
from crm.pipeline.deals.duties import UNITS
from crm.pipeline.exits.services import take_off
from crm.pipeline.facts import facts_of
from crm.pipeline.limits import Exit
from crm.pipeline.words import ExitKind
from crm.resources.carriers import queries as carriers
from crm.resources.carriers.rules import LAND
from crm.resources.carriers.services import Ending, reoffer

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.delivery.letters.models import DeliveryLetter
    from crm.delivery.obligations.queries import Ledger
    from crm.pipeline.models import Project

SUBJECT, DEPOSIT = "exit_case", "履约保证金"
OPEN = Problem("exit_case.open", "这个项目已有正在办理的退出。")
CLOSED = Problem("exit_case.closed", "这件退出已经办结。")
LEFT = Problem("exit_case.left", "项目已经退出。")
UNSIGNED = Problem("exit_case.unsigned", "还没有签约，不用办退出：请在“退出”里直接登记流失或终止。")
NO_RIGHT = Problem("exit_case.right", "限期整改和提请终止由组长或招商办办理。")
NO_SIGN = Problem("exit_case.sign", "终止函由领导或招商办签发。")
SAME = Problem("exit_case.same", "提请终止的人不能自己签发，请另一位领导或招商办的同事签发。")
OWN = Problem("exit_case.own", "项目负责人和登记人不能签发自己项目的终止函，请由其他人签发。")


def start(
    session: Session, actor: Actor, project_id: int, cause: Cause, draft: StepDraft, *, now: datetime, today: date
) -> ExitCase:
    """Open a case with its first letter, the reminder (提醒函)."""
    project = projects.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    if project.exit_kind is not None:
        raise DomainError(LEFT)
    if not facts_of(session, project).bound.signed:
        raise DomainError(UNSIGNED)
    if any(case.closed_on is None for case in queries.of_project(session, project.id)):
        raise ConflictError(OPEN)
    known = obligations.ledger(session, project, today)
    late = _late(known, cause, today)
    _refuse(step_problems(Standing(None, late=bool(late)), draft, today=today))
    case = ExitCase(
        project_id=project.id,
        cause=cause,
        grounds=_grounds(known, cause),
        last=StepKind.REMIND,
        last_on=today,
        opened_by=actor.user_id,
        opened_at=now,
    )
    session.add(case)
    session.flush()
    _step(session, actor, case, project, draft, late, now=now, today=today)
    return case


def go_on(session: Session, actor: Actor, case_id: int, draft: StepDraft, *, now: datetime, today: date) -> ExitCase:
    """Go a step on; signing the termination ends the contract, frees the land and takes credit back."""
    row = queries.get(session, actor, case_id, lock=True)
    case, project = row.case, row.project
    if case.closed_on is not None:
        raise ConflictError(CLOSED)
    _demand(actor, case, project, draft.kind)
    gone = project.exit_kind is not None  # by a door that was open once: nothing is left but to end the case
    late = () if gone else _late(obligations.ledger(session, project, today), case.cause, today)
    standing = Standing(case.last, case.due_on, late=bool(late))
    _refuse(step_problems(standing, draft, today=today))
    if draft.kind is StepKind.PROPOSE:
        case.proposed_by = actor.user_id
    elif draft.kind is StepKind.TERMINATE:
        case.signed_by = actor.user_id
    case.last, case.last_on = draft.kind, today
    case.closed_on = today if draft.kind in ENDS else None
    letter = _step(session, actor, case, project, draft, late, now=now, today=today)
    if draft.kind is StepKind.TERMINATE and letter is not None:
        _end(session, actor, case, project, letter, now=now, today=today)
    return case


def _demand(actor: Actor, case: ExitCase, project: Project, kind: StepKind) -> None:
    """Who may do a step: the unit writes, its lead presses, a second person of rank signs."""
    if kind in BY_SECOND:
        if not actor.reaches(Permission.EXIT_SIGN, project.unit_id):
            raise ForbiddenError(NO_SIGN)
        if kind is StepKind.TERMINATE and actor.user_id == case.proposed_by:
            raise ForbiddenError(SAME)
        if kind is StepKind.TERMINATE and actor.user_id in {project.owner_id, project.created_by}:
            raise ForbiddenError(OWN)
    elif kind in BY_LEAD:
        if not actor.reaches(Permission.LEAD_TRIAGE, project.unit_id):
            raise ForbiddenError(NO_RIGHT)
    elif not actor.reaches(Permission.PROJECT_WRITE, project.unit_id):
        raise ForbiddenError(projects.FORBIDDEN)


def _late(known: Ledger, cause: Cause, today: date) -> tuple[Late, ...]:
    if cause is Cause.DEPOSIT:
        return telling.late_deposits(known, today)
    return (*telling.late_duties(known, today), *telling.late_deposits(known, today))


def _grounds(known: Ledger, cause: Cause) -> list[list[str]]:
    """What was late when a case began, as it is kept: what, by when, how much, in which unit."""
    found = [[DEPOSIT, one.row.due_on.isoformat(), digits(one.row.amount), "万元"] for one in known.late_deposits]
    if cause is Cause.DEPOSIT:
        return found
    for line in known.late:
        amount = line.term.amount if line.term else None
        unit = UNITS.get(line.kind, "") if amount is not None else ""
        day = line.row.due_on.isoformat() if line.row.due_on else ""
        found.append([line.row.body, day, digits(amount) if amount is not None else "", unit])
    return found


def _step(  # noqa: PLR0913 (a step, its case, what is late)
    session: Session,
    actor: Actor,
    case: ExitCase,
    project: Project,
    draft: StepDraft,
    late: tuple[Late, ...],
    *,
    now: datetime,
    today: date,
) -> DeliveryLetter | None:
    due_on = add_workdays(today, draft.days) if draft.days and draft.kind in LETTERS else None
    due_on = None if draft.kind is StepKind.TERMINATE else due_on
    letter = None
    if draft.kind in LETTERS:
        content = _content(session, case, project, LETTERS[draft.kind], late, draft.detail, today, due_on)
        letter = letters.issue(session, actor.user_id, project, content, now=now)
        case.due_on = due_on
    step = ExitStep(
        case_id=case.id,
        kind=draft.kind,
        on=today,
        due_on=due_on,
        detail=draft.detail.strip(),
        letter_id=letter.id if letter else None,
        by=actor.user_id,
        at=now,
    )
    session.add(step)
    session.flush()
    detail = {"project": project.id, "step": str(draft.kind), "letter": letter.id if letter else None}
    audit.record(session, actor.user_id, "exit_case.step", (SUBJECT, case.id), now=now, **detail)
    return letter


def _content(  # noqa: PLR0913, PLR0917 (what a letter says)
    session: Session,
    case: ExitCase,
    project: Project,
    kind: LetterKind,
    late: tuple[Late, ...],
    detail: str,
    today: date,
    due_on: date | None,
) -> Content:
    word = letters.word(session)
    earlier = tuple(
        (KIND_LABELS[one.letter.kind], number_of(word, one.letter.year, one.letter.seq), one.letter.on)
        for one in queries.steps(session, case.id)
        if one.letter is not None
    )
    land: tuple[str, ...] = ()
    if kind is LetterKind.TERMINATE:
        held = carriers.running(session, project.id, today)
        named = carriers.named(session, [one.carrier_id for one in held])
        land = tuple(_place(named[one.carrier_id].name, one.area, named[one.carrier_id].kind in LAND) for one in held)
    return Content(
        kind=kind,
        sender=letters.sender(session, project.unit_id),
        addressee=project.enterprise.name,
        project=project.name,
        contract=telling.contract(obligations.contracts(session, project.id)),
        late=late,
        detail=detail.strip(),
        on=today,
        due_on=due_on,
        earlier=earlier,
        land=land,
    )


def _place(name: str, area: object, land: bool) -> str:  # noqa: FBT001 (of two units)
    return f"{name}{digits(area)}{'亩' if land else '平方米'}"  # type: ignore[arg-type]


def _end(
    session: Session,
    actor: Actor,
    case: ExitCase,
    project: Project,
    letter: DeliveryLetter,
    *,
    now: datetime,
    today: date,
) -> None:
    """Take credit back as of today, take the project off the road, offer its land again."""
    number = number_of(letters.word(session), letter.year, letter.seq)
    for one in queries.credit(session, project.id, today):
        one.case_id = case.id
        session.add(one)
    leaving = Exit(ExitKind.TERMINATED, REASONS[case.cause], f"{CAUSE_LABELS[case.cause]}，{number}", noticed=True)
    take_off(session, actor, project, leaving, now=now, today=today)
    reason = f"合同终止（{number}），收回后二次招商"
    reoffer(session, project.id, Ending(today, reason, actor.user_id), now=now)
    session.flush()


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(*problems)
