"""Letters to investors: written, numbered and filed in one step, then never changed. Nothing here commits."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from crm.auth.models import OrgUnit
from crm.core import audit, options
from crm.core.errors import ConflictError, Problem
from crm.delivery.letters.models import DeliveryLetter
from crm.delivery.letters.papers import TITLES, Content, document
from crm.delivery.letters.rules import number_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project

SUBJECT = "delivery_letter"
OPTION, WORD = "letters", "招商函"
TAKEN = Problem("letter.taken", "刚刚有人发了另一份函，请再提交一次，文号会顺延。")
DEEPEST = 12


def word(session: Session) -> str:
    """Return the word before the year in numbers of letters (发文字号)."""
    return str(options.read(session, OPTION).get(OPTION, {}).get("word") or WORD)


def sender(session: Session, unit_id: int) -> str:
    """Return the name of the office at the head of a unit: letters go out under it."""
    name = ""
    for _step in range(DEEPEST):
        unit = session.get(OrgUnit, unit_id)
        if unit is None:
            break
        name = unit.name
        if unit.parent_id is None:
            break
        unit_id = unit.parent_id
    return name


def issue(session: Session, by: int, project: Project, content: Content, *, now: datetime) -> DeliveryLetter:
    """Number a letter, write it and keep its bytes with their digest; the caller has checked the right."""
    year = content.on.year
    seq = 1 + (session.scalar(select(func.max(DeliveryLetter.seq)).where(DeliveryLetter.year == year)) or 0)
    data = document(content, number_of(word(session), year, seq))
    row = DeliveryLetter(
        project_id=project.id,
        kind=content.kind,
        year=year,
        seq=seq,
        on=content.on,
        due_on=content.due_on,
        title=TITLES[content.kind],
        addressee=content.addressee,
        detail=content.detail.strip() or None,
        document=data,
        digest=hashlib.sha256(data).hexdigest(),
        by=by,
        at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise ConflictError(TAKEN) from error
    detail = {"kind": str(row.kind), "year": year, "seq": seq, "digest": row.digest, "project": project.id}
    audit.record(session, by, "letter.issue", (SUBJECT, row.id), now=now, **detail)
    return row
