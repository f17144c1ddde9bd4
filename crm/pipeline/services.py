"""Writes on projects: register, change, move along the road. Nothing here commits.

Only ``move`` and ``undo_move`` change a stage. Reviews and agreements are in ``decisions``, exits in ``exits``.
"""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit, jobs
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.core.tasks import enqueue
from crm.core.text import fold
from crm.enterprises.models import Enterprise
from crm.pipeline import indexing, limits, queries
from crm.pipeline.counting import finding as counting
from crm.pipeline.deals import setting
from crm.pipeline.facts import SIGNED_ON, facts_of
from crm.pipeline.intake.opening import open_lead
from crm.pipeline.intake.working import note_work
from crm.pipeline.landing import making
from crm.pipeline.models import Project, ProjectNote, StageEntry
from crm.pipeline.moves import NO_NOTE, LastMove, hand_over_problems, undo_problems
from crm.pipeline.repeats.finding import notice
from crm.pipeline.rules import ORDER, SIGNED_RETURN, Stage, checklist, move_problems, unsigns

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.limits import ProjectDraft
    from crm.pipeline.moves import HandOver

KIND = indexing.KIND
# What stands in the way is confidential: no name, no unit, no link.
NAME_TAKEN = Problem("project.name_taken", "这个项目名称不能使用，请换一个名称，或者请招商办核对。", "name")
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
    open_lead(session, project, by=actor.user_id, now=now)
    indexing.put(session, project, project.enterprise)
    audit.record(session, actor.user_id, "project.register", (KIND, project.id), now=now, name=project.name)
    enqueue(session, jobs.RESCORE, {"enterprise_id": firm.id}, now=now, dedupe_key=f"rescore:{firm.id}")
    notice(session, project, now=now)
    return project


def update_project(
    session: Session, actor: Actor, project_id: int, draft: ProjectDraft, *, version: int, now: datetime
) -> Project:
    """Change the facts of a project; the key stays unique and the version must be the one shown."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    check_version(project, version)
    problems = limits.draft_problems(draft)
    _refuse(problems or _duplicates(session, actor, project.enterprise_id, draft.name, but=project.id))
    changed = _take(project, draft, now)
    session.flush()
    indexing.put(session, project, project.enterprise)
    audit.record(session, actor.user_id, "project.update", (KIND, project.id), now=now, changed=changed)
    notice(session, project, now=now)
    counting.notice(session, project, now=now)
    return project


def assign_owner(
    session: Session, actor: Actor, project_id: int, owner_id: int, *, version: int, now: datetime, today: date
) -> Project:
    """Give a project an owner of its unit: its first, or at once by the triage; others ask (``intake.handovers``)."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    check_version(project, version)
    if project.owner_id is not None and not actor.reaches(Permission.LEAD_TRIAGE, project.unit_id):
        raise DomainError(limits.ASK)
    people = {person.id: person for person in queries.owner_choices(session, project.unit_id, today)}
    if owner_id not in people:
        raise DomainError(Problem("owner.unit", "负责人须是项目所属机构的在编人员。", "owner_id"))
    if queries.latest_reviewer(session, project.id) == owner_id:
        raise DomainError(Problem("owner.reviewer", "评审过本项目的人不能再任负责人。", "owner_id"))
    detail = {"from": project.owner.name if project.owner else None, "to": people[owner_id].name}
    project.owner_id, project.owner, project.updated_at = owner_id, people[owner_id], now
    audit.record(session, actor.user_id, "project.assign", (KIND, project.id), now=now, **detail)
    session.flush()
    return project


