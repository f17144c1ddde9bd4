"""Writes on projects: register, change, move along the road, leave it. Nothing here commits.

``move`` is the only place that changes a stage. Reviews and agreements are in ``decisions``.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit, jobs, searchindex
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.core.tasks import enqueue
from crm.core.text import fold
from crm.enterprises.models import Enterprise
from crm.fieldwork.followups import add_follow_up
from crm.fieldwork.rules import FollowUpDraft
from crm.pipeline import limits, queries
from crm.pipeline.facts import facts_of
from crm.pipeline.models import Project, ProjectNote, StageEntry
from crm.pipeline.rules import ORDER, Channel, ExitKind, Stage, move_problems
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.signals.models import Signal, SignalState
from crm.signals.services import accept, undo

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.limits import Exit, ProjectDraft

KIND = "project"
NAME_LENGTH = 200
# What stands in the way is confidential: no name, no unit, no link.
NAME_TAKEN = Problem("project.name_taken", "这个项目名称不能使用，请换一个名称，或者请招商办核对。", "name")
SIGNAL_KEPT = Problem("signal.kept", "这条动态暂时不能这样处理，请联系招商办。")
STALE = Problem("project.version", "您打开页面之后，有人改过这个项目。请核对最新内容后再提交。")


def register_lead(
    session: Session,
    actor: Actor,
    enterprise_id: int,
    draft: ProjectDraft,
    *,
    now: datetime,
    source_signal_id: int | None = None,
) -> Project:
    """Register a lead (线索) in the actor's unit, owned by the actor.

    The key is enterprise and folded name, over all units: a second registration is refused
    and ``params["project_id"]`` of the problem names the first one.
    """
    unit_id = queries.home_unit(actor)
    firm = session.get(Enterprise, enterprise_id)
    if firm is None:
        raise NotFoundError(Problem("enterprise.absent", "没有这家企业。"))
    _refuse(limits.draft_problems(draft) or _duplicates(session, actor, enterprise_id, draft.name))
    project = Project(
        enterprise_id=firm.id,
        unit_id=unit_id,
        owner_id=actor.user_id,
        stage=Stage.LEAD,
        stage_since=now,
        source_signal_id=source_signal_id,
        created_by=actor.user_id,
        created_at=now,
    )
    _take(project, draft, now)
    session.add(project)
    session.flush()
    project.enterprise = firm
    session.add(
        StageEntry(project_id=project.id, to_stage=Stage.LEAD, at=now, by=actor.user_id, unit_id=unit_id, first=True)
    )
    _index(session, project)
    audit.record(session, actor.user_id, "project.register", (KIND, project.id), now=now, name=project.name)
    _rescore(session, firm.id, now)
    return project


def register_from_signal(session: Session, actor: Actor, signal_id: int, *, now: datetime) -> tuple[Project, bool]:
    """Turn a signal into a lead and accept it; a second click returns the project made first and False."""
    signal = session.scalar(select(Signal).where(Signal.id == signal_id).with_for_update())
    if signal is None:
        raise NotFoundError(Problem("signal.absent", "没有这条动态。"))
    existing = queries.from_signal(session, signal.id)
    if existing is not None:
        if not queries.is_privy(session, actor, existing):
            raise DomainError(SIGNAL_KEPT)
        if not actor.reaches(Permission.PROJECT_READ, existing.unit_id):
            raise DomainError(
                Problem("signal.taken", "这条动态已由%(unit)s转为线索。", params={"unit": existing.unit.name})
            )
        return existing, False
    if signal.state is SignalState.REJECTED:
        raise DomainError(Problem("signal.rejected", "这条动态已被忽略，请先恢复再转线索。"))
    firm = session.get_one(Enterprise, signal.enterprise_id)
    label = KIND_LABELS[SignalKind(signal.kind)]
    draft = limits.ProjectDraft(
        name=f"{firm.name[: NAME_LENGTH - 30]}{label}项目（{signal.happened_at:%Y年%m月}）",
        content=signal.quote,
        channel=Channel.NEWS,
        total_investment=None if limits.money_problems(signal.amount, "") else signal.amount,
        industry=firm.industry,
    )
    project = register_lead(session, actor, firm.id, draft, now=now, source_signal_id=signal.id)
    if signal.state is SignalState.NEW:
        accept(session, actor, signal.id, now=now)
    return project, True


def undo_signal(session: Session, actor: Actor, signal_id: int, *, now: datetime) -> Signal:
    """Take the decision on a signal back, unless it became a lead: a lead keeps its evidence."""
    project = queries.from_signal(session, signal_id)
    if project is not None and not queries.is_privy(session, actor, project):
        raise ConflictError(SIGNAL_KEPT)
    if project is not None:
        params: dict[str, object] = {"unit": project.unit.name}
        raise ConflictError(Problem("signal.lead", "这条动态已由%(unit)s转为线索，不能撤销采用。", params=params))
    return undo(session, actor, signal_id, now=now)


def update_project(
    session: Session, actor: Actor, project_id: int, draft: ProjectDraft, *, version: int, now: datetime
) -> Project:
    """Change the facts of a project; the key stays unique and the version must be the one shown."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    _check_version(project, version)
    problems = limits.draft_problems(draft)
    _refuse(problems or _duplicates(session, actor, project.enterprise_id, draft.name, but=project.id))
    changed = _take(project, draft, now)
    session.flush()
    _index(session, project)
    audit.record(session, actor.user_id, "project.update", (KIND, project.id), now=now, changed=changed)
    return project


