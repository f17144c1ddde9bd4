"""Bulk reads of the importer: a few statements per 500 rows, never one per row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import func, select

from crm.core.text import fold, fold_company
from crm.enterprises.aliases import TOLD
from crm.enterprises.identifiers import split_codes
from crm.enterprises.models import Enterprise, EnterpriseAlias, ListEdition, ListEntry, TargetList
from crm.enterprises.queries import live
from crm.imports.matching import SURE_KINDS, Subject

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from crm.imports.cells import Membership
    from crm.imports.rows import ImportRow

Item = TypeVar("Item")
BATCH, DEEPEST = 500, 20
FIELDS = (
    "name_en",
    "industry",
    "region",
    "website",
    "registered_capital",
    "revenue",
    "investment_plan",
    "land_plan",
    "source_org",
    "profile",
)
CODES = ("industry_code", "region_code")
Rank = tuple[int | None, str | None]


@dataclass(slots=True)
class Places:
    """Editions by list key and year, and who stands where on them."""

    editions: dict[tuple[str, int], int] = field(default_factory=dict)
    known: dict[tuple[int, int], tuple[int, Rank]] = field(default_factory=dict)
    fresh: dict[tuple[int, Subject], tuple[Rank, str]] = field(default_factory=dict)
    moved: dict[int, tuple[Rank, Rank]] = field(default_factory=dict)

    def edition(self, member: Membership) -> int:
        """The edition's id; one that does not exist yet has a number below zero."""
        key = (member.known.key, member.year)
        return self.editions.setdefault(key, -1 - len(self.editions))

    def put(self, edition: int, subject: Subject, member: Membership, row: ImportRow) -> bool:
        """Place an enterprise on an edition; True when that is news."""
        if (edition, subject) in self.fresh:
            return False
        entry_id, rank = self.known.get((edition, subject.id or 0), (0, (None, None)))
        if not entry_id:
            self.fresh[edition, subject] = ((member.rank, row.revenue), row.name or subject.name)
            return True
        wanted = (member.rank if member.rank is not None else rank[0], row.revenue or rank[1])
        if wanted == rank:
            return False
        first = self.moved[entry_id][0] if entry_id in self.moved else rank
        self.moved[entry_id] = (first, wanted)
        self.known[edition, subject.id or 0] = (entry_id, wanted)
        return True

    def forget(self, subject: Subject) -> list[int]:
        """Know nothing of an enterprise's places any more; return the editions it was put on by lines."""
        editions = list(self.editions.values())
        for edition in editions:
            self.known.pop((edition, subject.id or 0), None)
        return [edition for edition in editions if self.fresh.pop((edition, subject), None)]


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Cut into pieces that fit one statement."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def keys_of(rows: Iterable[ImportRow]) -> tuple[set[str], set[str], set[str]]:
    """Folded names, credit codes and stock codes by which the enterprises of these rows might be known."""
    names: set[str] = set()
    usccs: set[str] = set()
    codes: set[str] = set()
    for row in rows:
        names.update((fold(row.name), fold_company(row.name)))
        if row.name_en:
            names.add(fold(row.name_en))
        if row.uscc:
            usccs.add(row.uscc)
        codes.update(row.codes)
    names.discard("")
    return names, usccs, codes


def code_owners(session: Session) -> dict[str, int]:
    """Stock code -> id of the living enterprise that holds it."""
    statement = select(Enterprise.id, Enterprise.stock_codes).where(Enterprise.stock_codes.is_not(None), live())
    return {code: row.id for row in session.execute(statement) for code in split_codes(row.stock_codes)}


def find_ids(session: Session, names: Collection[str], usccs: Collection[str]) -> set[int]:
    """Ids of enterprises with one of these folded names (own or other) or credit codes.

    Deleted ones may be among them: :func:`load_subjects` leaves them out. A condition on the living would
    lead a planner to read all of those.
    """
    ids: set[int] = set()
    for some in batches(sorted(names)):
        ids.update(session.scalars(select(Enterprise.id).where(Enterprise.folded_name.in_(some))))
        ids.update(session.scalars(select(EnterpriseAlias.enterprise_id).where(EnterpriseAlias.folded.in_(some))))
    for some in batches(sorted(usccs)):
        ids.update(session.scalars(select(Enterprise.id).where(Enterprise.uscc.in_(some))))
    return ids


