"""What enterprises share with each other: the exact keys, in SQL that both databases answer from an index."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, select, union_all

from crm.core import searchindex
from crm.enterprises import contact_queries
from crm.enterprises import queries as enterprises
from crm.enterprises.identifiers import split_codes
from crm.enterprises.indexing import ENTERPRISE
from crm.enterprises.models import Contact, Enterprise, EnterpriseAlias
from crm.register.duplicate_rules import MOST_HITS, SHORTEST, Firm, Verdict, judge_firms, near, windows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

Crowded = frozenset[tuple[str, str]]
NOBODY: Crowded = frozenset()
KEYS = ("stem", "site", "alias", "phone")
MOST_VALUES = 100
RARE_HITS = 60
HIDDEN = frozenset({"phone"})


@dataclass(frozen=True, slots=True)
class Known:
    """What is compared of an enterprise: ``names`` are folded, ``phones`` are digests."""

    firm: Firm
    names: frozenset[str] = frozenset()
    stocks: frozenset[str] = frozenset()
    site: str | None = None
    phones: frozenset[str] = field(default_factory=frozenset, repr=False)

    def values(self) -> dict[str, frozenset[str]]:
        """Values by key, the strongest key first."""
        firm = self.firm
        return {
            "uscc": frozenset(filter(None, [firm.uscc])),
            "name": frozenset({firm.folded}),
            "stock": self.stocks,
            "stem": frozenset(filter(None, [firm.stem])),
            "site": frozenset(filter(None, [self.site])),
            "alias": self.names | {firm.folded, firm.stem},
            "phone": self.phones,
        }


def shared(one: Known, other: Known, crowded: Collection[tuple[str, str]] = NOBODY) -> dict[str, str]:
    """Give the keys two enterprises share with a value to show; values that too many share are no evidence."""
    mine, its = one.values(), other.values()
    found: dict[str, str] = {}
    for key, values in mine.items():
        common = {value for value in values & its[key] if value and (key, value) not in crowded}
        if key == "alias":
            common -= {found.get("stem", ""), found.get("name", "")}
        if common:
            found[key] = "" if key in HIDDEN else min(common)
    return found


def judge(one: Known, other: Known, crowded: Collection[tuple[str, str]] = NOBODY) -> Verdict | None:
    """Say how likely two enterprises are one, or None."""
    return judge_firms(one.firm, other.firm, shared(one, other, crowded))


def load(session: Session, ids: Collection[int]) -> dict[int, Known]:
    """Read what is compared of living enterprises, in three queries."""
    names: defaultdict[int, set[str]] = defaultdict(set)
    aliases = select(EnterpriseAlias.enterprise_id, EnterpriseAlias.folded)
    for owner, folded in session.execute(aliases.where(EnterpriseAlias.enterprise_id.in_(ids))):
        names[owner].add(folded)
    phones: defaultdict[int, set[str]] = defaultdict(set)
    numbers = select(Contact.enterprise_id, Contact.phone_key).where(Contact.phone_key.is_not(None))
    for owner, key in session.execute(numbers.where(Contact.enterprise_id.in_(ids), contact_queries.in_use())):
        phones[owner].add(str(key))
    columns = (
        Enterprise.id, Enterprise.folded_name, Enterprise.stem, Enterprise.uscc, Enterprise.parent_id,
        Enterprise.stock_codes, Enterprise.site_domain,
    )  # fmt: skip
    rows = session.execute(select(*columns).where(Enterprise.id.in_(ids), enterprises.live()))
    return {
        row.id: Known(
            Firm(row.id, row.folded_name, row.stem, row.uscc, row.parent_id),
            frozenset(names[row.id]),
            frozenset(split_codes(row.stock_codes)),
            row.site_domain,
            frozenset(phones[row.id]),
        )
        for row in rows
    }


def groups(session: Session, key: str) -> Iterator[list[int]]:
    """Ids of living enterprises that share a value of a key, those of 2 to ``MOST_HITS`` only."""
    if key == "stock":
        yield from _by_stock(session)
        return
    source = _source(key).subquery()
    few = select(source.c.value).group_by(source.c.value).having(func.count().between(2, MOST_HITS)).subquery()
    rows = select(source.c.value, source.c.id).join(few, few.c.value == source.c.value)
    value, block = None, list[int]()
    for row in session.execute(rows.order_by(source.c.value, source.c.id).execution_options(yield_per=1000)):
        if row.value != value and block:
            yield block
            block = []
        value = row.value
        block.append(row.id)
    if block:
        yield block


def crowded(session: Session) -> Crowded:
    """Values of keys that more than ``MOST_HITS`` enterprises share: a portal's domain, a switchboard."""
    found: set[tuple[str, str]] = set()
    for key in KEYS:
        source = _source(key).subquery()
        many = select(source.c.value).group_by(source.c.value).having(func.count() > MOST_HITS)
        found.update((key, value) for value in session.scalars(many))
    return frozenset(found)


