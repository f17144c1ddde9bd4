"""Drafts that are kept, and projects that became confidential after: whether a draft may still be read.

A draft names no project that is confidential while it is made, so it keeps which those were. Each other project that
was there by then may stand in it; as soon as one of them is confidential, the draft has to be made anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, union

from crm.enterprises.models import Enterprise
from crm.fieldwork.secrecy import secret
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

KEY = "confidential"
SHORTEST_NAME = 4


def known(session: Session) -> list[int]:
    """Ids of the projects that are confidential now; ask before anything of a draft is selected."""
    return sorted(session.scalars(secret()))


def mark(session: Session, left_out: Iterable[int]) -> dict[str, Any]:
    """What a draft keeps: which projects were left out of it, and the last there was when all was selected."""
    return {KEY: {"left_out": sorted(left_out), "last": session.scalar(select(func.max(Project.id))) or 0}}


def outdated(session: Session, kept: Mapping[str, Any]) -> bool:
    """Whether a project that may stand in a draft is confidential now; a draft that kept nothing may name any."""
    found = kept.get(KEY)
    now = known(session)
    if found is None:
        return bool(now)
    return any(one <= found["last"] and one not in found["left_out"] for one in now)


def named(session: Session, texts: Iterable[str], *, firms: bool = False) -> bool:
    """Whether words a person wrote name a project that is confidential now, or (``firms``) an enterprise with one."""
    words = "\n".join(texts)
    theirs = select(Enterprise.name).join(Project, Project.enterprise_id == Enterprise.id)
    parts = (select(Project.name), theirs) if firms else (select(Project.name),)
    names = session.scalars(union(*(one.where(Project.confidential) for one in parts))) if words else ()
    return any(len(name) >= SHORTEST_NAME and name in words for name in names)