def load_subjects(session: Session, ids: Collection[int], *, lock: bool = False) -> list[Subject]:
    """Living enterprises with these ids, with all their names; ``lock`` keeps others from changing them."""
    subjects: dict[int, Subject] = {}
    columns = [Enterprise.id, Enterprise.name, Enterprise.uscc, Enterprise.stock_codes]
    columns += [getattr(Enterprise, name) for name in (*FIELDS, *CODES)]
    for batch in batches(sorted(ids)):
        statement = select(*columns, Enterprise.deleted_at).where(Enterprise.id.in_(batch)).order_by(Enterprise.id)
        for row in session.execute(statement.with_for_update() if lock else statement):
            if row.deleted_at is not None:
                continue
            values = {name: value for name in (*FIELDS, *CODES) if (value := getattr(row, name)) is not None}
            subjects[row.id] = Subject(row.name, row.id, row.uscc, split_codes(row.stock_codes), values)
        aliases = select(
            EnterpriseAlias.enterprise_id, EnterpriseAlias.folded, EnterpriseAlias.kind, EnterpriseAlias.source
        )
        for alias in session.execute(aliases.where(EnterpriseAlias.enterprise_id.in_(batch))):
            subject = subjects.get(alias.enterprise_id)
            if subject is not None:
                subject.names[alias.folded] = alias.kind
                if alias.source == TOLD:
                    subject.tell(alias.folded)
        on_lists = select(ListEntry.enterprise_id).where(ListEntry.enterprise_id.in_(batch)).distinct()
        for known in session.scalars(on_lists):
            if known in subjects:
                subjects[known].listed = True
    return list(subjects.values())


def known_editions(session: Session) -> dict[tuple[str, int], int]:
    """All editions by list key and year."""
    statement = select(TargetList.key, ListEdition.year, ListEdition.id).join(ListEdition.target_list)
    return {(row.key, row.year): row.id for row in session.execute(statement)}


def load_places(session: Session, places: Places, ids: Collection[int]) -> None:
    """Read who of these enterprises stands on the editions at hand."""
    editions = [edition for edition in places.editions.values() if edition > 0]
    for some in batches(sorted(ids)):
        columns = select(
            ListEntry.edition_id, ListEntry.enterprise_id, ListEntry.id, ListEntry.rank, ListEntry.revenue_note
        ).where(ListEntry.enterprise_id.in_(some), ListEntry.edition_id.in_(editions))
        for row in session.execute(columns):
            places.known[row.edition_id, row.enterprise_id] = (row.id, (row.rank, row.revenue_note))


def named_so(session: Session, folded: Collection[str]) -> dict[str, int]:
    """Which enterprise a folded name surely means: its own name, or a full, former or foreign one of one alone."""
    found: dict[str, int] = {}
    own = select(Enterprise.folded_name, Enterprise.id).where(Enterprise.folded_name.in_(folded), live())
    other = (
        select(EnterpriseAlias.folded, func.min(EnterpriseAlias.enterprise_id))
        .join(Enterprise)
        .where(EnterpriseAlias.folded.in_(folded), EnterpriseAlias.kind.in_(SURE_KINDS), live())
        .group_by(EnterpriseAlias.folded)
        .having(func.count(EnterpriseAlias.enterprise_id.distinct()) == 1)
    )
    for statement in (other, own):
        found.update({row[0]: row[1] for row in session.execute(statement)})
    return found


def chains(session: Session, ids: Collection[int]) -> dict[int, int]:
    """Who stands directly above whom, for these enterprises and all above them."""
    above: dict[int, int] = {}
    open_ids = set(ids)
    for _ in range(DEEPEST):
        if not open_ids:
            break
        statement = select(Enterprise.id, Enterprise.parent_id).where(
            Enterprise.id.in_(open_ids), Enterprise.parent_id.is_not(None)
        )
        rows: dict[int, int] = {child: parent for child, parent in session.execute(statement) if parent}
        open_ids = set(rows.values()) - above.keys() - rows.keys()
        above.update(rows)
    return above
