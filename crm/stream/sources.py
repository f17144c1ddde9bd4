"""The lines of a stream: one select for each kind of thing that happened, all with the same columns.

Rows that hang on a project are those of the projects of the subject, which were found to be visible; whatever
has units or people of its own (touches, follow-ups, instructions, signals) passes its own condition as well.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, case, cast, func, literal, null, or_

from crm.auth.rules import Permission
from crm.core.audit import AuditEvent
from crm.core.changes import FieldChange
from crm.enterprises.indexing import ENTERPRISE
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import FollowUp, Touch
from crm.news.models import Article
from crm.pipeline.instructions.models import Instruction, InstructionReply
from crm.pipeline.instructions.queries import from_me, to_me
from crm.pipeline.models import ProjectNote, StageEntry
from crm.pipeline.services import KIND as PROJECT
from crm.signals import narrowing as signals
from crm.signals.models import Signal, SignalState
from crm.stream import papers
from crm.stream.columns import line, on_projects
from crm.stream.models import StreamComment

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Select

    from crm.auth.rules import Actor
    from crm.stream.subject import Subject

    Source = Callable[[Actor, Subject], Select[Any]]

AUDITED = ("project.leave", "project.restore", "project.assign")
LEAD_TIME = timedelta(days=30)  # signals so long before a project was registered belong to its story


def touches(actor: Actor, about: Subject) -> Select[Any]:
    """Touches that count: of a project all of them, of an enterprise those of the units the person may read."""
    what = line("touch", Touch.id, Touch.occurred_at, Touch.created_by, firm=Touch.enterprise_id)
    text = {"a": Touch.kind, "b": Touch.summary, "c": Touch.intention}
    mine = Touch.project_id == about.project.id if about.project else _firms(Touch.enterprise_id, about)
    seen = fieldwork.counted() if about.project else fieldwork.counted() & fieldwork.visible_to(actor)
    return what(text).where(mine, seen)


def news(actor: Actor, about: Subject) -> Select[Any]:
    """Signals that were not rejected; of a project those since shortly before it was registered."""
    what = line("signal", Signal.id, Signal.happened_at, null(), firm=Signal.enterprise_id)
    statement = what({"a": Signal.kind, "b": Signal.quote, "c": Article.title})
    statement = statement.join(Article, Article.id == Signal.article_id)
    statement = statement.where(Signal.state != SignalState.REJECTED, signals.visible_to(actor))
    if about.project is None:
        return statement.where(_firms(Signal.enterprise_id, about))
    since = about.project.created_at - LEAD_TIME
    of_ours = Signal.enterprise_id == about.project.enterprise_id
    return statement.where(of_ours, or_(Signal.happened_at >= since, Signal.id == about.project.source_signal_id))


def stages(_actor: Actor, about: Subject) -> Select[Any]:
    """Changes of stage, also those taken back."""
    mark = case((StageEntry.undoes.is_not(None), "undo"), (StageEntry.undone_at.is_not(None), "undone"))
    what = line("stage", StageEntry.id, StageEntry.at, StageEntry.by, project=StageEntry.project_id)
    text = {"a": StageEntry.to_stage, "b": StageEntry.reason, "c": StageEntry.from_stage, "d": mark}
    return what(text).where(on_projects(StageEntry.project_id, about))


def events(_actor: Actor, about: Subject) -> Select[Any]:
    """Exits, restores and changes of owner, out of the audit trail."""
    return _audited("event", about, *AUDITED)


def updates(_actor: Actor, about: Subject) -> Select[Any]:
    """Changes of a project's facts."""
    return _audited("update", about, "project.update")


def _audited(kind: str, about: Subject, *actions: str) -> Select[Any]:
    what = line(kind, AuditEvent.id, AuditEvent.at, AuditEvent.actor_id, project=AuditEvent.subject_id)
    mine = on_projects(AuditEvent.subject_id, about)
    text = {"a": AuditEvent.action, "b": cast(AuditEvent.detail, Text)}
    return what(text).where(AuditEvent.subject_type == PROJECT, mine, AuditEvent.action.in_(actions))


def changes(_actor: Actor, about: Subject) -> Select[Any]:
    """Changes of an enterprise's facts; what was changed at one stroke is one line."""
    fields = func.aggregate_strings(FieldChange.field, "|")
    what = line("change", func.min(FieldChange.id), FieldChange.at, FieldChange.by, firm=FieldChange.ref_id)
    return (
        what({"a": FieldChange.via, "b": fields})
        .where(FieldChange.kind == ENTERPRISE, FieldChange.ref_id.in_(about.enterprise_ids))
        .group_by(FieldChange.ref_id, FieldChange.at, FieldChange.by, FieldChange.via)
    )