def candidates(session: Session, known: Known) -> tuple[set[int], Crowded]:
    """Enterprises that may be this one, by any key or by a similar name; and values too many share."""
    wanted = {key: sorted(values)[:MOST_VALUES] for key, values in known.values().items() if values}
    counts = [
        select(literal(key).label("key"), source.c.value, func.count().label("hits"))
        .where(source.c.value.in_(wanted[key]))
        .group_by(source.c.value)
        for key, source in ((key, _source(key).subquery()) for key in KEYS if wanted.get(key))
    ]
    many = {(row.key, row.value) for row in session.execute(union_all(*counts)) if row.hits > MOST_HITS}
    parts: list[Select[Any]] = []
    for key in KEYS:
        few = [value for value in wanted.get(key, ()) if (key, value) not in many]
        if few:
            source = _source(key).subquery()
            parts.append(select(source.c.id).where(source.c.value.in_(few)))
    one = select(Enterprise.id).where(enterprises.live())
    parts.append(one.where(Enterprise.folded_name == known.firm.folded))
    if known.firm.uscc:
        parts.append(one.where(Enterprise.uscc == known.firm.uscc))
    found = set(session.scalars(union_all(*parts)))
    found |= _similar(session, known)
    found.discard(known.firm.id)
    return found, frozenset(many)


def stems(session: Session) -> tuple[list[int], list[str]]:
    """Ids and stems of all living enterprises, side by side."""
    ids, found = [], []
    rows = select(Enterprise.id, Enterprise.stem).where(enterprises.live(), Enterprise.stem != "")
    for row in session.execute(rows.order_by(Enterprise.id).execution_options(yield_per=2000)):
        ids.append(row.id)
        found.append(row.stem)
    return ids, found


def _source(key: str) -> Any:  # noqa: ANN401 (a Select of two columns)
    """Select ``value`` and ``id`` of a key over all living enterprises."""
    if key in {"stem", "site"}:
        column = Enterprise.stem if key == "stem" else Enterprise.site_domain
        return select(column.label("value"), Enterprise.id.label("id")).where(enterprises.live(), column > "")
    if key == "alias":
        named = select(EnterpriseAlias.folded.label("value"), EnterpriseAlias.enterprise_id.label("id"))
        return named.join(Enterprise, Enterprise.id == EnterpriseAlias.enterprise_id).where(enterprises.live())
    called = select(Contact.phone_key.label("value"), Contact.enterprise_id.label("id")).distinct()
    living = called.join(Enterprise, Enterprise.id == Contact.enterprise_id).where(enterprises.live())
    return living.where(Contact.phone_key.is_not(None), contact_queries.in_use())


def _by_stock(session: Session) -> Iterator[list[int]]:
    owners: defaultdict[str, list[int]] = defaultdict(list)
    listed = select(Enterprise.id, Enterprise.stock_codes).where(enterprises.live(), Enterprise.stock_codes > "")
    for row in session.execute(listed.order_by(Enterprise.id)):
        for code in split_codes(row.stock_codes):
            owners[code].append(row.id)
    yield from (block for block in owners.values() if 1 < len(block) <= MOST_HITS)


def _similar(session: Session, known: Known) -> set[int]:
    """Enterprises with a name spelled alike, found by pieces that few names hold, or by a stock code."""
    mine = known.firm.stem
    pieces = windows(mine) if len(mine) >= SHORTEST else []
    parts: list[Any] = []
    for number, piece in enumerate([*pieces, *sorted(known.stocks)]):
        hits = searchindex.matching(session, ENTERPRISE, piece)
        if hits is not None:
            parts.append(select(hits.add_columns(literal(number).label("piece")).limit(RARE_HITS + 1).subquery()))
    by_piece: defaultdict[int, list[Any]] = defaultdict(list)
    if parts:
        # Kept apart from the join: without statistics PostgreSQL would search anew for every enterprise.
        found = union_all(*parts).cte("found").prefix_with("MATERIALIZED")
        columns = (found.c.piece, Enterprise.id, Enterprise.stem)
        joined = select(*columns).join(found, found.c.ref_id == Enterprise.id).where(enterprises.live())
        for row in session.execute(joined):
            by_piece[row.piece].append(row)
    rare = (rows for rows in by_piece.values() if len(rows) <= RARE_HITS)
    return {row.id for rows in rare for row in rows if row.piece >= len(pieces) or near(mine, row.stem) is not None}