def assign_owner(
    session: Session, actor: Actor, project_id: int, owner_id: int, *, version: int, now: datetime, today: date
) -> Project:
    """Give a project another owner of its unit; whoever reviewed it last may not own it."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    _check_version(project, version)
    people = {person.id: person for person in queries.owner_choices(session, project.unit_id, today)}
    if owner_id not in people:
        raise DomainError(Problem("owner.unit", "负责人须是项目所属机构的在编人员。", "owner_id"))
    if queries.latest_reviewer(session, project.id) == owner_id:
        raise DomainError(Problem("owner.reviewer", "评审过本项目的人不能再任负责人。", "owner_id"))
    before = project.owner.name if project.owner else None
    project.owner_id, project.owner, project.updated_at = owner_id, people[owner_id], now
    detail = {"from": before, "to": people[owner_id].name}
    audit.record(session, actor.user_id, "project.assign", (KIND, project.id), now=now, **detail)
    session.flush()
    return project


def move(
    session: Session, actor: Actor, project_id: int, target: Stage, *, reason: str, version: int, now: datetime
) -> Project:
    """Move a project to another stage if its gate lets it; ``reason`` is the evidence after signing.

    The only place that changes a stage. Raises :class:`DomainError` with every missing demand,
    :class:`ConflictError` when somebody changed the project in between.
    """
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_MOVE)
    _check_version(project, version)
    facts = facts_of(session, project, evidence=reason)
    may_return = queries.may_return(actor, project.unit_id)
    _refuse(move_problems(facts, target, reason=reason, may_return=may_return))
    before = project.stage
    forward = ORDER.index(target) > ORDER.index(before)
    first = forward and not queries.entered_before(session, project.id, target)
    project.stage, project.stage_since, project.updated_at = target, now, now
    project.stage_seq += 1
    session.add(
        StageEntry(
            project_id=project.id,
            seq=project.stage_seq,
            from_stage=before,
            to_stage=target,
            at=now,
            by=actor.user_id,
            unit_id=project.unit_id,
            reason=reason.strip() or None,
            first=first,
        )
    )
    detail = {"from": str(before), "to": str(target), "reason": reason.strip()}
    audit.record(session, actor.user_id, "project.move", (KIND, project.id), now=now, **detail)
    session.flush()
    return project


def leave(
    session: Session,
    actor: Actor,
    project_id: int,
    leaving: Exit,
    *,
    version: int,
    now: datetime,
    today: date,
) -> Project:
    """Take a project off the road with kind, reason and what happened; its stage stays as it was.

    A suspended one leaves a follow-up for the day of its review.
    """
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_MOVE)
    _check_version(project, version)
    _refuse(limits.exit_problems(project.stage, leaving, left=project.exit_kind is not None, today=today))
    project.exit_kind, project.exit_reason, project.exit_detail = leaving.kind, leaving.reason, leaving.detail.strip()
    project.exited_at, project.review_on, project.updated_at = now, leaving.review_on, now
    detail = {"kind": str(leaving.kind), "reason": str(leaving.reason), "text": leaving.detail.strip()}
    audit.record(session, actor.user_id, "project.leave", (KIND, project.id), now=now, **detail)
    if leaving.kind is ExitKind.SUSPENDED:
        reminder = FollowUpDraft("复核搁置的项目", leaving.review_on, project.enterprise_id, project.id)
        add_follow_up(session, actor, reminder, now=now, today=today, unit_id=project.unit_id)
    session.flush()
    return project


def restore(session: Session, actor: Actor, project_id: int, *, version: int, now: datetime) -> Project:
    """Put a project that left back on the road, at the stage where it was."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_MOVE)
    _check_version(project, version)
    if project.exit_kind is None:
        raise DomainError(Problem("exit.none", "项目没有退出，不用恢复。"))
    project.exit_kind = project.exit_reason = project.exit_detail = None
    project.exited_at = project.review_on = None
    project.updated_at = now
    audit.record(session, actor.user_id, "project.restore", (KIND, project.id), now=now)
    session.flush()
    return project


