"""Names seen in articles that no enterprise carries: gathered story by story, decided by people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from crm.auth.rules import Actor, Permission
from crm.core import audit, jobs
from crm.core.db import insert_ignore
from crm.core.errors import ConflictError, ForbiddenError, NotFoundError, Problem
from crm.core.tasks import enqueue
from crm.enterprises import aliases, services
from crm.enterprises import queries as enterprises
from crm.enterprises.models import EnterpriseAlias
from crm.enterprises.rules import AliasKind, EnterpriseDraft
from crm.linking.answers_models import NameProposal, NameSighting, ProposalState
from crm.linking.lexicon import default_lexicon
from crm.linking.proposals_rules import DECLARED, LEGAL, LISTED, Unknown, unknown_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.linking.answers_applied import Judged
    from crm.news.models import Article

SEEN = 3
LONGEST = 200
READ_AGAIN = 50
KINDS = {LEGAL: AliasKind.FULL, DECLARED: AliasKind.SHORT, LISTED: AliasKind.TICKER}
NOT_YOURS = Problem("proposal.right", "您的角色不能处理未收录的名称，请联系招商办。")
MISSING = Problem("proposal.missing", "没有这个名称，可能已被清理。")
TAKEN = Problem("proposal.decided", "刚刚已有人处理了这个名称，请刷新后再看。")
KEPT = Problem("proposal.created", "企业已经新建，不能在这里撤销；要删除请到这家企业的页面。")


def find(article: Article, named: Sequence[tuple[bool, Judged]]) -> list[Unknown]:
    """Find the unknown names of an article; names that are linked already (``named``: in the title, which) are none."""
    lexicon = default_lexicon()
    spans = [(in_title, (one.mention.start, one.mention.end)) for in_title, one in named if one.counts]
    found = [
        *unknown_names(article.title, [span for in_title, span in spans if in_title], lexicon),
        *unknown_names(article.body, [span for in_title, span in spans if not in_title], lexicon),
    ]
    return list({one.folded: one for one in reversed(found)}.values())


def note(session: Session, seen: Iterable[tuple[Article, Sequence[Unknown]]], *, now: datetime) -> int:
    """Keep the unknown names of a batch of articles; a story counts once. Return how many sightings are new."""
    where = [(article, one) for article, names in seen for one in names]
    known = _known(session, {one.folded for _article, one in where})
    rows = {
        one.folded: {
            "folded": one.folded[:LONGEST], "surface": one.surface[:LONGEST], "form": one.form, "hint": one.hint,
            "stories": 0, "first_seen_at": now, "last_seen_at": now, "state": ProposalState.OPEN,
        }
        for _article, one in where
        if one.folded not in known
    }  # fmt: skip
    if not rows:
        return 0
    insert_ignore(session, NameProposal, [rows[key] for key in sorted(rows)], ["folded"])
    statement = select(NameProposal.folded, NameProposal.id).where(NameProposal.folded.in_(rows))
    ids = dict(session.execute(statement.where(NameProposal.state == ProposalState.OPEN)).all())
    sightings = {
        (ids[one.folded], article.cluster_id): {
            "proposal_id": ids[one.folded], "cluster_id": article.cluster_id, "article_id": article.id,
            "context": one.context[:LONGEST], "offset": one.offset,
        }
        for article, one in where
        if one.folded in ids
    }  # fmt: skip
    new = _keep(session, [sightings[key] for key in sorted(sightings)])
    if new:
        _count(session, ids.values(), now)
    return new


def _keep(session: Session, rows: list[dict[str, object]]) -> int:
    return insert_ignore(session, NameSighting, rows, ["proposal_id", "cluster_id"])


def _known(session: Session, folded: Iterable[str]) -> set[str]:
    """Names that some enterprise carries, in whatever spelling."""
    keys = sorted(folded)
    return (
        set(session.scalars(select(EnterpriseAlias.folded).where(EnterpriseAlias.folded.in_(keys)))) if keys else set()
    )


def _count(session: Session, ids: Iterable[int], now: datetime) -> None:
    number = select(func.count()).where(NameSighting.proposal_id == NameProposal.id).scalar_subquery()
    statement = update(NameProposal).where(NameProposal.id.in_(sorted(ids))).values(stories=number, last_seen_at=now)
    session.execute(statement, execution_options={"synchronize_session": False})


def accept_alias(
    session: Session,
    actor: Actor,
    proposal_id: int,
    enterprise_id: int,
    *,
    now: datetime,
) -> tuple[NameProposal, EnterpriseAlias]:
    """Say that a name is another name of an enterprise on record; the articles with it are read again."""
    row = _open(session, actor, proposal_id, Permission.ENTERPRISE_WRITE)
    added = aliases.add_alias(session, actor, enterprise_id, row.surface, KINDS[row.form], now=now)
    added.source = "动态里见到"
    session.flush()
    row.alias_id = added.id
    _decide(session, actor, row, (ProposalState.ALIAS, enterprise_id), now)
    return row, added


def create(session: Session, actor: Actor, proposal_id: int, *, confirmed: bool, now: datetime) -> NameProposal:
    """Add an enterprise of this name; a declared short name becomes an alias of the full name beside it.

    Raises:
        DuplicateError: the register holds it, or one also called so, and the person has not confirmed.

    """
    row = _open(session, actor, proposal_id, Permission.ENTERPRISE_WRITE)
    draft = EnterpriseDraft(name=row.hint or row.surface, confirmed=confirmed)
    made = services.create_enterprise(session, actor, draft, now=now)
    session.flush()
    if all(one.folded != row.folded for one in enterprises.enterprise(session, made.id).aliases):
        row.alias_id = aliases.add_alias(session, actor, made.id, row.surface, KINDS[row.form], now=now).id
    _decide(session, actor, row, (ProposalState.CREATED, made.id), now)
    return row


def ignore(session: Session, actor: Actor, proposal_id: int, *, now: datetime) -> NameProposal:
    """Never propose this name again."""
    row = _open(session, actor, proposal_id, Permission.SIGNAL_TRIAGE)
    _decide(session, actor, row, (ProposalState.IGNORED, None), now)
    return row


def undo(session: Session, actor: Actor, proposal_id: int, *, now: datetime) -> NameProposal:
    """Propose a name again; an alias that was added goes."""
    row = _get(session, actor, proposal_id)
    if row.state is ProposalState.CREATED:
        raise ConflictError(KEPT)
    if row.state is ProposalState.ALIAS and row.alias_id is not None:
        aliases.remove_alias(session, actor, row.alias_id, now=now)
    row.state, row.enterprise_id, row.alias_id, row.decided_by, row.decided_at = (
        ProposalState.OPEN,
        None,
        None,
        None,
        None,
    )
    audit.record(session, actor.user_id, "name.undone", ("name_proposal", row.id), now=now, name=row.surface)
    session.flush()
    _read_again(session, row, now)
    return row


def purge(session: Session, before: datetime) -> int:
    """Forget names that were seen too rarely and not since."""
    rare = (NameProposal.state == ProposalState.OPEN, NameProposal.stories < SEEN, NameProposal.last_seen_at < before)
    result = session.execute(delete(NameProposal).where(*rare), execution_options={"synchronize_session": False})
    return int(result.rowcount)  # type: ignore[attr-defined]  # CursorResult of a DELETE


def _get(session: Session, actor: Actor, proposal_id: int) -> NameProposal:
    if not actor.may(Permission.SIGNAL_TRIAGE):
        raise ForbiddenError(NOT_YOURS)
    row = session.scalar(select(NameProposal).where(NameProposal.id == proposal_id).with_for_update())
    if row is None:
        raise NotFoundError(MISSING)
    return row


def _open(session: Session, actor: Actor, proposal_id: int, needs: Permission) -> NameProposal:
    row = _get(session, actor, proposal_id)
    if not actor.may(needs):
        raise ForbiddenError(NOT_YOURS)
    if row.state is not ProposalState.OPEN:
        raise ConflictError(TAKEN)
    return row


def _decide(
    session: Session, actor: Actor, row: NameProposal, what: tuple[ProposalState, int | None], now: datetime
) -> None:
    row.state, row.enterprise_id = what
    row.decided_by, row.decided_at = actor.user_id, now
    detail = {"name": row.surface, "enterprise_id": row.enterprise_id}
    audit.record(session, actor.user_id, f"name.{row.state.value}", ("name_proposal", row.id), now=now, **detail)
    session.flush()
    if row.state is not ProposalState.IGNORED:
        _read_again(session, row, now)


def _read_again(session: Session, row: NameProposal, now: datetime) -> None:
    statement = select(NameSighting.article_id).where(NameSighting.proposal_id == row.id)
    ids = list(session.scalars(statement.order_by(NameSighting.article_id.desc()).limit(READ_AGAIN)))
    if ids:
        key = f"analyse-name:{row.id}"
        enqueue(session, jobs.ANALYSE, {"article_ids": sorted(ids)}, now=now, dedupe_key=key)
