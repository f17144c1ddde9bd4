"""Bulk reads and writes of the list importer: a few statements per 500 rows, never one per row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, insert, or_, select, update

from crm.core.text import fold, sort_key
from crm.enterprises.indexing import index_enterprises
from crm.enterprises.lists import KNOWN
from crm.enterprises.models import Enterprise, EnterpriseAlias, ListEdition, ListEntry, TargetList
from crm.enterprises.naming import is_ambiguous
from crm.enterprises.rules import SEPARATOR, split_codes
from crm.imports.matching import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.lists import KnownList
    from crm.imports.rows import ImportRow, Membership

Item = TypeVar("Item")
BATCH = 500
SORT_LENGTH = 400
WEIGHTS = {known.key: len(KNOWN) - index for index, known in enumerate(KNOWN)}
Rank = tuple[int | None, str | None]


@dataclass(slots=True)
class Places:
    """Editions by list key and year, and who stands where on them."""

    editions: dict[tuple[str, int], int]
    known: dict[tuple[int, int], tuple[int, Rank]]
    fresh: dict[tuple[int, Subject], tuple[Rank, str]] = field(default_factory=dict)
    moved: dict[int, Rank] = field(default_factory=dict)

    def edition(self, member: Membership) -> int:
        """The edition's id."""
        return self.editions[member.known.key, member.year]

    def put(self, edition: int, subject: Subject, member: Membership, row: ImportRow) -> bool:
        """Place an enterprise on an edition; True when that is news."""
        if (edition, subject) in self.fresh:
            return False
        entry_id, rank = self.known.get((edition, subject.id or 0), (0, (None, None)))
        if not entry_id:
            self.fresh[edition, subject] = ((member.rank, row.revenue), row.name)
            return True
        wanted = (member.rank if member.rank is not None else rank[0], row.revenue or rank[1])
        if wanted == rank:
            return False
        self.moved[entry_id] = wanted
        self.known[edition, subject.id or 0] = (entry_id, wanted)
        return True


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Cut into pieces that fit one statement."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def load_subjects(session: Session, folded: set[str]) -> list[Subject]:
    """Enterprises that may be meant: all with a code, and those known under one of these names."""
    ids = set(
        session.scalars(
            select(Enterprise.id).where(or_(Enterprise.uscc.is_not(None), Enterprise.stock_codes.is_not(None)))
        )
    )
    for names in batches(sorted(folded)):
        ids.update(session.scalars(select(Enterprise.id).where(Enterprise.folded_name.in_(names))))
        ids.update(session.scalars(select(EnterpriseAlias.enterprise_id).where(EnterpriseAlias.folded.in_(names))))
    subjects: dict[int, Subject] = {}
    for batch in batches(sorted(ids)):
        for row in session.execute(select(Enterprise.__table__).where(Enterprise.id.in_(batch))):
            codes = split_codes(row.stock_codes)
            subjects[row.id] = Subject(row.name, row.id, row.name_en, row.uscc, codes, row.industry, row.region)
        aliases = select(
            EnterpriseAlias.enterprise_id, EnterpriseAlias.folded, EnterpriseAlias.alias, EnterpriseAlias.kind
        )
        for alias in session.execute(aliases.where(EnterpriseAlias.enterprise_id.in_(batch))):
            subjects[alias.enterprise_id].names[alias.folded] = (alias.alias, alias.kind)
    return list(subjects.values())


def open_places(session: Session, members: Sequence[Membership], source: str | None, now: datetime) -> Places:
    """Find or make the lists and editions, and read who is on them."""
    lists = {row.key: row.id for row in session.execute(select(TargetList.id, TargetList.key))}
    editions: dict[tuple[str, int], int] = {}
    for known, year in dict.fromkeys((member.known, member.year) for member in members):
        if known.key not in lists:
            lists[known.key] = _make_list(session, known)
        editions[known.key, year] = _edition(session, lists[known.key], year, source, now)
    columns = select(
        ListEntry.edition_id, ListEntry.enterprise_id, ListEntry.id, ListEntry.rank, ListEntry.revenue_note
    ).where(ListEntry.edition_id.in_(editions.values()))
    known_places = {
        (row.edition_id, row.enterprise_id): (row.id, (row.rank, row.revenue_note)) for row in session.execute(columns)
    }
    return Places(editions, known_places)


