from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.core import jobs
from crm.core.tasks import Task, TaskState
from crm.notices import rules
from crm.notices.models import NoticeChannel, NoticeChoice
from crm.notices.rules import NoticeKind, Vendor
from tests.support import builders
from workers import noticejobs
from workers.contract import Context

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database
    from tests.support.builders import Office

ALL_KINDS = [str(kind) for kind in NoticeKind]
WECOM_URL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k"


def robot(session: Session, office: Office, **fields: Any) -> NoticeChannel:
    """Add a group robot that carries every kind."""
    values: dict[str, Any] = {"name": "东部群", "vendor": Vendor.WECOM, "url": WECOM_URL, "kinds": ALL_KINDS}
    bucket = rules.full(20, builders.NOW)
    rest: dict[str, Any] = {"tokens": bucket.tokens, "filled_at": bucket.filled_at, "created_at": builders.NOW}
    row = NoticeChannel(**{**values, **rest, "created_by": office.registrar.id, **fields})
    session.add(row)
    session.flush()
    return row


def choose(session: Session, user_id: int, **fields: Any) -> NoticeChoice:
    """Say how a person wants to hear of things: by mail, whatever it is."""
    values: dict[str, Any] = {
        "email": "chen@office.example",
        "mail_kinds": ALL_KINDS,
        "silent_kinds": [],
        "updated_at": builders.NOW,
    }
    row = NoticeChoice(user_id=user_id, **{**values, **fields})
    session.add(row)
    session.flush()
    return row


def work(database: Database, settings: Settings, now: datetime) -> int:
    """Do the sending tasks that are due, as a worker does; return how many."""
    done = 0
    while True:
        with database.transaction() as session:
            due = (Task.kind == jobs.SEND_NOTICES, Task.state == TaskState.NEW, Task.run_after <= now)
            task = session.scalars(select(Task).where(*due).order_by(Task.run_after, Task.id).limit(1)).one_or_none()
            if task is None:
                return done
            task.state, task.dedupe_key = TaskState.DONE, None
            payload, task_id = task.payload, task.id
        context = Context(settings, database, now, task_id, 1, lambda _percent, _note: None)
        data = noticejobs.send(payload, context)
        with database.transaction() as session:
            noticejobs.record(session, payload, data, context)
        done += 1
