"""The guide of a chain (招商指南) as a file: kept under its digest, fetched again, taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import audit, filestore
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.core.files import Attachment
from crm.resources.chains import queries
from crm.resources.chains.rights import may_change

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.filestore import Upload

NO_FILE = Problem("guide.file", "请选择招商指南文件（PDF、DOCX 或图片）。", "file")
MISSING = Problem("guide.missing", "没有这个文件，可能已经撤下。")
MANY = Problem("guide.many", "一条产业链最多放20个指南文件，请先撤下旧的。", "file")
MOST = 20


def keep(
    session: Session, actor: Actor, chain_id: int, upload: Upload | None, folder: Path, *, now: datetime
) -> Attachment:
    """Keep a file of the guide."""
    chain = queries.chain(session, chain_id, lock=True)
    may_change(actor, chain.unit_id)
    if upload is None:
        raise DomainError(NO_FILE)
    if len(queries.files(session, chain.id)) >= MOST:
        raise DomainError(MANY)
    row = filestore.store(session, folder, (queries.GUIDE, chain.id), upload, by=actor.user_id, now=now)
    session.flush()
    audit.record(session, actor.user_id, "chain.guide", (queries.CHAIN, chain.id), now=now, file=row.name)
    return row


def get(session: Session, file_id: int) -> Attachment:
    """Return a file of the guide of a live chain; raise NotFoundError."""
    row = session.get(Attachment, file_id)
    if row is None or row.subject_type != queries.GUIDE:
        raise NotFoundError(MISSING)
    queries.chain(session, row.subject_id)
    return row


def drop(session: Session, actor: Actor, file_id: int, *, now: datetime) -> int:
    """Take a file of the guide out; return its chain."""
    row = get(session, file_id)
    chain = queries.chain(session, row.subject_id, lock=True)
    may_change(actor, chain.unit_id)
    audit.record(session, actor.user_id, "chain.drop_guide", (queries.CHAIN, chain.id), now=now, file=row.name)
    session.delete(row)
    session.flush()
    return chain.id