def _make_list(session: Session, known: KnownList) -> int:
    row = TargetList(key=known.key, name=known.name[:80], publisher=known.publisher, weight=WEIGHTS.get(known.key, 0))
    session.add(row)
    session.flush()
    return row.id


def _edition(session: Session, list_id: int, year: int, source: str | None, now: datetime) -> int:
    found = session.scalar(select(ListEdition).where(ListEdition.list_id == list_id, ListEdition.year == year))
    if found is None:
        found = ListEdition(list_id=list_id, year=year, source=source, imported_at=now)
        session.add(found)
        session.flush()
    elif source and found.source != source:
        found.source = source
    return found.id


def save(session: Session, actor: Actor, subjects: Sequence[Subject], places: Places, *, now: datetime) -> int:
    """Write what the rows taught us; return how many enterprises changed."""
    new = [subject for subject in subjects if subject.id is None]
    changed = [subject for subject in subjects if subject.id is not None and subject.changed]
    _insert_enterprises(session, actor, new, now)
    _update_enterprises(session, changed, now)
    aliases = [
        {
            "enterprise_id": subject.id,
            "alias": text,
            "folded": folded,
            "kind": kind,
            "ambiguous": is_ambiguous(folded, kind),
            "source": "榜单导入",
        }
        for subject in (*new, *changed)
        for folded, (text, kind) in subject.fresh_names.items()
    ]
    if aliases:
        session.execute(insert(EnterpriseAlias), aliases)
    _write_places(session, places)
    index_enterprises(session, [subject.id for subject in (*new, *changed) if subject.id is not None])
    return len({*new, *changed}) + len(places.fresh) + len(places.moved)


def _insert_enterprises(session: Session, actor: Actor, new: Sequence[Subject], now: datetime) -> None:
    for batch in batches(new):
        rows = [
            _fields(subject)
            | {
                "name": subject.name,
                "folded_name": fold(subject.name),
                "sort_key": sort_key(subject.name)[:SORT_LENGTH],
                "created_by": actor.user_id or None,
                "created_at": now,
                "updated_at": now,
                "version": 1,
            }
            for subject in batch
        ]
        session.execute(insert(Enterprise), rows)
        folded = {str(row["folded_name"]): subject for row, subject in zip(rows, batch, strict=True)}
        made = select(Enterprise.id, Enterprise.folded_name).where(Enterprise.folded_name.in_(folded))
        for enterprise_id, name in session.execute(made):
            folded[name].id = enterprise_id


def _fields(subject: Subject) -> dict[str, Any]:
    return {
        "name_en": subject.name_en,
        "uscc": subject.uscc,
        "stock_codes": SEPARATOR.join(subject.codes) or None,
        "industry": subject.industry,
        "region": subject.region,
    }


def _update_enterprises(session: Session, changed: Sequence[Subject], now: datetime) -> None:
    if not changed:
        return
    table = Enterprise.__table__
    statement = (
        update(table)  # type: ignore[arg-type]  # the mapped Table is typed as FromClause
        .where(table.c.id == bindparam("its_id"))
        .values(
            {key: bindparam(key) for key in _fields(changed[0])}
            | {"updated_at": bindparam("moment"), "version": table.c.version + 1}
        )
    )
    session.connection().execute(
        statement, [_fields(subject) | {"its_id": subject.id, "moment": now} for subject in changed]
    )


def _write_places(session: Session, places: Places) -> None:
    entries = [
        {
            "edition_id": edition,
            "enterprise_id": subject.id,
            "rank": rank,
            "printed_name": printed,
            "revenue_note": revenue,
        }
        for (edition, subject), ((rank, revenue), printed) in places.fresh.items()
    ]
    if entries:
        session.execute(insert(ListEntry), entries)
    if places.moved:
        rows = [{"id": key, "rank": rank, "revenue_note": note} for key, (rank, note) in places.moved.items()]
        session.execute(update(ListEntry), rows)
