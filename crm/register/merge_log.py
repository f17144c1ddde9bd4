"""The log of merges: what was done, by whom, what moved, whether it was taken back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, or_, select

from crm.auth.queries import within
from crm.auth.rules import Actor, Permission
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Contact, Enterprise
from crm.register.merge_fields import CONTACT, ENTERPRISE, LABELS, SEALED
from crm.register.merge_hanging import LABELS as HANGING_LABELS
from crm.register.merge_hanging import label_of
from crm.register.models import MergeLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

COLUMNS = (
    MergeLog.id, MergeLog.kind, MergeLog.winner_id, MergeLog.loser_id, MergeLog.reason, MergeLog.at, MergeLog.by,
    MergeLog.undone_at, MergeLog.undone_by,
)  # fmt: skip
MASKED = "••••"


@dataclass(frozen=True, slots=True)
class Field:
    """A field that the winner took from the loser: before, after."""

    label: str
    before: str
    after: str


def page(session: Session, actor: Actor, *, cursor: str | None) -> Page[Any]:
    """Merges the actor may see, the last first, without what moved."""
    statement: Any = select(*COLUMNS).where(_visible(actor))
    order = [Key(MergeLog.id, descending=True)]
    return fetch_page(session, statement, order, lambda row: [row.id], cursor=cursor)


def names(session: Session, rows: Iterable[Any]) -> dict[tuple[str, int], str]:
    """Names of the records of merges, of whichever state, by (kind, id)."""
    ids: dict[str, set[int]] = {ENTERPRISE: set(), CONTACT: set()}
    for row in rows:
        ids[row.kind] |= {row.winner_id, row.loser_id}
    found: dict[tuple[str, int], str] = {}
    models: tuple[tuple[str, Any], ...] = ((ENTERPRISE, Enterprise), (CONTACT, Contact))
    for kind, model in models:
        if ids[kind]:
            for one, name in session.execute(select(model.id, model.name).where(model.id.in_(ids[kind]))):
                found[kind, one] = name
    return found


def standing(session: Session, kind: str, winner_id: int, loser_id: int) -> int | None:
    """Return the merge of these two that has not been taken back."""
    same = (MergeLog.kind == kind, MergeLog.winner_id == winner_id, MergeLog.loser_id == loser_id)
    return session.scalar(select(MergeLog.id).where(*same, MergeLog.undone_at.is_(None)).limit(1))


def moved(log: MergeLog) -> list[tuple[str, int, int]]:
    """What a merge moved and what it found twice, as (label, moved, twice)."""
    went: Counter[str] = Counter()
    twice: Counter[str] = Counter()
    for op in log.moves:
        label = label_of(op["table"])
        if op["op"] == "move":
            went[label] += len(op["keys"])
        elif op["op"] == "drop":
            twice[label] += 1
    return [(label, went[label], twice[label]) for label in _in_order({*went, *twice})]


def fields(log: MergeLog) -> list[Field]:
    """Fields the winner took from the loser; numbers and addresses stay hidden."""
    found = []
    for name, kept in log.snapshot["chosen"].items():
        if name in LABELS[log.kind]:
            hidden = name in SEALED
            before, after = ("" if one is None else str(one) for one in (kept["before"][name], kept["after"][name]))
            found.append(
                Field(LABELS[log.kind][name], MASKED if hidden and before else before, MASKED if hidden else after)
            )
    return found


def counted(tables: Mapping[str, int]) -> list[tuple[str, int]]:
    """Write counts by table as counts by label."""
    found: Counter[str] = Counter()
    for table, number in tables.items():
        found[label_of(table)] += number
    return [(label, found[label]) for label in _in_order(found)]


def _in_order(labels: Iterable[str]) -> list[str]:
    order = list(HANGING_LABELS.values())
    return sorted(labels, key=lambda label: order.index(label) if label in order else len(order))


def _visible(actor: Actor) -> ColumnElement[bool]:
    """Condition: merges of enterprises for those who merge them, of contacts by their units."""
    all_of_them = actor.may(Permission.REGISTER_MERGE)
    right = Permission.CONTACT_READ if all_of_them else Permission.CONTACT_WRITE
    mine = select(Contact.id).where(within(Contact.unit_id, actor, right))
    people = and_(MergeLog.kind == CONTACT, MergeLog.winner_id.in_(mine), MergeLog.loser_id.in_(mine))
    return or_(MergeLog.kind == ENTERPRISE if all_of_them else false(), people)