def add_note(session: Session, actor: Actor, project_id: int, body: str, *, now: datetime) -> ProjectNote:
    """Add a remark to the stream."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    if not body.strip():
        raise DomainError(Problem("note.body", "请写下要记的内容。", "body"))
    note = ProjectNote(project_id=project.id, by=actor.user_id, at=now, body=body.strip())
    session.add(note)
    session.flush()
    audit.record(session, actor.user_id, "project.note", (KIND, project.id), now=now, note=note.id)
    return note


def reindex(session: Session, enterprise_id: int | None = None) -> int:
    """Write the search documents of all projects, or those of one enterprise, anew; return how many."""
    statement = select(Project, Enterprise).join(Enterprise, Enterprise.id == Project.enterprise_id)
    if enterprise_id is not None:
        statement = statement.where(Project.enterprise_id == enterprise_id)
    rows = [(project.id, _texts(project, firm)) for project, firm in session.execute(statement)]
    searchindex.put(session, KIND, rows)
    return len(rows)


def _take(project: Project, draft: ProjectDraft, now: datetime) -> list[str]:
    changed = []
    for field in dataclasses.fields(draft):
        value = getattr(draft, field.name)
        value = (
            (value.strip() or None) if isinstance(value, str) and field.name not in {"capital", "channel"} else value
        )
        if getattr(project, field.name) != value:
            setattr(project, field.name, value)
            changed.append(field.name)
    project.folded_name, project.updated_at = fold(project.name), now
    return changed


def _duplicates(
    session: Session, actor: Actor, enterprise_id: int, name: str, *, but: int | None = None
) -> list[Problem]:
    other = queries.duplicate(session, enterprise_id, fold(name.strip()), but=but)
    if other is None:
        return []
    if not queries.is_privy(session, actor, other):
        return [NAME_TAKEN]
    params: dict[str, object] = {"name": other.name, "unit": other.unit.name, "project_id": other.id}
    text = "这家企业已有同名项目“%(name)s”，由%(unit)s登记，不能重复登记。"
    return [Problem("project.duplicate", text, "name", params=params)]


def _rescore(session: Session, enterprise_id: int, now: datetime) -> None:
    enqueue(session, jobs.RESCORE, {"enterprise_id": enterprise_id}, now=now, dedupe_key=f"rescore:{enterprise_id}")


def _check_version(project: Project, version: int) -> None:
    if project.version != version:
        raise ConflictError(STALE)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(*problems)