def planned(actor: Actor, about: Subject) -> Select[Any]:
    """Follow-ups, when they were promised."""
    what = line("planned", FollowUp.id, FollowUp.created_at, FollowUp.created_by, firm=FollowUp.enterprise_id)
    text = {"b": FollowUp.title, "c": FollowUp.due_on, "d": FollowUp.done_at}
    return what(text, ref=FollowUp.owner_id).where(_steps(actor, about))


def done(actor: Actor, about: Subject) -> Select[Any]:
    """Follow-ups, when they were done."""
    what = line("done", FollowUp.id, FollowUp.done_at, FollowUp.done_by, firm=FollowUp.enterprise_id)
    text = {"b": FollowUp.title, "c": FollowUp.done_note}
    return what(text).where(_steps(actor, about), FollowUp.done_at.is_not(None))


def _steps(actor: Actor, about: Subject) -> ColumnElement[bool]:
    mine = FollowUp.project_id == about.project.id if about.project else _firms(FollowUp.enterprise_id, about)
    return mine & fieldwork.follow_ups_visible_to(actor)


def notes(_actor: Actor, about: Subject) -> Select[Any]:
    """Remarks on projects."""
    what = line("note", ProjectNote.id, ProjectNote.at, ProjectNote.by, project=ProjectNote.project_id)
    return what({"b": ProjectNote.body}).where(on_projects(ProjectNote.project_id, about))


def comments(_actor: Actor, about: Subject) -> Select[Any]:
    """Comments on the subject, on those below it and on projects of theirs the person may see."""
    quoted = StreamComment.quotes_kind + literal(":") + cast(StreamComment.quotes_id, Text)
    what = line(
        "comment",
        StreamComment.id,
        StreamComment.at,
        StreamComment.by,
        firm=StreamComment.enterprise_id,
        project=StreamComment.project_id,
    )
    mine = or_(_firms(StreamComment.enterprise_id, about), on_projects(StreamComment.project_id, about))
    text = {"b": StreamComment.body, "c": StreamComment.edited_at, "d": quoted}
    return what(text).where(mine, StreamComment.deleted_at.is_(None))


def instructions(actor: Actor, about: Subject) -> Select[Any]:
    """Instructions on the projects, and those on enterprises that concern the person or that the person watches."""
    what = line(
        "instruction",
        Instruction.id,
        Instruction.given_at,
        Instruction.leader_id,
        firm=Instruction.enterprise_id,
        project=Instruction.project_id,
    )
    text = {"a": Instruction.urgency, "b": Instruction.body, "c": Instruction.due_on, "d": Instruction.state}
    return what(text, ref=Instruction.id).where(_instructed(actor, about))


def replies(actor: Actor, about: Subject) -> Select[Any]:
    """Answers to those instructions."""
    what = line(
        "reply",
        InstructionReply.id,
        InstructionReply.at,
        InstructionReply.by,
        firm=Instruction.enterprise_id,
        project=Instruction.project_id,
    )
    statement = what({"a": InstructionReply.kind, "b": InstructionReply.body}, ref=Instruction.id)
    statement = statement.join(Instruction, Instruction.id == InstructionReply.instruction_id)
    return statement.where(_instructed(actor, about))


def _instructed(actor: Actor, about: Subject) -> ColumnElement[bool]:
    on_firm = _firms(Instruction.enterprise_id, about)
    if not actor.may(Permission.INSTRUCTION_WATCH):
        on_firm = and_(on_firm, or_(to_me(actor), from_me(actor)))
    return or_(on_projects(Instruction.project_id, about), on_firm)


def _firms(column: Any, about: Subject) -> ColumnElement[bool]:  # noqa: ANN401 (an id column, NULL or not)
    found: ColumnElement[bool] = column.in_(about.enterprise_ids)
    return found


SOURCES: dict[str, Source] = {
    "touch": touches,
    "signal": news,
    "stage": stages,
    "event": events,
    "update": updates,
    "change": changes,
    "planned": planned,
    "done": done,
    "note": notes,
    "comment": comments,
    "instruction": instructions,
    "reply": replies,
    **papers.SOURCES,
}
