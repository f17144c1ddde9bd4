"""The index of all names, and where an article names enterprises."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import case, func, select

from crm.core.options import OfficeOption
from crm.core.text import fold
from crm.enterprises.models import Enterprise, EnterpriseAlias, ListEdition, ListEntry, TargetList
from crm.linking import answers_learned as learned
from crm.linking import answers_names as names
from crm.linking.answers_models import LearnedModel, NameVerdict, Verdict
from crm.linking.evidence import Owner
from crm.linking.matcher import Alias, AliasIndex
from crm.linking.models import Mention

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from crm.linking.names import EnterpriseId

LISTED = "listed"  # every listed company is on it: it makes nobody known
CODE = re.compile(r"\d{4,6}")
ROWS = 5000
_indexes: WeakKeyDictionary[Engine, tuple[tuple[Any, ...], AliasIndex]] = WeakKeyDictionary()


def alias_index(session: Session) -> AliasIndex:
    """Return the index of all names; built once per process and again when names changed."""
    engine: Engine = session.get_bind().engine
    stamp = tuple(
        session.execute(
            select(
                func.count(EnterpriseAlias.id),
                func.min(EnterpriseAlias.folded),
                func.max(EnterpriseAlias.folded),
                func.max(EnterpriseAlias.enterprise_id),
                func.max(EnterpriseAlias.id),
                func.sum(func.length(EnterpriseAlias.folded)),
                func.sum(case((EnterpriseAlias.ambiguous, 1), else_=0)),
                select(func.max(Enterprise.updated_at)).scalar_subquery(),
                select(func.count(ListEntry.id)).scalar_subquery(),
                select(func.count(NameVerdict.id)).scalar_subquery(),
                select(func.max(NameVerdict.decided_at)).scalar_subquery(),
                select(func.max(LearnedModel.id)).where(LearnedModel.subject == learned.LINKER).scalar_subquery(),
                select(func.max(OfficeOption.updated_at)).where(OfficeOption.key == names.OPTION).scalar_subquery(),
            )
        ).one()
    )
    known = _indexes.get(engine)
    if known is None or known[0] != stamp:
        known = (stamp, AliasIndex.build(aliases(session), owners(session), learned.scorer(session)[1]))
        _indexes[engine] = known
    return known[1]


def aliases(session: Session) -> Iterator[Alias]:
    """All names in the form the matcher wants, as far as the office lets them count (``answers_names``)."""
    verdicts = names.all_verdicts(session)
    columns = (EnterpriseAlias.alias, EnterpriseAlias.enterprise_id, EnterpriseAlias.kind, EnterpriseAlias.ambiguous)
    statement = select(*columns, EnterpriseAlias.folded).order_by(EnterpriseAlias.id)
    rows = session.execute(statement.execution_options(yield_per=ROWS))
    if not verdicts:
        return (Alias(*row[:4]) for row in rows)
    said = ((row, verdicts.get((row[1], row[4]))) for row in rows)
    return (_said(Alias(*row[:4]), verdict) for row, verdict in said if verdict is not Verdict.NEVER)


def _said(alias: Alias, verdict: Verdict | None) -> Alias:
    """A name of which the office said that it is always meant, or only with a cue."""
    return alias if verdict is None else replace(alias, ambiguous=verdict is Verdict.CUE)


def owners(session: Session) -> dict[EnterpriseId, Owner]:
    """What texts may say of each enterprise besides its names: codes, trade, seat, on how many lists it stands."""
    editions = select(ListEdition.id).join(TargetList).where(TargetList.key != LISTED)
    counted = select(ListEntry.enterprise_id, func.count()).where(ListEntry.edition_id.in_(editions))
    lists: dict[int, int] = dict(session.execute(counted.group_by(ListEntry.enterprise_id)).all())
    columns = (Enterprise.id, Enterprise.stock_codes, Enterprise.industry, Enterprise.region)
    rows = session.execute(select(*columns).execution_options(yield_per=ROWS))
    return {row[0]: _owner(lists.get(row[0], 0), *row[1:]) for row in rows}


def _owner(lists: int, codes: str | None, industry: str | None, region: str | None) -> Owner:
    digits = frozenset(code.lstrip("0") for code in CODE.findall(codes or ""))
    return Owner(digits, lists, fold(industry or "")[:2], fold(region or "")[:2])


def mentions(session: Session, article_id: int) -> list[Mention]:
    """Mentions in an article, in order."""
    statement = select(Mention).where(Mention.article_id == article_id)
    return list(session.scalars(statement.order_by(Mention.in_title.desc(), Mention.start)))