def move(  # noqa: PLR0913 (the hand-over note may be left out)
    session: Session,
    actor: Actor,
    project_id: int,
    target: Stage,
    *,
    reason: str,
    version: int,
    now: datetime,
    note: HandOver = NO_NOTE,
) -> Project:
    """Move a project to another stage if its gate lets it; ``reason`` is the evidence after signing.

    With ``undo_move`` the only place that changes a stage. Raises :class:`DomainError` with every missing demand,
    :class:`ConflictError` when somebody changed the project in between.
    """
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_MOVE)
    check_version(project, version)
    facts = facts_of(session, project, evidence=reason, now=now)
    may_return = queries.may_return(actor, project.unit_id)
    _refuse(move_problems(facts, target, reason=reason, may_return=may_return) or hand_over_problems(note))
    before = project.stage
    if unsigns(before, target):
        _unsign(session, project, now)
    forward = ORDER.index(target) > ORDER.index(before)
    entry = StageEntry(
        by=actor.user_id,
        reason=reason.strip() or None,
        first=forward and not queries.entered_before(session, project.id, target),
        takes_over=note.takes_over.strip() or None,
        promised=note.promised.strip() or None,
    )
    _enter(session, project, target, entry, now=now)
    detail: dict[str, object] = {"from": str(before), "to": str(target), "reason": reason.strip()}
    waived = [demand.key for demand, _passed in checklist(facts, target) if not demand.met(facts)]
    if forward and waived:
        detail["waived"] = waived
    if unsigns(before, target):
        detail["waived"] = [SIGNED_RETURN.key]
    audit.record(session, actor.user_id, "project.move", (KIND, project.id), now=now, **detail)
    session.flush()
    if target is Stage.SIGNED:
        making.at_signing(session, project, by=actor.user_id, now=now)
    counting.notice(session, project, now=now)
    return project


def undo_move(session: Session, actor: Actor, project_id: int, *, reason: str, version: int, now: datetime) -> Project:
    """Take the newest move back: a new row that names the one it undoes, so that no figure counts the mistake.

    By who made it, the team lead or the registrar, within the hours the office set.
    """
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_MOVE)
    check_version(project, version)
    mistake, earlier = queries.newest_moves(session, project)
    before = Stage(mistake.from_stage) if mistake.from_stage else None
    problems = undo_problems(
        facts_of(session, project, evidence=reason, now=now),
        LastMove(mistake.seq, mistake.by, mistake.at, before, mistake.undoes),
        now=now,
        hours=setting.current(session).undo_hours,
        by=actor.user_id,
        leads=queries.may_return(actor, project.unit_id),
        recognized=queries.recognized(session, project.id),
        reason=reason,
    )
    _refuse(problems)
    if before is None or earlier is None:  # pragma: no cover (the rules refused it)
        raise DomainError(Problem("undo.none", "没有可以撤销的变动。"))
    mistake.undone_at = now
    since = earlier.since or earlier.at
    entry = StageEntry(by=actor.user_id, reason=reason.strip(), first=False, undoes=mistake.seq, since=since)
    _enter(session, project, before, entry, now=now)
    detail = {"from": mistake.to_stage, "to": str(before), "reason": reason.strip(), "undoes": mistake.seq}
    audit.record(session, actor.user_id, "project.undo_move", (KIND, project.id), now=now, **detail)
    session.flush()
    counting.notice(session, project, now=now)
    return project


def _unsign(session: Session, project: Project, now: datetime) -> None:
    """Take the entries of a signing that never was as undone: no figure counts them, the history keeps them."""
    mistaken = StageEntry.to_stage.in_(SIGNED_ON) & (StageEntry.project_id == project.id)
    for entry in session.scalars(select(StageEntry).where(mistaken, StageEntry.undone_at.is_(None))):
        entry.undone_at = now


def _enter(session: Session, project: Project, stage: Stage, entry: StageEntry, *, now: datetime) -> None:
    """Put a project at a stage together with its row of history; the key in the database wants both."""
    entry.project_id, entry.seq, entry.unit_id = project.id, project.stage_seq + 1, project.unit_id
    entry.from_stage, entry.to_stage, entry.at = project.stage, stage, now
    session.add(entry)
    project.stage, project.stage_since, project.stage_seq = stage, entry.since or now, entry.seq
    project.updated_at = now


def add_note(session: Session, actor: Actor, project_id: int, body: str, *, now: datetime) -> ProjectNote:
    """Add a remark to the stream."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    if not body.strip():
        raise DomainError(Problem("note.body", "请写下要记的内容。", "body"))
    note = ProjectNote(project_id=project.id, by=actor.user_id, at=now, body=body.strip())
    session.add(note)
    session.flush()
    audit.record(session, actor.user_id, "project.note", (KIND, project.id), now=now, note=note.id)
    note_work(session, project.id, actor.user_id, now=now)
    return note


def _take(project: Project, draft: ProjectDraft, now: datetime) -> list[str]:
    changed = []
    for field in dataclasses.fields(draft):
        value = getattr(draft, field.name)
        if isinstance(value, str) and not isinstance(value, StrEnum):
            value = value.strip() or None
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


def check_version(project: Project, version: int) -> None:
    """Refuse to change a project that somebody changed since the person read it."""
    if project.version != version:
        raise ConflictError(STALE)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(*problems)
